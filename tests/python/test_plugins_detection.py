# SPDX-License-Identifier: Apache-2.0
"""Shipped plugins of detection networks against NumPy, by the definitions that the networks were published with."""

import numpy as np
import pytest
import tensorrt as trt
from onnx import AttributeProto, helper
from test_plugins import bilinear, corner_boxes, iou, logger, nms, random, run  # noqa: F401


@pytest.mark.parametrize("clip, flip, most", [(0, 1, [60.0, 111.0]), (1, 0, [])])
def test_prior_box(logger, clip, flip, most):  # noqa: F811
    feature, image = random(2, 3, 4, 5), random(2, 3, 100, 120)
    y = run(logger, "PriorBox_TRT", [feature, image], [np.float32], minSize=[30.0, 70.0], aspectRatios=[2.0, 3.0],
            flip=flip, clip=clip, variance=[0.1, 0.1, 0.2, 0.3], imgH=0, imgW=0, stepH=0.0, stepW=0.0, offset=0.5,
            **({"maxSize": most} if most else {}))[0]
    sizes, ratios = [], [2.0, 3.0]
    for k, s in enumerate([30.0, 70.0]):
        sizes += [(s, s)] + ([(np.sqrt(s * most[k]),) * 2] if most else [])
        for r in ratios:
            sizes += [(s * r**0.5, s / r**0.5)] + ([(s / r**0.5, s * r**0.5)] if flip else [])
    expected = []
    for i in range(4):
        for j in range(5):
            cy, cx = (i + 0.5) * 25, (j + 0.5) * 24
            for bw, bh in sizes:
                expected.append([(cx - bw / 2) / 120, (cy - bh / 2) / 100, (cx + bw / 2) / 120, (cy + bh / 2) / 100])
    expected = np.array(expected)
    if clip:
        expected = expected.clip(0, 1)
    assert y.shape == (2, 2, expected.size, 1)
    for b in range(2):
        np.testing.assert_allclose(y[b, 0, :, 0], expected.ravel(), atol=1e-5)
        np.testing.assert_allclose(y[b, 1, :, 0], np.tile([0.1, 0.1, 0.2, 0.3], expected.size // 4), atol=1e-7)


@pytest.mark.parametrize("name, shapes", [("GridAnchor_TRT", [3, 2, 1]), ("GridAnchorRect_TRT", [3, 4, 2, 3, 1, 2])])
def test_grid_anchor(logger, name, shapes):  # noqa: F811
    ratios, layers = [1.0, 2.0, 0.5], 3
    outputs = run(logger, name, [random(2, 1)], [np.float32] * 3, numLayers=layers, minSize=0.2, maxSize=0.9,
                  aspectRatios=ratios, featureMapShapes=shapes, variance=[0.1, 0.1, 0.2, 0.2])
    scales = list(np.linspace(0.2, 0.9, layers)) + [1.0]
    for k, y in enumerate(outputs):
        h, w = (shapes[k], shapes[k]) if name == "GridAnchor_TRT" else shapes[2 * k:2 * k + 2]
        specs = [(s, r) for s, r in zip([0.1, 0.2, 0.2], [1.0, 2.0, 0.5])] if k == 0 else \
            [(scales[k], r) for r in ratios] + [(np.sqrt(scales[k] * scales[k + 1]), 1.0)]
        expected = []
        for cy in (np.arange(h) + 0.5) / h:
            for cx in (np.arange(w) + 0.5) / w:
                for s, r in specs:
                    bw, bh = s * np.sqrt(r), s / np.sqrt(r)
                    expected.append([cx - bw / 2, cy - bh / 2, cx + bw / 2, cy + bh / 2])
        expected = np.array(expected)
        assert y.shape == (2, 2, expected.size, 1)
        for b in range(2):
            np.testing.assert_allclose(y[b, 0, :, 0], expected.ravel(), atol=1e-6)
            np.testing.assert_allclose(y[b, 1, :, 0], np.tile([0.1, 0.1, 0.2, 0.2], expected.size // 4), atol=1e-7)


def encoded(boxes, priors, variance, code):
    """What a network would have to say for these boxes."""
    w, h = priors[:, 2] - priors[:, 0], priors[:, 3] - priors[:, 1]
    if code == 0:
        t = boxes - priors
    elif code == 2:
        t = (boxes - priors) / np.stack([w, h, w, h], 1)
    else:
        centre, middle = (boxes[:, :2] + boxes[:, 2:]) / 2, (priors[:, :2] + priors[:, 2:]) / 2
        size = boxes[:, 2:] - boxes[:, :2]
        t = np.concatenate([(centre - middle) / np.stack([w, h], 1), np.log(size / np.stack([w, h], 1))], 1)
        if code == 3:
            t = t[:, [1, 0, 3, 2]]
    return t / variance


@pytest.mark.parametrize("name", ["NMS_TRT", "NMSDynamic_TRT"])
@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_ssd_nms(logger, name, code):  # noqa: F811
    n, classes, keep = 25, 3, 8
    boxes = np.stack([corner_boxes(n, 4), corner_boxes(n, 9)])
    priors, variance = corner_boxes(n, 20).astype(np.float32), np.array([0.1, 0.2, 0.3, 0.4], np.float32)
    loc = np.stack([encoded(b, priors, variance, code) for b in boxes]).astype(np.float32).reshape(2, -1, 1, 1)
    logits = random(2, n, classes, low=-2, high=2)
    conf = (1 / (1 + np.exp(-logits.astype(np.float64))))
    prior = np.stack([priors.ravel(), np.tile(variance, n)])[None, :, :, None].repeat(2, 0)
    y, count = run(logger, name, [loc, prior, logits.reshape(2, -1, 1, 1)], [np.float32, np.int32], shareLocation=1,
                   varianceEncodedInTarget=0, backgroundLabelId=0, numClasses=classes, topK=n, keepTopK=keep,
                   confidenceThreshold=0.3, nmsThreshold=0.4, inputOrder=[0, 2, 1], confSigmoid=1, isNormalized=1,
                   codeType=code)
    assert y.shape == (2, 1, keep, 7) and count.shape == (2, 1, 1, 1)
    for b in range(2):
        masked = conf[b].copy()
        masked[:, 0] = -1
        expected = nms(boxes[b], masked, 0.4, 0.3, keep)
        assert count[b, 0, 0, 0] == len(expected)
        for row, (score, label, box) in zip(y[b, 0], expected):
            assert row[0] == b and row[1] == label
            np.testing.assert_allclose(row[2], score, atol=1e-6)
            np.testing.assert_allclose(row[3:], boxes[b][box], atol=1e-5)
        for row in y[b, 0, len(expected):]:
            np.testing.assert_array_equal(row, [b, -1, 0, 0, 0, 0, 0])


def test_flatten_concat(logger):  # noqa: F811
    x, z = random(2, 2, 3, 2), random(2, 3, 2, 2)
    y = run(logger, "FlattenConcat_TRT", [x, z], [np.float32], axis=1, ignoreBatch=0)[0]
    np.testing.assert_array_equal(y, np.concatenate([x.reshape(2, -1), z.reshape(2, -1)], 1)[:, :, None, None])


def pixel_iou(a, b):
    w, h = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]) + 1
    area = lambda c: (c[2] - c[0] + 1) * (c[3] - c[1] + 1)  # noqa: E731
    shared = max(w, 0) * max(h, 0)
    return shared / (area(a) + area(b) - shared)


def test_rproi(logger):  # noqa: F811
    ratios, scales, stride, h, w, c, keep = [0.5, 1.0, 2.0], [2.0, 4.0], 16, 4, 5, 2, 6
    a = len(ratios) * len(scales)
    scores, deltas = random(2, 2 * a, h, w, low=0), random(2, 4 * a, h, w, seed=3, low=-0.3, high=0.3)
    features = random(2, c, h, w, seed=4)
    info = np.array([[60, 78, 1.0], [64, 80, 0.5]], np.float32)[:, None, :, None]
    rois, pooled = run(logger, "RPROI_TRT", [scores, deltas, features, info.reshape(2, 1, 1, 3)],
                       [np.float32, np.float32], poolingH=2, poolingW=3, featureStride=stride, preNmsTop=50,
                       nmsMaxOut=keep, anchorsRatioCount=3, anchorsScaleCount=2, iouThreshold=0.6, minBoxSize=20.0,
                       spatialScale=1 / stride, anchorsRatios=ratios, anchorsScales=scales)
    assert rois.shape == (2, 1, keep, 4) and pooled.shape == (2, keep, c, 2, 3)
    anchors = []
    for r in ratios:
        ww = np.round(np.sqrt(stride * stride / r))
        hh = np.round(ww * r)
        for s in scales:
            anchors.append([7.5 - (ww * s - 1) / 2, 7.5 - (hh * s - 1) / 2, 7.5 + (ww * s - 1) / 2,
                            7.5 + (hh * s - 1) / 2])
    for b in range(2):
        height, width, scale = info[b].ravel()
        found = []
        for i, j, k in np.ndindex(h, w, a):
            x1, y1, x2, y2 = np.array(anchors[k]) + np.array([j, i, j, i]) * stride
            aw, ah = x2 - x1 + 1, y2 - y1 + 1
            dx, dy, dw, dh = deltas[b, 4 * k:4 * k + 4, i, j].astype(np.float64)
            cx, cy, bw, bh = x1 + aw / 2 + dx * aw, y1 + ah / 2 + dy * ah, np.exp(dw) * aw, np.exp(dh) * ah
            box = np.array([np.clip(cx - bw / 2, 0, width - 1), np.clip(cy - bh / 2, 0, height - 1),
                            np.clip(cx + bw / 2, 0, width - 1), np.clip(cy + bh / 2, 0, height - 1)])
            if min(box[2] - box[0], box[3] - box[1]) + 1 >= 20 * scale:
                found.append((scores[b, a + k, i, j], box))
        found = sorted(found, key=lambda t: -t[0])[:50]
        kept = []
        for _, box in found:
            if len(kept) < keep and all(pixel_iou(box, o) <= 0.6 for o in kept):
                kept.append(box)
        expected = np.zeros((keep, 4))
        expected[:len(kept)] = kept
        np.testing.assert_allclose(rois[b, 0], expected, atol=1e-3)
        for r, roi in enumerate(rois[b, 0]):
            x1, y1, x2, y2 = (int(np.floor(v / stride + 0.5)) for v in roi.astype(np.float64))
            for i, j in np.ndindex(2, 3):
                bh, bw = max(y2 - y1 + 1, 1) / 2, max(x2 - x1 + 1, 1) / 3
                ys = slice(min(max(y1 + int(np.floor(i * bh)), 0), h), min(max(y1 + int(np.ceil((i + 1) * bh)), 0), h))
                xs = slice(min(max(x1 + int(np.floor(j * bw)), 0), w),
                           min(max(x1 + int(np.ceil(np.float32(j + 1) * np.float32(bw))), 0), w))
                part = features[b, :, ys, xs].reshape(c, -1)
                want = part.max(1) if part.size else np.zeros(c)
                np.testing.assert_array_equal(pooled[b, r, :, i, j], want)


def refined(boxes, deltas):
    d = deltas * np.array([0.1, 0.1, 0.2, 0.2])
    size = boxes[:, 2:] - boxes[:, :2]
    centre = boxes[:, :2] + size / 2 + d[:, :2] * size
    size = size * np.exp(d[:, 2:])
    return np.clip(np.concatenate([centre - size / 2, centre + size / 2], 1), 0, 1)


def greedy(boxes, scores, threshold, most):
    kept = []
    for i in np.argsort(-scores, kind="stable"):
        if len(kept) < most and all(iou(boxes[i], boxes[j]) <= threshold for j in kept):
            kept.append(i)
    return kept


def test_proposal_layer(logger):  # noqa: F811
    anchors = []
    for stride, side in ((4, 32), (8, 64), (16, 128), (32, 256), (64, 512)):
        ys, xs = np.meshgrid(np.arange(0, 64, stride), np.arange(0, 128, stride), indexing="ij")
        for y, x in zip(ys.ravel(), xs.ravel()):
            for r in (0.5, 1, 2):
                h, w = side / np.sqrt(r), side * np.sqrt(r)
                anchors.append([y - h / 2, x - w / 2, y + h / 2, x + w / 2])
    anchors = (np.array(anchors) - [0, 0, 1, 1]) / [63, 127, 63, 127]
    n = len(anchors)
    scores, deltas = random(1, n, 2, 1, low=0), random(1, n, 4, 1, seed=2)
    y = run(logger, "ProposalLayer_TRT", [scores, deltas], [np.float32], prenms_topk=60, keep_topk=20,
            iou_threshold=0.5, image_size=[3, 64, 128])[0]
    top = np.argsort(-scores[0, :, 1, 0], kind="stable")[:60]
    boxes = refined(anchors[top], deltas[0, top, :, 0].astype(np.float64))
    kept = greedy(boxes, scores[0, top, 1, 0], 0.5, 20)
    expected = np.zeros((20, 4))
    expected[:len(kept)] = boxes[kept]
    np.testing.assert_allclose(y[0], expected, atol=1e-5)


def test_detection_layer(logger):  # noqa: F811
    rois, classes, keep = 30, 4, 12
    boxes = np.stack([corner_boxes(rois, 2), corner_boxes(rois, 5)])
    scores, deltas = random(2, rois, classes, 1, 1, low=0), random(2, rois, classes * 4, 1, 1, seed=3)
    y = run(logger, "DetectionLayer_TRT", [deltas, scores, boxes.astype(np.float32)], [np.float32],
            num_classes=classes, keep_topk=keep, score_threshold=0.5, iou_threshold=0.3)[0]
    for b in range(2):
        s = scores[b, :, :, 0, 0]
        label, best = s.argmax(1), s.max(1)
        fine = refined(boxes[b], deltas[b].reshape(rois, classes, 4)[np.arange(rois), label].astype(np.float64))
        rows = []
        for c in range(1, classes):
            mine = np.flatnonzero((label == c) & (best >= 0.5))
            rows += [mine[k] for k in greedy(fine[mine], best[mine], 0.3, keep)]
        rows = sorted(rows, key=lambda i: -best[i])[:keep]
        expected = np.zeros((keep, 6))
        for k, i in enumerate(rows):
            expected[k] = [*fine[i], label[i], best[i]]
        np.testing.assert_allclose(y[b], expected, atol=1e-5)


def pyramid():
    maps = [random(2, 3, s, s, seed=s) for s in (32, 16, 8, 4)]
    # One region for each map: 30, 60, 120 and 240 pixels of an image of 256, for fpn_scale 112.
    boxes = np.array([[20, 30, 50, 60], [10, 40, 70, 100], [100, 60, 220, 180], [8, 8, 248, 248]], np.float32)
    return maps, np.stack([boxes, boxes[::-1]])


@pytest.mark.parametrize("transform, mode", [(2, "half_pixel"), (1, "output_half_pixel")])
def test_pyramid_roi_align(logger, transform, mode):  # noqa: F811
    from onnx import helper
    from onnx.reference import ReferenceEvaluator
    maps, boxes = pyramid()
    y = run(logger, "PyramidROIAlign_TRT", [boxes, *maps], [np.float32], pooled_size=2, image_size=[256, 256],
            fpn_scale=112, sampling_ratio=2, roi_coords_transform=transform)[0]
    assert y.shape == (2, 4, 3, 2, 2)
    for b in range(2):
        for r in range(4):
            level = r if b == 0 else 3 - r
            node = helper.make_node("RoiAlign", ["x", "r", "i"], ["y"], mode="avg", output_height=2, output_width=2,
                                    sampling_ratio=2, spatial_scale=maps[level].shape[2] / 256,
                                    coordinate_transformation_mode=mode)
            graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("x", 1, None),
                                                    helper.make_tensor_value_info("r", 1, None),
                                                    helper.make_tensor_value_info("i", 7, None)],
                                      [helper.make_tensor_value_info("y", 1, None)])
            model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)])
            want = ReferenceEvaluator(model).run(None, {"x": maps[level], "r": boxes[b, r:r + 1],
                                                        "i": np.array([b])})[0]
            np.testing.assert_allclose(y[b, r], want[0], atol=1e-5)


def test_pyramid_roi_align_as_it_was(logger):  # noqa: F811
    maps, boxes = pyramid()
    relative = (boxes[..., [1, 0, 3, 2]] / 256).astype(np.float32)
    fields = [{"legacy": 1}, {"roi_coords_transform": -1, "roi_coords_swap": 1, "roi_coords_absolute": 0,
                              "sampling_ratio": 1, "fpn_scale": 158}]
    results = [run(logger, "PyramidROIAlign_TRT", [relative, *maps], [np.float32], pooled_size=3,
                   image_size=[256, 256], **f)[0] for f in fields]
    np.testing.assert_array_equal(*results)
    levels = {30: 0, 60: 0, 120: 1, 240: 2}
    for b, r, i, j in np.ndindex(2, 4, 3, 3):
        x = maps[levels[int(boxes[b, r, 2] - boxes[b, r, 0])]][b]
        last = x.shape[1] - 1
        y1, x1, y2, x2 = relative[b, r].astype(np.float64)
        for c in range(3):
            want = bilinear(x[c], (y1 + i * (y2 - y1) / 2) * last, (x1 + j * (x2 - x1) / 2) * last)
            assert abs(results[0][b, r, c, i, j] - want) < 1e-4


def test_small_ones(logger):  # noqa: F811
    x = random(2, 5, 3, 4)
    parts = run(logger, "Split", [x], [np.float32] * 2, True, axis=1, output_lengths=[2, 3])
    np.testing.assert_array_equal(np.concatenate(parts, 1), x)
    assert parts[0].shape == (2, 2, 3, 4)
    y = run(logger, "BatchTilePlugin_TRT", [x, random(1, 2, 2, 3)], [np.float32])[0]
    np.testing.assert_array_equal(y, np.repeat(random(1, 2, 2, 3), 2, 0))
    y = run(logger, "ResizeNearest_TRT", [x], [np.float32], scale=2.0)[0]
    np.testing.assert_array_equal(y, x.repeat(2, 2).repeat(2, 3))
    y = run(logger, "ResizeNearest_TRT", [x], [np.float32], scale=1.5)[0]
    np.testing.assert_array_equal(y, x[:, :, (np.arange(4) / 1.5).astype(int)][..., (np.arange(6) / 1.5).astype(int)])
    detections = random(2, 4, 6)
    np.testing.assert_array_equal(run(logger, "SpecialSlice_TRT", [detections], [np.float32])[0], detections[..., :4])
    w = random(4, 3, seed=8)
    y = run(logger, "CustomFCPluginDynamic", [random(2, 3, 4, 1, 1)], [np.float32], out_dims=3, type_id=0,
            W=w.ravel().tolist())[0]
    np.testing.assert_allclose(y[..., 0, 0], random(2, 3, 4, 1, 1)[..., 0, 0] @ w, atol=1e-6)


def test_pillar_scatter(logger):  # noqa: F811
    pillars = random(2, 4, 3)
    places = np.array([[[0, 0, 1, 2], [0, 0, 3, 0], [0, 0, 0, 0], [0, 0, 9, 9]],
                       [[1, 0, 2, 4], [1, 0, 9, 9], [0] * 4, [0] * 4]], np.int32)
    count = np.array([3, 1], np.int32)
    y = run(logger, "PillarScatterPlugin", [pillars, places, count], [np.float32], dense_shape=[4, 5])[0]
    expected = np.zeros((2, 3, 4, 5), np.float32)
    for b in range(2):
        for p in range(count[b]):
            expected[b, :, places[b, p, 2], places[b, p, 3]] = pillars[b, p]
    np.testing.assert_array_equal(y, expected)


def test_region(logger):  # noqa: F811
    num, classes = 2, 3
    x = random(2, num * (5 + classes), 2, 3, low=-3, high=3)
    y = run(logger, "Region_TRT", [x], [np.float32], num=num, coords=4, classes=classes)[0]
    b = x.reshape(2, num, 5 + classes, 2, 3).astype(np.float64)
    want = b.copy()
    want[:, :, [0, 1, 4]] = 1 / (1 + np.exp(-b[:, :, [0, 1, 4]]))
    e = np.exp(b[:, :, 5:])
    want[:, :, 5:] = e / e.sum(2, keepdims=True)
    np.testing.assert_allclose(y.reshape(want.shape), want, atol=1e-6)


def test_reissued_versions(logger):  # noqa: F811
    """The same by the newer interface: fields go through plans in another way."""
    x = random(2, 3, 8, 9)
    rois, images = np.array([[0, 0, 7, 5], [1.5, 2.0, 6.5, 7.0]], np.float32), np.array([0, 1], np.int32)
    beta, gamma = random(8, seed=1).tolist(), random(8, seed=2).tolist()
    data, indices = random(4, 3), np.array([[0, 1, -1], [3, 1, 0]], np.int32)
    qkv = random(5, 2, 36, 1, 1)
    fields = {f"bert_embeddings_{k}": random(*s, seed=i).ravel().tolist() for i, (k, s) in enumerate(
        {"word_embeddings": (9, 6), "token_type_embeddings": (2, 6), "position_embeddings": (5, 6),
         "layernorm_beta": (6,), "layernorm_gamma": (6,)}.items())}
    ids = np.array([[1, 2], [8, 0], [3, 3]], np.int32)
    deform = [random(1, 4, 6, 5), random(1, 36, 3, 3, seed=1), random(1, 18, 3, 3, seed=2, low=0),
              random(6, 2, 3, 3, seed=3), random(6, seed=4)]
    levels = [random(2, 26, 2, 3), np.array([[4, 5], [2, 3]], np.int32), np.array([0, 20], np.int32),
              random(2, 4, 2, 2, 3, 2, low=-0.1, high=1.1), random(2, 4, 2, 2, 3, seed=1, low=0)]
    f = np.float32
    cases = [
        ("ROIAlign_TRT", "1", "2", [x, rois, images], [f], dict(output_height=3, output_width=2, sampling_ratio=2)),
        ("ScatterElements", "1", "2", [data, indices, random(2, 3)], [f], dict(axis=0, reduction="add")),
        ("InstanceNormalization_TRT", "1", "3", [x, random(3), random(3, seed=1)], [f], dict(epsilon=1e-3)),
        ("ModulatedDeformConv2d", "1", "2", deform, [f], dict(stride=[2, 2], padding=[1, 1], group=2,
                                                              deformable_group=2)),
        ("MultiscaleDeformableAttnPlugin_TRT", "1", "2", levels, [f], {}),
        ("CropAndResizeDynamic", "1", "2", [x, np.array([[[0, 0, 1, 1]], [[.1, .2, .7, .9]]], f)[..., None]], [f],
         dict(crop_width=4, crop_height=3)),
        ("CustomSkipLayerNormPluginDynamic", "1", "5", [random(3, 2, 8, 1, 1), random(3, 2, 8, 1, 1, seed=5)], [f],
         dict(type_id=0, ld=8, beta=beta, gamma=gamma)),
        ("CustomSkipLayerNormPluginDynamic", "2", "6", [random(3, 2, 8, 1, 1), random(3, 2, 8, 1, 1, seed=5)], [f],
         dict(type_id=0, beta=beta, gamma=gamma)),
        ("CustomQKVToContextPluginDynamic", "1", "4", [qkv, np.array([5, 3], np.int32)], [f],
         dict(hidden_size=12, num_heads=3, has_mask=1, type_id=0)),
        ("CustomEmbLayerNormPluginDynamic", "1", "6", [ids, ids % 2, ids], [f, np.int32], fields),
        ("Reorg_TRT", "1", "2", [random(1, 8, 4, 6)], [f], dict(stride=2)),
    ]
    for name, before, after, inputs, outputs, attributes in cases:
        override = name == "ScatterElements"
        old = run(logger, name, inputs, outputs, override, plugin_version=before, **attributes)
        new = run(logger, name, inputs, outputs, override, plugin_version=after, **attributes)
        for a, b in zip(old, new):
            np.testing.assert_array_equal(a, b, err_msg=name)
    old = run(logger, "CropAndResize", cases[5][3], [f], **cases[5][5])
    np.testing.assert_array_equal(old[0], run(logger, "CropAndResizeDynamic", cases[5][3], [f], **cases[5][5])[0])


class Messages(trt.ILogger):
    def __init__(self):
        trt.ILogger.__init__(self)
        self.text = ""

    def log(self, severity, text):
        self.text += text + "\n"


@pytest.fixture
def messages():
    log = Messages()
    assert trt.init_libnvinfer_plugins(log, "")
    yield log
    trt.init_libnvinfer_plugins(QUIET, "")


QUIET = trt.Logger(trt.Logger.ERROR)  # lives as long as the library may write to it

PRIOR = dict(minSize=[30.0], imgH=9, imgW=9)
GRID = dict(numLayers=2, aspectRatios=[1.0], featureMapShapes=[2, 1])
SSD = dict(numClasses=3, topK=5, keepTopK=5)
RPROI = dict(poolingH=2, poolingW=2, featureStride=16, preNmsTop=5, nmsMaxOut=5, anchorsRatios=[1.0],
             anchorsScales=[8.0])
PROPOSAL = dict(prenms_topk=5, keep_topk=5, iou_threshold=0.5, image_size=[3, 64, 64])
DETECTION = dict(num_classes=3, keep_topk=5, score_threshold=0.5, iou_threshold=0.5)
MAP, MAPS = [(1, 2, 4, 4)], [(1, 3, 4)] + [(1, 2, 4, 4)] * 4

# Plugin, shapes of its inputs, attributes, and what the error must name.
BAD = [
    ("PriorBox_TRT", MAP, {**PRIOR, "minSize": []}, "minSize"),
    ("PriorBox_TRT", MAP, {**PRIOR, "minSize": [-1.0]}, "minSize"),
    ("PriorBox_TRT", MAP, {**PRIOR, "maxSize": [40.0, 50.0]}, "maxSize"),
    ("PriorBox_TRT", MAP, {**PRIOR, "maxSize": [20.0]}, "maxSize"),
    ("PriorBox_TRT", MAP, {**PRIOR, "aspectRatios": [0.0]}, "aspectRatios"),
    ("PriorBox_TRT", MAP, {**PRIOR, "variance": [0.1]}, "variance"),
    ("PriorBox_TRT", MAP, {**PRIOR, "stepH": -1.0}, "stepH"),
    ("PriorBox_TRT", MAP, {**PRIOR, "imgW": -5}, "imgW"),
    ("PriorBox_TRT", MAP, {"imgH": 3}, "minSize"),
    ("PriorBox_TRT", MAP, {"minSize": [3.0]}, "imgH"),
    ("PriorBox_TRT", [(4, 4)], PRIOR, "rank"),
    ("GridAnchor_TRT", MAP, {**GRID, "numLayers": 0}, "numLayers"),
    ("GridAnchor_TRT", MAP, {**GRID, "featureMapShapes": [2]}, "featureMapShapes"),
    ("GridAnchor_TRT", MAP, {**GRID, "featureMapShapes": [2, 0]}, "featureMapShapes"),
    ("GridAnchor_TRT", MAP, {**GRID, "minSize": 0.9, "maxSize": 0.2}, "minSize"),
    ("GridAnchor_TRT", MAP, {**GRID, "aspectRatios": [-1.0]}, "aspectRatios"),
    ("GridAnchor_TRT", MAP, {"numLayers": 1, "featureMapShapes": [1]}, "aspectRatios"),
    ("GridAnchorRect_TRT", MAP, GRID, "featureMapShapes"),
    ("NMS_TRT", MAP * 3, {**SSD, "numClasses": 0}, "numClasses"),
    ("NMS_TRT", MAP * 3, {**SSD, "keepTopK": -1}, "keepTopK"),
    ("NMS_TRT", MAP * 3, {"numClasses": 3, "keepTopK": 1}, "topK"),
    ("NMS_TRT", MAP * 3, {**SSD, "codeType": 9}, "codeType"),
    ("NMS_TRT", MAP * 3, {**SSD, "inputOrder": [0, 1, 1]}, "inputOrder"),
    ("NMS_TRT", MAP * 3, {**SSD, "inputOrder": [0, 1]}, "inputOrder"),
    ("NMS_TRT", MAP * 2, SSD, "2 inputs"),
    ("NMSDynamic_TRT", [(1, 4), (1, 3), (1, 1, 4)], SSD, "priors"),
    ("FlattenConcat_TRT", MAP, {"axis": 2}, "axis"),
    ("FlattenConcat_TRT", MAP, {"axis": "1"}, "axis"),
    ("LReLU_TRT", MAP, {"negSlope": "x"}, "negSlope"),
    ("FlattenConcat_TRT", MAP, {"ignoreBatch": 1}, "ignoreBatch"),
    ("FlattenConcat_TRT", [(4,)], {}, "input 0"),
    ("RPROI_TRT", MAP * 4, {**RPROI, "poolingH": 0}, "poolingH"),
    ("RPROI_TRT", MAP * 4, {**RPROI, "anchorsRatios": []}, "anchorsRatios"),
    ("RPROI_TRT", MAP * 4, {**RPROI, "anchorsScaleCount": 2}, "anchorsScaleCount"),
    ("RPROI_TRT", MAP * 4, {**RPROI, "spatialScale": 0.0}, "spatialScale"),
    ("RPROI_TRT", MAP * 4, RPROI, "deltas"),
    ("RPROI_TRT", MAP * 3, RPROI, "3 inputs"),
    ("ProposalLayer_TRT", MAP * 2, {**PROPOSAL, "keep_topk": 0}, "keep_topk"),
    ("ProposalLayer_TRT", MAP * 2, {**PROPOSAL, "iou_threshold": 0.0}, "iou_threshold"),
    ("ProposalLayer_TRT", MAP * 2, {**PROPOSAL, "image_size": [1, 64, 64]}, "image_size"),
    ("ProposalLayer_TRT", MAP * 2, {**PROPOSAL, "image_size": [3, 60, 64]}, "image_size"),
    ("ProposalLayer_TRT", [(1, 8, 2, 1), (1, 8, 4, 1)], PROPOSAL, "anchors"),
    ("PyramidROIAlign_TRT", MAPS, {"pooled_size": 0}, "pooled_size"),
    ("PyramidROIAlign_TRT", MAPS, {"image_size": [0, 1]}, "image_size"),
    ("PyramidROIAlign_TRT", MAPS, {"fpn_scale": 0}, "fpn_scale"),
    ("PyramidROIAlign_TRT", MAPS, {"sampling_ratio": -1}, "sampling_ratio"),
    ("PyramidROIAlign_TRT", MAPS, {"roi_coords_transform": 3}, "roi_coords_transform"),
    ("PyramidROIAlign_TRT", MAPS, {"roi_coords_plusone": 1}, "roi_coords_plusone"),
    ("PyramidROIAlign_TRT", MAPS[:4], {}, "4 inputs"),
    ("PyramidROIAlign_TRT", MAPS[:4] + [(1, 3, 4, 4)], {}, "channels"),
    ("DetectionLayer_TRT", [(1, 2, 12), (1, 2, 3), (1, 2, 4)], {**DETECTION, "num_classes": 0}, "num_classes"),
    ("DetectionLayer_TRT", [(1, 2, 12), (1, 2, 3), (1, 2, 4)], {**DETECTION, "score_threshold": -1.0},
     "score_threshold"),
    ("DetectionLayer_TRT", [(1, 2, 11), (1, 2, 3), (1, 2, 4)], DETECTION, "deltas"),
    ("DetectionLayer_TRT", [(1, 2, 12), (1, 2, 2), (1, 2, 4)], DETECTION, "scores"),
    ("DetectionLayer_TRT", [(1, 2, 12), (1, 2, 3), (1, 2, 5)], DETECTION, "regions"),
    ("BatchTilePlugin_TRT", [(2, 1, 1, 1), (2, 1, 1, 1)], {}, "batch"),
    ("ResizeNearest_TRT", MAP, {"scale": 0.0}, "scale"),
    ("ResizeNearest_TRT", MAP, {}, "scale"),
    ("SpecialSlice_TRT", [(1, 2, 5)], {}, "6 numbers"),
    ("PillarScatterPlugin", MAP * 3, {"dense_shape": [0, 4]}, "dense_shape"),
    ("PillarScatterPlugin", MAP * 3, {"dense_shape": [4]}, "dense_shape"),
    ("Region_TRT", MAP, {"num": 0, "classes": 3}, "num"),
    ("Region_TRT", MAP, {"num": 1, "classes": 3, "coords": 5}, "coords"),
    ("Region_TRT", MAP, {"num": 1, "classes": 3, "smTree": [1]}, "smTree"),
    ("Region_TRT", MAP, {"num": 1, "classes": 3}, "8 channels"),
    ("CustomFCPluginDynamic", [(1, 1, 4, 1, 1)], {"out_dims": 3, "W": [1.0, 2.0]}, "W"),
    ("CustomFCPluginDynamic", [(1, 1, 4, 1, 1)], {"out_dims": 1, "W": [1.0, 2.0]}, "input 0"),
    ("CustomSkipLayerNormPluginDynamic", [(1, 1, 2, 1, 1)] * 2, {"plugin_version": "2", "beta": [1.0], "gamma": []},
     "gamma"),
    ("CustomEmbLayerNormPluginDynamic", [(1, 1)] * 3,
     {"full_mask": 1, **{f"bert_embeddings_{k}": [1.0] for k in (
         "layernorm_beta", "layernorm_gamma", "word_embeddings", "token_type_embeddings", "position_embeddings")}},
     "full_mask"),
    ("ROIAlign_TRT", MAP * 3, {"plugin_version": "2", "output_height": 0}, "output"),
    ("ROIAlign_TRT", MAP * 3, {"plugin_version": "2", "mode": 7}, "mode"),
    ("ROIAlign_TRT", MAP * 2, {"plugin_version": "2"}, "2 inputs"),
    ("ROIAlign_TRT", MAP * 3, {"plugin_version": "3"}, "ROIAlign_TRT"),
    ("ROIAlign_TRT", MAP * 3, {"plugin_namespace": "nobody"}, "ROIAlign_TRT"),
]


@pytest.mark.parametrize("op, shapes, attributes, name", BAD, ids=[f"{b[0]}-{i}" for i, b in enumerate(BAD)])
def test_what_is_wrong_is_named(messages, op, shapes, attributes, name):
    names = [f"in{i}" for i in range(len(shapes))]
    node = helper.make_node(op, names, ["y"], name="plugin")
    for key, value in attributes.items():  # make_node does not take empty lists
        node.attribute.append(helper.make_attribute(key, value, attr_type=AttributeProto.FLOATS if value == [] else None))
    graph = helper.make_graph([node], "g", [helper.make_tensor_value_info(n, 1, s) for n, s in zip(names, shapes)],
                              [helper.make_tensor_value_info("y", 1, None)])
    builder = trt.Builder(messages)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, messages)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    if parser.parse(model.SerializeToString()):
        assert builder.build_serialized_network(network, builder.create_builder_config()) is None
    told = messages.text + "".join(parser.get_error(i).desc() for i in range(parser.num_errors))
    assert name in told and op in told, told
