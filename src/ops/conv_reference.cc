// SPDX-License-Identifier: Apache-2.0
#include "ops/conv_reference.h"

#include <algorithm>

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

// A spatial axis in numbers. Fewer than three axes are padded in front with axes of one position.
struct Axis {
    int64_t in = 1, out = 1, pad = 0, kernel = 1, stride = 1, dilation = 1;
};

// Row (channel, kd, kh, kw) of the patch matrix: for each output position [first, first + count) the input element
// under that tap, less `zero`; 0 in the padding.
template <class T>
void fillPatchRow(const T* channel, const Axis (&a)[3], const int64_t (&tap)[3], int64_t first, int64_t count,
                  double zero, double* row) {
    for (int64_t done = 0; done < count;) {
        int64_t at = first + done, ow = at % a[2].out, oh = at / a[2].out % a[1].out, od = at / a[2].out / a[1].out;
        int64_t length = std::min(a[2].out - ow, count - done);
        int64_t d = od * a[0].stride - a[0].pad + tap[0] * a[0].dilation;
        int64_t h = oh * a[1].stride - a[1].pad + tap[1] * a[1].dilation;
        double* out = row + done;
        done += length;
        if (d < 0 || d >= a[0].in || h < 0 || h >= a[1].in) {
            std::fill(out, out + length, 0.0);
            continue;
        }
        const T* line = channel + (d * a[1].in + h) * a[2].in;
        int64_t w = ow * a[2].stride - a[2].pad + tap[2] * a[2].dilation;
        for (int64_t i = 0; i < length; ++i, w += a[2].stride)
            out[i] = w >= 0 && w < a[2].in ? static_cast<double>(static_cast<float>(line[w])) - zero : 0.0;
    }
}

}  // namespace

Result<Shape> convShape(const InferContext& c, int x, int w, const WindowFields& fields, int64_t group) {
    const Shape &xs = c.shape(x), &ws = c.shape(w);
    if (xs.size() < 3 || xs.size() > 5)
        return unsupported("input {} has the shape {}; expected N, C and one to three spatial axes", x,
                           ir::toString(xs));
    TRY(requireRank(c, w, static_cast<int>(xs.size())));
    if (group < 1) return invalidArgument("group is {}; it must be at least 1", group);
    TRY(requireExtent(xs[1], ws[1] * group, "the number of input channels"));
    if (ws[0].isConstant() && ws[0].value() % group != 0)
        return invalidArgument("{} output channels cannot be divided into {} groups", ws[0].value(), group);
    auto kernel = TRY(kernelExtents(fields.kernel, std::span(ws).subspan(2)));
    auto axes = TRY(resolveWindow(fields, std::span(xs).subspan(2), kernel));
    Shape out = {xs[0], ws[0]};
    for (const WindowAxis& a : axes) out.push_back(a.out);
    return out;
}

Status convolve(const Tensor& x, double xZero, const std::vector<double>& w, const Dims& wDims,
                const WindowFields& fields, int64_t group, const ConvStore& store) {
    Shape spatial(x.dims.begin() + 2, x.dims.end());
    std::vector<int64_t> kernel(wDims.begin() + 2, wDims.end());
    auto axes = TRY(resolveWindow(fields, spatial, kernel));
    Axis a[3];
    for (size_t i = 0; i < axes.size(); ++i)
        a[3 - axes.size() + i] = {axes[i].in.value(), axes[i].out.value(), axes[i].padBegin.value(),
                                  axes[i].kernel,     axes[i].stride,      axes[i].dilation};
    int64_t inSize = a[0].in * a[1].in * a[2].in, outSize = a[0].out * a[1].out * a[2].out;
    int64_t channels = wDims[1], perGroup = wDims[0] / group;
    int64_t depth = channels * a[0].kernel * a[1].kernel * a[2].kernel;
    if (outSize == 0 || perGroup == 0) return {};
    // So many output positions at a time that their patches take about 2 MB.
    int64_t tile = std::clamp<int64_t>((int64_t{1} << 18) / std::max<int64_t>(depth, 1), 8, 2048);
    std::vector<double> patches(depth * tile), sums(perGroup * tile);
    return dispatchAll(x.dtype, [&]<class T>() -> Status {
        for (int64_t image = 0; image < x.dims[0]; ++image)
            for (int64_t g = 0; g < group; ++g) {
                const T* in = x.as<T>() + (image * group + g) * channels * inSize;
                for (int64_t first = 0; first < outSize; first += tile) {
                    int64_t count = std::min(tile, outSize - first);
                    double* row = patches.data();
                    for (int64_t ch = 0; ch < channels; ++ch)
                        for (int64_t kd = 0; kd < a[0].kernel; ++kd)
                            for (int64_t kh = 0; kh < a[1].kernel; ++kh)
                                for (int64_t kw = 0; kw < a[2].kernel; ++kw, row += count)
                                    fillPatchRow(in + ch * inSize, a, {kd, kh, kw}, first, count, xZero, row);
                    std::fill(sums.begin(), sums.end(), 0.0);
                    addProduct(perGroup, count, depth, w.data() + g * perGroup * depth, depth, patches.data(), count,
                               sums.data(), count);
                    for (int64_t m = 0; m < perGroup; ++m)
                        store(image, g * perGroup + m, first, count, sums.data() + m * count);
                }
            }
        return {};
    });
}

}  // namespace lathe::ops
