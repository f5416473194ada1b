// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/pad.h"

#include <cstring>

#include "kernels/cpu/grain.h"

namespace lathe::cpu {

Result<Pad> Pad::make(std::span<const int64_t> dims, std::span<const int64_t> before, std::span<const int64_t> after,
                      PadMode mode, int elementBytes) {
    TRY(checkedCount(dims, "pad"));
    if (before.size() != dims.size() || after.size() != dims.size())
        return invalidArgument("pad: {} dimensions with {} and {} amounts", dims.size(), before.size(), after.size());
    if (elementBytes < 1 || elementBytes > 16) return invalidArgument("pad: elements of {} bytes", elementBytes);
    Pad p;
    p.mode_ = mode;
    p.bytes_ = elementBytes;
    int64_t out[kMaxNestDims];
    for (size_t d = 0; d < dims.size(); ++d) {
        int64_t n;
        if (__builtin_add_overflow(dims[d], before[d], &n) || __builtin_add_overflow(n, after[d], &n) || n < 0)
            return invalidArgument("pad: dimension {} of {} elements with {} before and {} after", d, dims[d],
                                   before[d], after[d]);
        if (mode != PadMode::kConstant && dims[d] == 0 && n > 0)
            return invalidArgument("pad: dimension {} is empty, there is nothing to repeat", d);
        out[d] = n;
    }
    TRY(checkedCount({out, dims.size()}, "pad"));
    // Dimensions that stay as they are join the one outside them; at the end they make the run.
    int64_t stride = 1;
    size_t d = dims.size();
    while (d > 0 && before[d - 1] == 0 && out[d - 1] == dims[d - 1]) p.run_ *= dims[--d];
    Dim found[kMaxNestDims];
    int count = 0;
    while (d > 0) {
        Dim dim;
        --d;
        dim.in = dims[d], dim.out = out[d], dim.before = before[d], dim.stride = stride;
        stride *= dims[d];
        bool same = dim.before == 0 && dim.in == dim.out;
        Dim* last = count > 0 ? &found[count - 1] : nullptr;
        if (same && last && last->before == 0 && last->in == last->out) {
            last->in *= dim.in;
            last->out = last->in;
            continue;
        }
        found[count++] = dim;
    }
    if (count == 0) found[count++] = {1, 1, 0, 0};
    p.rank_ = count;
    for (int i = 0; i < count; ++i) p.dims_[i] = found[count - 1 - i];
    p.rows_ = 1;
    for (int i = 0; i + 1 < count; ++i) p.rows_ *= p.dims_[i].out;
    return p;
}

// The source position of output position `at`, or -1 for the constant.
int64_t Pad::source(const Dim& d, int64_t at) const {
    int64_t i = at - d.before;
    if (i >= 0 && i < d.in) return i;
    switch (mode_) {
        case PadMode::kConstant: return -1;
        case PadMode::kEdge: return i < 0 ? 0 : d.in - 1;
        case PadMode::kWrap: {
            int64_t r = i % d.in;
            return r < 0 ? r + d.in : r;
        }
        case PadMode::kReflect: {
            if (d.in == 1) return 0;
            int64_t period = 2 * (d.in - 1), r = i % period;
            if (r < 0) r += period;
            return r < d.in ? r : period - r;
        }
    }
    return -1;
}

void Pad::run(const void* x, void* y, const void* value) const {
    const Dim& last = dims_[rank_ - 1];
    const int64_t runBytes = run_ * bytes_, rowBytes = last.out * runBytes;
    if (rows_ == 0 || rowBytes == 0) return;
    static constexpr char kZero[16] = {};
    const char* element = value ? static_cast<const char*>(value) : kZero;
    bool uniform = true;
    for (int i = 1; i < bytes_; ++i) uniform = uniform && element[i] == element[0];
    auto fill = [&](char* to, int64_t bytes) {
        if (bytes <= 0) return;
        if (uniform) {
            std::memset(to, element[0], static_cast<size_t>(bytes));
            return;
        }
        // Doubles what is already there.
        std::memcpy(to, element, static_cast<size_t>(bytes_));
        for (int64_t done = bytes_; done < bytes;) {
            int64_t more = std::min(done, bytes - done);
            std::memcpy(to + done, to, static_cast<size_t>(more));
            done += more;
        }
    };
    // Output columns [from, to) of the last dimension lie inside the input.
    const int64_t from = std::clamp<int64_t>(last.before, 0, last.out);
    const int64_t to = std::clamp<int64_t>(last.before + last.in, from, last.out);
    parallelFor(rows_, grainFor(rowBytes, kCopyGrainBytes), [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
            char* out = static_cast<char*>(y) + r * rowBytes;
            int64_t offset = 0, rest = r;
            for (int d = rank_ - 2; d >= 0 && offset >= 0; --d) {
                int64_t i = source(dims_[d], rest % dims_[d].out);
                rest /= dims_[d].out;
                offset = i < 0 ? -1 : offset + i * dims_[d].stride;
            }
            if (offset < 0) {
                fill(out, rowBytes);
                continue;
            }
            const char* in = static_cast<const char*>(x) + offset * runBytes;
            if (mode_ == PadMode::kConstant) {
                fill(out, from * runBytes);
                fill(out + to * runBytes, (last.out - to) * runBytes);
            } else {
                auto repeat = [&](int64_t c) {
                    std::memcpy(out + c * runBytes, in + source(last, c) * runBytes, static_cast<size_t>(runBytes));
                };
                for (int64_t c = 0; c < from; ++c) repeat(c);
                for (int64_t c = to; c < last.out; ++c) repeat(c);
            }
            if (from < to)
                std::memcpy(out + from * runBytes, in + (from - last.before) * runBytes,
                            static_cast<size_t>((to - from) * runBytes));
        }
    });
}

}  // namespace lathe::cpu
