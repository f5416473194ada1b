"""The release: the archive that cpack makes, and parsers and samples built from source against it alone."""
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LATHE_BUILD_DIR", ROOT / "build"))


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    if not (BUILD / "CPackConfig.cmake").exists() or not shutil.which("cpack"):
        pytest.skip("there is no whole build, or no cpack")
    folder = tmp_path_factory.mktemp("release")
    run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder, cwd=BUILD)
    archives = list(folder.glob("Lathe-*.tar.gz"))
    assert len(archives) == 1
    assert re.fullmatch(r"Lathe-\d+\.\d+\.\d+\.tar\.gz", archives[0].name)
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(unpacked, filter="fully_trusted") if hasattr(tarfile, "data_filter") else archive.extractall(unpacked)
    (top,) = unpacked.iterdir()
    return top


@pytest.mark.slow
def test_archive(release):
    for name in ("include/NvInfer.h", "include/Lathe.h", "include/compat/trt6/NvInfer.h", "include/compat/shared/NvInfer.h",
                 "include/compat/cudart/cuda_runtime_api.h", "lib/libnvinfer.so.10", "lib/libnvonnxparser.so.10",
                 "lib/libnvcaffeparser.so", "lib/liblathe_runtime.so", "lib/compat/libcudart.so", "lib/libnvinfer_trt6.so",
                 "lib/compat/trt8/libnvinfer.so", "bin/trtexec", "bin/lathe", "samples/mnist/sample_mnist.cc",
                 "samples/data/digits.caffemodel", "python/tensorrt"):
        assert (release / name).exists(), name
    assert "PASSED" in run(release / "bin/trtexec", f"--onnx={release}/samples/data/digits.onnx", "--shapes=images:1x1x8x8",
                           "--iterations=2", "--duration=0", "--warmUp=0", env={**os.environ, "LATHE_TARGET": "cpu"})


@pytest.mark.slow
def test_sources_against_the_release(release, tmp_path):
    """The sequence that TensorRT OSS users know, literally."""
    script = f"""set -e
export TRT_RELEASE={release}
mkdir -p {tmp_path}/build && cd {tmp_path}/build
cmake {ROOT} -DTRT_LIB_DIR=$TRT_RELEASE/lib -DTRT_OUT_DIR=$(pwd)/out -DCUDA_VERSION=9.0 -DPROTOBUF_VERSION=2.6.1
make -j{os.environ.get("LATHE_JOBS", os.cpu_count())}
export LATHE_TARGET=cpu
out/sample_mnist
out/sample_mnist_api
"""
    output = run("bash", "-c", script)
    for name in ("CUDA 9.0 is asked for, but", "protobuf 2.6.1 is asked for, but"):
        assert name in " ".join(output.split()), name
    shares = [float(s) for s in re.findall(r"classified correctly \(([\d.]+) %\)", output)]
    assert len(shares) == 2 and min(shares) >= 97, output[-1000:]
    out = tmp_path / "build" / "out"
    for library in ("libnvonnxparser", "libnvcaffeparser", "libnvinfer_plugin"):
        assert list(out.glob(f"{library}.so*")), library
    for sample in ("sample_refit", "sample_char_rnn", "sample_onnx_mnist"):
        run(out / sample, ROOT / "samples" / "data", env={**os.environ, "LATHE_TARGET": "cpu"})
    # Nothing came from this build's own folder.
    assert str(BUILD) not in run("ldd", out / "sample_mnist")
