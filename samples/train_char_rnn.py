#!/usr/bin/env python3
"""Trains the character LSTM of samples/data/char_rnn.wts on the text of this project's licence.

usage: samples/train_char_rnn.py [--text FILE] [--out FILE] [--steps N]
needs: numpy

One LSTM layer of 64 cells reads a character (one of those that the text has) and says which one comes next. Written is
text, as the other .wts files here: the number of entries, then for each one its name, its type (0: float), how many
numbers it has, and these as the hexadecimal digits of their bits.

  alphabet  the characters' codes, ascending
  wx, wh    [alphabet, 4 * cells] and [cells, 4 * cells]: what a character and the last state give to the gates, in the
            order input, forget, candidate, output
  b         [4 * cells]
  why, by   [cells, alphabet] and [alphabet]: scores of the next character

The text stands beside it as char_rnn.txt. It is 11,358 characters of English, which so small a network learns almost by heart: that is what makes the sample's
answers easy to check. The seed is fixed: the same numpy on the same kind of processor writes the same bytes.
"""
import argparse
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
SEED = 7
CELLS = 64
STREAMS = 16  # places of the text that are learned from at once
LENGTH = 64   # characters that gradients go back


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def forward(p, codes, h, c):
    """Scores after each of codes [steps, streams], and what the way back needs."""
    kept = []
    scores = np.empty((len(codes), codes.shape[1], len(p["by"])), np.float32)
    for t, x in enumerate(codes):
        gates = p["wx"][x] + h @ p["wh"] + p["b"]
        i, f, o = (sigmoid(gates[:, k * CELLS:(k + 1) * CELLS]) for k in (0, 1, 3))
        g = np.tanh(gates[:, 2 * CELLS:3 * CELLS])
        before, last = c, h
        c = f * c + i * g
        tanh = np.tanh(c)
        h = o * tanh
        scores[t] = h @ p["why"] + p["by"]
        kept.append((x, i, f, g, o, before, tanh, last, h))
    return scores, kept, h, c


def backward(p, kept, grad):
    g = {k: np.zeros_like(v) for k, v in p.items()}
    dh, dc = 0, 0
    for t in range(len(kept) - 1, -1, -1):
        x, i, f, cand, o, before, tanh, last, h = kept[t]
        g["why"] += h.T @ grad[t]
        g["by"] += grad[t].sum(0)
        dh = dh + grad[t] @ p["why"].T
        dc = dc + dh * o * (1 - tanh ** 2)
        gates = np.concatenate([dc * cand * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - cand ** 2),
                                dh * tanh * o * (1 - o)], 1)
        np.add.at(g["wx"], x, gates)
        g["wh"] += last.T @ gates
        g["b"] += gates.sum(0)
        dh, dc = gates @ p["wh"].T, dc * f
    return g


def train(codes, letters, steps):
    rng = np.random.default_rng(SEED)
    normal = lambda *shape: (rng.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32)
    p = {"wx": normal(letters, 4 * CELLS), "wh": normal(CELLS, 4 * CELLS), "b": np.zeros(4 * CELLS, np.float32),
         "why": normal(CELLS, letters), "by": np.zeros(letters, np.float32)}
    p["b"][CELLS:2 * CELLS] = 1
    m = {k: np.zeros_like(v) for k, v in p.items()}
    v = {k: np.zeros_like(w) for k, w in p.items()}
    at = (np.arange(STREAMS) * (len(codes) // STREAMS)).astype(np.int64)
    h = c = np.zeros((STREAMS, CELLS), np.float32)
    for step in range(1, steps + 1):
        index = (at + np.arange(LENGTH + 1)[:, None]) % len(codes)
        window = codes[index]
        scores, kept, h, c = forward(p, window[:-1], h, c)
        # A stream that passes the end of the text begins it anew.
        wrapped = at + LENGTH >= len(codes)
        h, c = (np.where(wrapped[:, None], 0, s).astype(np.float32) for s in (h, c))
        at = np.where(wrapped, 0, at + LENGTH)
        e = np.exp(scores - scores.max(2, keepdims=True))
        prob = e / e.sum(2, keepdims=True)
        loss = -np.log(np.take_along_axis(prob, window[1:, :, None], 2)).mean()
        grad = prob
        np.put_along_axis(grad, window[1:, :, None], np.take_along_axis(grad, window[1:, :, None], 2) - 1, 2)
        g = backward(p, kept, grad / window[1:].size)
        norm = np.sqrt(sum(float((x ** 2).sum()) for x in g.values()))
        rate = 6e-3 * 0.5 * (1 + np.cos(np.pi * step / steps)) + 1e-5
        for k in p:
            x = g[k] * min(1, 1 / norm)
            m[k] += 0.1 * (x - m[k])
            v[k] += 0.001 * (x * x - v[k])
            p[k] -= (rate * (m[k] / (1 - 0.9 ** step)) / (np.sqrt(v[k] / (1 - 0.999 ** step)) + 1e-8)).astype(np.float32)
        if step % 500 == 0:
            print(f"step {step}: loss {loss:.3f}", flush=True)
    return p


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path, default=ROOT / "LICENSE")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "samples" / "data" / "char_rnn.wts")
    parser.add_argument("--steps", type=int, default=6000)
    args = parser.parse_args()
    text = np.frombuffer(args.text.read_bytes(), np.uint8)
    alphabet = np.unique(text)
    codes = np.searchsorted(alphabet, text)
    p = train(codes, len(alphabet), args.steps)
    zero = np.zeros((1, CELLS), np.float32)
    scores = forward(p, codes[:-1, None], zero, zero)[0][:, 0]
    right = (scores.argmax(1) == codes[1:]).mean()
    args.out.with_suffix(".txt").write_bytes(text.tobytes())
    print(f"{100 * right:.2f} % of the text's characters are foretold")
    entries = {"alphabet": alphabet.astype(np.float32), **p}
    with open(args.out, "w", encoding="ascii") as out:
        out.write(f"{len(entries)}\n")
        for name, values in entries.items():
            bits = np.ascontiguousarray(values, np.float32).reshape(-1).view(np.uint32)
            out.write(f"{name} 0 {bits.size} " + " ".join(f"{b:x}" for b in bits) + "\n")


if __name__ == "__main__":
    main()
