// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importLayerNormalization(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", -1)), c.rank(x)));
    // Statistics are always computed in float.
    const int64_t stash = TRY(c.intAttr("stash_type", 1));
    if (stash != 1 && stash != 11) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'stash_type' is {}; statistics are float", stash);
    }
    Fields fields;
    fields("axis", axis)("epsilon", TRY(c.floatAttr("epsilon", 1e-5f)));
    const int outputs = c.wants(2) ? 3 : c.wants(1) ? 2 : 1;
    return c.outputs(TRY(c.ops("layer_norm", {x, TRY(c.input(1)), TRY(c.optionalInput(2))}, outputs, fields)));
}

Status importRmsNormalization(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", -1)), c.rank(x)));
    const int64_t stash = TRY(c.intAttr("stash_type", 1));
    if (stash != 1) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'stash_type' is {}; statistics are float", stash);
    }
    return c.done(TRY(
        c.op("rms_norm", {x, TRY(c.input(1))}, Fields()("axis", axis)("epsilon", TRY(c.floatAttr("epsilon", 1e-5f))))));
}

Status importInstanceNormalization(NodeImport& c) {
    c.ignoreAttr("consumed_inputs");
    return c.done(TRY(c.op("instance_norm", {TRY(c.input(0)), TRY(c.input(1)), TRY(c.input(2))},
                           Fields()("epsilon", TRY(c.floatAttr("epsilon", 1e-5f))))));
}

Status importGroupNormalization(NodeImport& c) {
    const int64_t stash = TRY(c.intAttr("stash_type", 1));
    if (stash != 1) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'stash_type' is {}; statistics are float", stash);
    }
    Fields fields;
    fields("num_groups", TRY(c.intAttr("num_groups")))("epsilon", TRY(c.floatAttr("epsilon", 1e-5f)));
    // Version 18 had one scale and bias a group, later versions have one a channel.
    fields("per_group", c.opset() < 21);
    return c.done(TRY(c.op("group_norm", {TRY(c.input(0)), TRY(c.input(1)), TRY(c.input(2))}, fields)));
}

Status importLrn(NodeImport& c) {
    Fields fields;
    fields("size", TRY(c.intAttr("size")))("alpha", TRY(c.floatAttr("alpha", 1e-4f)));
    fields("beta", TRY(c.floatAttr("beta", 0.75)))("bias", TRY(c.floatAttr("bias", 1)));
    return c.done(TRY(c.op("lrn", {TRY(c.input(0))}, fields)));
}

Status importMeanVarianceNormalization(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const Ints axes = TRY(c.axes(TRY(c.intsAttr("axes", {0, 2, 3})), c.rank(x)));
    return c.done(TRY(c.op("mean_variance_norm", {x}, Fields()("axes", axes))));
}

Status importLpNormalization(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", -1)), c.rank(x)));
    const int64_t p = TRY(c.intAttr("p", 2));
    if (p != 1 && p != 2) return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'p' is {}; it must be 1 or 2", p);
    return c.done(TRY(c.op("lp_norm", {x}, Fields()("axis", axis)("p", p))));
}

}  // namespace

LATHE_ONNX_OPS(normalization,                                                       //
               {"", "LayerNormalization", importLayerNormalization},                //
               {"", "RMSNormalization", importRmsNormalization},                    //
               {"", "InstanceNormalization", importInstanceNormalization},          //
               {"", "GroupNormalization", importGroupNormalization},                //
               {"", "LRN", importLrn},                                              //
               {"", "MeanVarianceNormalization", importMeanVarianceNormalization},  //
               {"", "LpNormalization", importLpNormalization})

}  // namespace lathe::onnx
