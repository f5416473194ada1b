// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/layers/common.h"

namespace lathe::caffe {
namespace {

// Extent of the pooled data along one axis. Caffe rounds up, but with padding drops a last window that would begin
// behind the data: `drops`. Without padding it does not, and its answer for such a window is no number that means
// anything.
Result<int64_t> pooledExtent(int64_t in, int64_t kernel, int64_t stride, int64_t pad, bool floor, bool& drops) {
    const int64_t room = in + 2 * pad - kernel;
    if (room < 0) {
        return invalidArgument("a window of {} does not fit into the {} rows or columns that there are with padding",
                               kernel, in + 2 * pad);
    }
    int64_t out = (floor ? room : room + stride - 1) / stride + 1;
    if ((out - 1) * stride >= in + pad) {
        if (!pad) {
            return unsupported("the last window, of {} with stride {}, begins behind the data, of {}", kernel, stride,
                               in);
        }
        --out;
        drops = true;
    }
    return out;
}

Status importPooling(LayerImport& c) {
    TRY(c.expectBottoms(1, 1));
    if (c.topCount() == 2) return unsupported("the second top, the places of the maxima, is not supported");
    TRY(c.expectTops(1, 1));
    const Value x = TRY(c.bottom(0));
    const Dims data = c.dims(x.tensor);
    if (data.nbDims != 4) return unsupported("data {}; 4 dimensions are supported", toString(data));
    Params& p = c.params("pooling_param");
    const int kind = TRY(p.choice("pool", 0, {"MAX", "AVE", "STOCHASTIC"}));
    if (kind == 2) return unsupported("{}: stochastic pooling is not supported", p.place("pool"));
    const bool global = TRY(p.boolean("global_pooling", false));
    Window window = TRY(readWindow(p, 2, false));
    const bool floor = TRY(p.choice("round_mode", 0, {"CEIL", "FLOOR"})) == 1;
    if (global) {
        if (!window.kernel.empty()) {
            return invalidArgument("{}: global pooling has no window",
                                   p.place(p.has("kernel_size") ? "kernel_size" : "kernel_h"));
        }
        if (window.pad != Ints{0, 0} || window.stride != Ints{1, 1}) {
            return invalidArgument("global pooling has neither padding nor a stride");
        }
        window.kernel = {data.d[2], data.d[3]};
    }
    if (window.kernel.empty()) return invalidArgument("kernel_size is missing in pooling_param");
    for (size_t i = 0; i < 2; ++i) {
        if (window.pad[i] >= window.kernel[i]) {
            return invalidArgument("the padding {} is not smaller than the window, {}", window.pad[i],
                                   window.kernel[i]);
        }
    }
    bool drops = false;
    const Ints pooled = {TRY(pooledExtent(data.d[2], window.kernel[0], window.stride[0], window.pad[0], floor, drops)),
                         TRY(pooledExtent(data.d[3], window.kernel[1], window.stride[1], window.pad[1], floor, drops))};
    ITensor* y = nullptr;
    if (drops) {
        // A pooling layer that rounds up keeps every window. Caffe divides by the part of a window that lies in the
        // padded data.
        const Ints& pad = window.pad;
        Fields fields;
        fields("kind", kind == 0 ? "max" : "average")("kernel", window.kernel)("strides", window.stride);
        fields("pads", Ints{pad[0], pad[1], pad[0], pad[1]})("ceil_mode", true)("count_include_pad", kind == 1);
        y = TRY(c.op("pool", {x.tensor}, fields));
    } else {
        using Type = nvinfer1::PoolingType;
        auto* layer = TRY(c.made(
            c.network().addPoolingNd(*x.tensor, kind == 0 ? Type::kMAX : Type::kAVERAGE, TRY(toDims(window.kernel))),
            "pool", true));
        using Mode = nvinfer1::PaddingMode;
        layer->setPaddingMode(floor ? Mode::kEXPLICIT_ROUND_DOWN : Mode::kEXPLICIT_ROUND_UP);
        layer->setStrideNd(TRY(toDims(window.stride)));
        layer->setPaddingNd(TRY(toDims(window.pad)));
        if (kind == 1) layer->setAverageCountExcludesPadding(false);
        y = TRY(c.set(layer));
    }
    const Dims made = c.dims(y);
    if (made.d[2] != pooled[0] || made.d[3] != pooled[1]) {
        return internalError("pooling makes {} of {}, where Caffe has {} by {}", toString(made), toString(data),
                             pooled[0], pooled[1]);
    }
    return c.done(y);
}

}  // namespace

LATHE_CAFFE_LAYERS(pooling, {"Pooling", "POOLING", importPooling})

}  // namespace lathe::caffe
