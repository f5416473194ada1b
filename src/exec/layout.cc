// SPDX-License-Identifier: Apache-2.0
#include "exec/layout.h"

#include <cstring>

namespace lathe::exec {
namespace {

using tactics::Format;
using tactics::Layout;

// Calls visit(offset in row-major order, offset in the layout), both in elements.
template <class F>
void forEachElement(Layout layout, const ir::Dims& dims, F&& visit) {
    int axis = tactics::channelAxisOf(layout, static_cast<int>(dims.size()));
    tactics::Grouping linear = tactics::groupingOf(Layout::kLinear, dims, axis);
    tactics::Grouping other = tactics::groupingOf(layout, dims, axis);
    for (int64_t o = 0; o < linear.outer; ++o)
        for (int64_t c = 0; c < linear.channels; ++c)
            for (int64_t p = 0; p < linear.inner; ++p) visit(linear.offset(o, c, p), other.offset(o, c, p));
}

Status check(const Format& format, const ir::Dims& dims) {
    if (!tactics::fits(format.layout, static_cast<int>(dims.size())))
        return invalidArgument("a tensor of shape {} has no {} layout", ir::toString(dims),
                               tactics::toString(format.layout));
    if (bitsOf(format.dtype) < 8)
        return unsupported("elements of type {} have no {} layout", toString(format.dtype),
                           tactics::toString(format.layout));
    return {};
}

}  // namespace

Status fromLinear(const Format& format, const ir::Dims& dims, const void* linear, void* out) {
    size_t bytes = static_cast<size_t>(tactics::bytesOf({format.dtype, Layout::kLinear}, dims));
    if (tactics::isRowMajor(format.layout)) {
        if (bytes) std::memcpy(out, linear, bytes);
        return {};
    }
    TRY(check(format, dims));
    std::memset(out, 0, static_cast<size_t>(tactics::bytesOf(format, dims)));
    size_t size = static_cast<size_t>(bitsOf(format.dtype) / 8);
    const char* from = static_cast<const char*>(linear);
    char* to = static_cast<char*>(out);
    forEachElement(format.layout, dims,
                   [&](int64_t a, int64_t b) { std::memcpy(to + b * size, from + a * size, size); });
    return {};
}

Status toLinear(const Format& format, const ir::Dims& dims, const void* in, void* linear) {
    size_t bytes = static_cast<size_t>(tactics::bytesOf({format.dtype, Layout::kLinear}, dims));
    if (tactics::isRowMajor(format.layout)) {
        if (bytes) std::memcpy(linear, in, bytes);
        return {};
    }
    TRY(check(format, dims));
    size_t size = static_cast<size_t>(bitsOf(format.dtype) / 8);
    const char* from = static_cast<const char*>(in);
    char* to = static_cast<char*>(linear);
    forEachElement(format.layout, dims,
                   [&](int64_t a, int64_t b) { std::memcpy(to + a * size, from + b * size, size); });
    return {};
}

}  // namespace lathe::exec
