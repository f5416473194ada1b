// SPDX-License-Identifier: Apache-2.0
// What boxes.h does, by layers. Everything is f32 here.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "plugins/common/expansion.h"

namespace lathe::plugins {

// The score of a box that takes no part.
inline Layer nothing(Expansion& e) { return e.real(-std::numeric_limits<float>::infinity()); }

// Boxes [R, M, 4] by two corners in any order, scores [R, K, M]: the scores of those that the greedy choice takes in
// each row and class, at most `most`, and nothing() for the others. Overlaps are compared in no less than f32: one that
// is the threshold, rounded, does not exceed it.
inline Layer chosenScores(Expansion& e, Layer boxes, Layer scores, const std::vector<Expansion::Extent>& extents,
                          float threshold, int64_t most) {
    Layer over = e.reals({1}, {std::nextafter(threshold, std::numeric_limits<float>::infinity())});
    Layer least = e.reals({1}, {std::numeric_limits<float>::lowest()});
    Layer list = e.op("nms", {boxes, scores, e.integers({1}, {most}), over, least});
    Layer values = e.op("gather_nd", {scores, list});
    return e.op("scatter_nd", {e.expand(nothing(e), extents), list, values});
}

// Of scores [n, F], the `most` best in their order (of equal ones the first): where they are, and which are not there.
struct Best {
    Layer scores, places, there;  // [n, most]; places are i64, and 0 for those that are not there
    Layer count;                  // [n, 1] i32
};
inline Best bestOf(Expansion& e, Layer scores, Expansion::Extent n, int64_t most) {
    Layer all = e.concat({scores, e.expand(nothing(e), {n, most})}, 1);
    auto best = e.ops("topk", {all, e.integers({1}, {most})}, {{"axis", int64_t{1}}}, 2);
    Best out;
    out.there = e.binary("greater", best[0], e.real(std::numeric_limits<float>::lowest()));
    out.scores = best[0];
    out.places = e.select(out.there, best[1], e.integer(0));
    out.count = e.reduce("sum", e.cast(out.there, DataType::kINT32), {1}, true);
    return out;
}

// Of x [n, F, c], the rows at places [n, most]; `otherwise` where they are not there.
inline Layer rowsAt(Expansion& e, Layer x, const Best& best, Expansion::Extent n, int64_t most, double otherwise = 0) {
    Layer rows = e.gather(x, best.places, 1, 1);
    return e.select(e.reshape(best.there, {n, most, 1}), rows, e.real(otherwise));
}

// The detections of networks that choose among the topK best of each class whose scores are above `least`, and keep the
// `keep` best of all classes.
struct ClassChoice {
    int64_t classes, background, topK, keep;
    float least, overlap;
    bool normalized;  // else boxes count their last pixel
};
struct ClassDetections {
    Layer boxes, scores, classes;  // [n, keep, 4], [n, keep] twice; 0, and class -1, for what is not there
    Layer count;                   // [n, 1] i32
};
// Boxes [n, M, 1 or classes, 4], scores [n, M, classes]. False where M is not known.
inline bool bestByClass(Expansion& e, Layer boxes, Layer scores, Expansion::Extent n, const ClassChoice& choice,
                        ClassDetections& out) {
    const Dims extents = Expansion::dims(boxes);
    const int64_t count = extents.nbDims == 4 ? extents.d[1] : -1, classes = choice.classes;
    if (count < 1) return false;
    const int64_t most = std::min(choice.topK, count);
    std::vector<int64_t> others;
    for (int64_t c = 0; c < classes; ++c)
        if (c != choice.background) others.push_back(c);
    const auto rest = static_cast<int64_t>(others.size());
    if (rest == 0) return false;
    Layer labels = e.integers({rest}, others);
    scores = e.transpose(scores, {0, 2, 1});
    if (rest != classes) scores = e.gather(scores, labels, 1);
    scores = e.select(e.binary("greater", scores, e.real(choice.least)), scores, nothing(e));
    auto best = e.ops("topk", {scores, e.integers({1}, {most})}, {{"axis", int64_t{2}}}, 2);
    const auto rows = n.times(rest);
    if (extents.d[2] == 1) {
        boxes = e.gather(e.reshape(boxes, {n, count, 4}), e.reshape(best[1], {n, rest * most}), 1, 1);
    } else {
        boxes = e.transpose(boxes, {0, 2, 1, 3});
        if (rest != classes) boxes = e.gather(boxes, labels, 1);
        boxes = e.gather(e.reshape(boxes, {rows, count, 4}), e.reshape(best[1], {rows, most}), 1, 1);
    }
    boxes = e.reshape(boxes, {rows, most, 4});
    Layer areas = boxes;
    if (!choice.normalized) {
        const auto ends = e.split(boxes, 2, {2, 2});
        areas = e.concat(
            {e.binary("min", ends[0], ends[1]), e.binary("add", e.binary("max", ends[0], ends[1]), e.real(1))}, 2);
    }
    scores = chosenScores(e, areas, e.reshape(best[0], {rows, 1, most}), {rows, 1, most}, choice.overlap, most);
    const Best kept = bestOf(e, e.reshape(scores, {n, rest * most}), n, choice.keep);
    out.boxes = rowsAt(e, e.reshape(boxes, {n, rest * most, 4}), kept, n, choice.keep);
    out.scores = e.select(kept.there, kept.scores, e.real(0));
    Layer label = e.gather(labels, e.binary("floor_div", kept.places, e.integer(most)), 0);
    out.classes = e.select(kept.there, e.wide(label), e.real(-1));
    out.count = kept.count;
    return true;
}

}  // namespace lathe::plugins
