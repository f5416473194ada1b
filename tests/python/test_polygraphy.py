# SPDX-License-Identifier: Apache-2.0
"""Polygraphy as a client of the Python module and of the host's libcudart, where it is installed."""
import os
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("tensorrt", reason="the Python module is not built (PYTHONPATH=build/python)")
pytest.importorskip("polygraphy", reason="Polygraphy is not installed")

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LATHE_BUILD_DIR", ROOT / "build"))
DIGITS = ROOT / "samples" / "data" / "digits.onnx"
SHAPES = ["--trt-min-shapes", "images:[1,1,8,8]", "--trt-opt-shapes", "images:[2,1,8,8]", "--trt-max-shapes", "images:[4,1,8,8]"]


def polygraphy(*arguments, cwd=None):
    code = "import sys; from polygraphy.tools import main; sys.argv[0] = 'polygraphy'; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=300, cwd=cwd, check=False,
                          env={**os.environ, "LATHE_TARGET": "cpu", "LD_LIBRARY_PATH": str(BUILD / "lib" / "compat")})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_run_beside_onnx_runtime():
    pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    out = polygraphy("run", DIGITS, "--trt", "--onnxrt", *SHAPES, "--input-shapes", "images:[2,1,8,8]", "--atol", "1e-5", "--rtol", "1e-3")
    assert "PASSED" in out


def test_convert_and_inspect(tmp_path):
    polygraphy("convert", DIGITS, "--convert-to", "trt", "-o", "digits.engine", *SHAPES, cwd=tmp_path)
    assert (tmp_path / "digits.engine").stat().st_size > 0
    out = polygraphy("inspect", "model", "digits.engine", "--show", "layers", "attrs", cwd=tmp_path)
    assert "images" in out and "probabilities" in out and "Profile: 0" in out
    assert "images" in polygraphy("inspect", "model", DIGITS, "--display-as", "trt")
