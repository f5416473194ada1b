#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random small graphs through the engine and through ONNX Runtime.

usage: PYTHONPATH=build/python .venv/bin/python tests/python/onnx_random.py [--seeds FIRST COUNT] [--level N] [--jobs N]
       … onnx_random.py --show SEED [--save FILE]     prints the graph and runs it in this process

A graph grows node by node: an operator is drawn, its inputs are drawn among the values that suit or made anew, and ONNX
Runtime runs the node; where that refuses, another one is drawn. Some extents of the inputs then get names, and the graph is
run at several sizes within a profile.

Values are small multiples of 1/4, so that sums and products of them are exact: operators that jump (comparison, rounding,
selection by order) are only given such values, and must agree exactly.
"""
import argparse
import collections
import os
import pathlib
import sys
import time

import numpy as np
import onnx
from onnx import helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import isolated  # noqa: E402
import onnx_runners  # noqa: E402
import random_graph_ops  # noqa: E402, F401 (fills OPS)
from random_graph import EPS, F32, I32, I64, IR_VERSION, OPS, OPSET, Generator, Retry, info, ort_session  # noqa: E402


# --- Graphs

Graph = collections.namedtuple("Graph", "model feeds exact profile")


def generate(seed):
    """A model, several sets of inputs for it, which outputs are exact, and {input: (least, most)} extents."""
    g = Generator(seed)
    wanted = g.integer(1, 7)
    tries = 0
    while len(g.nodes) < wanted and tries < 60:
        tries += 1
        before = (len(g.values), len(g.inputs), len(g.initializers), len(g.nodes))
        try:
            g.choice(OPS)(g)
        except Retry:
            for kept, length in zip((g.values, g.inputs, g.initializers, g.nodes), before):
                del kept[length:]
    read = {i for n in g.nodes for i in n.input}
    produced = {o for n in g.nodes for o in n.output}
    inner = {i for n in g.nodes for a in n.attribute if a.type == onnx.AttributeProto.GRAPH for m in a.g.node for i in m.input}
    outputs = [v for v in g.values if v.name in produced and (v.name not in read | inner or g.chance(0.2))]
    inputs = [v for v in g.inputs if v.name in read | inner]
    initializers = [t for t in g.initializers if t.name in read]
    dynamic = g.chance(0.5)
    names = {}
    declared = {}
    for v in inputs:
        dims = list(v.array.shape)
        for axis, d in enumerate(dims):
            if dynamic and d > 1 and g.chance(0.4):
                # Equal extents share a name half of the time.
                same = [n for n, k in names.items() if k == d]
                name = g.choice(same) if same and g.chance(0.5) else f"n{len(names)}"
                names[name] = d
                dims[axis] = name
        declared[v.name] = dims
    graph = helper.make_graph(g.nodes, "random", [info(v.name, v.array.dtype, declared[v.name]) for v in inputs],
                              [info(v.name, v.array.dtype, [None] * v.array.ndim) for v in outputs], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    feeds = [{v.name: v.array for v in inputs}]
    profile = {v.name: [list(v.array.shape), list(v.array.shape)] for v in inputs}
    for _ in range(3 if names else 0):
        sizes = {n: max(1, d + g.integer(-2, 3)) for n, d in names.items()}
        other = {}
        for v in inputs:
            shape = tuple(sizes.get(d, d) for d in declared[v.name])
            if shape == v.array.shape:
                other[v.name] = v.array
            elif v.array.dtype in (I64, I32):
                # Indices stay what they are.
                other[v.name] = np.resize(v.array, shape)
            else:
                other[v.name] = g.array(v.array.dtype, shape)
            for k, d in enumerate(shape):
                profile[v.name][0][k] = min(profile[v.name][0][k], d)
                profile[v.name][1][k] = max(profile[v.name][1][k], d)
        feeds.append(other)
    return Graph(model, feeds, {v.name: v.exact for v in outputs}, profile)


# --- Running


def agree(name, want, got, exact, slack):
    if want.size == 0 and got.size == 0 and want.dtype == got.dtype and want.ndim == got.ndim:
        return None  # ONNX Runtime gives extents of 0 where a loop's body has never run
    if want.dtype != got.dtype or want.shape != got.shape:
        return f"output {name}: {got.dtype}{list(got.shape)} instead of {want.dtype}{list(want.shape)}"
    if want.size == 0:
        return None
    if want.dtype not in EPS:
        if np.array_equal(want, got) or not exact and slack.dtype == want.dtype and not np.array_equal(slack, want):
            return None
        if not exact and np.abs(want.astype(np.int64) - got.astype(np.int64)).max() <= 1:
            return None  # a rounded real value
        return f"output {name}: {(want != got).sum()} of {want.size} {want.dtype} differ: {got.reshape(-1)[:6]} instead of {want.reshape(-1)[:6]}"
    w, h, s = (a.astype(np.float64) for a in (want, got, slack))
    if not np.array_equal(np.isnan(w), np.isnan(h)) and np.array_equal(np.isnan(w), np.isnan(s)):
        return f"output {name}: not a number at {np.argwhere(np.isnan(w) != np.isnan(h))[0]}: {got.reshape(-1)[:6]} instead of {want.reshape(-1)[:6]}"
    with np.errstate(all="ignore"):
        same = (w == h) | np.isnan(w)
        finite = np.isfinite(w) & np.isfinite(s)
        if not np.isfinite(h[finite]).all():
            return f"output {name}: not finite: {got.reshape(-1)[:6]} instead of {want.reshape(-1)[:6]}"
        largest = np.abs(w[finite]).max() if finite.any() else 0
        # What the rounding of values within the graph moves, seen by moving the inputs by some rounding errors.
        moved = np.abs(w - s)[finite].max() if finite.any() else 0
        allowed = 1e-5 + (4e-5 if want.dtype == F32 else 2e-2) * largest + 8 * moved
        error = np.where(same | ~finite, 0, np.abs(w - h))
    if error.max() <= allowed:
        return None
    at = np.unravel_index(error.argmax(), error.shape)
    return f"output {name}{list(map(int, at))}: {got[at]} instead of {want[at]} (largest {largest:.4g}, allowed {allowed:.3g})"


def moved(feeds, seed):
    rng = np.random.default_rng(seed)
    out = {}
    for n, a in feeds.items():
        if a.dtype in EPS:
            x = a.astype(np.float64) * (1 + 4 * EPS[a.dtype] * rng.uniform(-1, 1, a.shape))
            out[n] = x.astype(a.dtype)
        else:
            out[n] = a
    return out


def check(runner, seed):
    """(outcome, text): pass, skip (ONNX Runtime refuses), refused (the parser does), or failed."""
    try:
        graph = generate(seed)
        session = ort_session(graph.model)
    except Exception as e:  # noqa: BLE001
        return "skip", f"{type(e).__name__}: {e}"[:200]
    try:
        engine = runner.build(graph.model.SerializeToString(), graph.profile)
    except onnx_runners.Unsupported as refusal:
        return "refused", str(refusal).splitlines()[0][:300]
    except Exception as e:  # noqa: BLE001
        # A loop's value whose shape would change, and the like: refused with a reason.
        return ("refused" if "UNSUPPORTED" in str(e) else "failed"), f"build: {e}"[:500]
    names = [o.name for o in graph.model.graph.output]
    ran = 0
    for k, feeds in enumerate(graph.feeds):
        try:
            want = dict(zip(names, session.run(None, feeds)))
            slack = dict(zip(names, session.run(None, moved(feeds, seed))))
        except Exception:  # noqa: BLE001
            want = None  # these sizes don't suit the graph
        try:
            got = dict(engine.run(feeds))
        except Exception as e:  # noqa: BLE001
            if want is None or any(w.size == 0 for w in want.values()) or "does not fit" in str(e):
                continue
            return "failed", f"feed {k}: {e}"[:500]
        if want is None:
            continue
        ran += 1
        for n in names:
            if slack[n].shape != want[n].shape:
                continue
            wrong = agree(n, want[n], got[n], graph.exact[n] and k == 0, slack[n])
            if wrong:
                return "failed", f"feed {k}: {wrong}"
    return ("pass" if ran else "skip"), ""


def run_seeds(seeds, jobs=2, level=0, seconds=60, memory=6 << 30):
    """[(seed, outcome, text)]"""
    seeds = list(seeds)
    results = isolated.run(len(seeds), lambda: onnx_runners.EngineRunner(level), lambda r, i: check(r, seeds[i]),
                           lambda text: ("failed", text), jobs, seconds, memory)
    return [(seed, *result) for seed, result in zip(seeds, results)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", nargs=2, type=int, default=[0, 500], metavar=("FIRST", "COUNT"))
    parser.add_argument("--level", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--show", type=int)
    parser.add_argument("--save")
    args = parser.parse_args()
    if args.show is not None:
        graph = generate(args.show)
        print(onnx.printer.to_text(graph.model))
        for feeds in graph.feeds:
            print({n: list(a.shape) for n, a in feeds.items()})
        if args.save:
            onnx.save(graph.model, args.save)
        print(check(onnx_runners.EngineRunner(args.level), args.show))
        return 0
    first, count = args.seeds
    started = time.monotonic()
    results = run_seeds(range(first, first + count), args.jobs, args.level)
    for seed, outcome, text in results:
        if outcome in ("failed", "refused"):
            print(f"{outcome} {seed}: {text}")
    n = collections.Counter(outcome for _, outcome, _ in results)
    print(f"{dict(n)} in {time.monotonic() - started:.0f} s")
    return 1 if n["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
