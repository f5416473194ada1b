# SPDX-License-Identifier: Apache-2.0
"""Shipped plugins, through ONNX models whose operators have their names, against NumPy."""

import numpy as np
import pytest
import tensorrt as trt
from onnx import TensorProto, helper

TYPES = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int32): TensorProto.INT32}


@pytest.fixture(scope="module")
def logger():
    log = trt.Logger(trt.Logger.ERROR)
    assert trt.init_libnvinfer_plugins(log, "")
    return log


def run(logger, op, inputs, outputs, override=False, **attributes):
    """The outputs of one node; `outputs`: types. `override`: plugins go before the parser's own operators."""
    names = [f"in{i}" for i in range(len(inputs))]
    outs = [f"out{i}" for i in range(len(outputs))]
    node = helper.make_node(op, names, outs, name="plugin", **attributes)
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info(n, TYPES[x.dtype], x.shape) for n, x in zip(names, inputs)],
        [helper.make_tensor_value_info(n, TYPES[np.dtype(t)], None) for n, t in zip(outs, outputs)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    builder = trt.Builder(logger)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    if override:
        parser.set_flag(trt.OnnxParserFlag.ENABLE_PLUGIN_OVERRIDE)
    assert parser.parse(model.SerializeToString()), [parser.get_error(i).desc() for i in range(parser.num_errors)]
    plan = builder.build_serialized_network(network, builder.create_builder_config())
    assert plan is not None
    engine = trt.Runtime(logger).deserialize_cuda_engine(plan)
    assert engine is not None
    context = engine.create_execution_context()
    kept = [np.ascontiguousarray(x) for x in inputs]
    for n, x in zip(names, kept):
        context.set_tensor_address(n, x.ctypes.data)
    results = [np.full(tuple(engine.get_tensor_shape(n)), 77, t) for n, t in zip(outs, outputs)]
    for n, y in zip(outs, results):
        context.set_tensor_address(n, y.ctypes.data)
    assert context.execute_async_v3(0)
    return results


def random(*shape, seed=0, low=-1.0, high=1.0):
    return np.random.default_rng(seed + sum(shape)).uniform(low, high, shape).astype(np.float32)


def test_elementwise(logger):
    x = random(2, 3, 4, 5)
    np.testing.assert_array_equal(run(logger, "LReLU_TRT", [x], [np.float32], negSlope=0.1)[0],
                                  np.where(x > 0, x, np.float32(0.1) * x))
    np.testing.assert_array_equal(run(logger, "Clip_TRT", [x], [np.float32], clipMin=-0.5, clipMax=0.25)[0],
                                  np.clip(x, -0.5, 0.25))
    gelu = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    np.testing.assert_allclose(run(logger, "CustomGeluPluginDynamic", [x], [np.float32], type_id=0)[0], gelu, atol=1e-6)


def test_coord_conv(logger):
    x = random(2, 3, 4, 5)
    y = run(logger, "CoordConvAC", [x], [np.float32])[0]
    rows = np.broadcast_to(np.linspace(-1, 1, 4)[:, None], (2, 1, 4, 5))
    columns = np.broadcast_to(np.linspace(-1, 1, 5)[None, :], (2, 1, 4, 5))
    np.testing.assert_allclose(y, np.concatenate([x, rows, columns], 1), atol=1e-6)


def test_instance_norm(logger):
    x, scale, bias = random(2, 3, 4, 5), random(3, seed=1), random(3, seed=2)
    mean, var = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
    expected = (x - mean) / np.sqrt(var + 1e-3) * scale[:, None, None] + bias[:, None, None]
    for version in ("1", "2"):
        y = run(logger, "InstanceNormalization_TRT", [x, scale, bias], [np.float32], epsilon=1e-3,
                plugin_version=version)[0]
        np.testing.assert_allclose(y, expected, atol=1e-5)
    y = run(logger, "InstanceNormalization_TRT", [x, scale, bias], [np.float32], epsilon=1e-3, relu=1, alpha=0.2)[0]
    np.testing.assert_allclose(y, np.where(expected < 0, 0.2 * expected, expected), atol=1e-5)


def test_group_norm(logger):
    x, scale, bias = random(2, 6, 3, 4), random(6, seed=1), random(6, seed=2)
    g = x.reshape(2, 3, -1)
    expected = ((g - g.mean(2, keepdims=True)) / np.sqrt(g.var(2, keepdims=True) + 1e-5)).reshape(x.shape)
    expected = expected * scale[:, None, None] + bias[:, None, None]
    y = run(logger, "GroupNormalizationPlugin", [x, scale, bias], [np.float32], eps=1e-5, num_groups=3)[0]
    np.testing.assert_allclose(y, expected, atol=1e-5)


def test_normalize(logger):
    x = random(2, 3, 4, 5)
    w = [0.5, 1.5, 2.0]
    y = run(logger, "Normalize_TRT", [x], [np.float32], weights=w, acrossSpatial=0, channelShared=0, nbWeights=3)[0]
    expected = x / np.sqrt((x.astype(np.float64)**2).sum(1, keepdims=True) + 1e-10) * np.array(w)[:, None, None]
    np.testing.assert_allclose(y, expected, atol=1e-6)
    y = run(logger, "Normalize_TRT", [x], [np.float32], weights=[2.0], acrossSpatial=1, channelShared=1)[0]
    np.testing.assert_allclose(y, 2 * x / np.sqrt((x.astype(np.float64)**2).sum((1, 2, 3), keepdims=True)), atol=1e-6)


def test_skip_layer_norm(logger):
    x, skip = random(3, 2, 8, 1, 1), random(3, 2, 8, 1, 1, seed=5)
    beta, gamma, bias = random(8, seed=1), random(8, seed=2), random(8, seed=3)
    y = run(logger, "CustomSkipLayerNormPluginDynamic", [x, skip], [np.float32], type_id=0, ld=8, beta=beta.tolist(),
            gamma=gamma.tolist(), bias=bias.tolist())[0]
    s = x[..., 0, 0] + skip[..., 0, 0] + bias
    expected = (s - s.mean(-1, keepdims=True)) / np.sqrt(s.var(-1, keepdims=True) + 1e-5) * gamma + beta
    np.testing.assert_allclose(y[..., 0, 0], expected, atol=1e-5)


def test_embedding_norm(logger):
    s, b, e = 4, 2, 6
    rng = np.random.default_rng(3)
    tokens, segments = rng.integers(0, 9, (s, b)).astype(np.int32), rng.integers(0, 2, (s, b)).astype(np.int32)
    mask = np.array([[1, 1], [1, 1], [1, 0], [0, 0]], np.int32)
    words, types, positions, beta, gamma = (random(*shape, seed=i) for i, shape in
                                            enumerate([(9, e), (2, e), (5, e), (e,), (e,)]))
    fields = {"word_embeddings": words, "token_type_embeddings": types, "position_embeddings": positions,
              "layernorm_beta": beta, "layernorm_gamma": gamma}
    y, lengths = run(logger, "CustomEmbLayerNormPluginDynamic", [tokens, segments, mask], [np.float32, np.int32],
                     **{f"bert_embeddings_{k}": v.ravel().tolist() for k, v in fields.items()})
    x = words[tokens] + types[segments] + positions[:s, None]
    expected = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * gamma + beta
    np.testing.assert_allclose(y[..., 0, 0], expected, atol=1e-5)
    assert lengths.tolist() == [3, 2]


def test_qkv_to_context(logger):
    s, b, n, h = 5, 2, 3, 4
    x = random(s, b, n, 3, h, low=-2, high=2)
    lengths = np.array([5, 3], np.int32)
    y = run(logger, "CustomQKVToContextPluginDynamic", [x.reshape(s, b, -1, 1, 1), lengths], [np.float32],
            hidden_size=n * h, num_heads=n, has_mask=1, type_id=0)[0]
    for k in range(b):
        q, key, v = (x[:, k, :, i].transpose(1, 0, 2).astype(np.float64) for i in range(3))
        scores = q @ key.transpose(0, 2, 1) / 2
        scores[:, :, lengths[k]:] = -np.inf
        p = np.exp(scores - scores.max(-1, keepdims=True))
        expected = (p / p.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(s, -1)
        np.testing.assert_allclose(y[:, k, :, 0, 0], expected, atol=1e-5)


def test_scatter(logger):
    data, updates = random(4, 3), random(2, 3, seed=1)
    indices = np.array([[0, 1, -1], [3, 1, 0]], np.int32)
    place = (np.array([[0, 1, 3], [3, 1, 0]]), np.broadcast_to(np.arange(3), (2, 3)))
    for reduction, ufunc in (("add", np.add), ("mul", np.multiply), ("max", np.maximum), ("min", np.minimum)):
        expected = data.copy()
        ufunc.at(expected, place, updates)
        for override in (False, True):  # by the parser's own operator, and by the plugin
            y = run(logger, "ScatterElements", [data, indices, updates], [np.float32], override, axis=0,
                    reduction=reduction)[0]
            np.testing.assert_allclose(y, expected, atol=1e-6)
    y = run(logger, "ScatterND", [data, np.array([[2], [0]], np.int32), updates], [np.float32], True)[0]
    expected = data.copy()
    expected[[2, 0]] = updates
    np.testing.assert_array_equal(y, expected)


def iou(a, b):
    w, h = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    shared = max(w, 0) * max(h, 0)
    area = lambda c: (c[2] - c[0]) * (c[3] - c[1])  # noqa: E731
    return shared / (area(a) + area(b) - shared)


def nms(boxes, scores, threshold, least, most, per_class=None, agnostic=False):
    """(score, class, box) of the boxes that stay, best first."""
    order = sorted(((-scores[i, c], c, i) for i in range(scores.shape[0]) for c in range(scores.shape[1])
                    if scores[i, c] >= least), key=lambda t: t[0])
    out, count = [], {}
    for s, c, i in order:
        if all(iou(boxes[i], boxes[j]) <= threshold for _, k, j in out if agnostic or k == c):
            count[c] = count.get(c, 0) + 1
            if per_class is None or count[c] <= per_class:
                out.append((-s, c, i))
    return out[:most]


def corner_boxes(n, seed):
    a = random(n, 2, seed=seed, low=0, high=0.6)
    return np.concatenate([a, a + random(n, 2, seed=seed + 1, low=0.1, high=0.4)], 1)


@pytest.mark.parametrize("agnostic", [0, 1])
def test_efficient_nms(logger, agnostic):
    boxes = np.stack([corner_boxes(30, 1), corner_boxes(30, 7)])
    scores = random(2, 30, 3, low=0, high=1)
    count, b, s, c = run(logger, "EfficientNMS_TRT", [boxes, scores], [np.int32, np.float32, np.float32, np.int32],
                         score_threshold=0.3, iou_threshold=0.4, max_output_boxes=20, background_class=-1,
                         score_activation=0, class_agnostic=agnostic, box_coding=0)
    assert count.shape == (2, 1) and b.shape == (2, 20, 4)
    for k in range(2):
        expected = nms(boxes[k], scores[k], 0.4, 0.3, 20, agnostic=bool(agnostic))
        n = int(count[k, 0])
        assert n == len(expected)
        np.testing.assert_array_equal(s[k, :n], [e[0] for e in expected])
        np.testing.assert_array_equal(c[k, :n], [e[1] for e in expected])
        np.testing.assert_array_equal(b[k, :n], boxes[k][[e[2] for e in expected]])
        assert not s[k, n:].any() and not b[k, n:].any()
    # The other coding, and activation.
    centre = np.concatenate([(boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]], -1)
    again = run(logger, "EfficientNMS_TRT", [centre, np.log(scores / (1 - scores))],
                [np.int32, np.float32, np.float32, np.int32], score_threshold=0.3, iou_threshold=0.4,
                max_output_boxes=20, score_activation=1, class_agnostic=agnostic, box_coding=1)
    np.testing.assert_array_equal(again[0], count)
    np.testing.assert_allclose(again[1], b, atol=1e-5)
    np.testing.assert_allclose(again[2], s, atol=1e-5)


def test_efficient_nms_onnx(logger):
    boxes, scores = corner_boxes(12, 3)[None], random(1, 12, 2, low=0, high=1)
    y = run(logger, "EfficientNMS_ONNX_TRT", [boxes, scores], [np.int32], score_threshold=0.2, iou_threshold=0.5,
            max_output_boxes=30)[0]
    expected = [[0, c, i] for _, c, i in nms(boxes[0], scores[0], 0.5, 0.2, 30)]
    assert y[:len(expected)].tolist() == expected
    assert (y[len(expected):] == -1).all()


@pytest.mark.parametrize("name", ["BatchedNMS_TRT", "BatchedNMSDynamic_TRT"])
def test_batched_nms(logger, name):
    boxes, scores = corner_boxes(25, 4)[None], random(1, 25, 3, low=0, high=1)
    count, b, s, c = run(logger, name, [boxes[:, :, None], scores], [np.int32, np.float32, np.float32, np.float32],
                         shareLocation=1, backgroundLabelId=0, numClasses=3, topK=25, keepTopK=10, scoreThreshold=0.25,
                         iouThreshold=0.4, isNormalized=1, clipBoxes=0)
    masked = scores[0].copy()
    masked[:, 0] = -1
    expected = nms(boxes[0], masked, 0.4, 0.25, 10)
    n = int(count[0, 0])
    assert n == len(expected)
    np.testing.assert_array_equal(s[0, :n], [e[0] for e in expected])
    np.testing.assert_array_equal(c[0, :n], [e[1] for e in expected])
    np.testing.assert_array_equal(b[0, :n], boxes[0][[e[2] for e in expected]])
    assert (c[0, n:] == -1).all()


def bilinear(plane, y, x):
    """Zeros outside."""
    h, w = plane.shape
    y0, x0 = int(np.floor(y)), int(np.floor(x))
    total = 0.0
    for i, wy in ((y0, 1 - (y - y0)), (y0 + 1, y - y0)):
        for j, wx in ((x0, 1 - (x - x0)), (x0 + 1, x - x0)):
            if 0 <= i < h and 0 <= j < w:
                total += wy * wx * plane[i, j]
    return total


def test_roi_align(logger):
    x = random(2, 3, 8, 9)
    rois = np.array([[0, 0, 7, 5], [1.5, 2.0, 6.5, 7.0], [3, 1, 8, 7]], np.float32)
    images = np.array([0, 1, 1], np.int32)
    ref = pytest.importorskip("onnx.reference")
    node = helper.make_node("RoiAlign", ["x", "r", "b"], ["y"], mode="avg", output_height=3, output_width=2,
                            sampling_ratio=2, spatial_scale=0.75, coordinate_transformation_mode="half_pixel")
    graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("x", 1, x.shape),
                                            helper.make_tensor_value_info("r", 1, rois.shape),
                                            helper.make_tensor_value_info("b", 7, images.shape)],
                              [helper.make_tensor_value_info("y", 1, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)])
    expected = ref.ReferenceEvaluator(model).run(None, {"x": x, "r": rois, "b": images.astype(np.int64)})[0]
    y = run(logger, "ROIAlign_TRT", [x, rois, images], [np.float32], mode=1, output_height=3, output_width=2,
            sampling_ratio=2, spatial_scale=0.75, coordinate_transformation_mode=1)[0]
    np.testing.assert_allclose(y, expected, atol=1e-5)


def test_crop_and_resize(logger):
    x = random(2, 2, 6, 7)
    rois = np.array([[[0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9]], [[0.5, 0.5, 0.9, 1.2], [0.2, 0.1, 0.3, 0.8]]], np.float32)
    y = run(logger, "CropAndResizeDynamic", [x, rois[..., None]], [np.float32], crop_width=4, crop_height=3)[0]
    assert y.shape == (2, 2, 2, 3, 4)
    for n in range(2):
        for r in range(2):
            y1, x1, y2, x2 = rois[n, r].astype(np.float64)
            for i in range(3):
                for j in range(4):
                    py, px = y1 * 5 + i * (y2 - y1) * 5 / 2, x1 * 6 + j * (x2 - x1) * 6 / 3
                    for c in range(2):
                        inside = 0 <= py <= 5 and 0 <= px <= 6
                        expected = bilinear(x[n, c], py, px) if inside else 0
                        assert abs(y[n, r, c, i, j] - expected) < 1e-4


def test_modulated_deform_conv(logger):
    n, c, h, w, o, k, group, deform = 1, 4, 6, 5, 6, 3, 2, 2
    x, offset = random(n, c, h, w), random(n, 2 * deform * k * k, 3, 3, seed=1, low=-1.5, high=1.5)
    mask, weight = random(n, deform * k * k, 3, 3, seed=2, low=0, high=1), random(o, c // group, k, k, seed=3)
    bias = random(o, seed=4)
    y = run(logger, "ModulatedDeformConv2d", [x, offset, mask, weight, bias], [np.float32], stride=[2, 2],
            padding=[1, 1], dilation=[1, 1], group=group, deformable_group=deform)[0]
    assert y.shape == (n, o, 3, 3)
    for m in range(o):
        for i in range(3):
            for j in range(3):
                total = float(bias[m])
                for q in range(c // group):
                    channel = m // (o // group) * (c // group) + q
                    g = channel // (c // deform)
                    for a in range(k):
                        for b in range(k):
                            t = g * k * k + a * k + b
                            py = i * 2 - 1 + a + offset[0, 2 * t, i, j]
                            px = j * 2 - 1 + b + offset[0, 2 * t + 1, i, j]
                            total += weight[m, q, a, b] * mask[0, t, i, j] * bilinear(x[0, channel], py, px)
                assert abs(y[0, m, i, j] - total) < 1e-4


def test_multiscale_deformable_attention(logger):
    shapes = np.array([[4, 5], [2, 3]], np.int32)
    starts = np.array([0, 20], np.int32)
    b, m, d, q, levels, p = 2, 2, 3, 4, 2, 3
    value = random(b, 26, m, d)
    places, weights = random(b, q, m, levels, p, 2, low=-0.1, high=1.1), random(b, q, m, levels, p, seed=1, low=0)
    y = run(logger, "MultiscaleDeformableAttnPlugin_TRT", [value, shapes, starts, places, weights], [np.float32])[0]
    expected = np.zeros((b, q, m, d))
    for k, i, head, lv, t in np.ndindex(b, q, m, levels, p):
        h, w = shapes[lv]
        planes = value[k, starts[lv]:starts[lv] + h * w, head].reshape(h, w, d)
        x, yy = places[k, i, head, lv, t]
        for e in range(d):
            expected[k, i, head, e] += weights[k, i, head, lv, t] * bilinear(planes[..., e], yy * h - 0.5, x * w - 0.5)
    np.testing.assert_allclose(y, expected, atol=1e-4)


def test_reorg(logger):
    x = random(1, 8, 4, 6)
    y = run(logger, "Reorg_TRT", [x], [np.float32], stride=2)[0]
    assert y.shape == (1, 32, 2, 3)
    flat, out = x.ravel(), np.empty(x.size, np.float32)
    for k in range(8):
        for j in range(4):
            for i in range(6):
                c2, offset = k % 2, k // 2
                out[i + 6 * (j + 4 * k)] = flat[i * 2 + offset % 2 + 12 * (j * 2 + offset // 2 + 8 * c2)]
    np.testing.assert_array_equal(y.ravel(), out)


def test_wrong_attributes_and_unknown_operators_are_refused(logger):
    quiet = trt.Logger(trt.Logger.INTERNAL_ERROR)
    for op, attributes, text in [("Clip_TRT", {"clipMin": 1.0, "clipMax": 0.0}, "Clip_TRT"),
                                 ("Clip_TRT", {"clipMin": [1, 2], "clipMax": 0.0}, "Clip_TRT"),
                                 ("LReLU_TRT", {"plugin_version": "99"}, "LReLU_TRT"),
                                 ("LReLU_TRT", {"slope": 1.0}, "slope"),
                                 ("NobodyKnows_TRT", {}, "NobodyKnows_TRT")]:
        node = helper.make_node(op, ["x"], ["y"], name="n", **attributes)
        graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("x", 1, [2])],
                                  [helper.make_tensor_value_info("y", 1, [2])])
        network = trt.Builder(quiet).create_network(0)
        parser = trt.OnnxParser(network, quiet)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        assert not parser.parse(model.SerializeToString())
        assert text in parser.get_error(0).desc(), parser.get_error(0).desc()
