// SPDX-License-Identifier: Apache-2.0
// Quantize and dequantize layers.
#include "api/build/layers/quantize_checks.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

template <class I, class V>
class QuantizeBase : public LayerBase<I, V> {
  public:
    QuantizeBase(Network& network, LayerType layer, const char* op, ITensor& input, ITensor& scale, DataType type)
        : LayerBase<I, V>(network, layer, tensorList({&input, &scale})), op_(op), type_(type) {}

    int32_t getAxis() const noexcept override { return axis_; }
    void setAxis(int32_t axis) noexcept override {
        axis_ = axis;
        this->changed();
    }
    DataType getToType() const noexcept override { return type_; }
    void setToType(DataType type) noexcept override {
        type_ = type;
        this->changed();
    }
    Dims getBlockShape() const noexcept override { return block_; }
    bool setBlockShape(Dims const& block) noexcept override {
        return guardedStatus(this->reporter(), "setBlockShape", [&]() -> Status {
            if (Status s = checkBlockExtents(block); !s.ok()) return s.prefix(this->describe());
            block_ = block;
            this->changed();
            return {};
        });
    }

    Status lower(Lowering& l) override {
        ir::Value *x = l.valueOf(*this->input(0)), *scale = l.valueOf(*this->input(1));
        ir::Value* zero = this->hasInput(2) ? l.valueOf(*this->input(2)) : nullptr;
        int64_t axis = axis_, block = 0;
        if (block_.nbDims > 0) {
            if (block_.nbDims != x->rank())
                return invalidArgument("a block of {} for the shape {}", listText(block_), ir::toString(x->shape()));
            TRY(oneBlockedAxis(*x, axis, block));
        } else if (scale->rank() > 1) {
            TRY(blockFromScale(*x, *scale, axis, block));
        } else if (axis < 0 && scale->rank() == 1) {
            // One scale for all, written as a vector of one.
            ir::Value* none = TRY(l.integers({}));
            scale = TRY(l.emit("reshape", "", {scale, none}));
            if (zero && zero->rank() == 1) zero = TRY(l.emit("reshape", "", {zero, none}));
        } else if (axis < 0 && scale->rank() == 0) {
            axis = 0;
        }
        std::vector<ir::Value*> in = {x, scale};
        if (zero) in.push_back(zero);
        l.setOutput(0, TRY(l.emit(op_,
                                  fmt::format("axis={} block_size={} output_dtype={}", std::max<int64_t>(axis, 0),
                                              block, toString(fromApi(type_))),
                                  in)));
        return {};
    }

  protected:
    int maxInputs() const override { return 3; }

  private:
    // Blocks that extend along one axis only: [1, 32] or [32, 1]; a scale for each slice of another axis: [-1, 1].
    Status oneBlockedAxis(const ir::Value& x, int64_t& axis, int64_t& block) const {
        int blocked = -1, whole = 0, single = -1, singles = 0;
        for (int i = 0; i < block_.nbDims; ++i) {
            int64_t d = block_.d[i];
            bool all = d == -1 || x.shape()[i] == ir::Dim(d);
            if (d == 1 && !(x.shape()[i] == ir::Dim(1))) {
                single = i;
                ++singles;
            } else if (all) {
                ++whole;
            } else if (blocked >= 0) {
                return unsupported("a block of {} extends along more than one axis", listText(block_));
            } else {
                blocked = i;
            }
        }
        if (blocked >= 0) {
            for (int i = 0; i < block_.nbDims; ++i)
                if (i != blocked && block_.d[i] != 1)
                    return unsupported("a block of {} extends along more than one axis", listText(block_));
            axis = blocked;
            block = block_.d[blocked];
            return {};
        }
        if (singles > 1) return unsupported("blocks of {} for the shape {}", listText(block_), ir::toString(x.shape()));
        axis = single < 0 ? 0 : single;
        return {};
    }
    // A scale of x's rank: blocks along the axis where the extents differ.
    static Status blockFromScale(const ir::Value& x, const ir::Value& scale, int64_t& axis, int64_t& block) {
        if (scale.rank() != x.rank())
            return invalidArgument("a scale of {} for {}", ir::toString(scale.shape()), ir::toString(x.shape()));
        int at = -1;
        for (int i = 0; i < x.rank(); ++i) {
            if (scale.shape()[i] == x.shape()[i]) continue;
            if (at >= 0)
                return unsupported("a scale of {} for {}: blocks along more than one axis", ir::toString(scale.shape()),
                                   ir::toString(x.shape()));
            at = i;
        }
        if (at < 0) return unsupported("a scale for every element");
        const ir::Dim &n = x.shape()[at], &blocks = scale.shape()[at];
        if (!n.isConstant() || !blocks.isConstant() || blocks.value() < 1 || n.value() % blocks.value())
            return invalidArgument("a scale of {} does not divide {} into blocks", ir::toString(scale.shape()),
                                   ir::toString(x.shape()));
        axis = at;
        block = n.value() / blocks.value();
        return {};
    }

    const char* op_;
    DataType type_;
    int32_t axis_ = -1;
    Dims block_{};
};

class Quantize final : public QuantizeBase<IQuantizeLayer, apiv::VQuantizeLayer> {
  public:
    Quantize(Network& network, ITensor& input, ITensor& scale, DataType type)
        : QuantizeBase(network, LayerType::kQUANTIZE, "quantize_linear", input, scale, type) {}
};

class Dequantize final : public QuantizeBase<IDequantizeLayer, apiv::VDequantizeLayer> {
  public:
    Dequantize(Network& network, ITensor& input, ITensor& scale, DataType type)
        : QuantizeBase(network, LayerType::kDEQUANTIZE, "dequantize_linear", input, scale, type) {}
};

}  // namespace

IQuantizeLayer* Network::addQuantize(ITensor& input, ITensor& scale) noexcept {
    return addQuantizeV2(input, scale, DataType::kINT8);
}

IQuantizeLayer* Network::addQuantizeV2(ITensor& input, ITensor& scale, DataType outputType) noexcept {
    if (!owns("INetworkDefinition::addQuantize", {&input, &scale})) return nullptr;
    return add<Quantize>(input, scale, outputType);
}

IDequantizeLayer* Network::addDequantize(ITensor& input, ITensor& scale) noexcept {
    return addDequantizeV2(input, scale, DataType::kFLOAT);
}

IDequantizeLayer* Network::addDequantizeV2(ITensor& input, ITensor& scale, DataType outputType) noexcept {
    if (!owns("INetworkDefinition::addDequantize", {&input, &scale})) return nullptr;
    return add<Dequantize>(input, scale, outputType);
}

}  // namespace lathe::api
