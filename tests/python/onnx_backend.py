#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ONNX's own backend tests through this library: parsed, built into an engine, run, compared.

usage: PYTHONPATH=build/python .venv/bin/python tests/python/onnx_backend.py [--level N] [--runner engine|reference]
           [--dynamic] [--only TEXT] [--jobs N] [--json FILE] [--write-docs]

Every case has one outcome:
  pass        the outputs are those that the package says, within the case's own tolerances (or two units in the last place
              of the output's largest value, where that is more)
  constant    the same, once small inputs (axes, pads, scales, switches; at most one dimension, the first only as a scalar) are
              constants of the model: they give a shape or choose what is computed, and the parser refuses them as inputs
  random      the case's values come from a generator that ONNX leaves open; type, shape and rules of the op were checked
  unbindable  an input or output of the model has a type that the API has no tensor for
  refused     the parser said that it cannot import the model, and why
  otherwise   the answer differs knowingly
  failed      a wrong answer, an error after the parser's consent, a crash, or no end in time

`--dynamic` makes every extent of every input a dimension that varies, with a profile of the extents that the case gives
and one more at the upper end. `--write-docs` writes docs/onnx_support.md from a run over everything at its defaults.

LatheBackend is the adapter in the form that onnx.backend.test.BackendTest wants.
"""
import argparse
import collections
import glob
import importlib
import json
import os
import pathlib
import re
import sys
import time
import warnings

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import isolated  # noqa: E402
import onnx  # noqa: E402
import onnx_runners  # noqa: E402
from onnx import numpy_helper  # noqa: E402
from onnx.backend.base import Backend, BackendRep  # noqa: E402

KINDS = ["node", "simple", "pytorch-converted", "pytorch-operator"]
DOCS = HERE.parents[1] / "docs" / "onnx_support.md"
SECONDS_PER_CASE = 120

# Cases whose expected values are drawn by numpy's generator: ONNX specifies the distribution, not the values.
RANDOM = re.compile(r"^test_(training_dropout(?!_zero_ratio)|bernoulli)")

Case = collections.namedtuple("Case", "name kind model data_sets rtol atol")


# --- The cases


def load(kinds=tuple(KINDS), modules=None):
    """The cases by name, those of `modules` (files of the package's node tests) only when they are given."""
    from onnx.backend.test import loader
    found = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if "node" in kinds:
            if modules is None:
                tests = loader.load_model_tests(kind="node")
            else:
                from onnx.backend.test.case import node
                for module in modules:
                    importlib.import_module(f"onnx.backend.test.case.node.{module}")
                tests = node._NodeTestCases
            found += [Case(t.name, "node", t.model, t.data_sets, t.rtol, t.atol) for t in tests]
        for kind in kinds:
            if kind != "node":
                found += [Case(t.name, kind, t.model_dir, None, t.rtol, t.atol) for t in loader.load_model_tests(kind=kind)]
    return sorted(found, key=lambda c: (KINDS.index(c.kind), c.name))


def model_of(case):
    return case.model if isinstance(case.model, onnx.ModelProto) else onnx.load(os.path.join(case.model, "model.onnx"))


def data_sets_of(case):
    """[(inputs, outputs)] as arrays. REQUIRES: everything is a tensor."""
    def array(value):
        return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)

    def read(folder, stem):
        arrays = []
        for i in range(len(glob.glob(os.path.join(folder, f"{stem}_*.pb")))):
            tensor = onnx.TensorProto()
            tensor.ParseFromString(pathlib.Path(folder, f"{stem}_{i}.pb").read_bytes())
            arrays.append(numpy_helper.to_array(tensor))
        return arrays

    if case.data_sets is not None:
        return [([array(i) for i in ins], [array(o) for o in outs]) for ins, outs in case.data_sets]
    folders = sorted(glob.glob(os.path.join(case.model, "test_data_set_*")))
    return [(read(f, "input"), read(f, "output")) for f in folders]


def bound_inputs(model):
    weights = {t.name for t in model.graph.initializer} | {t.values.name for t in model.graph.sparse_initializer}
    return [i for i in model.graph.input if i.name not in weights]


def why_unbindable(model):
    """What the API has no tensor for among the model's inputs and outputs, or None."""
    for value in [*bound_inputs(model), *model.graph.output]:
        what = value.type.WhichOneof("value")
        if what == "tensor_type":
            element = value.type.tensor_type.elem_type
            if element == onnx.TensorProto.STRING:
                return "STRING"
            if onnx.helper.tensor_dtype_to_np_dtype(element) not in onnx_runners.TYPES:
                return onnx.TensorProto.DataType.Name(element)
        else:
            return (what or "a value without a type").replace("_type", "")
    return None


def made_dynamic(model):
    """The model with no fixed extent in any input."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    for k, value in enumerate(bound_inputs(model)):
        for d, dim in enumerate(value.type.tensor_type.shape.dim):
            dim.dim_param = f"n{k}_{d}"
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    return model


# --- Running


def with_constants(model, inputs):
    """The model with small inputs as constants, and the other inputs; or None when there are none."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    values = bound_inputs(model)
    small = [k for k, a in enumerate(inputs) if a.ndim == 0 or (k and a.ndim == 1)]
    if not small:
        return None
    for k in small:
        model.graph.initializer.append(numpy_helper.from_array(inputs[k], values[k].name))
    for k in reversed(small):
        model.graph.input.remove(values[k])
    return model, [a for k, a in enumerate(inputs) if k not in small]


UNIT = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}


def compare(expected, got, rtol, atol):
    from onnx.backend.test.runner import Runner
    for e, g in zip(expected, got):
        if e.dtype.name in UNIT and e.size:
            finite = np.abs(e.astype(np.float64))[np.isfinite(e.astype(np.float64))]
            atol = max(atol, 2 * UNIT[e.dtype.name] * finite.max(initial=0))
        if e.dtype.kind not in "biufcO" and e.dtype.name != "bfloat16":  # 4 and 8 bits: exactly
            assert e.dtype == g.dtype and e.shape == g.shape, f"{g.dtype}{g.shape} instead of {e.dtype}{e.shape}"
            np.testing.assert_array_equal(e.astype(np.float32), g.astype(np.float32))
        else:
            with np.errstate(all="ignore"):
                Runner.assert_similar_outputs([e], [g], rtol, atol)
    assert len(expected) == len(got), f"{len(got)} outputs instead of {len(expected)}"


def compare_random(case, inputs, expected, got):
    """What can be said of dropout and Bernoulli without knowing the generator."""
    assert len(expected) == len(got)
    for e, g in zip(expected, got):
        assert e.dtype == g.dtype and e.shape == g.shape, f"{g.dtype}{g.shape} instead of {e.dtype}{e.shape}"
    if "dropout" in case.name:
        ratio = float(inputs[1]) if len(inputs) > 1 else 0.5
        kept = np.isclose(got[0], inputs[0] / (1 - ratio), rtol=1e-3, atol=1e-6)
        assert (kept | (got[0] == 0)).all(), "an element is neither dropped nor scaled"
        if len(got) > 1:
            assert (got[0][~got[1]] == 0).all() and kept[got[1]].all(), "the mask is not that of the output"
    else:
        assert np.isin(got[0].astype(np.float32), (0, 1)).all(), "an element is neither 0 nor 1"


# ONNX's evaluator takes the fractional product of extent and scale for the output's length in align_corners; here, as in ONNX
# Runtime and PyTorch, it is the number of elements.
OTHERWISE = {"test_resize_downsample_scales_cubic_align_corners": "align_corners by the integer length, as in ONNX Runtime",
             "test_resize_downsample_scales_linear_align_corners": "align_corners by the integer length, as in ONNX Runtime"}


def run_case(runner, case, dynamic=False):
    """(outcome, text)"""
    if case.name in OTHERWISE:
        return "otherwise", OTHERWISE[case.name]
    outcome, text = run_as_it_is(runner, case, dynamic, False)
    if outcome == "refused":
        again, said = run_as_it_is(runner, case, dynamic, True)
        if again != "refused":
            return ("constant" if again != "failed" else again), said
        text = said or text
    return outcome, text


def run_as_it_is(runner, case, dynamic, constants):
    try:
        model = model_of(case)
        why = why_unbindable(model)
        if why:
            return "unbindable", why
        data = data_sets_of(case)
        whole = model
        names = [i.name for i in bound_inputs(model)]
        if dynamic:
            model = made_dynamic(model)
        is_random = RANDOM.match(case.name) and "expanded" not in case.name or case.name.startswith("test_bernoulli")
        for inputs, expected in data:
            kwargs = {"slack": 1} if dynamic else {}
            bound, given = names, inputs
            if constants:
                folded = with_constants(whole, inputs)
                if folded is None:
                    return "refused", ""
                model, given = folded
                bound = [i.name for i in bound_inputs(model)]
                if dynamic:
                    model = made_dynamic(model)
            got = runner.run(model.SerializeToString(), dict(zip(bound, given)), **kwargs)
            got = dict(got)
            got = [got[o.name] if o.name in got else got["__" + o.name] for o in model.graph.output]
            if is_random:
                compare_random(case, inputs, expected, got)
            else:
                compare(expected, got, case.rtol, case.atol)
        return ("random" if is_random else "pass"), ""
    except onnx_runners.Unsupported as refusal:
        return "refused", str(refusal)
    except AssertionError as wrong:
        return "failed", "wrong: " + " ".join(str(wrong).split())[:400]
    except MemoryError:
        return "failed", "out of memory"
    except Exception as error:  # noqa: BLE001
        if dynamic and "could not be built" in str(error) and "UNSUPPORTED" in str(error):
            return "refused", str(error)  # a loop's value whose shape would have to change, and the like
        return "failed", f"{type(error).__name__}: {' '.join(str(error).split())[:600]}"


def make_runner(kind, level):
    if kind == "reference":
        program = pathlib.Path(os.environ.get("LATHE_BUILD_DIR", HERE.parents[1] / "build")) / "tests/onnx_reference"
        return onnx_runners.ReferenceRunner(program)
    return onnx_runners.EngineRunner(level)


def run_all(cases, jobs=2, runner="engine", level=0, dynamic=False, seconds=SECONDS_PER_CASE):
    """[(case, outcome, text)]"""
    results = isolated.run(len(cases), lambda: make_runner(runner, level), lambda r, i: run_case(r, cases[i], dynamic),
                           lambda text: ("failed", text), jobs, seconds)
    return [(case, *result) for case, result in zip(cases, results)]


# --- The adapter that onnx.backend.test.BackendTest wants


class LatheRep(BackendRep):
    def __init__(self, model, level):
        self.model, self.level = model, level

    def run(self, inputs, **kwargs):
        names = [i.name for i in bound_inputs(self.model)]
        feeds = inputs if isinstance(inputs, dict) else dict(zip(names, inputs))
        got = dict(LatheBackend.runner(self.level).run(self.model.SerializeToString(), feeds))
        return [got[o.name] if o.name in got else got["__" + o.name] for o in self.model.graph.output]


class LatheBackend(Backend):
    _runners = {}

    @classmethod
    def runner(cls, level):
        if level not in cls._runners:
            cls._runners[level] = onnx_runners.EngineRunner(level)
        return cls._runners[level]

    @classmethod
    def is_compatible(cls, model, device="CPU", **kwargs):
        return why_unbindable(model) is None

    @classmethod
    def prepare(cls, model, device="CPU", level=0, **kwargs):
        from onnx.backend.test.runner import BackendIsNotSupposedToImplementIt
        why = why_unbindable(model)
        if why:
            raise BackendIsNotSupposedToImplementIt(f"the API binds no {why}")
        return LatheRep(model, level)

    @classmethod
    def run_model(cls, model, inputs, device="CPU", **kwargs):
        return cls.prepare(model, device, **kwargs).run(inputs)

    @classmethod
    def supports_device(cls, device):
        return device == "CPU"


# --- Reports


def counts(results):
    return collections.Counter(outcome for _, outcome, _ in results)


def summary(results):
    n = counts(results)
    bindable = len(results) - n["unbindable"]
    good = n["pass"] + n["random"] + n["constant"]
    return (f"{len(results)} cases: {bindable} bindable, {good} pass ({n['constant']} of them with small inputs as constants, "
            f"{n['random']} with values left open), "
            f"{n['refused']} refused, {n['otherwise']} otherwise, {n['failed']} failed; {100 * good / max(bindable, 1):.2f} % of the bindable")


def op_of(case, cases_by_name):
    """The operator that a case is about: of an expanded function, the function's."""
    base = cases_by_name.get(re.sub(r"_expanded.*$", "", case.name), case)
    nodes = [n for n in model_of(base).graph.node if n.op_type != "Constant"] or list(model_of(base).graph.node)
    node = nodes[-1] if nodes else None
    return "(no node)" if node is None else (node.domain + "." if node.domain else "") + node.op_type


def reason_of(text):
    """A refusal without the names of its place."""
    line = text.splitlines()[0] if text else ""
    line = re.sub(r"^.*?\): ", "", line) if "): " in line else line
    return line.strip()


def docs(results):
    by_name = {case.name: case for case, _, _ in results}
    rows = collections.defaultdict(collections.Counter)
    types = collections.defaultdict(set)
    for case, outcome, text in results:
        if case.kind == "node":
            op = op_of(case, by_name)
            rows[op]["pass" if outcome == "random" else outcome] += 1
            if outcome == "unbindable":
                types[op].add(text)
    total = counts(results)
    bindable = len(results) - total["unbindable"]
    good = total["pass"] + total["random"] + total["constant"]
    lines = ["# ONNX operators", "",
             f"What ONNX's own backend tests (package `onnx` {onnx.__version__}) say, each parsed, built into an engine and run on the CPU:",
             f"of {len(results)} cases the API can bind the types of {bindable}, and {good} of those pass "
             f"({100 * good / bindable:.1f} %).", "",
             "This page is written by `PYTHONPATH=build/python .venv/bin/python tests/python/onnx_backend.py --write-docs`;",
             "`tests/python/test_onnx_backend.py` fails when it is out of date.", "",
             "| tests | cases | types can be bound | pass | pass with constants | refused | otherwise | failed |",
             "|---|---:|---:|---:|---:|---:|---:|---:|"]
    for kind in KINDS:
        n = counts([r for r in results if r[0].kind == kind])
        cases = sum(n.values())
        lines.append(f"| {kind} | {cases} | {cases - n['unbindable']} | {n['pass'] + n['random']} | {n['constant']} | {n['refused']} | "
                     f"{n['otherwise']} | {n['failed']} |")
    lines += ["",
              "*Pass with constants*: the tests bind every input, also those that choose what is computed (axes, scales, pads, switches).",
              "Where the parser refuses such an input, the case is run again with its small inputs as constants of the model, as real models",
              f"have them. {total['random']} of those that pass draw random values: there type, shape and the operator's rules are checked, as",
              "ONNX leaves the generator open.", "", "## Refused", "",
              "Cases whose types can be bound, but which the parser refuses.", "", "| case | reason |", "|---|---|"]
    lines += [f"| `{case.name}` | {reason_of(text)} |" for case, outcome, text in results if outcome == "refused"]
    lines += ["", "## Otherwise", "", "Cases whose answer differs knowingly.", "", "| case | what |", "|---|---|"]
    lines += [f"| `{case.name}` | {text} |" for case, outcome, text in results if outcome == "otherwise"]
    failed = [(case.name, text) for case, outcome, text in results if outcome == "failed"]
    if failed:
        lines += ["", "## Failed", "", "| case | what |", "|---|---|"] + [f"| `{name}` | {why[:160]} |" for name, why in failed]
    lines += ["", "## By operator", "",
              "Node tests by operator, those of a function's expansion counted with it. The last column: cases whose inputs or outputs the",
              "API has no tensor for, by type.", "",
              "| operator | pass | with constants | refused | otherwise | types not bindable |", "|---|---:|---:|---:|---:|---|"]
    for op in sorted(rows, key=str.lower):
        n = rows[op]
        other = f"{n['unbindable']}: {', '.join(sorted(types[op]))}" if n["unbindable"] else ""
        cells = [str(n[k] or "") for k in ("pass", "constant", "refused", "otherwise")]
        lines.append(f"| {op} | {' | '.join(cells)} | {other} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--level", type=int, default=0)
    parser.add_argument("--runner", choices=["engine", "reference"], default="engine")
    parser.add_argument("--dynamic", action="store_true")
    parser.add_argument("--only", default="", help="a regular expression over the cases' names")
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json")
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="the refusals as well")
    args = parser.parse_args()
    make_runner(args.runner, args.level)  # what is missing is better said once
    cases = [c for c in load(args.kinds) if re.search(args.only, c.name)]
    started = time.monotonic()
    results = run_all(cases, args.jobs, args.runner, args.level, args.dynamic)
    for case, outcome, text in results:
        if outcome == "failed" or (args.verbose and outcome == "refused"):
            print(f"{outcome} {case.name}: {text}")
    print(f"{summary(results)}; {time.monotonic() - started:.0f} s")
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps([[c.kind, c.name, o, t] for c, o, t in results], indent=0))
    if args.write_docs:
        DOCS.write_text(docs(results))
    return 1 if counts(results)["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
