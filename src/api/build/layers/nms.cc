// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class NMS final : public LayerBase<INMSLayer, apiv::VNMSLayer> {
  public:
    NMS(Network& network, ITensor& boxes, ITensor& scores, ITensor& maxBoxes, DataType indicesType)
        : LayerBase(network, LayerType::kNMS, tensorList({&boxes, &scores, &maxBoxes}), 2), indicesType_(indicesType) {}

    void setBoundingBoxFormat(BoundingBoxFormat format) noexcept override {
        format_ = format;
        changed();
    }
    BoundingBoxFormat getBoundingBoxFormat() const noexcept override { return format_; }
    void setTopKBoxLimit(int32_t limit) noexcept override {
        if (limit < 1) return refuse("INMSLayer::setTopKBoxLimit", invalidArgument("a limit of {}", limit));
        limit_ = limit;
        changed();
    }
    int32_t getTopKBoxLimit() const noexcept override { return limit_; }
    bool setIndicesType(DataType type) noexcept override {
        if (type != DataType::kINT32 && type != DataType::kINT64) {
            refuse("setIndicesType", invalidArgument("indices are kINT32 or kINT64"));
            return false;
        }
        indicesType_ = type;
        changed();
        return true;
    }
    DataType getIndicesType() const noexcept override { return indicesType_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(format_, "bounding box format"));
        ir::Value *boxes = l.valueOf(*input(0)), *scores = l.valueOf(*input(1));
        if (boxes->rank() == 4) {
            if (!(boxes->shape()[2] == ir::Dim(1)))
                return unsupported("boxes {} of their own for each class", ir::toString(boxes->shape()));
            boxes = TRY(l.emit("squeeze", "axes=[2]", {boxes}));
        }
        if (boxes->rank() != 3 || scores->rank() != 3)
            return invalidArgument("boxes {} and scores {}", ir::toString(boxes->shape()),
                                   ir::toString(scores->shape()));
        // The default limit lies above what memory allows to matter; one that the user set and that could matter is
        // refused.
        const ir::Dim& count = boxes->shape()[1];
        if (limit_ != kDefaultLimit && (!count.isConstant() || count.value() > limit_))
            return unsupported("a limit of {} boxes for {} of them", limit_, count.toString());
        ir::Value* none = TRY(l.integers({1}));
        std::vector<ir::Value*> in = {boxes, TRY(l.emit("transpose", "perm=[0, 2, 1]", {scores}))};
        for (int i = 2; i < 5; ++i) {
            ir::Value* v = hasInput(i) ? TRY(l.asType(l.valueOf(*input(i)), i == 2 ? DType::kInt64 : DType::kFloat))
                                       : TRY(l.scalar(DType::kFloat, 0));
            in.push_back(TRY(l.emit("reshape", "", {v, none})));
        }
        ir::Value* rows =
            TRY(l.emit("nms", fmt::format("center_point_box={}", format_ == BoundingBoxFormat::kCENTER_SIZES), in));
        l.setOutput(0, TRY(l.asType(rows, fromApi(indicesType_))));
        ir::Value* size = TRY(l.emit("squeeze", "axes=[0]", {TRY(l.emit("shape", "start=0 end=1", {rows}))}));
        l.setOutput(1, TRY(l.asType(size, DType::kInt32)));
        return {};
    }

  protected:
    int maxInputs() const override { return 5; }

  private:
    static constexpr int32_t kDefaultLimit = 5000;
    BoundingBoxFormat format_ = BoundingBoxFormat::kCORNER_PAIRS;
    int32_t limit_ = kDefaultLimit;
    DataType indicesType_;
};

}  // namespace

INMSLayer* Network::addNMS(ITensor& boxes, ITensor& scores, ITensor& maxOutputBoxesPerClass) noexcept {
    return addNMSV2(boxes, scores, maxOutputBoxesPerClass, DataType::kINT32);
}

INMSLayer* Network::addNMSV2(ITensor& boxes, ITensor& scores, ITensor& maxOutputBoxesPerClass,
                             DataType indicesType) noexcept {
    const char* where = "INetworkDefinition::addNMS";
    if (!owns(where, {&boxes, &scores, &maxOutputBoxesPerClass})) return nullptr;
    bool ok = guardedStatus(reporter_, where, [&]() -> Status {
        if (indicesType != DataType::kINT32 && indicesType != DataType::kINT64)
            return invalidArgument("indices are kINT32 or kINT64");
        return {};
    });
    return ok ? add<NMS>(boxes, scores, maxOutputBoxesPerClass, indicesType) : nullptr;
}

}  // namespace lathe::api
