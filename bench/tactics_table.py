#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which tactic wins depends on the problem: a fully connected layer and a 3x3 convolution over sizes and workspace limits.

  PYTHONPATH=build/python python3 bench/tactics_table.py            a table in Markdown (docs/tactics.md holds one)
  PYTHONPATH=build/python python3 bench/tactics_table.py --json     the same with every candidate

Each row is one problem, each column a limit of the workspace (IBuilderConfig::setMemoryPoolLimit). The winner is the
engine's own choice; candidates that the limit excludes are listed with what they need. Needs numpy.
"""
import argparse
import json
import os
import re
import sys

# rows of the input, inputs, outputs
DENSE = [(1, 64, 10), (1, 1000, 1000), (1, 4095, 1001), (7, 513, 129), (16, 1, 65), (33, 127, 3), (128, 768, 768), (256, 1024, 31),
         (1000, 63, 1), (512, 300, 300)]
# batch, channels in, height, width, channels out, stride, groups
CONV = [(1, 3, 224, 224, 32, 2, 1), (1, 64, 56, 56, 64, 1, 1), (1, 128, 28, 28, 128, 1, 1), (1, 512, 7, 7, 512, 1, 1), (1, 96, 57, 33, 96, 1, 96),
        (1, 17, 31, 29, 33, 1, 1), (1, 1, 8, 8, 16, 1, 1), (4, 64, 14, 14, 128, 2, 1), (1, 32, 112, 112, 1, 1, 1), (2, 48, 13, 101, 40, 1, 2)]
LIMITS = [1 << 20, 3 << 20, None]

FASTEST = re.compile(r"^(?P<node>.*?): fastest (?P<what>(?:cpu|cuda)\..*) [\d.]+ us$")
TIMED = re.compile(r"^(?P<node>.*?): (?P<what>(?:cpu|cuda)\..*) (?P<us>[\d.]+) us, workspace (?P<bytes>\d+) bytes")
REFUSED = re.compile(r"^(?P<node>.*?): (?P<what>(?:cpu|cuda)\..*?) refused: (?P<why>.*)$", re.S)
PRUNED = re.compile(r"^(?P<node>.*?): (?P<what>(?:cpu|cuda)\..*?) pruned: (?P<why>.*)$", re.S)
ALGORITHMS = {"cpu.conv.fp32.v1": ["direct", "im2col", "winograd2", "winograd4", "depthwise"]}


def short(what):
    """'cpu.conv.fp32.v1[2] -> nchw16c' with the algorithm's name for its number."""
    found = re.match(r"^(\S+?)(\[[^\]]*\])?( -> \S+)?( \(covers.*\))?$", what)
    if not found:
        return what
    tactic, params, layout, _ = found.groups()
    names = ALGORITHMS.get(tactic)
    numbers = [int(n) for n in re.findall(r"-?\d+", params or "")]
    if names and len(numbers) == 1 and 0 <= numbers[0] < len(names):
        params = " " + names[numbers[0]]
    return tactic + (params or "") + (layout or "").replace(" -> ", " → ")


class Problem:
    """One layer in a network of its own."""

    def __init__(self, kind, size):
        self.kind, self.size = kind, size
        if kind == "dense":
            m, k, n = size
            self.label = f"{m}×{k} · {k}×{n}"
        else:
            b, c, h, w, o, stride, groups = size
            self.label = f"{b}×{c}×{h}×{w} → {o}" + (f", stride {stride}" if stride > 1 else "") + (f", {groups} groups" if groups > 1 else "")

    def fill(self, network, trt, np):
        rng = np.random.default_rng(0)
        if self.kind == "dense":
            m, k, n = self.size
            x = network.add_input("x", trt.float32, (m, k))
            w = network.add_constant((k, n), rng.standard_normal((k, n), np.float32)).get_output(0)
            layer = network.add_matrix_multiply(x, trt.MatrixOperation.NONE, w, trt.MatrixOperation.NONE)
        else:
            b, c, h, w, o, stride, groups = self.size
            x = network.add_input("x", trt.float32, (b, c, h, w))
            weights = rng.standard_normal((o if groups == 1 else o - o % groups, c // groups, 3, 3), np.float32)
            layer = network.add_convolution_nd(x, weights.shape[0], (3, 3), weights)
            layer.num_groups, layer.stride_nd, layer.padding_nd = groups, (stride, stride), (1, 1)
        layer.name = "layer"
        network.mark_output(layer.get_output(0))


def measure(problem, limit, level):
    import numpy as np
    import tensorrt as trt

    class Log(trt.ILogger):
        def __init__(self):
            super().__init__()
            self.lines, self.errors = [], []

        def log(self, severity, msg):
            if severity == trt.ILogger.Severity.VERBOSE:
                self.lines.append(msg)
            elif severity <= trt.ILogger.Severity.ERROR:
                self.errors.append(msg)

    log = Log()
    builder = trt.Builder(log)
    network = builder.create_network(0)
    problem.fill(network, trt, np)
    config = builder.create_builder_config()
    config.builder_optimization_level = level
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    if limit is not None:
        config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, limit)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        return {"error": "; ".join(log.errors)}
    engine = trt.Runtime(log).deserialize_cuda_engine(plan)
    layers = json.loads(engine.create_engine_inspector().get_engine_information(trt.LayerInformationFormat.JSON))["Layers"]
    timed, fastest, excluded, refused = {}, None, [], []
    for line in log.lines:
        if found := FASTEST.match(line):
            fastest = found["what"] if found["node"] == "layer" else fastest
        elif found := TIMED.match(line):
            if found["node"] == "layer":
                timed[found["what"]] = {"us": float(found["us"]), "workspace": int(found["bytes"])}
        elif found := PRUNED.match(line):
            if found["node"] == "layer":
                refused.append((found["what"], "pruned: " + found["why"]))
        elif found := REFUSED.match(line):
            if found["node"] != "layer":
                continue
            need = re.match(r"it needs (\d+) bytes of workspace", found["why"])
            if need:
                excluded.append((found["what"], int(need[1])))
            else:
                refused.append((found["what"], found["why"]))
    return {"winner": fastest, "layers": [l["TacticName"] if isinstance(l, dict) else l for l in layers], "timed": timed, "excluded": excluded,
            "refused": refused}


def size_text(n):
    return "no limit" if n is None else f"{n >> 20} MiB" if n >= 1 << 20 else f"{n >> 10} KiB"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--level", type=int, default=5, help="builder optimization level (default %(default)s: 32 candidates a problem)")
    ap.add_argument("--json", action="store_true", help="every candidate, with its time or why it was left out")
    ap.add_argument("--quick", action="store_true", help="two problems of each kind only")
    a = ap.parse_args()
    os.environ.setdefault("LATHE_TARGET", "cpu")
    out, winners, excluding = [], set(), 0
    for kind, sizes in (("dense", DENSE), ("conv", CONV)):
        if not a.json:
            print(f"\n{'Fully connected layer (input · weights)' if kind == 'dense' else '3×3 convolution (input → channels), padding 1'}:\n")
            print("| problem | " + " | ".join(size_text(limit) for limit in LIMITS) + " | excluded by the limits |")
            print("|---" * (len(LIMITS) + 2) + "|")
        for size in sizes[:2] if a.quick else sizes:
            problem, cells, excluded = Problem(kind, size), [], {}
            for limit in LIMITS:
                result = measure(problem, limit, a.level)
                out.append({"kind": kind, "problem": problem.label, "limit": limit, **result})
                if "error" in result:
                    cells.append("refused: " + result["error"].splitlines()[0])
                    continue
                winner = result["winner"]
                winners.add(short(winner).split(" → ")[0])
                cells.append(f"{short(winner)}, {result['timed'][winner]['us']:.1f} µs")
                for what, need in result["excluded"]:
                    excluded.setdefault(short(what), (need, limit))
            excluding += bool(excluded)
            if not a.json:
                text = "; ".join(f"{what} ({need / 1024:.0f} KiB)" for what, (need, _) in sorted(excluded.items()))
                print(f"| {problem.label} | " + " | ".join(cells) + f" | {text} |", flush=True)
    if a.json:
        print(json.dumps(out, indent=1))
    else:
        print(f"\n{len(winners)} different winners: {', '.join(sorted(winners))}. A limit excluded candidates of {excluding} problems.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
