#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peak memory of running a network: a plan in Lathe beside the same ONNX file in ONNX Runtime.

Every figure comes from a fresh process that imports what it needs, notes its peak resident size (VmHWM), loads the
network, runs it 100 times on one input, and notes the peak again; the difference is printed. Ours is measured the ways
that a program may load a plan:

  path     Runtime.load_cuda_engine(path): the file is mapped
  bytes    Runtime.deserialize_cuda_engine(open(path, "rb").read())
  mmap     Runtime.deserialize_cuda_engine(mmap.mmap(..., access=mmap.ACCESS_READ))
  stream   a reader whose read() and seek() the library calls (IStreamReaderV2)

The ratio is the first way's figure over ONNX Runtime's: below 1 is less than ONNX Runtime. "build" is the peak of the
process that parsed the ONNX file and built the plan, the file's pages included.

usage: memory.py [--batch N] [--seq N] [--threads N] [--runs N] [--level N] [--ways path,bytes] MODEL.onnx ...
needs: numpy, onnx, onnxruntime, and the module tensorrt of this project (PYTHONPATH=build/python).
Exit status 1 when a ratio is above 1.2, or the answers differ from ONNX Runtime's.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

LIMIT = 1.2
LARGEST_DIFFERENCE = 1e-3  # of the output's largest value


def peak():
    """VmHWM in bytes."""
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmHWM")


def feeds_for(inputs, a):
    """Inputs from (name, dims with -1 or text where they vary, numpy type)."""
    import numpy as np

    rng, feeds = np.random.default_rng(0), {}
    for name, dims, dtype in inputs:
        shape = [d if isinstance(d, int) and d > 0 else (a.batch if k == 0 else a.seq) for k, d in enumerate(dims)]
        if np.issubdtype(dtype, np.floating):
            feeds[name] = rng.standard_normal(shape).astype(dtype)
        elif "mask" in name:
            feeds[name] = np.ones(shape, dtype)
        else:
            feeds[name] = rng.integers(0, 1000, shape).astype(dtype)
    return feeds


def child_build(a):
    import tensorrt as trt

    before = peak()
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    if not parser.parse_from_file(a.model):
        raise SystemExit("; ".join(parser.get_error(i).desc() for i in range(parser.num_errors)))
    config = builder.create_builder_config()
    config.builder_optimization_level = a.level
    profile, dynamic = builder.create_optimization_profile(), False
    for i in range(network.num_inputs):
        t = network.get_input(i)
        if -1 in tuple(t.shape):
            shape = tuple(d if d > 0 else (a.batch if k == 0 else a.seq) for k, d in enumerate(t.shape))
            profile.set_shape(t.name, shape, shape, shape)
            dynamic = True
    if dynamic:
        config.add_optimization_profile(profile)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise SystemExit("the build failed")
    after = peak()
    with open(a.plan, "wb") as f:
        f.write(plan)
    json.dump({"bytes": after - before, "plan": os.path.getsize(a.plan)}, open(a.out, "w"))


def child_ours(a):
    import mmap

    import numpy as np
    import tensorrt as trt

    before = peak()
    runtime = trt.Runtime(trt.Logger(trt.Logger.ERROR))
    if a.way == "path":
        engine = runtime.load_cuda_engine(a.plan)
    elif a.way == "bytes":
        with open(a.plan, "rb") as f:
            engine = runtime.deserialize_cuda_engine(f.read())
    elif a.way == "mmap":
        with open(a.plan, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            engine = runtime.deserialize_cuda_engine(m)
    else:

        class Reader(trt.IStreamReaderV2):
            def __init__(self, path):
                super().__init__()
                self.file = open(path, "rb")

            def read(self, num_bytes, stream):
                return self.file.read(num_bytes)

            def seek(self, offset, where):
                self.file.seek(offset, int(where))
                return True

        engine = runtime.deserialize_cuda_engine(Reader(a.plan))
    context = engine.create_execution_context()
    names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
    inputs = [n for n in names if engine.get_tensor_mode(n) == trt.TensorIOMode.INPUT]
    feeds = feeds_for([(n, tuple(engine.get_tensor_shape(n)), trt.nptype(engine.get_tensor_dtype(n))) for n in inputs], a)
    outputs = {}
    for n, x in feeds.items():
        context.set_input_shape(n, x.shape)
        context.set_tensor_address(n, x.ctypes.data)
    for n in names:
        if n not in feeds:
            outputs[n] = np.zeros(tuple(context.get_tensor_shape(n)), trt.nptype(engine.get_tensor_dtype(n)))
            context.set_tensor_address(n, outputs[n].ctypes.data)
    for _ in range(a.runs):
        if not context.execute_async_v3(0):
            raise SystemExit("execute_async_v3 failed")
    finish(a, before, outputs)


def child_ort(a):
    import numpy as np
    import onnxruntime as ort

    before = peak()
    options = ort.SessionOptions()
    options.intra_op_num_threads = a.threads
    session = ort.InferenceSession(a.model, options, providers=["CPUExecutionProvider"])
    types = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32}
    feeds = feeds_for([(i.name, i.shape, types[i.type]) for i in session.get_inputs()], a)
    for _ in range(a.runs):
        results = session.run(None, feeds)
    finish(a, before, dict(zip([o.name for o in session.get_outputs()], results)))


def finish(a, before, outputs):
    import numpy as np

    after = peak()
    np.savez(a.out + ".npz", **outputs)
    json.dump({"bytes": after - before, "before": before}, open(a.out, "w"))


def measure(a, side, folder, way=""):
    out = os.path.join(folder, f"{side}{way}.json")
    arguments = [sys.executable, os.path.abspath(__file__), "--child", side, "--way", way or "path", "--out", out, "--plan",
                 os.path.join(folder, "plan"), "--batch", str(a.batch), "--seq", str(a.seq), "--threads", str(a.threads),
                 "--runs", str(a.runs), "--level", str(a.level), a.model]
    done = subprocess.run(arguments, env=dict(os.environ, LATHE_TARGET="cpu", LATHE_THREADS=str(a.threads)),
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{side} {way}: {done.stdout}{done.stderr}".strip())
    with open(out) as f:
        return json.load(f)


def compare(a):
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        peer = measure(a, "ort", folder)
        row = {"model": os.path.basename(a.model), "ort": peer["bytes"]}
        if a.peer_only:
            return row
        build = measure(a, "build", folder)
        row.update(build=build["bytes"], plan=build["plan"])
        expected = np.load(os.path.join(folder, "ort.json.npz"))
        for way in a.ways.split(","):
            row[way] = measure(a, "ours", folder, way)["bytes"]
            got = np.load(os.path.join(folder, f"ours{way}.json.npz"))
            for n in expected.files:
                error = np.abs(got[n].astype(np.float64) - expected[n]).max() / max(float(np.abs(expected[n]).max()), 1e-30)
                if not error <= LARGEST_DIFFERENCE:
                    raise RuntimeError(f"output {n} differs by {error} ({way})")
        row["ratio"] = row[a.ways.split(",")[0]] / row["ort"]
        return row


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("models", nargs="+", metavar="MODEL.onnx")
    p.add_argument("--batch", type=int, default=1)
    p.add_argument("--seq", type=int, default=128)
    p.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    p.add_argument("--runs", type=int, default=100)
    p.add_argument("--level", type=int, default=3, help="builder optimization level")
    p.add_argument("--ways", default="path,bytes,mmap")
    p.add_argument("--peer-only", action="store_true")
    p.add_argument("--json")
    for hidden in ("--child", "--way", "--out", "--plan"):
        p.add_argument(hidden, help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.child:
        a.model = a.models[0]
        {"build": child_build, "ours": child_ours, "ort": child_ort}[a.child](a)
        return 0
    rows, failed = [], False
    columns = ["ort"] + ([] if a.peer_only else a.ways.split(",") + ["plan", "build"])
    print("| network | " + " | ".join(columns) + " | ratio |\n|---|" + "---|" * (len(columns) + 1), flush=True)
    for a.model in a.models:
        try:
            row = compare(a)
        except RuntimeError as e:
            print(f"| {os.path.basename(a.model)} | FAILED: {e} |", flush=True)
            failed = True
            continue
        rows.append(row)
        failed = failed or row.get("ratio", 0) > LIMIT
        cells = " | ".join(f"{row[c] / 2**20:.0f} MiB" for c in columns)
        print(f"| {row['model'].removesuffix('.onnx')} | {cells} | {row.get('ratio', 0):.2f} |", flush=True)
    if a.json:
        with open(a.json, "w") as f:
            json.dump(rows, f, indent=1)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
