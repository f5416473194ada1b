#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the CUDA backend promises, looked at on a machine with a GPU, one line each with its figure.

  python3 bench/gpu_checks.py                    everything that the machine allows
  python3 bench/gpu_checks.py tests networks     some of: tests networks strict hidden builds absent overlap sanitizer

tests      every tactic and op on the GPU beside the reference, engines, the API's conformance suite
networks   the nine networks in fp16 beside ONNX Runtime's fp32 (2e-2 of the largest value)
strict     the same in fp32 without TF32 (1e-3)
hidden     both with cuDNN and cuBLASLt hidden from the process
builds     seconds to build resnet50 in fp16, cold and with its timing cache
absent     a plan for two targets, built where the process sees no GPU, run on the GPU and on the CPU
overlap    throughput of two contexts in two streams, each with a thread of its own, beside one's
sanitizer  compute-sanitizer's memcheck and racecheck over the kernels' own tests

Exit status 1 when a promise is not kept. --keep FILE leaves a plan there, to be loaded on another model of GPU.
"""
import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from networks import ROOT, find_model  # noqa: E402

SECTIONS = ["tests", "networks", "strict", "hidden", "builds", "absent", "overlap", "sanitizer"]
NETWORKS = ["resnet50", "mobilenet_v3_large", "efficientnet_b0", "vit_b_16", "bert_base", "bert_large:1:384", "gpt2", "unet", "lstm"]
# Small cases of every kind of kernel.
SANITIZED = "GpuTactics.Give*:GpuGemm*:GpuConv*:GpuAttention*:GpuRows*:GpuReduce*:GpuMove*:GpuPointwise*:GpuWindow*:GpuOrder*:GpuCopy*"


class Checks:
    def __init__(self, a):
        self.a, self.failed = a, 0

    def say(self, ok, what, figure=""):
        self.failed += not ok
        print(f"{'ok    ' if ok else 'FAILED'}  {what}{': ' if figure else ''}{figure}", flush=True)

    def run(self, *command, env=None, limit=580):
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run([str(c) for c in command], env={**os.environ, **(env or {})}, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=limit, check=False)
            if self.a.log:
                with open(self.a.log, "a", encoding="utf-8") as f:
                    f.write(f"$ {' '.join(map(str, command))}\n{done.stdout}\n")
            return done.returncode, done.stdout
        return 124, f"no end after {limit} s"

    def program(self, name):
        return self.a.build / ("tests" if name.endswith("_test") else "bin") / name

    def tests(self):
        for name, which in (("device_test", "*"), ("cuda_test", "Gpu*"), ("gpu_test", "*"), ("conformance_test", "*")):
            if not self.program(name).exists():
                self.say(False, name, "not built")
                continue
            start = time.monotonic()
            status, text = self.run(self.program(name), f"--gtest_filter={which}", "--gtest_brief=1")
            counts = ", ".join(re.findall(r"\[  (?:PASSED|FAILED|SKIPPED) +\] (\d+ tests?.*)", text)) or text[-300:]
            skipped = len(re.findall(r"\[  SKIPPED \] \d+ test", text))
            self.say(status == 0, name, f"{counts}{' (some skipped)' if skipped else ''}, {time.monotonic() - start:.0f} s")
            for line in [x for x in text.splitlines() if x.startswith("[  FAILED")][:8]:
                print("        " + line)

    def compare(self, title, *arguments, env=None):
        def rows(network):
            return self.run(sys.executable, ROOT / "bench" / "gpu.py", network, "--peers", "", "--check", "--trtexec",
                            self.program("trtexec"), "--cache", self.a.cache, *arguments, env=env)

        networks = NETWORKS if not self.a.networks else self.a.networks.split(",")
        with concurrent.futures.ThreadPoolExecutor(self.a.jobs) as pool:
            for network, (status, text) in zip(networks, pool.map(rows, networks)):
                last = [x for x in text.splitlines() if x.startswith(network.split(":")[0])]
                self.say(status == 0, title, (last or [text[-200:]])[-1].strip())

    def networks(self):
        self.compare("fp16")

    def strict(self):
        self.compare("fp32 without TF32", "--precision", "fp32", "--strict")

    def hidden(self):
        with tempfile.TemporaryDirectory() as only:
            for folder in os.environ.get("LATHE_CUDA_LIBS", "").split(":") + ["/usr/local/cuda/lib64", "/usr/local/nvidia/lib64",
                                                                               "/usr/lib/x86_64-linux-gnu"]:
                for f in pathlib.Path(folder).glob("*") if folder else []:
                    if re.match(r"lib(nvrtc|cuda|nvidia)[-.a-z]*\.so", f.name) and not (pathlib.Path(only) / f.name).exists():
                        (pathlib.Path(only) / f.name).symlink_to(f.resolve())
            env = {"LATHE_CUDA_LIBS": only}
            self.compare("fp16, libraries hidden", env=env)
            self.compare("fp32, libraries hidden", "--precision", "fp32", "--strict", env=env)

    def builds(self):
        model = find_model("resnet50", self.a.cache)
        with tempfile.TemporaryDirectory() as folder:
            env = {"LATHE_CACHE_DIR": folder}
            times = []
            for _ in range(2):
                start = time.monotonic()
                status, text = self.run(self.program("trtexec"), f"--onnx={model}", "--fp16", "--skipInference", "--shapes=image:1x3x224x224",
                                        f"--saveEngine={folder}/plan", f"--timingCacheFile={folder}/times", env=env)
                times.append(time.monotonic() - start)
                if status:
                    self.say(False, "resnet50 is built", text[-300:])
                    return
            self.say(times[0] <= 30 and times[1] <= 3, "resnet50 fp16 builds in 30 s cold and 3 s warm", f"{times[0]:.1f} s, {times[1]:.1f} s")
            if self.a.keep:
                shutil.copy(f"{folder}/plan", self.a.keep)

    def absent(self):
        model = find_model("mobilenet_v3_large", self.a.cache)
        with tempfile.TemporaryDirectory() as folder:
            plan = f"{folder}/two.plan"
            status, text = self.run(self.program("lathe"), "build", model, "-o", plan, "--shapes", "image:1x3x224x224", "--target",
                                    f"cuda:sm_{self.a.sm},cpu", "--fp16", env={"LATHE_TARGET": "cpu"})
            self.say(status == 0, "a plan for GPU and CPU is built where no GPU is seen", text.strip()[-100:])
            for where, env in (("the GPU", {}), ("the CPU", {"LATHE_TARGET": "cpu"})):
                status, text = self.run(self.program("lathe"), "bench", plan, "--seconds", "0.3", env=env)
                self.say(status == 0, f"it runs on {where}", text.strip().splitlines()[-1][-110:] if text.strip() else "")
            other = f"{folder}/other.plan"
            self.run(self.program("lathe"), "build", model, "-o", other, "--shapes", "image:1x3x224x224", "--target", "cuda:sm_80",
                     "--fp16", env={"LATHE_TARGET": "cpu"})
            status, text = self.run(self.program("lathe"), "bench", other, "--seconds", "0.3")
            named = "sm_80" in text and f"sm_{self.a.sm}" in text
            self.say(status != 0 and named, "a plan for another architecture is refused with both named", text.strip()[-160:])

    def overlap(self):
        model = find_model("lstm", self.a.cache) if self.a.overlap == "lstm" else ROOT / "samples" / "data" / "digits.onnx"
        rate = {}
        for streams in (1, 2):
            status, text = self.run(self.program("trtexec"), f"--onnx={model}", "--fp16", f"--infStreams={streams}", "--threads",
                                    "--useCudaGraph", "--noDataTransfers", "--useSpinWait", "--duration=2", "--shapes=images:1x1x8x8"
                                    if self.a.overlap != "lstm" else "--warmUp=500")
            found = re.search(r"Throughput: ([0-9.e+]+)", text)
            rate[streams] = float(found[1]) if status == 0 and found else 0
        gain = rate[2] / rate[1] if rate[1] else 0
        self.say(gain >= 1.5, "two contexts in two streams", f"{rate[1]:.0f} and {rate[2]:.0f} queries a second, {gain:.2f} times")

    def sanitizer(self):
        tool = shutil.which("compute-sanitizer") or next(iter(sorted(pathlib.Path("/usr/local").glob("cuda*/bin/compute-sanitizer"))), None)
        if not tool:
            self.say(False, "compute-sanitizer", "not on this machine")
            return
        for which in ("memcheck", "racecheck"):
            status, text = self.run(tool, "--tool", which, "--error-exitcode", "9", self.program("cuda_test"),
                                    f"--gtest_filter={self.a.sanitized}", "--gtest_brief=1")
            found = re.findall(r"(?:ERROR|RACECHECK) SUMMARY: .*", text)
            self.say(status == 0, f"compute-sanitizer {which}", found[-1] if found else text[-200:])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("sections", nargs="*", metavar="SECTION")
    ap.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    ap.add_argument("--cache", type=pathlib.Path, default=ROOT / ".cache" / "models", help="folder of full ONNX files")
    ap.add_argument("--networks", help="names with commas between them, instead of all nine")
    ap.add_argument("--jobs", type=int, default=1, help="networks compared at once; their times mean little then")
    ap.add_argument("--sanitized", default=SANITIZED, help="filter of the tests that are run under compute-sanitizer")
    ap.add_argument("--overlap", choices=["digits", "lstm"], default="lstm", help="digits: bound by the host's launches")
    ap.add_argument("--sm", type=int, default=90, help="the GPU's architecture")
    ap.add_argument("--keep", help="where to leave resnet50's plan")
    ap.add_argument("--log", help="append there what all programs print")
    a = ap.parse_args()
    if unknown := set(a.sections) - set(SECTIONS):
        ap.error(f"no section {', '.join(sorted(unknown))}")
    checks = Checks(a)
    for section in a.sections or SECTIONS:
        getattr(checks, section)()
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
