// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class MatrixMultiply final : public LayerBase<IMatrixMultiplyLayer, apiv::VMatrixMultiplyLayer> {
  public:
    MatrixMultiply(Network& network, ITensor& a, MatrixOperation opA, ITensor& b, MatrixOperation opB)
        : LayerBase(network, LayerType::kMATRIX_MULTIPLY, tensorList({&a, &b})), ops_{opA, opB} {}

    void setOperation(int32_t index, MatrixOperation op) noexcept override {
        if (index < 0 || index > 1)
            return refuse("IMatrixMultiplyLayer::setOperation", invalidArgument("there is no operand {}", index));
        ops_[index] = op;
        changed();
    }
    MatrixOperation getOperation(int32_t index) const noexcept override { return index == 1 ? ops_[1] : ops_[0]; }

    Status lower(Lowering& l) override {
        TRY(mustExist(ops_[0], "operation of operand 0,"));
        TRY(mustExist(ops_[1], "operation of operand 1,"));
        bool vectorA = ops_[0] == MatrixOperation::kVECTOR, vectorB = ops_[1] == MatrixOperation::kVECTOR;
        ir::Value *a = l.valueOf(*input(0)), *b = l.valueOf(*input(1));
        for (int i = 0; i < 2; ++i) {
            int rank = (i ? b : a)->rank();
            if (rank < (ops_[i] == MatrixOperation::kVECTOR ? 1 : 2))
                return invalidArgument("operand {} has only {} dimensions", i, rank);
        }
        // A vector is a matrix with one row (on the left) or one column; that axis is taken out of the product again.
        if (vectorA) a = TRY(l.emit("unsqueeze", "axes=[-2]", {a}));
        if (vectorB) b = TRY(l.emit("unsqueeze", "axes=[-1]", {b}));
        ir::Value* y = TRY(l.emit("matmul",
                                  fmt::format("transpose_a={} transpose_b={}", ops_[0] == MatrixOperation::kTRANSPOSE,
                                              ops_[1] == MatrixOperation::kTRANSPOSE),
                                  {a, b}));
        if (vectorA || vectorB)
            y = TRY(l.emit("squeeze", vectorA && vectorB ? "axes=[-2, -1]" : vectorA ? "axes=[-2]" : "axes=[-1]", {y}));
        l.setOutput(0, y);
        return {};
    }

  private:
    MatrixOperation ops_[2];
};

}  // namespace

IMatrixMultiplyLayer* Network::addMatrixMultiply(ITensor& input0, MatrixOperation op0, ITensor& input1,
                                                 MatrixOperation op1) noexcept {
    if (!owns("INetworkDefinition::addMatrixMultiply", {&input0, &input1})) return nullptr;
    return add<MatrixMultiply>(input0, op0, input1, op1);
}

}  // namespace lathe::api
