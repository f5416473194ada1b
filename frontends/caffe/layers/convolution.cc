// SPDX-License-Identifier: Apache-2.0
// Convolution and Deconvolution.
#include "frontends/caffe/layers/common.h"

namespace lathe::caffe {
namespace {

template <class L>
Result<ITensor*> setUp(LayerImport& c, L* made, const Window& window, int64_t group) {
    L* layer = TRY(c.made(made, "conv", true));
    layer->setStrideNd(TRY(toDims(window.stride)));
    layer->setPaddingNd(TRY(toDims(window.pad)));
    layer->setDilationNd(TRY(toDims(window.dilation)));
    layer->setNbGroups(group);
    return c.set(layer);
}

template <bool transposed>
Status importConvolution(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    const Dims data = c.dims(x.tensor);
    const int spatial = data.nbDims - 2;
    if (spatial < 1 || spatial > 3) {
        return unsupported("data {} has {} spatial axes; from 1 to 3 are supported", toString(data), spatial);
    }
    Params& p = c.params("convolution_param");
    constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
    const int64_t maps = TRY(p.integer("num_output", 0, 1, kMost));
    if (!maps) return invalidArgument("num_output is missing in convolution_param");
    const int64_t group = TRY(p.integer("group", 1, 1, kMost));
    const bool bias = TRY(p.boolean("bias_term", true));
    const Window window = TRY(readWindow(p, spatial, true));
    if (window.kernel.empty()) return invalidArgument("kernel_size is missing in convolution_param");
    if (const int axis = TRY(c.axis(TRY(p.integer("axis", 1)), data.nbDims)); axis != 1) {
        return unsupported("{}: the channels are on axis {}; only 1 is supported", p.place("axis"), axis);
    }
    const int64_t channels = data.d[1];
    if (channels % group || maps % group) {
        return invalidArgument("{} groups do not divide {} channels into {}", group, channels, maps);
    }
    Ints kernel = transposed ? Ints{channels, maps / group} : Ints{maps, channels / group};
    kernel.insert(kernel.end(), window.kernel.begin(), window.kernel.end());
    const Weights weights = TRY(c.weights(0, kernel, "kernel", LayerImport::Fill::kKernel));
    const Weights shift =
        bias ? TRY(c.weights(1, {maps}, "bias", LayerImport::Fill::kSmall)) : Weights{weights.type, nullptr, 0};
    const Dims size = TRY(toDims(window.kernel));
    if constexpr (transposed) {
        return c.done(
            TRY(setUp(c, c.network().addDeconvolutionNd(*x.tensor, maps, size, weights, shift), window, group)));
    } else {
        return c.done(
            TRY(setUp(c, c.network().addConvolutionNd(*x.tensor, maps, size, weights, shift), window, group)));
    }
}

}  // namespace

LATHE_CAFFE_LAYERS(convolution,                                               //
                   {"Convolution", "CONVOLUTION", importConvolution<false>},  //
                   {"Deconvolution", "DECONVOLUTION", importConvolution<true>})

}  // namespace lathe::caffe
