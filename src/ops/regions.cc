// SPDX-License-Identifier: Apache-2.0
#include "ops/regions.h"

#include <algorithm>

#include "ops/elements.h"

namespace lathe::ops {
namespace {

const std::vector<ir::SymbolInfo>& symbolsOf(const InferContext& c) { return c.node().parent()->graph().symbols(); }

bool isOwned(const InferContext& c, ir::SymbolId id) {
    const ir::SymbolInfo& s = symbolsOf(c)[static_cast<size_t>(id)];
    return s.value && c.node().owns(*s.value);
}

bool hasWholeBytes(DType t) { return bitsOf(t) % 8 == 0; }

}  // namespace

bool isInner(const InferContext& c, const Dim& d) {
    bool inner = false;
    d.forEachSymbol([&](ir::SymbolId id) { inner = inner || isOwned(c, id); });
    return inner;
}

Dim outerBound(const InferContext& c, const Dim& d) {
    Dim bound = d;
    // A bound may again be an inner extent; each step leads to a value that is made earlier.
    for (int depth = 0; isInner(c, bound); ++depth) {
        ir::SymbolId id = bound.asSymbol();
        if (id < 0 || depth > 100 || symbolsOf(c)[static_cast<size_t>(id)].source != ir::SymbolInfo::Source::kOutputDim)
            return std::clamp<int64_t>(c.range(bound).max, 0, ir::kMaxExtent);
        bound = symbolsOf(c)[static_cast<size_t>(id)].upperBound;
    }
    return bound;
}

Dim largerBound(const Dim& a, const Dim& b) {
    if (a.valueOr(0) >= ir::kMaxExtent || b.valueOr(0) >= ir::kMaxExtent) return ir::kMaxExtent;
    return max(a, b);
}

Status inferCarried(InferContext& c, std::vector<TensorType> parameters, int firstParameter, int firstResult, int count,
                    const Trips& trips) {
    const ir::Region& body = c.node().region(0);
    auto initial = parameters;
    std::vector<std::vector<bool>> changing(count);
    for (int i = 0; i < count; ++i) changing[i].resize(parameters[firstParameter + i].shape.size());
    for (bool stable = false; !stable;) {
        TRY(c.inferRegion(0, parameters));
        stable = true;
        for (int i = 0; i < count; ++i) {
            TensorType& before = parameters[firstParameter + i];
            const TensorType& after = body.results()[firstResult + i]->type();
            if (before.dtype != after.dtype)
                return invalidArgument("carried value {} is {} at first, but {} after the body has run", i,
                                       toString(before.dtype), toString(after.dtype));
            if (before.shape.size() != after.shape.size())
                return unsupported(
                    "carried value {} has the shape {} at first, but {} after the body has run: the number of "
                    "dimensions must not change",
                    i, ir::toString(before.shape), ir::toString(after.shape));
            for (size_t d = 0; d < before.shape.size(); ++d) {
                if (changing[i][d] || before.shape[d] == after.shape[d]) continue;
                changing[i][d] = true;
                before.shape[d] = c.parameterDim(0, firstParameter + i, static_cast<int>(d), ir::kMaxExtent);
                stable = false;
            }
        }
    }
    for (int i = 0; i < count; ++i) {
        const TensorType& start = initial[firstParameter + i];
        const TensorType& before = parameters[firstParameter + i];
        const TensorType& after = body.results()[firstResult + i]->type();
        TensorType out = start;
        for (size_t d = 0; d < out.shape.size(); ++d) {
            if (!changing[i][d]) continue;
            int axis = static_cast<int>(d);
            Dim growth = after.shape[d] - before.shape[d], bound = ir::kMaxExtent;
            bool steady = !isInner(c, growth);
            if (steady && trips.bound && c.range(growth).min >= 0) bound = start.shape[d] + growth * *trips.bound;
            if (steady && c.range(growth).max <= 0) bound = start.shape[d];
            if (bound.valueOr(0) < ir::kMaxExtent) (void)c.parameterDim(0, firstParameter + i, axis, bound);
            out.shape[d] =
                steady && trips.exact ? start.shape[d] + growth * *trips.exact : c.dataDependentDim(i, axis, bound);
        }
        c.setOutput(i, std::move(out));
    }
    return {};
}

Status inferStacked(InferContext& c, int output, int result, int64_t axis, const Trips& trips) {
    const TensorType& each = c.node().region(0).results()[result]->type();
    if (!hasWholeBytes(each.dtype)) return unsupported("results of type {} cannot be stacked", toString(each.dtype));
    int at = TRY(normalizeAxis(axis, static_cast<int>(each.shape.size()) + 1));
    TensorType out{each.dtype, {}};
    for (const Dim& d : each.shape) {
        int place = static_cast<int>(out.shape.size()) + (static_cast<int>(out.shape.size()) >= at ? 1 : 0);
        out.shape.push_back(isInner(c, d) ? c.dataDependentDim(output, place, outerBound(c, d)) : d);
    }
    Dim length = trips.exact ? *trips.exact : c.dataDependentDim(output, at, trips.bound.value_or(ir::kMaxExtent));
    out.shape.insert(out.shape.begin() + at, length);
    c.setOutput(output, std::move(out));
    return {};
}

Status Stack::add(const Tensor& t) {
    if (count_ == 0) {
        dtype_ = t.dtype;
        dims_ = t.dims;
    } else if (t.dims != dims_) {
        return makeStatus(Code::kFailedComputation,
                          "a result has the shape {} in iteration {}, but {} before: they cannot be stacked",
                          ir::toString(t.dims), count_, ir::toString(dims_));
    }
    const auto* bytes = static_cast<const std::byte*>(t.data);
    data_.insert(data_.end(), bytes, bytes + t.byteSize());
    ++count_;
    return {};
}

Status Stack::store(RefContext& c, int output, int64_t axis, bool reverse) const {
    // Without a single trip the extents are those that are known anyway.
    Dims dims = count_ ? dims_ : c.knownDims(output);
    int at = TRY(normalizeAxis(axis, static_cast<int>(dims.size()) + (count_ ? 1 : 0)));
    if (count_ == 0) dims.erase(dims.begin() + at);
    Dims outDims = dims;
    outDims.insert(outDims.begin() + at, count_);
    Tensor y = TRY(c.allocateOutput(output, outDims));
    if (y.byteSize() == 0) return {};
    int64_t outer = 1, inner = bytesOf(dtype_, 1);
    for (int d = 0; d < static_cast<int>(dims.size()); ++d) (d < at ? outer : inner) *= dims[d];
    for (int64_t o = 0; o < outer; ++o)
        for (int64_t i = 0; i < count_; ++i) {
            const std::byte* from = data_.data() + ((reverse ? count_ - 1 - i : i) * outer + o) * inner;
            std::memcpy(static_cast<std::byte*>(y.data) + (o * count_ + i) * inner, from, static_cast<size_t>(inner));
        }
    return {};
}

Status storeOutput(RefContext& c, int output, const Tensor& t) {
    Tensor y = TRY(c.allocateOutput(output, t.dims));
    if (t.byteSize()) std::memcpy(y.data, t.data, t.byteSize());
    return {};
}

Status checkList(const char* name, const std::vector<int64_t>& list, size_t count, int64_t low, int64_t high) {
    if (list.empty()) return {};
    if (list.size() != count)
        return invalidArgument("'{}' has {} values where {} are needed: {}", name, list.size(), count,
                               ir::toString(list));
    for (int64_t v : list)
        if (v < low || v > high)
            return invalidArgument("'{}' is {}; values must lie between {} and {}", name, ir::toString(list), low,
                                   high);
    return {};
}

}  // namespace lathe::ops
