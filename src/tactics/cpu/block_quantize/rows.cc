// SPDX-License-Identifier: Apache-2.0
// Blocks along the last axis, which lie together: one after the other, on all threads.
#include "ops/block_quantize.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/thread_pool.h"
#include "kernels/cpu/grain.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

// The rules of block_quantize (ops/block_quantize.h), by bits.
uint8_t fp8Code(float v) {
    uint32_t u = std::bit_cast<uint32_t>(v), sign = u >> 24 & 0x80u, a = u & 0x7fffffffu;
    if (a > 0x7f800000u) return static_cast<uint8_t>(sign | 0x7fu);
    float magnitude = std::bit_cast<float>(a);
    if (magnitude >= 448.f) return static_cast<uint8_t>(sign | 0x7eu);
    // Below 2^-6 in steps of 2^-9; from there on three bits are kept, ties to even.
    if (magnitude < 0x1p-6f)
        return static_cast<uint8_t>(sign | static_cast<uint32_t>(std::nearbyint(magnitude * 512.f)));
    uint32_t code = ((a + 0x7ffffu + (a >> 20 & 1u)) >> 20) - (120u << 3);
    return static_cast<uint8_t>(sign | std::min(code, 0x7eu));
}
uint8_t fp4Code(float v) {
    float a = std::fabs(v);
    int code = a <= 0.25f   ? 0
               : a < 0.75f  ? 1
               : a <= 1.25f ? 2
               : a < 1.75f  ? 3
               : a <= 2.5f  ? 4
               : a < 3.5f   ? 5
               : a <= 5.f   ? 6
                            : 7;
    return static_cast<uint8_t>(code | (std::signbit(v) ? 8 : 0));
}
int8_t int8Code(float v) {
    return static_cast<int8_t>(std::isnan(v) ? 0.f : std::clamp(std::nearbyint(v), -128.f, 127.f));
}

class BlockRowsKernel final : public Kernel {
  public:
    Operand x, g;
    DType in = DType::kFloat, gType = DType::kFloat, out = DType::kFp8, scale = DType::kFloat;
    int64_t blocks = 0, size = 0;
    int threads = 1;

    Status run(const RunArgs& args) override {
        return dispatchFloat(in, [&]<class T>() -> Status {
            const T* from = static_cast<const T*>(x.at(args));
            auto *y = static_cast<uint8_t*>(args.outputs[0]), *scales = static_cast<uint8_t*>(args.outputs[1]);
            float unit = 1;
            if (const void* p = g.at(args))
                TRY(dispatchFloat(gType, [&]<class G>() -> Status {
                    unit = static_cast<float>(*static_cast<const G*>(p));
                    return {};
                }));
            ThreadPool::instance().parallelFor(
                blocks, cpu::grainFor(size * 16, cpu::kArithmeticGrain),
                [&](int64_t begin, int64_t end) {
                    for (int64_t b = begin; b < end; ++b) one(from, b, unit, y, scales);
                },
                threads);
            return {};
        });
    }

  private:
    template <class T>
    void one(const T* from, int64_t b, float unit, uint8_t* y, uint8_t* scales) const {
        const T* p = from + b * size;
        float largest = 0;
        for (int64_t i = 0; i < size; ++i) {
            float v = std::fabs(static_cast<float>(p[i]));
            if (v > largest) largest = v;
        }
        float by = storedScale(largest / ops::largestQuantized(out) / unit, b, scales) * unit;
        auto quotient = [&](int64_t i) { return by == 0 ? 0.f : static_cast<float>(p[i]) / by; };
        switch (out) {
            case DType::kInt8:
                for (int64_t i = 0; i < size; ++i) y[b * size + i] = static_cast<uint8_t>(int8Code(quotient(i)));
                break;
            case DType::kFp8:
                for (int64_t i = 0; i < size; ++i) y[b * size + i] = fp8Code(quotient(i));
                break;
            default:
                for (int64_t i = 0; i < size; i += 2)
                    y[(b * size + i) / 2] = static_cast<uint8_t>(fp4Code(quotient(i)) | fp4Code(quotient(i + 1)) << 4);
        }
    }
    float storedScale(float v, int64_t b, uint8_t* scales) const {
        switch (scale) {
            case DType::kFloat: reinterpret_cast<float*>(scales)[b] = v; return v;
            case DType::kFp8: {
                Fp8 q;
                q.bits = scales[b] = fp8Code(v);
                return q;
            }
            default: scales[b] = ops::powerOfTwoAbove(v); return ops::ofPowerOfTwo(scales[b]);
        }
    }
};

class BlockRows final : public Tactic {
  public:
    constexpr BlockRows() : Tactic("cpu.block_quantize.rows.v1", "block_quantize") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::BlockQuantizeAttrs>();
        for (size_t d = 0; d + 1 < a.block.size(); ++d)
            if (a.block[d] != 1)
                return BindResult::refuse(
                    fmt::format("blocks of {} along other axes than the last", ir::toString(a.block)));
        const ir::Dim& last = anchor.input(0)->shape().back();
        if (a.block.back() == -1 && !last.isConstant())
            return BindResult::refuse("the last axis has no constant extent");
        if (a.outputDtype == DType::kFp4 && sizeOf(a, last.valueOr(0)) % 2)
            return BindResult::refuse("blocks that share a byte");
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        candidate.estimate =
            1e-6 + 3e-9 * static_cast<double>(ir::volume(c.optDims(*anchor.input(0)))) / c.target().threads;
        return {{std::move(candidate)}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::BlockQuantizeAttrs>();
        const ir::Dims& dims = c.dims(*n.input(0));
        TRY(ops::blockExtents(dims, a.block));
        auto kernel = std::make_unique<BlockRowsKernel>();
        kernel->x = TRY(operandOf(n.input(0), binding, c));
        kernel->g = TRY(operandOf(inputOf(n, 1), binding, c));
        kernel->in = n.input(0)->dtype();
        if (const ir::Value* g = inputOf(n, 1)) kernel->gType = g->dtype();
        kernel->out = a.outputDtype;
        kernel->scale = a.scaleDtype;
        kernel->size = sizeOf(a, dims.back());
        kernel->blocks = ir::volume(c.dims(*n.output(1)));
        kernel->threads = c.target().threads;
        return std::unique_ptr<Kernel>(std::move(kernel));
    }

  private:
    static int64_t sizeOf(const ops::BlockQuantizeAttrs& a, int64_t last) {
        return a.block.back() == -1 ? last : a.block.back();
    }
};

}  // namespace

LATHE_TACTIC(cpu_block_quantize_rows, BlockRows)

}  // namespace lathe::tactics
