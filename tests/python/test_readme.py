"""The programs in README.md are compiled and run as they stand there."""
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LATHE_BUILD_DIR", ROOT / "build"))
ENV = {**os.environ, "LATHE_TARGET": "cpu", "PYTHONPATH": str(BUILD / "python")}


def program(language):
    found = re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / "README.md").read_text(), re.S | re.M)
    assert len(found) == 1
    return found[0]


def test_python():
    if not (BUILD / "python" / "tensorrt").is_dir():
        pytest.skip("the Python module is not built")
    run = subprocess.run([sys.executable, "-c", program("python")], cwd=ROOT, env=ENV, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "5"  # the first held-out picture


@pytest.fixture
def source(tmp_path):
    (tmp_path / "readme.cc").write_text(program("cpp"))
    return tmp_path / "readme.cc"


FLAGS = ["-std=c++17", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include", f"-I{ROOT}/compat/cudart/include"]


def test_cpp_compiles(source):
    subprocess.run(["g++", *FLAGS, "-fsyntax-only", source], check=True)


def test_cpp_runs(source, tmp_path):
    lib = BUILD / "lib"
    if not all((lib / name).exists() for name in ("libnvinfer.so.10", "libnvonnxparser.so.10")):
        pytest.skip("libnvinfer.so.10 or libnvonnxparser.so.10 is not built")
    subprocess.run(["g++", *FLAGS, source, "-o", tmp_path / "readme", f"-L{lib}", f"-Wl,-rpath,{lib}",
                    "-l:libnvonnxparser.so.10", "-l:libnvinfer.so.10"], check=True)
    run = subprocess.run([tmp_path / "readme"], cwd=ROOT, env=ENV, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    values = [float(v) for v in run.stdout.split()]
    assert len(values) == 10 and abs(sum(values) - 1) < 0.01
