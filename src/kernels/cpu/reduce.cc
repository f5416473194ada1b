// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/reduce.h"

#include <cmath>
#include <limits>

#include "kernels/cpu/grain.h"
#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(ReduceTable, reduceTable)

namespace lathe::cpu {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

Gather gatherOf(ReduceOp op) {
    switch (op) {
        case ReduceOp::kProd: return Gather::kProd;
        case ReduceOp::kMax: return Gather::kMax;
        case ReduceOp::kMin: return Gather::kMin;
        case ReduceOp::kSumSquare:
        case ReduceOp::kL2: return Gather::kSumSquare;
        case ReduceOp::kL1: return Gather::kSumAbs;
        case ReduceOp::kLogSumExp: return Gather::kSumExp;
        default: return Gather::kSum;
    }
}

double identityOf(Gather g) {
    return g == Gather::kProd ? 1 : g == Gather::kMax ? -kInf : g == Gather::kMin ? kInf : 0;
}

void join(Gather g, double part, double& total) {
    switch (g) {
        case Gather::kProd: total *= part; break;
        case Gather::kMax: total = part > total || part != part ? part : total; break;
        case Gather::kMin: total = part < total || part != part ? part : total; break;
        default: total += part; break;
    }
}

float finish(ReduceOp op, double total, float shift, int64_t count) {
    switch (op) {
        case ReduceOp::kMean: return static_cast<float>(total / static_cast<double>(count));
        case ReduceOp::kL2: return static_cast<float>(std::sqrt(total));
        case ReduceOp::kLogSum: return static_cast<float>(std::log(total));
        case ReduceOp::kLogSumExp: return static_cast<float>(std::log(total) + shift);
        default: return static_cast<float>(total);
    }
}

// The largest element, or 0 where it is infinite or there is none: e^(x - shift) then needs no help.
float shiftFrom(double maximum) { return std::isfinite(maximum) ? static_cast<float>(maximum) : 0.f; }

void put(DType type, void* y, int64_t i, float v) {
    switch (type) {
        case DType::kHalf: static_cast<Half*>(y)[i] = Half(v); break;
        case DType::kBf16: static_cast<BFloat16*>(y)[i] = BFloat16(v); break;
        default: static_cast<float*>(y)[i] = v; break;
    }
}

const char* at(const void* x, DType type, int64_t offset) {
    return static_cast<const char*>(x) + offset * (bitsOf(type) / 8);
}

// Elements of one piece of a long reduction; fixed, so that the order of additions is.
constexpr int64_t kPiece = 1 << 15;
constexpr int kMaxPieces = 256;

}  // namespace

Result<Reduction> Reduction::make(ReduceOp op, DType type, std::span<const int64_t> dims, uint32_t axes) {
    TRY(checkedCount(dims, "reduce"));
    bool real = type == DType::kFloat || type == DType::kHalf || type == DType::kBf16;
    bool whole = type == DType::kInt8 || type == DType::kUint8 || type == DType::kInt32 || type == DType::kInt64;
    bool logic = type == DType::kBool && (op == ReduceOp::kMax || op == ReduceOp::kMin);
    bool realOnly = op == ReduceOp::kL2 || op == ReduceOp::kLogSum || op == ReduceOp::kLogSumExp;
    if (!real && !logic && (!whole || realOnly))
        return unsupported("reduce: operation {} on {}", static_cast<int>(op), toString(type));
    Reduction r;
    r.op_ = op;
    r.type_ = type;
    r.outputs_ = r.perOutput_ = 1;
    int64_t strides[kMaxNestDims];
    denseStrides(dims, strides);
    for (size_t d = 0; d < dims.size(); ++d) {
        Nest<1>& nest = axes >> d & 1 ? r.reduced_ : r.kept_;
        (axes >> d & 1 ? r.perOutput_ : r.outputs_) *= dims[d];
        nest.dims[nest.rank] = dims[d];
        nest.strides[0][nest.rank++] = strides[d];
    }
    r.kept_.collapse();
    r.reduced_.collapse();
    // Loops of one step have stride 0 after collapsing; the other nest is then the inner one.
    int64_t keptStep = r.kept_.strides[0][r.kept_.rank - 1], reducedStep = r.reduced_.strides[0][r.reduced_.rank - 1];
    r.innerReduced_ = reducedStep == 1 || (reducedStep == 0 && keptStep != 1);
    return r;
}

void Reduction::run(const void* x, void* y) const {
    if (outputs_ == 0) return;
    bool real = isFloating(type_);
    if (!real) {
        parallelFor(outputs_, grainFor(perOutput_, kArithmeticGrain / 2),
                    [&](int64_t begin, int64_t end) { integers(x, y, begin, end); });
        return;
    }
    if (perOutput_ == 0) {
        for (int64_t i = 0; i < outputs_; ++i) put(type_, y, i, finish(op_, identityOf(gatherOf(op_)), 0, 0));
        return;
    }
    int64_t cost = op_ == ReduceOp::kLogSumExp ? 16 : 2;
    if (!innerReduced_) {
        int64_t inner = kept_.dims[kept_.rank - 1], blocks = (inner + kReduceColumns - 1) / kReduceColumns;
        parallelFor(outputs_ / inner * blocks,
                    grainFor(perOutput_ * std::min<int64_t>(inner, kReduceColumns) * cost, kArithmeticGrain),
                    [&](int64_t begin, int64_t end) { columns(x, y, begin, end); });
        return;
    }
    if (perOutput_ >= 2 * kPiece && outputs_ < 16) return split(x, y);
    parallelFor(outputs_, grainFor(perOutput_ * cost, kArithmeticGrain),
                [&](int64_t begin, int64_t end) { rows(x, y, begin, end); });
}

void Reduction::rows(const void* x, void* y, int64_t begin, int64_t end) const {
    const ReduceTable& kernels = reduceTable();
    Gather gather = gatherOf(op_);
    int last = reduced_.rank - 1;
    int64_t n = reduced_.dims[last], runs = perOutput_ / n;
    auto total = [&](Gather g, const char* from, float shift) {
        double sum = identityOf(g);
        NestCursor<1> run(reduced_, last, 0);
        for (int64_t i = 0; i < runs; ++i, run.next())
            kernels.row(g, type_, at(from, type_, run.offset[0]), n, shift, &sum);
        return sum;
    };
    NestCursor<1> output(kept_, kept_.rank, begin);
    for (int64_t o = begin; o < end; ++o, output.next()) {
        const char* from = at(x, type_, output.offset[0]);
        float shift = op_ == ReduceOp::kLogSumExp ? shiftFrom(total(Gather::kMax, from, 0)) : 0;
        put(type_, y, o, finish(op_, total(gather, from, shift), shift, perOutput_));
    }
}

// Few outputs of many elements: pieces in parallel, their totals joined in order.
void Reduction::split(const void* x, void* y) const {
    const ReduceTable& kernels = reduceTable();
    int last = reduced_.rank - 1;
    int64_t n = reduced_.dims[last];
    int64_t piece = std::max(kPiece, (perOutput_ + kMaxPieces - 1) / kMaxPieces);
    int64_t pieces = (perOutput_ + piece - 1) / piece;
    NestCursor<1> output(kept_, kept_.rank, 0);
    for (int64_t o = 0; o < outputs_; ++o, output.next()) {
        const char* from = at(x, type_, output.offset[0]);
        auto total = [&](Gather g, float shift) {
            double parts[kMaxPieces];
            parallelFor(pieces, 4, [&](int64_t begin, int64_t end) {
                for (int64_t p = begin; p < end; ++p) {
                    double sum = identityOf(g);
                    int64_t i = p * piece, stop = std::min(perOutput_, i + piece);
                    NestCursor<1> run(reduced_, last, i / n);
                    for (int64_t skip = i % n; i < stop; skip = 0, run.next()) {
                        int64_t count = std::min(n - skip, stop - i);
                        kernels.row(g, type_, at(from, type_, run.offset[0] + skip), count, shift, &sum);
                        i += count;
                    }
                    parts[p] = sum;
                }
            });
            double sum = identityOf(g);
            for (int64_t p = 0; p < pieces; ++p) join(g, parts[p], sum);
            return sum;
        };
        float shift = op_ == ReduceOp::kLogSumExp ? shiftFrom(total(Gather::kMax, 0)) : 0;
        put(type_, y, o, finish(op_, total(gatherOf(op_), shift), shift, perOutput_));
    }
}

void Reduction::columns(const void* x, void* y, int64_t begin, int64_t end) const {
    const ReduceTable& kernels = reduceTable();
    int inner = kept_.rank - 1, last = reduced_.rank - 1;
    int64_t width = kept_.dims[inner], blocks = (width + kReduceColumns - 1) / kReduceColumns;
    int64_t n = reduced_.dims[last], runs = perOutput_ / n, rowStride = reduced_.strides[0][last];
    alignas(64) double total[kReduceColumns];
    alignas(64) float shift[kReduceColumns] = {};
    for (int64_t b = begin; b < end; ++b) {
        int64_t first = b % blocks * kReduceColumns, cols = std::min<int64_t>(kReduceColumns, width - first);
        NestCursor<1> output(kept_, inner, b / blocks);
        const char* from = at(x, type_, output.offset[0] + first);
        auto gather = [&](Gather g) {
            for (int64_t c = 0; c < cols; ++c) total[c] = identityOf(g);
            NestCursor<1> run(reduced_, last, 0);
            for (int64_t i = 0; i < runs; ++i, run.next())
                kernels.columns(g, type_, at(from, type_, run.offset[0]), rowStride, n, cols, shift, total);
        };
        if (op_ == ReduceOp::kLogSumExp) {
            gather(Gather::kMax);
            for (int64_t c = 0; c < cols; ++c) shift[c] = shiftFrom(total[c]);
        }
        gather(gatherOf(op_));
        int64_t to = b / blocks * width + first;
        for (int64_t c = 0; c < cols; ++c) put(type_, y, to + c, finish(op_, total[c], shift[c], perOutput_));
    }
}

namespace {

// One element at a time; sums wrap in 64 bits and then in the storage type, which is the same as wrapping at once.
template <class T>
void integerOutputs(ReduceOp op, const Nest<1>& kept, const Nest<1>& reduced, int64_t perOutput, const T* x, T* y,
                    int64_t begin, int64_t end) {
    int last = reduced.rank - 1;
    int64_t n = reduced.dims[last], step = reduced.strides[0][last], runs = perOutput == 0 ? 0 : perOutput / n;
    NestCursor<1> output(kept, kept.rank, begin);
    for (int64_t o = begin; o < end; ++o, output.next()) {
        uint64_t sum = op == ReduceOp::kProd ? 1 : 0;
        T best = op == ReduceOp::kMax ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
        NestCursor<1> run(reduced, last, 0);
        for (int64_t r = 0; r < runs; ++r, run.next()) {
            const T* p = x + output.offset[0] + run.offset[0];
            switch (op) {
                case ReduceOp::kProd:
                    for (int64_t i = 0; i < n; ++i) sum *= static_cast<uint64_t>(p[i * step]);
                    break;
                case ReduceOp::kMax:
                    for (int64_t i = 0; i < n; ++i) best = std::max(best, p[i * step]);
                    break;
                case ReduceOp::kMin:
                    for (int64_t i = 0; i < n; ++i) best = std::min(best, p[i * step]);
                    break;
                case ReduceOp::kSumSquare:
                    for (int64_t i = 0; i < n; ++i)
                        sum += static_cast<uint64_t>(p[i * step]) * static_cast<uint64_t>(p[i * step]);
                    break;
                case ReduceOp::kL1:
                    for (int64_t i = 0; i < n; ++i) {
                        uint64_t v = static_cast<uint64_t>(p[i * step]);
                        sum += p[i * step] < 0 ? 0 - v : v;
                    }
                    break;
                default:
                    for (int64_t i = 0; i < n; ++i) sum += static_cast<uint64_t>(p[i * step]);
                    break;
            }
        }
        if (op == ReduceOp::kMax || op == ReduceOp::kMin)
            y[o] = best;
        else if (op == ReduceOp::kMean)
            y[o] = static_cast<T>(perOutput == 0 ? 0 : static_cast<int64_t>(sum) / perOutput);
        else
            y[o] = static_cast<T>(sum);
    }
}

}  // namespace

void Reduction::integers(const void* x, void* y, int64_t begin, int64_t end) const {
    auto go = [&]<class T>() {
        integerOutputs(op_, kept_, reduced_, perOutput_, static_cast<const T*>(x), static_cast<T*>(y), begin, end);
    };
    switch (type_) {
        case DType::kInt8: return go.operator()<int8_t>();
        case DType::kInt32: return go.operator()<int32_t>();
        case DType::kInt64: return go.operator()<int64_t>();
        case DType::kBool: {
            go.operator()<uint8_t>();
            // Any and all of nothing are false and true, and a true byte may be any but 0.
            uint8_t* to = static_cast<uint8_t*>(y);
            for (int64_t o = begin; o < end; ++o) to[o] = to[o] != 0;
            return;
        }
        default: return go.operator()<uint8_t>();
    }
}

}  // namespace lathe::cpu
