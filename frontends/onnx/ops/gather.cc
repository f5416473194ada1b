// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importGather(NodeImport& c) {
    ITensor *data = TRY(c.input(0)), *indices = TRY(c.input(1));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", 0)), c.rank(data)));
    return c.done(TRY(c.gather(data, indices, axis)));
}

Status importGatherElements(NodeImport& c) {
    ITensor *data = TRY(c.input(0)), *indices = TRY(c.input(1));
    const int axis = TRY(c.axis(TRY(c.intAttr("axis", 0)), c.rank(data)));
    auto* layer = TRY(c.made(c.network().addGatherV2(*data, *indices, nvinfer1::GatherMode::kELEMENT), "gather"));
    layer->setGatherAxis(axis);
    return c.done(TRY(c.set(layer)));
}

Status importGatherND(NodeImport& c) {
    ITensor *data = TRY(c.input(0)), *indices = TRY(c.input(1));
    const int64_t batch = TRY(c.intAttr("batch_dims", 0));
    if (batch < 0 || batch >= std::min(c.rank(data), c.rank(indices))) {
        return c.fail(ErrorCode::kINVALID_NODE, "attribute 'batch_dims' is {} for data {} and indices {}", batch,
                      toString(c.dims(data)), toString(c.dims(indices)));
    }
    auto* layer = TRY(c.made(c.network().addGatherV2(*data, *indices, nvinfer1::GatherMode::kND), "gather"));
    layer->setNbElementWiseDims(static_cast<int32_t>(batch));
    return c.done(TRY(c.set(layer)));
}

}  // namespace

LATHE_ONNX_OPS(gather,                                        //
               {"", "Gather", importGather},                  //
               {"", "GatherElements", importGatherElements},  //
               {"", "GatherND", importGatherND})

}  // namespace lathe::onnx
