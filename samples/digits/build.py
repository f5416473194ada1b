#!/usr/bin/env python3
"""Builds an engine from an ONNX file through the TensorRT Python API and writes its plan.

usage: build.py MODEL.onnx PLAN [--max-batch N]
"""
import argparse
import sys

import tensorrt as trt


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("model")
    parser.add_argument("plan")
    parser.add_argument("--max-batch", type=int, default=512)
    a = parser.parse_args()

    logger = trt.Logger(trt.Logger.WARNING)
    builder = trt.Builder(logger)
    network = builder.create_network(0)
    onnx = trt.OnnxParser(network, logger)
    if not onnx.parse_from_file(a.model):
        for i in range(onnx.num_errors):
            print(onnx.get_error(i).desc(), file=sys.stderr)
        return 1

    config = builder.create_builder_config()
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    profile = builder.create_optimization_profile()
    for i in range(network.num_inputs):
        tensor = network.get_input(i)
        profile.set_shape(tensor.name, *(tuple(n if d < 0 else d for d in tensor.shape) for n in (1, 1, a.max_batch)))
    config.add_optimization_profile(profile)

    plan = builder.build_serialized_network(network, config)
    if plan is None:
        print("the engine was not built; the messages above say why", file=sys.stderr)
        return 1
    with open(a.plan, "wb") as f:
        f.write(plan)
    return 0


if __name__ == "__main__":
    sys.exit(main())
