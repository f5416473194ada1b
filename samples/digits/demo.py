#!/usr/bin/env python3
"""The whole way of a model on real input: parse, build, plan file, new process, classify held-out digits.

usage: demo.py [--build-dir build] [--out DIR]
Through the Python module when it is built, else through the tool `lathe`. Exit status 0 only when at least 97.5 % of the
held-out pictures are classified correctly and, where ONNX Runtime is installed, its answers are the same within 1e-4.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data"
ACCURACY = 0.975
TOLERANCE = 1e-4


def run(command, **options):
    start = time.perf_counter()
    done = subprocess.run([str(c) for c in command], **options)
    if done.returncode != 0:
        raise SystemExit(f"failed with exit status {done.returncode}: {' '.join(str(c) for c in command)}")
    return done, time.perf_counter() - start


def through_python(plan, out):
    _, seconds = run([sys.executable, HERE / "build.py", DATA / "digits.onnx", plan])
    print(f"build: digits.onnx -> {plan.name}, {plan.stat().st_size:,} bytes, {seconds:.2f} s with the start of the process")
    result = out / "result.npz"
    run([sys.executable, HERE / "classify.py", plan, DATA / "digits_test.npz", result])
    with np.load(result) as f:
        return f["probabilities"], f["single"], f["latency_ms"]


def through_tool(lathe, plan, out, images):
    batch = len(images)
    _, seconds = run([lathe, "build", DATA / "digits.onnx", "-o", plan, f"--shapes=images:{batch}x1x8x8"])
    print(f"build: digits.onnx -> {plan.name}, {plan.stat().st_size:,} bytes, {seconds:.2f} s with the start of the process")
    np.save(out / "images.npy", images)
    run([lathe, "run", plan, "--input", f"images={out / 'images.npy'}", "--output", out])
    return np.load(out / "probabilities.npy"), None, None


def tactics(lathe, plan):
    """Which tactics won, out of the plan itself."""
    if lathe.exists():
        done, _ = run([lathe, "explain", plan], stdout=subprocess.PIPE, text=True)
        return done.stdout.rstrip()
    code = ("import sys, tensorrt as trt\n"
            "r = trt.Runtime(trt.Logger(trt.Logger.ERROR)); e = r.deserialize_cuda_engine(open(sys.argv[1], 'rb').read())\n"
            "print(e.create_engine_inspector().get_engine_information(trt.LayerInformationFormat.JSON))")
    done, _ = run([sys.executable, "-c", code, plan], stdout=subprocess.PIPE, text=True)
    layers = json.loads(done.stdout)["Layers"]
    return "\n".join(f"  {layer.get('Name', '?'):40s} {layer.get('TacticName', '')}" if isinstance(layer, dict) else f"  {layer}"
                     for layer in layers)


def reference(images):
    try:
        import onnxruntime
    except ImportError:
        return None
    session = onnxruntime.InferenceSession(str(DATA / "digits.onnx"), providers=["CPUExecutionProvider"])
    return session.run(None, {"images": images})[0]


def sketch(image):
    return ["".join(" .:-=+*#%@"[min(int(v * 10), 9)] * 2 for v in row) for row in image[0]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build-dir", type=pathlib.Path, default=HERE.parents[1] / "build")
    parser.add_argument("--out", type=pathlib.Path)
    a = parser.parse_args()
    out = a.out or a.build_dir / "demo"
    out.mkdir(parents=True, exist_ok=True)
    plan, lathe = out / "digits.plan", a.build_dir / "bin" / "lathe"
    for old in ("digits.plan", "result.npz", "probabilities.npy"):
        (out / old).unlink(missing_ok=True)

    with np.load(DATA / "digits_test.npz") as f:
        images, labels = f["images"], f["labels"]
    if (a.build_dir / "python" / "tensorrt").is_dir():
        probabilities, single, latency = through_python(plan, out)
    elif lathe.exists():
        probabilities, single, latency = through_tool(lathe, plan, out, images)
    else:
        raise SystemExit(f"neither the Python module nor the tool lathe is built in {a.build_dir}")

    guesses = probabilities.argmax(axis=1)
    pictures = [sketch(images[i]) for i in range(0, 180, 45)]
    print("\n" + "\n".join("    ".join(lines) for lines in zip(*pictures)))
    print("    ".join(f"read as {guesses[i]} ({probabilities[i].max():.2f})".ljust(16) for i in range(0, 180, 45)) + "\n")

    bad = []
    if probabilities.shape != (len(images), 10) or not np.isfinite(probabilities).all():
        bad.append(f"the answer has shape {probabilities.shape}, or values that are no numbers")
    right = int((guesses == labels).sum())
    print(f"accuracy: {right} of {len(labels)} held-out digits ({100 * right / len(labels):.2f} %)")
    if right < ACCURACY * len(labels):
        bad.append(f"accuracy is below {100 * ACCURACY} %")
    if single is not None:
        if np.abs(single - probabilities).max() > TOLERANCE:
            bad.append("one picture at a time gives other answers than all at once")
        print(f"latency: one picture {np.median(latency) * 1e3:.1f} us (median of {len(latency)} runs; least {latency.min() * 1e3:.1f} us)")
    print(f"plan: {plan.stat().st_size:,} bytes")
    print("tactics:\n" + tactics(lathe, plan))
    expected = reference(images)
    if expected is None:
        print("ONNX Runtime is not installed: its answers were not compared")
    else:
        error = float(np.abs(probabilities - expected).max())
        print(f"largest difference from ONNX Runtime: {error:.1e}")
        if not error <= TOLERANCE:
            bad.append(f"the answers differ from ONNX Runtime's by more than {TOLERANCE}")
    for what in bad:
        print(f"WRONG: {what}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
