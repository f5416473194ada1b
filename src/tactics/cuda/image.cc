// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/image.h"

#include <algorithm>
#include <cstring>

namespace lathe::tactics {

Result<cuda::ConvShape> cudaConvShape(const ops::WindowFields& fields, int64_t group, DType type, const ir::Dims& x,
                                      const ir::Dims& w) {
    WindowNumbers window = TRY(windowNumbers(fields, x, std::span(w).subspan(2)));
    cuda::ConvShape s;
    s.type = s.outType = type;
    s.n = x[0];
    s.ic = w[1] * group;
    s.oc = w[0];
    s.groups = group;
    for (int d = 0; d < 3; ++d) {
        s.in[d] = window.in[d];
        s.kernel[d] = window.kernel[d];
        s.stride[d] = window.stride[d];
        s.dilation[d] = window.dilation[d];
        s.padBefore[d] = window.padBegin[d];
        // What the last window reaches: less than the padding where strides leave a rest, more in ceiling mode.
        s.padAfter[d] =
            (window.out[d] - 1) * s.stride[d] + s.dilation[d] * (s.kernel[d] - 1) + 1 - s.in[d] - s.padBefore[d];
    }
    return s;
}

void gatherBytes(std::span<const std::byte> src, std::span<std::byte> dst, std::span<const int64_t> dims,
                 std::span<const int64_t> srcStrides, int elementBytes) {
    int64_t total = 1;
    for (int64_t d : dims) total *= d;
    std::vector<int64_t> at(dims.size(), 0);
    int64_t from = 0;
    for (int64_t i = 0; i < total; ++i) {
        std::memcpy(dst.data() + i * elementBytes, src.data() + from * elementBytes, static_cast<size_t>(elementBytes));
        for (size_t d = dims.size(); d-- > 0;) {
            from += srcStrides[d];
            if (++at[d] < dims[d]) break;
            from -= srcStrides[d] * dims[d];
            at[d] = 0;
        }
    }
}

PackedWeights packedOhwi(const ir::Value& w) {
    return {{&w}, "cuda.conv.ohwi.0.v1", ir::volume(ir::constantDims(w.shape())) * (bitsOf(w.dtype()) / 8)};
}

void packOhwi(const ir::Value& w, std::span<const std::byte> source, std::span<std::byte> out) {
    ir::Dims d = ir::constantDims(w.shape());
    int64_t taps = positionsOf(d), dims[] = {d[0], taps, d[1]}, from[] = {d[1] * taps, 1, taps};
    gatherBytes(source, out, dims, from, bitsOf(w.dtype()) / 8);
}

PackedWeights packedChannels(const ir::Value& v, int64_t channels) {
    return {{&v}, fmt::format("cuda.channels.{}.v1", channels), channels * int64_t{sizeof(float)}};
}

Status packChannels(const Binding& binding, int index, std::span<const std::byte> source, std::span<std::byte> out) {
    const ir::Value& v = *binding.packed[static_cast<size_t>(index)].sources[0];
    size_t channels = out.size() / sizeof(float), bytes = static_cast<size_t>(bitsOf(v.dtype()) / 8);
    size_t count = bytes ? source.size() / bytes : 0;
    if (count != channels && count != 1) return internalError("a vector of {} values for {} channels", count, channels);
    auto* to = reinterpret_cast<float*>(out.data());
    for (size_t i = 0; i < channels; ++i) {
        size_t k = count == 1 ? 0 : i;
        switch (v.dtype()) {
            case DType::kHalf: to[i] = static_cast<float>(reinterpret_cast<const Half*>(source.data())[k]); break;
            case DType::kBf16: to[i] = static_cast<float>(reinterpret_cast<const BFloat16*>(source.data())[k]); break;
            case DType::kFloat: to[i] = reinterpret_cast<const float*>(source.data())[k]; break;
            default: return internalError("a channel vector of type {}", toString(v.dtype()));
        }
    }
    return {};
}

cuda::Epilogue cudaEpilogue(const EpilogueMatch& match, DType type) {
    cuda::Epilogue e;
    if (match.residual) e.residual = type;
    e.residualAfter = match.residualAfter;
    e.activation = match.activation;
    e.alpha = match.alpha;
    e.beta = match.beta;
    return e;
}

}  // namespace lathe::tactics
