// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/com_microsoft/common.h"

namespace lathe::onnx {
namespace {

// y = norm(input + skip + bias); the sum is an output of its own.
Status importSkip(NodeImport& c, bool simplified) {
    ITensor *x = TRY(c.input(0)), *skip = TRY(c.input(1)), *scale = TRY(c.input(2));
    ITensor* shift = simplified ? nullptr : TRY(c.optionalInput(3));
    ITensor* bias = TRY(c.optionalInput(simplified ? 3 : 4));
    const double epsilon = TRY(c.floatAttr("epsilon", 1e-12f));
    ITensor* sum = TRY(c.add(x, skip));
    if (bias) sum = TRY(c.add(sum, bias));
    TRY(c.output(3, sum));
    if (simplified) {
        return c.done(TRY(c.op("rms_norm", {sum, scale}, Fields()("axis", -1)("epsilon", epsilon))));
    }
    return c.done(TRY(layerNorm(c, sum, scale, shift, epsilon)));
}

Status importSkipLayerNormalization(NodeImport& c) { return importSkip(c, false); }
Status importSkipSimplified(NodeImport& c) { return importSkip(c, true); }

// ONNX Runtime puts this one among ONNX's own operators.
Status importSimplified(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", -1)), c.rank(x)));
    c.ignoreAttr("stash_type");
    return c.done(TRY(
        c.op("rms_norm", {x, TRY(c.input(1))}, Fields()("axis", axis)("epsilon", TRY(c.floatAttr("epsilon", 1e-5f))))));
}

Status importEmbedLayerNormalization(NodeImport& c) {
    ITensor* ids = TRY(c.input(0));
    ITensor *segments = TRY(c.optionalInput(1)), *words = TRY(c.input(2)), *positions = TRY(c.input(3));
    ITensor *segmentTable = TRY(c.optionalInput(4)), *scale = TRY(c.input(5)), *shift = TRY(c.input(6));
    ITensor *mask = TRY(c.optionalInput(7)), *places = TRY(c.optionalInput(8));
    const double epsilon = TRY(c.floatAttr("epsilon", 1e-12f));
    const int64_t maskKind = TRY(c.intAttr("mask_index_type", mask ? 1 : 0));
    ITensor* sum = TRY(c.gather(words, ids, 0));
    if (places) {
        sum = TRY(c.add(sum, TRY(c.gather(positions, places, 0))));
    } else {
        ITensor* length = TRY(extentOf(c, ids, 1));
        ITensor* own =
            TRY(c.op("slice", {positions, TRY(c.ints({0})), TRY(c.unsqueeze(length, {0})), TRY(c.ints({0}))}));
        sum = TRY(c.add(sum, own));
    }
    if (segments && segmentTable) sum = TRY(c.add(sum, TRY(c.gather(segmentTable, segments, 0))));
    TRY(c.done(TRY(layerNorm(c, sum, scale, shift, epsilon))));
    TRY(c.output(2, sum));
    if (!c.wants(1)) return {};
    ITensor* index = nullptr;
    if (!mask || maskKind == 0) {
        // Without a mask the lengths are zero.
        index = TRY(c.op("constant_of_shape", {TRY(c.unsqueeze(TRY(extentOf(c, ids, 0)), {0}))},
                         Fields()("value", 0)("dtype", ApiType::kINT32)));
    } else if (maskKind == 1) {
        index = TRY(c.reduce("sum", TRY(c.cast(mask, ApiType::kINT32)), {1}, false));
    } else {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'mask_index_type' is {}", maskKind);
    }
    return c.output(1, index);
}

// Group normalization of [N, H, W, C] or [N, C, ...], optionally with x * sigmoid(x) after it.
Status importGroupNorm(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *scale = TRY(c.input(1)), *shift = TRY(c.input(2));
    const bool last = TRY(c.boolAttr("channels_last", true));
    const int64_t activation = TRY(c.intAttr("activation"));
    const int rank = c.rank(x);
    Ints there = {0, rank - 1}, back = {0};
    for (int axis = 1; axis < rank - 1; ++axis) there.push_back(axis);
    for (int axis = 2; axis < rank; ++axis) back.push_back(axis);
    back.push_back(1);
    const ApiType type = c.type(x);
    if (last) x = TRY(c.transpose(x, there));
    Fields fields;
    fields("num_groups", TRY(c.intAttr("groups")))("epsilon", TRY(c.floatAttr("epsilon", 1e-5f)))("per_group", false);
    // Scale and shift are float also for half data.
    x = TRY(c.cast(x, c.type(scale)));
    ITensor* y = TRY(c.op("group_norm", {x, scale, shift}, fields));
    if (activation) y = TRY(c.unary("silu", y, 1));
    y = TRY(c.cast(y, type));
    return c.done(last ? TRY(c.transpose(y, back)) : y);
}

}  // namespace

LATHE_ONNX_OPS(com_microsoft_normalization,                                                  //
               {"com.microsoft", "SkipLayerNormalization", importSkipLayerNormalization},    //
               {"com.microsoft", "SkipSimplifiedLayerNormalization", importSkipSimplified},  //
               {"", "SimplifiedLayerNormalization", importSimplified},                       //
               {"com.microsoft", "EmbedLayerNormalization", importEmbedLayerNormalization},  //
               {"com.microsoft", "GroupNorm", importGroupNorm})

}  // namespace lathe::onnx
