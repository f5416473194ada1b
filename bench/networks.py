# SPDX-License-Identifier: Apache-2.0
"""The networks that the benchmarks run, their inputs, and how outputs are compared.

LATHE_MODELS (default ../shared/models beside the checkout) holds graphs/*.onnx and materialize.py, which gives them
weights.
"""
import math
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]


def models_folder():
    return pathlib.Path(os.environ.get("LATHE_MODELS", ROOT.parent / "shared" / "models"))


def find_model(name, cache):
    """The path of a full ONNX file: a given file, or a graph of LATHE_MODELS with weights. Errors: FileNotFoundError."""
    if name.endswith(".onnx"):
        if not os.path.exists(name):
            raise FileNotFoundError(f"there is no file {name}")
        return pathlib.Path(name)
    folder = models_folder()
    if (folder / f"{name}.onnx").exists():
        return folder / f"{name}.onnx"
    full, graph = cache / f"{name}.onnx", folder / "graphs" / f"{name}.onnx"
    if full.exists() and (not graph.exists() or full.stat().st_mtime >= graph.stat().st_mtime):
        return full
    if not graph.exists():
        raise FileNotFoundError(f"no graph {name} under {folder} (LATHE_MODELS names another folder)")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as part:
        subprocess.run([sys.executable, folder / "materialize.py", "--out", part, name], check=True, stdout=subprocess.DEVNULL)
        os.replace(pathlib.Path(part) / f"{name}.onnx", full)
    return full


def make_inputs(path, batch, seq):
    """Seeded inputs, and the sizes of named dimensions. The first dimension that varies is the batch, others a length."""
    import numpy as np
    import onnx

    model = onnx.load(path, load_external_data=False)
    weights = {t.name for t in model.graph.initializer}
    rng, feeds, symbols = np.random.default_rng(0), {}, {}
    for i in model.graph.input:
        if i.name in weights:
            continue
        kind, size = onnx.helper.tensor_dtype_to_np_dtype(i.type.tensor_type.elem_type), []
        for position, d in enumerate(i.type.tensor_type.shape.dim):
            size.append(d.dim_value if d.dim_value > 0 else batch if position == 0 else seq)
            if d.dim_param:
                symbols[d.dim_param] = size[-1]
        if np.issubdtype(kind, np.floating):
            feeds[i.name] = rng.standard_normal(size).astype(kind)
        elif "mask" in i.name:
            feeds[i.name] = np.ones(size, kind)
        else:
            feeds[i.name] = rng.integers(0, 2 if kind == np.bool_ else 1000 if np.dtype(kind).itemsize > 1 else 100, size).astype(kind)
    return feeds, symbols


def largest_error(got, want):
    import numpy as np

    worst = 0.0
    for name, w in want.items():
        if name not in got or got[name].shape != w.shape:
            return math.inf
        difference = float(np.abs(got[name].astype(np.float64) - w.astype(np.float64)).max(initial=0.0))
        error = difference / max(float(np.abs(w).max(initial=0)), 1e-30)
        worst = error if not error <= worst else worst  # a NaN stays
    return worst
