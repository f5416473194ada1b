"""samples/data is what its README says: real pictures, held out, and a network that reads them."""
import pathlib

import numpy as np
import pytest

DATA = pathlib.Path(__file__).resolve().parents[2] / "samples" / "data"


@pytest.fixture(scope="module")
def test_set():
    with np.load(DATA / "digits_test.npz") as f:
        return f["images"], f["labels"]


def test_pictures_are_the_data_sets_own(test_set):
    datasets = pytest.importorskip("sklearn.datasets")
    images, labels = test_set
    digits = datasets.load_digits()
    known = {(p.tobytes(), int(t)) for p, t in zip((digits.images / 16).astype(np.float32), digits.target)}
    assert images.shape == (355, 1, 8, 8) and images.dtype == np.float32 and labels.dtype == np.int64
    assert all((p[0].tobytes(), int(t)) in known for p, t in zip(images, labels))
    assert np.bincount(labels, minlength=10).min() >= 34


def test_calibration_pictures_are_not_held_out(test_set):
    with np.load(DATA / "digits_calib.npz") as f:
        calib = f["images"]
    assert calib.shape == (100, 1, 8, 8)
    held = {p.tobytes() for p in test_set[0]}
    assert not any(p.tobytes() in held for p in calib)


def test_model_has_what_a_builder_should_fold():
    onnx = pytest.importorskip("onnx")
    model = onnx.load(DATA / "digits.onnx")
    onnx.checker.check_model(model, full_check=True)
    ops = [n.op_type for n in model.graph.node]
    assert ops.count("Conv") == 3 and ops.count("BatchNormalization") == 3
    assert {"Relu", "MaxPool", "Flatten", "Gemm", "Softmax"} <= set(ops)
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param
    assert (DATA / "digits.onnx").stat().st_size < 300_000


def test_accuracy_with_onnxruntime(test_set):
    ort = pytest.importorskip("onnxruntime")
    images, labels = test_set
    session = ort.InferenceSession(str(DATA / "digits.onnx"), providers=["CPUExecutionProvider"])
    probabilities = session.run(None, {"images": images})[0]
    assert (probabilities.argmax(axis=1) == labels).mean() >= 0.975
