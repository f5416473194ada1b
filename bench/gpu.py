#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Latency of engines on a GPU beside PyTorch: the same architecture, precision and sizes, one after the other in turns.

Ours is built from the ONNX file and timed by trtexec (a CUDA graph, no transfers, inputs on the device); PyTorch runs
torchvision's and transformers' own networks, once eagerly inside of a CUDA graph and once by torch.compile
(mode="reduce-overhead"), images in channels_last. BERT has its attention mask as an input and GPT-2 its LM head, as the
ONNX files have. Each program has a process of its own; rounds alternate, and medians of GPU times are compared.

  ./dev bench gpu                                   the eleven rows in fp16
  ./dev bench gpu resnet50:1 bert_large:32:384      NAME:BATCH[:SEQUENCE]
  python3 bench/gpu.py --trtexec build/bin/trtexec --check --json out.json

Columns: milliseconds (median); ratio = the better of PyTorch's two / ours (above 1: faster than both); with --check the
largest difference of our outputs at batch 1 from ONNX Runtime's in fp32, relative to the output's largest value; seconds
to build. Needs torch, torchvision, transformers, onnx; --check also onnxruntime.

Exit status 1 when ours fails to build or run a network, or its error passes 2e-2 (fp16, bf16) or 1e-3 (fp32 without
TF32; 5e-3 with it).
"""
import argparse
import contextlib
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from networks import ROOT, find_model, largest_error, make_inputs  # noqa: E402

ROWS = ["resnet50:1", "resnet50:128", "bert_large:1:384", "bert_large:32:384", "bert_base:1:128", "vit_b_16:1", "vit_b_16:64",
        "mobilenet_v3_large:1", "mobilenet_v3_large:128", "efficientnet_b0:128", "gpt2:1:512"]
LARGEST_ERROR = {"fp16": 2e-2, "bf16": 2e-2, "fp32": 5e-3}
ROUNDS = 2
SECONDS_A_ROUND = 0.6


# --- PyTorch, in a process of its own --------------------------------------------------------------------------------


def torch_network(name):
    """The module, and whether it reads token ids rather than an image."""
    if name.startswith("bert"):
        from transformers import BertConfig, BertModel

        sizes = {"bert_base": {}, "bert_large": dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16,
                                                     intermediate_size=4096)}[name]
        config = BertConfig(**sizes)
        config._attn_implementation = "sdpa"  # pylint: disable=protected-access
        return BertModel(config, add_pooling_layer=False), True
    if name == "gpt2":
        from transformers import GPT2Config, GPT2LMHeadModel

        return GPT2LMHeadModel(GPT2Config(use_cache=False)), True
    import torchvision

    return getattr(torchvision.models, name)(weights=None), False


def median_ms(run, seconds):
    """Of single runs between two events of the GPU; half as long again before, so that clocks are up."""
    import torch

    def timed():
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        run()
        end.record()
        return begin, end

    stop = time.monotonic() + seconds / 2
    while time.monotonic() < stop:
        run()
        torch.cuda.synchronize()
    begin, end = timed()
    torch.cuda.synchronize()
    count = int(min(2000, max(20, seconds * 1e3 / max(begin.elapsed_time(end), 1e-3))))
    pairs = [timed() for _ in range(count)]
    torch.cuda.synchronize()
    return statistics.median(b.elapsed_time(e) for b, e in pairs)


def serve_torch(name, batch, seq, precision, ways):
    """A child: prepares, says so, and answers each line of stdin with times. What libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        import torch

        torch.manual_seed(0)
        torch.backends.cudnn.benchmark = True
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        kind = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}[precision]
        network, reads_ids = torch_network(name)
        network = network.eval().cuda().to(kind)
        if reads_ids:
            ids = torch.randint(0, 30000, (batch, seq), device="cuda")
            arguments = {} if name == "gpt2" else {"attention_mask": torch.ones_like(ids)}
            call = lambda m: m(ids, **arguments)[0]  # noqa: E731
        else:
            network = network.to(memory_format=torch.channels_last)
            image = torch.randn(batch, 3, 224, 224, device="cuda", dtype=kind).to(memory_format=torch.channels_last)
            call = lambda m: m(image)  # noqa: E731
        runs, told = {}, {"gpu": torch.cuda.get_device_name(), "torch": torch.__version__}
        with torch.inference_mode():
            if "eager" in ways:
                side = torch.cuda.Stream()
                with torch.cuda.stream(side):
                    for _ in range(3):
                        call(network)
                torch.cuda.synchronize()
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph):
                    call(network)
                runs["eager"] = graph.replay
            if "compile" in ways:
                start = time.monotonic()
                compiled = torch.compile(network, mode="reduce-overhead")
                for _ in range(3):
                    call(compiled)
                torch.cuda.synchronize()
                told["compile_s"] = time.monotonic() - start
                runs["compile"] = lambda: call(compiled)
            answers.write(json.dumps({"ok": True, **told}) + "\n")
            for _ in sys.stdin:
                answers.write(json.dumps({"ok": True, **{w: median_ms(r, SECONDS_A_ROUND) for w, r in runs.items()}}) + "\n")
    except Exception as e:  # pylint: disable=broad-except
        answers.write(json.dumps({"ok": False, "error": f"{type(e).__name__}: {e}"[:600]}) + "\n")


class Torch:
    def __init__(self, name, batch, seq, precision, ways, log):
        arguments = [sys.executable, __file__, "--serve-torch", name, str(batch), str(seq), precision, ",".join(ways)]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1)
        self.told = self.read()

    def read(self):
        line = self.process.stdout.readline()
        reply = json.loads(line) if line else {"ok": False, "error": f"PyTorch's process ended ({self.process.wait()})"}
        if not reply.pop("ok"):
            raise RuntimeError(reply["error"])
        return reply

    def round(self):
        self.process.stdin.write("\n")
        return self.read()

    def close(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()


# --- ours, by trtexec ------------------------------------------------------------------------------------------------


def trtexec(a, log, *arguments, cwd=None):
    done = subprocess.run([a.trtexec, *arguments], capture_output=True, text=True, cwd=cwd, check=False)
    log.write((done.stdout + done.stderr).encode())
    log.flush()
    if done.returncode:
        errors = [line for line in (done.stdout + done.stderr).splitlines() if "[E]" in line or "error" in line.lower()]
        raise RuntimeError(f"trtexec: {' | '.join(errors[:3]) or done.returncode}"[:600])
    return done.stdout + done.stderr


def shapes_of(feeds):
    return ",".join(f"{name}:{'x'.join(map(str, x.shape))}" for name, x in feeds.items())


def build(a, model, feeds, plan, cache, log):
    flags = {"fp16": ["--fp16"], "bf16": ["--bf16"], "fp32": []}[a.precision] + (["--noTF32"] if a.strict else [])
    start = time.monotonic()
    trtexec(a, log, f"--onnx={model}", f"--saveEngine={plan}", f"--shapes={shapes_of(feeds)}", f"--timingCacheFile={cache}",
            "--skipInference", *flags)
    return time.monotonic() - start


def time_ours(a, plan, log):
    said = trtexec(a, log, f"--loadEngine={plan}", "--useCudaGraph", "--noDataTransfers", "--useSpinWait", "--iterations=20",
                   f"--duration={SECONDS_A_ROUND:g}", f"--warmUp={SECONDS_A_ROUND * 500:g}")
    found = re.search(r"GPU Compute Time:.*?median = ([0-9.e+-]+) ms", said)
    if not found:
        raise RuntimeError("trtexec printed no GPU compute time")
    return float(found.group(1))


def error_of(a, model, seq, folder, log):
    """Ours at batch 1 beside ONNX Runtime in fp32 on the same inputs."""
    import numpy as np
    import onnxruntime

    feeds, _ = make_inputs(model, 1, seq)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    want = dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds)))
    plan = folder / "check.plan"
    build(a, model, feeds, plan, folder / "check.times", log)
    for name, x in feeds.items():
        x.tofile(folder / f"{name}.bin")
    trtexec(a, log, f"--loadEngine={plan}", "--iterations=1", "--duration=0", "--warmUp=0", "--dumpRawBindingsToFile",
            "--loadInputs=" + ",".join(f"{name}:{folder / (name + '.bin')}" for name in feeds), cwd=folder)
    got = {}
    for name, w in want.items():
        files = list(folder.glob(f"{name.replace('/', '_')}.output.*.raw"))
        if len(files) != 1:
            raise RuntimeError(f"output '{name}' was not written")
        narrow = files[0].name.endswith(".fp16.raw")
        got[name] = np.fromfile(files[0], np.float16 if narrow else w.dtype).reshape(w.shape)
    return largest_error(got, want)


# --- rows ------------------------------------------------------------------------------------------------------------


def compare(spec, a):
    name, batch, seq = (spec.split(":") + ["1", "128"][len(spec.split(":")) - 1:])[:3]
    batch, seq = int(batch), int(seq)
    model = find_model(name, a.cache)
    row = {"model": name, "batch": batch, "seq": seq, "precision": a.precision}
    with tempfile.TemporaryDirectory() as folder, open(a.log, "ab") as log:
        folder = pathlib.Path(folder)
        peer = None
        try:
            feeds, _ = make_inputs(model, batch, seq)
            plan = folder / "engine.plan"
            row["build_s"] = build(a, model, feeds, plan, folder / "times", log)
            if a.check:
                row["error"] = error_of(a, model, seq, folder, log)
                row["right"] = bool(row["error"] <= (1e-3 if a.strict else LARGEST_ERROR[a.precision]))
            ways = [w for w in a.peers.split(",") if w]
            if ways:
                peer = Torch(name, batch, seq, a.precision, ways, log)
                row.update(peer.told)
            times = {w: [] for w in ways + ["ours"]}
            for _ in range(ROUNDS):
                for way, ms in (peer.round() if peer else {}).items():
                    times[way].append(ms)
                times["ours"].append(time_ours(a, plan, log))
            row.update({w: min(t) for w, t in times.items()})
            row["rounds"] = times
            if ways:
                row["ratio"] = min(row[w] for w in ways) / row["ours"]
        finally:
            if peer:
                peer.close()
    return row


def line(row):
    def number(key, form):
        return format(row[key], form) if key in row else "-"

    label = f"{row['model']} b{row['batch']}" + (f" s{row['seq']}" if row["model"].startswith(("bert", "gpt")) else "")
    return (f"{label:26s}{number('eager', '.3f'):>10s}{number('compile', '.3f'):>10s}{number('ours', '.3f'):>10s}"
            f"{number('ratio', '.2f'):>8s}{number('error', '.1e'):>9s}{number('build_s', '.1f'):>9s}"
            + ("" if row.get("right", True) else "  WRONG"))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("rows", nargs="*", help=f"NAME:BATCH[:SEQUENCE] (default: {' '.join(ROWS)})")
    ap.add_argument("--precision", choices=sorted(LARGEST_ERROR), default="fp16")
    ap.add_argument("--strict", action="store_true", help="ours without TF32")
    ap.add_argument("--check", action="store_true", help="compare answers with ONNX Runtime too")
    ap.add_argument("--peers", default="eager,compile", help="PyTorch's ways to run (default: %(default)s; empty: none)")
    ap.add_argument("--trtexec", default=str(ROOT / "build" / "bin" / "trtexec"))
    ap.add_argument("--json", metavar="FILE", help="write the rows there")
    ap.add_argument("--log", default=os.devnull, help="append there what all programs print")
    ap.add_argument("--cache", type=pathlib.Path, default=ROOT / ".cache" / "models", help="folder of full ONNX files")
    a = ap.parse_args()
    a.trtexec = os.path.abspath(a.trtexec)
    os.environ.setdefault("LATHE_TARGET", "cuda")
    print(f"{a.precision}; median ms\n{'network':26s}{'eager':>10s}{'compile':>10s}{'ours':>10s}{'ratio':>8s}{'error':>9s}{'build s':>9s}",
          flush=True)
    rows, failed = [], 0
    for spec in a.rows or ROWS:
        try:
            row = compare(spec, a)
        except (RuntimeError, OSError, subprocess.CalledProcessError) as e:
            print(f"{spec:26s}FAILED {e}", flush=True)
            failed += 1
            continue
        rows.append(row)
        failed += not row.get("right", True)
        print(line(row), flush=True)
        if a.json:
            pathlib.Path(a.json).write_text(json.dumps(rows, indent=1), encoding="utf-8")
    ratios = [(r["ratio"], r["model"]) for r in rows if "ratio" in r]
    if ratios:
        mean = math.exp(sum(math.log(r) for r, _ in ratios) / len(ratios))
        print(f"geometric mean of best peer / ours: {mean:.3f} over {len(ratios)} rows; lowest {min(ratios)[0]:.2f} "
              f"({min(ratios)[1]}); {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) == 7 and sys.argv[1] == "--serve-torch":
        serve_torch(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5], sys.argv[6].split(","))
    else:
        sys.exit(main())
