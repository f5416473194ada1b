#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Latency of CPU engines beside ONNX Runtime and OpenVINO: same file, same inputs, same threads, same precision.

Every program has a process of its own (so that its peak memory is its own, and a crash is only its own), and they take
turns: one round of a few runs each, again and again. Ours is reached through the Python module `tensorrt`; it builds in
one process and runs the plan in another, as a deployment would.

  ./dev bench cpu                                    all networks of LATHE_MODELS in fp32
  ./dev bench cpu --precision bf16 resnet50 unet
  PYTHONPATH=build/python python3 bench/cpu.py --threads 2 --json out.json my_model.onnx

LATHE_MODELS (default ../shared/models beside the checkout) holds graphs/*.onnx and materialize.py, which gives them
weights; the full files are kept under --cache. Needs numpy and onnx; a peer that is not installed is left out, and that
is said.

Columns: minimum / median milliseconds of each; ratio = the best peer's minimum / ours (above 1: faster than every peer);
error = the largest difference of our outputs from ONNX Runtime in fp32, relative to the output's largest value; seconds
to build and MiB of the plan; peak memory of each whole process in MiB (ours: the process that runs the plan; the one
that builds it is in the JSON). bf16 leaves ONNX Runtime out of the race (it has none on CPUs). int8: the model is
quantized once by ONNX Runtime's static quantizer (QDQ, symmetric, per channel) and all run that file.

Exit status 1 when ours fails to build or run a network, or its error passes 1e-3 (fp32), 3e-2 (bf16) or 0.3 (int8 over
random weights).
"""
import argparse
import contextlib
import importlib.util
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from networks import ROOT, find_model, largest_error, make_inputs  # noqa: E402

NETWORKS = ["resnet50", "mobilenet_v3_large", "efficientnet_b0", "vit_b_16", "bert_base", "gpt2", "unet", "lstm"]
LARGEST_ERROR = {"fp32": 1e-3, "bf16": 3e-2, "int8": 0.3}
RUNS_A_ROUND = 3
LEAST_ROUNDS = 5


# --- the processes that run a network -------------------------------------------------------------------------------
# Each has open(job) -> a function that runs once and answers {output name: array}.


def open_ort(job, feeds):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    options.log_severity_level = 4
    for name, size in job["symbols"].items():
        options.add_free_dimension_override_by_name(name, size)
    session = ort.InferenceSession(job["model"], options, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    return lambda: dict(zip(names, session.run(None, feeds)))


def open_openvino(job, feeds):
    import openvino as ov

    core = ov.Core()
    model = core.read_model(job["model"])
    model.reshape({name: list(x.shape) for name, x in feeds.items()})
    compiled = core.compile_model(model, "CPU", {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": job["threads"],
        "INFERENCE_PRECISION_HINT": "bf16" if job["precision"] == "bf16" else "f32",
    })
    request = compiled.create_infer_request()
    for name, x in feeds.items():
        request.set_tensor(name, ov.Tensor(x))

    def run():
        request.infer()
        return {n: request.get_tensor(o).data for o in compiled.outputs for n in o.get_names()}

    return run


def build_ours(job, feeds):
    """Writes job["plan"]; answers what there is to tell about the build."""
    import tensorrt as trt

    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    if not parser.parse_from_file(job["model"]):
        raise RuntimeError("; ".join(parser.get_error(i).desc() for i in range(parser.num_errors)))
    config = builder.create_builder_config()
    flags = {"bf16": trt.BuilderFlag.BF16, "int8": trt.BuilderFlag.INT8}
    if job["precision"] in flags:
        config.set_flag(flags[job["precision"]])
    if job["strict"]:
        config.clear_flag(trt.BuilderFlag.TF32)
    profile, dynamic = builder.create_optimization_profile(), False
    for i in range(network.num_inputs):
        tensor = network.get_input(i)
        declared, size = tuple(tensor.shape), feeds[tensor.name].shape
        if -1 not in declared:
            continue
        dynamic = True
        low = high = size
        if job["range"]:
            low = tuple(1 if d < 0 else s for d, s in zip(declared, size))
            high = tuple(2 * s if d < 0 else s for d, s in zip(declared, size))
        profile.set_shape(tensor.name, low, size, high)
    if dynamic:
        config.add_optimization_profile(profile)
    start = time.perf_counter()
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise RuntimeError("build_serialized_network answered None")
    seconds = time.perf_counter() - start
    with open(job["plan"], "wb") as file:
        file.write(plan)
    return {"build_s": seconds, "plan_mib": os.path.getsize(job["plan"]) / 2**20}


def open_ours(job, feeds):
    import numpy as np
    import tensorrt as trt

    logger = trt.Logger(trt.Logger.ERROR)
    runtime = trt.Runtime(logger)
    with open(job["plan"], "rb") as file:
        engine = runtime.deserialize_cuda_engine(file.read())
    if engine is None:
        raise RuntimeError("deserialize_cuda_engine answered None")
    context, outputs = engine.create_execution_context(), {}
    names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
    for name in names:
        if engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT:
            context.set_input_shape(name, feeds[name].shape)
            context.set_tensor_address(name, feeds[name].ctypes.data)
    for name in names:
        if engine.get_tensor_mode(name) == trt.TensorIOMode.OUTPUT:
            outputs[name] = np.zeros(tuple(context.get_tensor_shape(name)), trt.nptype(engine.get_tensor_dtype(name)))
            context.set_tensor_address(name, outputs[name].ctypes.data)

    def run(_keep=(runtime, engine)):
        if not context.execute_async_v3(0):
            raise RuntimeError("execute_async_v3 answered False")
        return outputs

    return run


def quantize(job, feeds):
    import logging

    logging.disable(logging.WARNING)
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Once(CalibrationDataReader):
        def __init__(self):
            self.left = [feeds]

        def get_next(self):
            return self.left.pop() if self.left else None

    part = job["quantized"] + ".part"
    quantize_static(job["model"], part, Once(), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QInt8, weight_type=QuantType.QInt8,
                    extra_options={"ActivationSymmetric": True, "WeightSymmetric": True})
    os.replace(part, job["quantized"])
    return {}


OPENERS = {"ort": open_ort, "openvino": open_openvino, "ours": open_ours}
ONCE = {"build": build_ours, "quantize": quantize}


def peak_mib():
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return float("nan")


def serve(role, job_file):
    """A child: answers one JSON line for each JSON line on stdin. What libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def answer(**what):
        answers.write(json.dumps(what) + "\n")

    try:
        import numpy as np

        job = json.loads(pathlib.Path(job_file).read_text(encoding="utf-8"))
        with np.load(job["feeds"]) as data:
            feeds = {name: np.ascontiguousarray(data[name]) for name in data.files}
        if role in ONCE:
            answer(ok=True, **ONCE[role](job, feeds), peak_mib=peak_mib())
            return
        run = OPENERS[role](job, feeds)
        run()
        answer(ok=True)
        for line in sys.stdin:
            command = json.loads(line)
            if "save" in command:
                np.savez(command["save"], **run())
                answer(ok=True)
                continue
            run()  # the others' rounds have emptied the caches
            times = []
            for _ in range(command["runs"]):
                start = time.perf_counter()
                run()
                times.append((time.perf_counter() - start) * 1e3)
            answer(ok=True, times=times, peak_mib=peak_mib())
    except Exception as e:  # pylint: disable=broad-except
        answer(ok=False, error=f"{type(e).__name__}: {e}"[:1000])


class Child:
    """A process that serves one role. Errors: RuntimeError with what it said."""

    def __init__(self, role, job_file, log):
        self.role, self.log = role, log
        self.process = subprocess.Popen([sys.executable, __file__, "--serve", role, str(job_file)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=open(log, "ab"), text=True, bufsize=1)

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            tail = pathlib.Path(self.log).read_text(encoding="utf-8", errors="replace")[-500:]
            raise RuntimeError(f"the process of {self.role} ended with status {self.process.returncode} {tail}")
        reply = json.loads(line)
        if not reply.pop("ok"):
            raise RuntimeError(reply["error"])
        return reply

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        return self.read()

    def close(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()


# --- measuring ------------------------------------------------------------------------------------------------------


def once(role, job_file, log):
    child = Child(role, job_file, log)
    try:
        return child.read()
    finally:
        child.close()


def compare(name, a, peers):
    import numpy as np

    path = find_model(name, a.cache)
    label = path.stem
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        feeds, symbols = make_inputs(path, a.batch, a.seq)
        np.savez(scratch / "feeds.npz", **feeds)
        job = {"model": str(path), "feeds": str(scratch / "feeds.npz"), "symbols": symbols, "threads": a.threads,
               "precision": a.precision, "strict": a.strict, "range": a.range, "plan": str(scratch / "engine.plan")}
        job_file, log = scratch / "job.json", scratch / "log.txt"

        def write():
            job_file.write_text(json.dumps(job), encoding="utf-8")

        write()
        want = None
        if "ort" in peers:
            child = Child("ort", job_file, log)
            try:
                child.read()
                child.ask(save=str(scratch / "want.npz"))
            finally:
                child.close()
            with np.load(scratch / "want.npz") as data:
                want = {n: data[n] for n in data.files}
        if a.precision == "int8":
            a.cache.mkdir(parents=True, exist_ok=True)
            job["quantized"] = str(a.cache / f"{label}.b{a.batch}s{a.seq}.int8.onnx")
            if not os.path.exists(job["quantized"]) or os.path.getmtime(job["quantized"]) < path.stat().st_mtime:
                write()
                once("quantize", job_file, log)
            job["model"] = job["quantized"]
            write()
        row = {"model": label, "precision": a.precision, "batch": a.batch, "seq": a.seq, "threads": a.threads}
        racers = [p for p in peers if not (p == "ort" and a.precision == "bf16")]
        if not a.peers_only:
            built = once("build", job_file, log)
            row.update(build_s=built["build_s"], plan_mib=built["plan_mib"], build_peak_mib=built["peak_mib"])
            racers.append("ours")
        children, times = {}, {r: [] for r in racers}
        try:
            for r in racers:
                children[r] = Child(r, job_file, log)
                children[r].read()
            end, rounds = time.monotonic() + a.seconds * len(racers), 0
            while rounds < LEAST_ROUNDS or time.monotonic() < end:
                for r in racers:
                    reply = children[r].ask(runs=RUNS_A_ROUND)
                    times[r] += reply["times"]
                    row[r] = {"peak_mib": reply["peak_mib"]}
                rounds += 1
            for r in racers:
                row[r].update(min_ms=min(times[r]), median_ms=float(np.median(times[r])), runs=len(times[r]))
            if "ours" in racers:
                others = [row[r]["min_ms"] for r in racers if r != "ours"]
                if others:
                    row["ratio"] = min(others) / row["ours"]["min_ms"]
                if want is not None:
                    children["ours"].ask(save=str(scratch / "got.npz"))
                    with np.load(scratch / "got.npz") as data:
                        row["error"] = largest_error({n: data[n] for n in data.files}, want)
                    row["right"] = bool(row["error"] <= LARGEST_ERROR[a.precision])  # False for NaN
        finally:
            for child in children.values():
                child.close()
        return row


def header(racers):
    titles = {"ort": "ONNX Runtime", "openvino": "OpenVINO", "ours": "ours"}
    times = "".join(f"{titles[r]:>20s}" for r in racers)
    return f"{'network':22s}{times}{'ratio':>7s}{'error':>9s}{'build s':>9s}{'plan MiB':>10s}  peak MiB ({'/'.join(racers)})"


def line(row, racers):
    def cell(r):
        return f"{row[r]['min_ms']:.3f} / {row[r]['median_ms']:.3f}" if r in row else "-"

    def number(key, form):
        return format(row[key], form) if key in row else "-"

    peaks = "/".join(f"{row[r]['peak_mib']:.0f}" if r in row else "-" for r in racers)
    return (f"{row['model']:22s}" + "".join(f"{cell(r):>20s}" for r in racers) + f"{number('ratio', '.2f'):>7s}"
            f"{number('error', '.1e'):>9s}{number('build_s', '.1f'):>9s}{number('plan_mib', '.1f'):>10s}  {peaks}"
            + ("" if row.get("right", True) else "  WRONG"))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("models", nargs="*", help=f"names of graphs, or .onnx files (default: {' '.join(NETWORKS)})")
    ap.add_argument("--precision", choices=sorted(LARGEST_ERROR), default="fp32")
    ap.add_argument("--batch", type=int, default=1)
    ap.add_argument("--seq", type=int, default=128, help="size of dimensions that vary, apart from the batch")
    ap.add_argument("--range", action="store_true", help="ours is built for 1 to twice the measured size")
    ap.add_argument("--strict", action="store_true", help="ours without relaxed fp32 (BuilderFlag.TF32 cleared)")
    ap.add_argument("--threads", type=int, default=os.cpu_count())
    ap.add_argument("--seconds", type=float, default=3.0, help="measuring time for each program and network")
    ap.add_argument("--peers", default="ort,openvino", help="which peers to run beside (default: %(default)s)")
    ap.add_argument("--peers-only", action="store_true", help="leave ours out")
    ap.add_argument("--json", metavar="FILE", help="write the rows there")
    ap.add_argument("--cache", type=pathlib.Path, default=ROOT / ".cache" / "models", help="folder of full ONNX files")
    a = ap.parse_args()
    modules = {"ort": "onnxruntime", "openvino": "openvino"}
    peers = []
    for p in filter(None, a.peers.split(",")):
        if p not in modules:
            ap.error(f"unknown peer {p}; there are: {', '.join(modules)}")
        if importlib.util.find_spec(modules[p]):
            peers.append(p)
        else:
            print(f"{modules[p]} is not installed: its column is missing", flush=True)
    if a.precision == "int8" and not importlib.util.find_spec("onnxruntime"):
        ap.error("int8 needs onnxruntime, whose quantizer makes the file that all run")
    os.environ.setdefault("LATHE_TARGET", "cpu")
    os.environ["LATHE_THREADS"] = str(a.threads)
    racers = [p for p in peers if not (p == "ort" and a.precision == "bf16")] + ([] if a.peers_only else ["ours"])
    print(f"{a.precision}, batch {a.batch}, sequence {a.seq}, {a.threads} threads; minimum / median ms"
          f"{'; ours for a range of shapes' if a.range else ''}", flush=True)
    print(header(racers), flush=True)
    rows, failed = [], 0
    for name in a.models or NETWORKS:
        try:
            row = compare(name, a, peers)
        except (RuntimeError, OSError, subprocess.CalledProcessError) as e:
            print(f"{pathlib.Path(name).stem:22s} FAILED {e}", flush=True)
            failed += 1
            continue
        rows.append(row)
        failed += not row.get("right", True)
        print(line(row, racers), flush=True)
    ratios = [(r["ratio"], r["model"]) for r in rows if "ratio" in r]
    if ratios:
        mean = math.exp(sum(math.log(r) for r, _ in ratios) / len(ratios))
        print(f"geometric mean of best peer / ours: {mean:.3f} over {len(ratios)} networks; lowest {min(ratios)[0]:.2f} "
              f"({min(ratios)[1]}); {failed} failed")
    if a.json:
        pathlib.Path(a.json).write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "--serve":
        serve(sys.argv[2], sys.argv[3])
    else:
        sys.exit(main())
