// SPDX-License-Identifier: Apache-2.0
// What several importers share.
#pragma once

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {

// The attributes of convolutions and poolings.
struct Window {
    int spatial = 0;
    Ints kernel, strides, dilations;
    Ints before, after;  // padding; empty unless autoPad is kNotSet
    enum class AutoPad { kNotSet, kSameUpper, kSameLower, kValid } autoPad = AutoPad::kNotSet;

    // Padding as one list, and the mode, as the catalogue's ops take them.
    void addTo(Fields& fields) const;
    nvinfer1::PaddingMode paddingMode(bool roundUp = false) const;
};

// Reads kernel_shape (or takes `kernel` for it), strides, dilations, pads and auto_pad for data of this rank.
// `kernelFree`: an op that takes the kernel's extents from its weights.
Result<Window> readWindow(NodeImport& c, int rank, const std::optional<Ints>& kernel, bool kernelFree = false);

// Gives a pooling, convolution or deconvolution layer its window.
template <class L>
void setWindow(L* layer, const Window& window, bool roundUp = false) {
    layer->setStrideNd(*toDims(window.strides));
    layer->setPaddingMode(window.paddingMode(roundUp));
    if (!window.before.empty()) {
        layer->setPrePadding(*toDims(window.before));
        layer->setPostPadding(*toDims(window.after));
    }
}

// Axes of a reduction or the like: from input `i` or, before version `since`, from the attribute. Nothing when they are
// neither given nor known now.
struct Axes {
    bool given = false;
    std::optional<Ints> known;  // not yet normalized
    ITensor* tensor = nullptr;  // when they are not known now
};
Result<Axes> readAxes(NodeImport& c, int i, int64_t since, const char* attribute = "axes");

// All axes from `from` to the last.
Ints axesFrom(int from, int rank);

// Whether every element of a constant is 0.
Result<bool> isZero(const Tensor& tensor);

// True for tensors without dimensions that vary.
bool isStatic(const Dims& dims);

}  // namespace lathe::onnx
