#!/usr/bin/env python3
"""Our CUDA kernels beside PyTorch's libraries on the first GPU, f16, one line a case.

usage: cuda_kernels.py PATH-OF-cuda_kernel_bench [gemm] [memory] [attention] [conv]

Ours comes from `ninja cuda_kernel_bench` (tests/cuda/kernel_bench.cc), for each case the fastest of the kernels and tiles.
The peer is torch: linear with a bias (cuBLASLt), softmax, layer_norm, scaled_dot_product_attention, conv2d with a bias
(cuDNN, benchmark mode). Both are the median of seven replays of a captured graph of repeats; the two programs run one after
the other, section by section, so that both find the GPU in about the same state. Needs torch with CUDA.
"""
import re
import subprocess
import sys

import torch

HALF = torch.float16


def seconds(work, flops_or_bytes, rate, rounds=7):
    repeats = int(min(200, max(5, 2e-3 / (flops_or_bytes / rate))))
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        work()
        work()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream):
            for _ in range(repeats):
                work()
        times = []
        for _ in range(rounds):
            start, stop = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record(stream)
            graph.replay()
            stop.record(stream)
            stop.synchronize()
            times.append(start.elapsed_time(stop) * 1e-3 / repeats)
    return sorted(times)[rounds // 2]


def randn(*shape):
    return torch.randn(*shape, device="cuda", dtype=HALF)


def peer(line):
    """Seconds of torch for the case that a line of ours names, or None."""
    if m := re.match(r"gemm (\d+) (\d+) (\d+) ", line):
        rows, cols, k = map(int, m.groups())
        a, w, b = randn(rows, k), randn(cols, k), randn(cols)
        return seconds(lambda: torch.nn.functional.linear(a, w, b), 2 * rows * cols * k, 3e14)
    if m := re.match(r"memory (copy|softmax|layer_norm)(?:_(\d+))? ", line):
        kind, n = m[1], int(m[2] or 1024)
        x = randn((1 << 28) // n, n)
        w = randn(n)
        y = torch.empty_like(x)
        work = {"copy": lambda: y.copy_(x), "softmax": lambda: torch.softmax(x, -1),
                "layer_norm": lambda: torch.nn.functional.layer_norm(x, (n,), w, w)}[kind]
        return seconds(work, 4 * x.numel(), 2e12)
    if m := re.match(r"attention b(\d+) h(\d+) n(\d+) d(\d+) (\w+)", line):
        batch, heads, n, dim = map(int, m.groups()[:4])
        q, k, v = randn(batch, n, 3, heads, dim).permute(2, 0, 3, 1, 4).unbind(0)
        causal = m[5] == "causal"
        return seconds(lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal),
                       4 * batch * heads * n * n * dim * (0.5 if causal else 1), 2e14)
    if m := re.match(r"conv n(\d+) (\d+)->(\d+) (\d+) k(\d+) s(\d+)", line):
        n, ic, oc, size, kernel, stride = map(int, m.groups())
        x = randn(n, ic, size, size).to(memory_format=torch.channels_last)
        w = randn(oc, ic, kernel, kernel).to(memory_format=torch.channels_last)
        b = randn(oc)
        work = lambda: torch.nn.functional.conv2d(x, w, b, stride, kernel // 2)
        return seconds(work, 2 * work().numel() * ic * kernel * kernel, 2e14)
    return None


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 2
    torch.backends.cudnn.benchmark = True
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    for section in sys.argv[2:] or ["memory", "gemm", "attention", "conv"]:
        ours = subprocess.run([sys.argv[1], section], capture_output=True, text=True, check=True).stdout
        for line in ours.splitlines():
            times = [float(t) for t in re.findall(r"([\d.]+) us", line)]
            if " : " not in line or not times:
                continue
            best, other = min(times), peer(line)
            beside = f"{other * 1e6:9.2f} us   {other * 1e6 / best:5.2f}x" if other else ""
            print(f"{line.split(' : ')[0]:40} {best:9.2f} us {beside}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
