// SPDX-License-Identifier: Apache-2.0
// Kernels that only move elements. They are templates over the element, so that inference can run them on known
// elements (T = Dim) just as reference kernels run them on data (T = an unsigned integer of the element's width).
#pragma once

#include <algorithm>

#include "ops/elements.h"

namespace lathe::ops {

// Calls f with an unsigned integer type of the element's width.
template <class F>
Status dispatchWidth(DType t, F&& f) {
    switch (bitsOf(t)) {
        case 8: return f.template operator()<uint8_t>();
        case 16: return f.template operator()<uint16_t>();
        case 32: return f.template operator()<uint32_t>();
        case 64: return f.template operator()<uint64_t>();
        default: return unsupported("elements of type {} share bytes and cannot be moved one by one", toString(t));
    }
}
// The types that dispatchWidth() takes.
inline Status requireWholeBytes(const InferContext& c, int input) {
    if (bitsOf(c.dtype(input)) >= 8) return {};
    return unsupported("input {}: elements of type {} share bytes and cannot be moved one by one", input,
                       toString(c.dtype(input)));
}

template <class T>
const T* data(const Tensor& t) {
    return static_cast<const T*>(t.data);
}
template <class T>
T* mutableData(const Tensor& t) {
    return static_cast<T*>(t.data);
}

// For each axis of the output, the input's index for each output index, or -1 for the fill value.
using AxisMaps = std::vector<Dims>;

namespace detail {
template <class T>
T* copyMapped(const T* in, const AxisMaps& maps, const Dims& strides, size_t axis, T* out, const T& fill) {
    for (int64_t from : maps[axis]) {
        const T* source = in && from >= 0 ? in + from * strides[axis] : nullptr;
        if (axis + 1 < maps.size())
            out = copyMapped(source, maps, strides, axis + 1, out, fill);
        else
            *out++ = source ? *source : fill;
    }
    return out;
}
}  // namespace detail

// out[i, j, …] = in[maps[0][i], maps[1][j], …]. REQUIRES: indices below the input's extents; as many maps as dims.
template <class T>
void copyMapped(const T* in, const Dims& dims, const AxisMaps& maps, T* out, const T& fill = T()) {
    if (maps.empty())
        *out = *in;
    else
        detail::copyMapped(in, maps, rowMajorStrides(dims), 0, out, fill);
}

// An error unless the maps fit both shapes: the output's came from inference, which may have known less.
inline Status requireMaps(const AxisMaps& maps, const Dims& in, const Dims& out) {
    for (size_t d = 0; d < maps.size(); ++d)
        if (static_cast<int64_t>(maps[d].size()) != out[d])
            return invalidArgument("axis {} of {} would get {} elements, the output has the shape {}", d,
                                   ir::toString(in), maps[d].size(), ir::toString(out));
    return {};
}

// out is dense with extents `dims`; in is read by strides.
template <class T>
void copyStrided(const T* in, const Dims& strides, T* out, const Dims& dims) {
    forEachOffset<1>(dims, {strides}, [&](const std::array<int64_t, 1>& at) { *out++ = in[at[0]]; });
}

inline Dims iota(int64_t n) {
    Dims out(n);
    for (int64_t i = 0; i < n; ++i) out[i] = i;
    return out;
}

// An index into an axis, negative ones counted from the end; an error when it is outside.
inline Result<int64_t> normalizeIndex(int64_t index, int64_t extent) {
    if (index >= -extent && index < extent) return index < 0 ? index + extent : index;
    return makeStatus(Code::kFailedComputation, "index {} is outside an axis of {} elements", index, extent);
}
// An index anywhere mapped onto [0, extent): modulo, or mirrored at the outermost elements. REQUIRES: extent > 0.
inline int64_t wrapIndex(int64_t i, int64_t extent) { return (i % extent + extent) % extent; }
inline int64_t reflectIndex(int64_t i, int64_t extent) {
    int64_t period = std::max<int64_t>(2 * (extent - 1), 1);
    i = wrapIndex(i, period);
    return i < extent ? i : period - i;
}

// The axis split of a row-major tensor: [outer, extent, inner].
struct AxisSplit {
    int64_t outer = 1, extent = 1, inner = 1;
    AxisSplit(const Dims& dims, int axis) : extent(dims[axis]) {
        for (int d = 0; d < axis; ++d) outer *= dims[d];
        for (size_t d = axis + 1; d < dims.size(); ++d) inner *= dims[d];
    }
};

// An error unless `dims` broadcasts to `to`: shapes with symbols are checked only now.
inline Status requireBroadcast(int input, const Dims& dims, const Dims& to) {
    bool fits = dims.size() <= to.size();
    for (size_t i = 0; fits && i < dims.size(); ++i) fits = dims[i] == 1 || dims[i] == to[to.size() - dims.size() + i];
    if (fits) return {};
    return invalidArgument("input {} with the shape {} cannot be broadcast to {}", input, ir::toString(dims),
                           ir::toString(to));
}

// For ops that keep the data and change the shape.
inline Status copyAll(const Tensor& in, const Tensor& out) {
    if (in.byteSize() != out.byteSize())
        return invalidArgument("a tensor of shape {} cannot have the shape {}", ir::toString(in.dims),
                               ir::toString(out.dims));
    if (in.byteSize() && in.data != out.data) std::memcpy(out.data, in.data, in.byteSize());
    return {};
}

}  // namespace lathe::ops
