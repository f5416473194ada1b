// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"
#include "frontends/onnx/ops/common.h"

namespace lathe::onnx {
namespace {

using ReduceOp = nvinfer1::ReduceOperation;

// `layer`: the reduce layer has this operation. `since`: the version from which the axes are an input.
Status reduceBy(NodeImport& c, const char* kind, ReduceOp operation, int64_t since) {
    ITensor* x = TRY(c.input(0));
    const int rank = c.rank(x);
    const bool keep = TRY(c.boolAttr("keepdims", true));
    const bool noop = TRY(c.boolAttr("noop_with_empty_axes", false));
    const Axes axes = TRY(readAxes(c, 1, since));
    if (c.type(x) == ApiType::kBOOL) operation = ReduceOp::kNONE;  // the layer takes no booleans
    ITensor* y = nullptr;
    const bool known = axes.known || !axes.given;
    if (known) {
        Ints list = axes.known.value_or(Ints());
        list = TRY(c.axes(list, rank));
        if (list.empty() && !noop) list = axesFrom(0, rank);
        if (!list.empty() && operation != ReduceOp::kNONE) {
            uint32_t mask = 0;
            for (const int64_t axis : list) mask |= 1u << axis;
            y = TRY(c.layer(c.network().addReduce(*x, operation, mask, keep), "reduce", true));
        } else {
            y = TRY(c.op("reduce", {x},
                         Fields()("kind", kind)("axes", list)("keep_dims", keep)("noop_with_empty_axes", noop)));
        }
    } else {
        y = TRY(
            c.op("reduce", {x, axes.tensor}, Fields()("kind", kind)("keep_dims", keep)("noop_with_empty_axes", noop)));
    }
    return c.done(y);
}

Status importReduceSum(NodeImport& c) { return reduceBy(c, "sum", ReduceOp::kSUM, 13); }
Status importReduceMean(NodeImport& c) { return reduceBy(c, "mean", ReduceOp::kAVG, 18); }
Status importReduceMax(NodeImport& c) { return reduceBy(c, "max", ReduceOp::kMAX, 18); }
Status importReduceMin(NodeImport& c) { return reduceBy(c, "min", ReduceOp::kMIN, 18); }
Status importReduceProd(NodeImport& c) { return reduceBy(c, "prod", ReduceOp::kPROD, 18); }
Status importReduceL1(NodeImport& c) { return reduceBy(c, "l1", ReduceOp::kNONE, 18); }
Status importReduceL2(NodeImport& c) { return reduceBy(c, "l2", ReduceOp::kNONE, 18); }
Status importReduceSumSquare(NodeImport& c) { return reduceBy(c, "sum_square", ReduceOp::kNONE, 18); }
Status importReduceLogSum(NodeImport& c) { return reduceBy(c, "log_sum", ReduceOp::kNONE, 18); }
Status importReduceLogSumExp(NodeImport& c) { return reduceBy(c, "log_sum_exp", ReduceOp::kNONE, 18); }

Status arg(NodeImport& c, const char* kind) {
    ITensor* x = TRY(c.input(0));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", 0)), c.rank(x)));
    Fields fields;
    fields("kind", kind)("axis", axis)("keep_dims", TRY(c.boolAttr("keepdims", true)));
    fields("select_last_index", TRY(c.boolAttr("select_last_index", false)));
    return c.done(TRY(c.op("arg_reduce", {x}, fields)));
}

Status importArgMax(NodeImport& c) { return arg(c, "max"); }
Status importArgMin(NodeImport& c) { return arg(c, "min"); }

}  // namespace

LATHE_ONNX_OPS(reduce,                                          //
               {"", "ReduceSum", importReduceSum},              //
               {"", "ReduceMean", importReduceMean},            //
               {"", "ReduceMax", importReduceMax},              //
               {"", "ReduceMin", importReduceMin},              //
               {"", "ReduceProd", importReduceProd},            //
               {"", "ReduceL1", importReduceL1},                //
               {"", "ReduceL2", importReduceL2},                //
               {"", "ReduceSumSquare", importReduceSumSquare},  //
               {"", "ReduceLogSum", importReduceLogSum},        //
               {"", "ReduceLogSumExp", importReduceLogSumExp},  //
               {"", "ArgMax", importArgMax},                    //
               {"", "ArgMin", importArgMin})

}  // namespace lathe::onnx
