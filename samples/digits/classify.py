#!/usr/bin/env python3
"""Loads a plan in a process that never saw the network, classifies pictures of digits, and measures.

usage: classify.py PLAN DIGITS.npz OUT.npz
OUT.npz gets `probabilities`, computed for all pictures at once; `single`, computed one by one; and `latency_ms`, the time of
each single run.
"""
import sys
import time

import numpy as np
import tensorrt as trt


class Runner:
    """An engine's context with addresses set: input and output live in this program's arrays."""

    def __init__(self, engine, shape):
        self.context = engine.create_execution_context()
        names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
        inputs = [n for n in names if engine.get_tensor_mode(n) == trt.TensorIOMode.INPUT]
        outputs = [n for n in names if engine.get_tensor_mode(n) == trt.TensorIOMode.OUTPUT]
        assert len(inputs) == 1 and len(outputs) == 1, names
        if not self.context.set_input_shape(inputs[0], shape):
            raise RuntimeError(f"the engine does not take the shape {shape}")
        self.x = np.zeros(shape, trt.nptype(engine.get_tensor_dtype(inputs[0])))
        self.y = np.zeros(tuple(self.context.get_tensor_shape(outputs[0])), trt.nptype(engine.get_tensor_dtype(outputs[0])))
        self.context.set_tensor_address(inputs[0], self.x.ctypes.data)
        self.context.set_tensor_address(outputs[0], self.y.ctypes.data)

    def __call__(self, images):
        self.x[...] = images
        if not self.context.execute_async_v3(0):
            raise RuntimeError("the engine did not run; the messages above say why")
        return self.y.copy()


def main():
    plan_path, data_path, out_path = sys.argv[1:4]
    with np.load(data_path) as data:
        images = data["images"]
    logger = trt.Logger(trt.Logger.WARNING)
    runtime = trt.Runtime(logger)
    with open(plan_path, "rb") as f:
        engine = runtime.deserialize_cuda_engine(f.read())
    if engine is None:
        print("the plan was refused; the messages above say why", file=sys.stderr)
        return 1

    probabilities = Runner(engine, images.shape)(images)
    one = Runner(engine, (1,) + images.shape[1:])
    for image in images[:50]:
        one(image)
    single, times = [], []
    for image in images:
        one.x[0] = image
        start = time.perf_counter()
        if not one.context.execute_async_v3(0):
            raise RuntimeError("the engine did not run; the messages above say why")
        times.append((time.perf_counter() - start) * 1e3)
        single.append(one.y[0].copy())
    np.savez(out_path, probabilities=probabilities, single=np.stack(single), latency_ms=np.array(times))
    return 0


if __name__ == "__main__":
    sys.exit(main())
