// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/common.h"

namespace lathe::onnx {
namespace {

// x as [N, C, ...] against per-channel vectors.
Result<ITensor*> perChannel(NodeImport& c, ITensor* vector, int rank) {
    Ints behind;
    for (int axis = 1; axis < rank - 1; ++axis) behind.push_back(axis);
    return c.unsqueeze(vector, behind);
}

Status importBatchNormalization(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    ITensor *scale = TRY(c.input(1)), *bias = TRY(c.input(2)), *mean = TRY(c.input(3)), *variance = TRY(c.input(4));
    const double epsilon = TRY(c.floatAttr("epsilon", 1e-5f));
    const double momentum = TRY(c.floatAttr("momentum", 0.9f));
    c.ignoreAttr("consumed_inputs");
    if (!TRY(c.boolAttr("spatial", true))) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'spatial' is 0, which is not supported");
    }
    bool training = TRY(c.boolAttr("training_mode", false));
    // Before version 7, what it was for stood in is_test; further outputs always mean training.
    c.ignoreAttr("is_test");
    if (c.opset() < 14 && (c.wants(1) || c.wants(2) || c.wants(3) || c.wants(4))) training = true;
    if (training && c.opset() < 14) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE, "training with operators of version {}", c.opset());
    }
    if (!training) {
        return c.done(TRY(c.op("batch_norm", {x, scale, bias, mean, variance}, Fields()("epsilon", epsilon))));
    }
    Ints axes = axesFrom(1, c.rank(x));
    if (!axes.empty()) axes[0] = 0;
    const int rank = c.rank(x);
    if (rank < 2) return c.invalid("data {} has no channels", toString(c.dims(x)));
    ITensor* wide = TRY(c.cast(x, ApiType::kFLOAT));
    ITensor* average = TRY(c.reduce("mean", wide, axes));
    ITensor* centred = TRY(c.sub(wide, average));
    ITensor* spread = TRY(c.reduce("mean", TRY(c.mul(centred, centred)), axes));
    ITensor* root = TRY(c.unary("sqrt", TRY(c.add(spread, TRY(c.scalarLike(epsilon, spread))))));
    ITensor* y = TRY(c.mul(TRY(c.div(centred, root)), TRY(perChannel(c, TRY(c.cast(scale, ApiType::kFLOAT)), rank))));
    y = TRY(c.add(y, TRY(perChannel(c, TRY(c.cast(bias, ApiType::kFLOAT)), rank))));
    TRY(c.done(TRY(c.cast(y, c.type(x)))));
    ITensor* current[] = {average, spread};
    ITensor* old[] = {mean, variance};
    for (int i = 0; i < 2; ++i) {
        if (!c.wants(i + 1)) continue;
        ITensor* now = TRY(c.cast(TRY(c.squeeze(current[i], axes)), c.type(old[i])));
        TRY(c.output(i + 1, TRY(c.add(TRY(c.scale(old[i], momentum)), TRY(c.scale(now, 1 - momentum))))));
    }
    return {};
}

}  // namespace

LATHE_ONNX_OP(batch_normalization, "BatchNormalization", importBatchNormalization)

}  // namespace lathe::onnx
