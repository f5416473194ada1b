// SPDX-License-Identifier: Apache-2.0
// Batch normalization that did not become arithmetic of its own (narrow types, where one rounding must not become two):
// a factor and a shift a channel, computed ahead.
#include "ops/batch_norm.h"

#include <cmath>

#include "kernels/cpu/pointwise.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class AffineKernel final : public Kernel {
  public:
    AffineKernel(cpu::PointwiseLoop loop, std::vector<float> factor, std::vector<float> shift)
        : loop_(std::move(loop)), factor_(std::move(factor)), shift_(std::move(shift)) {}
    Status run(const RunArgs& a) override {
        const void* inputs[] = {a.inputs[0], factor_.data(), shift_.data()};
        loop_.run(inputs, a.outputs);
        return {};
    }

  private:
    cpu::PointwiseLoop loop_;
    std::vector<float> factor_, shift_;
};

class BatchNormAffine final : public Tactic {
  public:
    constexpr BatchNormAffine() : Tactic("cpu.batch_norm.affine.v1", "batch_norm") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        if (!isReal(x.dtype())) return BindResult::refuse(fmt::format("type {} has no kernel", toString(x.dtype())));
        for (int i = 1; i < 5; ++i)
            if (!anchor.input(i)->isConstant() || !isReal(anchor.input(i)->dtype()))
                return BindResult::refuse("its statistics are not constant");
        Candidate candidate = bindAlone(*this, anchor, c, 3e-10);
        candidate.binding.inPlace = {{0, 0}};
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const ir::Dims& dims = c.dims(*n.input(0));
        ir::Dims channels = {dims[1]};
        std::vector<float> list[4];
        for (int i = 0; i < 4; ++i) list[i] = TRY(constantFloats(*n.input(i + 1), channels, c));
        auto& [scale, bias, mean, variance] = list;
        double epsilon = n.attrs<ops::BatchNormAttrs>().epsilon;
        for (size_t k = 0; k < scale.size(); ++k) {
            double factor = scale[k] / std::sqrt(static_cast<double>(variance[k]) + epsilon);
            bias[k] = static_cast<float>(bias[k] - mean[k] * factor);
            scale[k] = static_cast<float>(factor);
        }
        cpu::PointwiseProgram program;
        int x = program.input(n.input(0)->dtype());
        int factor = program.input(DType::kFloat), shift = program.input(DType::kFloat);
        program.output(program.fma(x, factor, shift), n.output()->dtype());
        TRY(program.check());
        // One number a channel: extent 1 on the axes behind.
        channels.insert(channels.end(), dims.size() - 2, 1);
        std::span<const int64_t> operands[] = {dims, channels, channels};
        auto loop = TRY(cpu::PointwiseLoop::makeDense(program, dims, operands));
        return std::unique_ptr<Kernel>(
            std::make_unique<AffineKernel>(std::move(loop), std::move(scale), std::move(bias)));
    }
};

}  // namespace

LATHE_TACTIC(cpu_batch_norm_affine, BatchNormAffine)

}  // namespace lathe::tactics
