// SPDX-License-Identifier: Apache-2.0
// What convolution, deconvolution and pooling layers share: the window's settings and how they are written as
// attributes.
#pragma once

#include "api/build/network.h"

namespace lathe::api {

template <class I, class V>
class WindowLayer : public LayerBase<I, V> {
  public:
    using Dims = nvinfer1::Dims;
    WindowLayer(Network& network, nvinfer1::LayerType type, std::vector<Tensor*> inputs, const Dims& window)
        : LayerBase<I, V>(network, type, std::move(inputs)),
          window_(window),
          stride_(filledDims(window.nbDims, 1)),
          pre_(filledDims(window.nbDims, 0)),
          post_(pre_),
          dilation_(stride_) {}

    void setPrePadding(Dims const& padding) noexcept override { set("setPrePadding", pre_, padding, 0); }
    Dims getPrePadding() const noexcept override { return pre_; }
    void setPostPadding(Dims const& padding) noexcept override { set("setPostPadding", post_, padding, 0); }
    Dims getPostPadding() const noexcept override { return post_; }
    void setPaddingMode(nvinfer1::PaddingMode mode) noexcept override {
        if (Status s = mustExist(mode, "padding mode"); !s.ok()) return this->refuse("setPaddingMode", s);
        mode_ = mode;
        this->changed();
    }
    nvinfer1::PaddingMode getPaddingMode() const noexcept override { return mode_; }
    void setStrideNd(Dims const& stride) noexcept override { set("setStrideNd", stride_, stride, 1); }
    Dims getStrideNd() const noexcept override { return stride_; }
    void setPaddingNd(Dims const& padding) noexcept override {
        if (set("setPaddingNd", pre_, padding, 0)) post_ = pre_;
    }
    Dims getPaddingNd() const noexcept override { return pre_; }

  protected:
    bool set(const char* where, Dims& to, const Dims& value, int64_t least) {
        Status s = check(value, least);
        if (!s.ok()) {
            this->refuse(where, s);
            return false;
        }
        to = value;
        this->changed();
        return true;
    }
    static Status check(const Dims& value, int64_t least) {
        if (value.nbDims < 1 || value.nbDims > 3)
            return invalidArgument("{} spatial dimensions; 1 to 3 are possible", value.nbDims);
        for (int i = 0; i < value.nbDims; ++i)
            if (value.d[i] < least) return invalidArgument("{}: values must be at least {}", listText(value), least);
        return {};
    }
    // Attributes of WindowFields; `rounding`: whether kEXPLICIT_ROUND_UP has a meaning.
    std::string windowText(bool rounding) const {
        using Mode = nvinfer1::PaddingMode;
        std::string pads = listText(pre_);
        pads.pop_back();
        pads += ", " + listText(post_).substr(1);
        const char* mode = mode_ == Mode::kSAME_UPPER   ? "same_upper"
                           : mode_ == Mode::kSAME_LOWER ? "same_lower"
                                                        : "notset";
        const bool up = rounding && mode_ == Mode::kEXPLICIT_ROUND_UP;
        return fmt::format("kernel={} strides={} dilations={} pads={} auto_pad={} ceil_mode={} ceil_all={}",
                           listText(window_), listText(stride_), listText(dilation_), pads, mode, up, up);
    }
    // A layer of n spatial dimensions is for tensors of rank n + 2.
    Status checkRank(const ir::Value* x) const {
        if (x->rank() == window_.nbDims + 2) return {};
        return invalidArgument("the input has the shape {}, but the window {} needs {} dimensions",
                               ir::toString(x->shape()), listText(window_), window_.nbDims + 2);
    }

    Dims window_, stride_, pre_, post_, dilation_;
    nvinfer1::PaddingMode mode_ = nvinfer1::PaddingMode::kEXPLICIT_ROUND_DOWN;
};

// Adds what convolution and deconvolution have in common: kernel and bias as weights or as inputs 1 and 2.
template <class I, class V>
class KernelLayer : public WindowLayer<I, V> {
  public:
    using Dims = nvinfer1::Dims;
    using Weights = nvinfer1::Weights;
    KernelLayer(Network& network, nvinfer1::LayerType type, nvinfer1::ITensor& input, int64_t maps, const Dims& window,
                Weights kernel, Weights bias)
        : WindowLayer<I, V>(network, type, tensorList({&input}), window), maps_(maps), kernel_(kernel), bias_(bias) {}

    void setNbOutputMaps(int64_t maps) noexcept override {
        if (maps < 1) return this->refuse("setNbOutputMaps", invalidArgument("{} output maps", maps));
        maps_ = maps;
        this->changed();
    }
    int64_t getNbOutputMaps() const noexcept override { return maps_; }
    void setNbGroups(int64_t groups) noexcept override {
        if (groups < 1) return this->refuse("setNbGroups", invalidArgument("{} groups", groups));
        groups_ = groups;
        this->changed();
    }
    int64_t getNbGroups() const noexcept override { return groups_; }
    void setKernelWeights(Weights weights) noexcept override {
        kernel_ = weights;
        this->changed();
    }
    Weights getKernelWeights() const noexcept override { return kernel_; }
    void setBiasWeights(Weights weights) noexcept override {
        bias_ = weights;
        this->changed();
    }
    Weights getBiasWeights() const noexcept override { return bias_; }
    void setKernelSizeNd(Dims const& size) noexcept override { this->set("setKernelSizeNd", this->window_, size, 1); }
    Dims getKernelSizeNd() const noexcept override { return this->window_; }
    void setDilationNd(Dims const& dilation) noexcept override {
        this->set("setDilationNd", this->dilation_, dilation, 1);
    }
    Dims getDilationNd() const noexcept override { return this->dilation_; }

  protected:
    int maxInputs() const override { return 3; }

    Status lowerAs(Lowering& l, const char* op, bool transposed) {
        ir::Value* x = l.valueOf(*this->input(0));
        TRY(this->checkRank(x));
        const ir::Dim& channels = x->shape()[1];
        if (!channels.isConstant())
            return invalidArgument("the number of channels must be known, but the input is {}",
                                   ir::toString(x->shape()));
        int64_t c = channels.value();
        if (c % groups_ || maps_ % groups_)
            return invalidArgument("{} groups do not divide {} input and {} output channels", groups_, c, maps_);
        std::vector<ir::Value*> in = {x};
        if (this->hasInput(1)) {
            if (!isEmpty(kernel_)) return invalidArgument("the kernel is given as weights and as input 1");
            in.push_back(l.valueOf(*this->input(1)));
            if (in[1]->rank() != x->rank())
                return invalidArgument("the kernel has the shape {} and the data {}", ir::toString(in[1]->shape()),
                                       ir::toString(x->shape()));
            ir::Dim made = transposed ? in[1]->shape()[1] * groups_ : in[1]->shape()[0];
            if (made.isConstant() && made.value() != maps_)
                return invalidArgument("the kernel {} makes {} output maps, not {}", ir::toString(in[1]->shape()),
                                       made.value(), maps_);
        } else {
            ir::Dims dims = transposed ? ir::Dims{c, maps_ / groups_} : ir::Dims{maps_, c / groups_};
            dims.insert(dims.end(), this->window_.d, this->window_.d + this->window_.nbDims);
            in.push_back(TRY(l.weightsLike(x, kernel_, dims, this->name() + " KERNEL")));
        }
        if (this->hasInput(2)) {
            if (!isEmpty(bias_)) return invalidArgument("the bias is given as weights and as input 2");
            in.push_back(l.valueOf(*this->input(2)));
        } else if (!isEmpty(bias_)) {
            in.push_back(TRY(l.weightsLike(x, bias_, {maps_}, this->name() + " BIAS")));
        }
        l.setOutput(0, TRY(l.emit(op, fmt::format("{} group={}", this->windowText(!transposed), groups_), in)));
        return {};
    }

    int64_t maps_, groups_ = 1;
    Weights kernel_, bias_;
};

// For the factories.
inline Status checkWindow(const nvinfer1::Dims& window) {
    if (window.nbDims < 1 || window.nbDims > 3)
        return invalidArgument("a window of {} dimensions; 1 to 3 are possible", window.nbDims);
    for (int i = 0; i < window.nbDims; ++i)
        if (window.d[i] < 1) return invalidArgument("a window of {}", listText(window));
    return {};
}

}  // namespace lathe::api
