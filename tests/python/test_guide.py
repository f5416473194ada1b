"""The program of docs/guide.md, compiled against the headers of version 6 and run as it stands there."""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LATHE_BUILD_DIR", ROOT / "build"))


def test_program(tmp_path):
    if not (BUILD / "lib" / "libnvinfer_trt6.so").exists():
        pytest.skip("the library of version 6 is not built")
    (program,) = re.findall(r"^```cpp\n(.*?)^```$", (ROOT / "docs" / "guide.md").read_text(), re.S | re.M)
    (tmp_path / "guide.cc").write_text(program)
    lib = BUILD / "lib"
    subprocess.run(["g++", "-std=c++11", "-Wall", "-Wextra", "-Werror", tmp_path / "guide.cc", "-o", tmp_path / "guide",
                    f"-I{ROOT}/include/compat/trt6", f"-I{ROOT}/compat/cudart/include", f"-L{lib}", f"-L{lib}/compat",
                    "-lnvinfer_trt6", "-lcudart", f"-Wl,-rpath,{lib}:{lib}/compat"], check=True)
    run = subprocess.run([tmp_path / "guide", ROOT / "samples" / "data"], env={**os.environ, "LATHE_TARGET": "cpu"},
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() in ("31 of 32", "32 of 32")
