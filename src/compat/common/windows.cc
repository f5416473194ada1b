// SPDX-License-Identifier: Apache-2.0
// Output extents that no padding mode of the library gives by itself: Caffe's modes, and an application's own formulas.
// Both become a mode and explicit padding at the end, as soon as the shapes are known.
#include "compat/common/layers.h"
#include "compat/common/network.h"

namespace lathe::compat {
namespace {

#if LATHE_TRT < 8
using Formula = old::IOutputDimensionsFormula;
#else
struct Formula;  // there is none
#endif

struct Extent {  // of one dimension
    int64_t in, kernel, stride, before, after;
    int64_t room() const { return in + before + after - kernel; }
    int64_t floor() const { return room() / stride + 1; }
    int64_t ceil() const { return (room() + stride - 1) / stride + 1; }
};

// The padding at the end with which rounding down gives `out` windows; an error text when there is none.
std::string paddingFor(const Extent& e, int64_t out, int64_t& after) {
    if (out == e.floor()) return after = e.after, "";
    after = (out - 1) * e.stride + e.kernel - e.in - e.before;
    if (out < 1 || after < 0)
        return "an extent of " + std::to_string(out) + " for an input of " + std::to_string(e.in) +
               " would leave out windows that lie within the padded input";
    if ((out - 1) * e.stride >= e.in + e.before)
        return "an extent of " + std::to_string(out) + " for an input of " + std::to_string(e.in) +
               " would take windows beyond the input";
    return "";
}

// Caffe rounds up, then drops a last window that begins in the padding. Both paddings are the one in front.
int64_t caffeExtent(const Extent& e, bool up) {
    int64_t out = up ? e.ceil() : e.floor();
    return up && e.before > 0 && (out - 1) * e.stride >= e.in + e.before ? out - 1 : out;
}

// The padding at the end with which rounding up gives Caffe's extents. No more than Caffe has: what a mean is divided
// by depends on it. False: there is none.
bool paddingForRoundingUp(const std::vector<Extent>& extents, const std::vector<int64_t>& out, v10::Dims& after) {
    for (size_t i = 0; i < extents.size(); ++i) {
        const Extent& e = extents[i];
        if (out[i] == e.ceil()) continue;
        // Up to the end of the last window, which is within the padding: the next one begins behind the data.
        after.d[i] = (out[i] - 1) * e.stride + e.kernel - e.in - e.before;
        if (after.d[i] < 0) return false;
    }
    return true;
}

bool countsPadding(const v10::IConvolutionLayer&) { return false; }
bool countsPadding(const v10::IPoolingLayer& layer) {
    return layer.getPoolingType() != v10::PoolingType::kMAX && !layer.getAverageCountExcludesPadding();
}

// Works out the padding of a convolution or pooling.
template <class L>
bool settleWindow(L& layer, const Window& window, const v10::Dims& kernel, const v10::Dims& dilation,
                  const Formula* formula) {
    bool applies = formula && window.mode == old::PaddingMode::kEXPLICIT_ROUND_DOWN;
    if (!window.caffe() && !applies) return true;
    const Report report = layer.network().report();
    std::string where = std::string("layer '") + layer.getName() + "'";
    auto& real = layer.in();
    v10::Dims in = layer.main().getInput(0)->getDimensions(), stride = real.getStrideNd(),
              before = real.getPrePadding(), after = window.caffe() ? before : real.getPostPadding();
    if (in.nbDims < 0) return true;  // an error further up, which the build reports
    if (in.nbDims < kernel.nbDims + 1) return true;
    std::vector<int64_t> out(kernel.nbDims);
    std::vector<Extent> extents;
    for (int i = 0; i < kernel.nbDims; ++i) {
        int64_t extent = in.d[in.nbDims - kernel.nbDims + i];
        if (extent < 0) {
            report.error(where, "its padding follows from extents of the input, which vary",
                         old::ErrorCode::kUNSUPPORTED_STATE);
            return false;
        }
        extents.push_back({extent, (kernel.d[i] - 1) * dilation.d[i] + 1, stride.d[i], before.d[i], after.d[i]});
        out[i] = caffeExtent(extents.back(), window.mode == old::PaddingMode::kCAFFE_ROUND_UP);
    }
#if LATHE_TRT < 8
    if (applies) {
        if (kernel.nbDims != 2) return true;
        auto hw = [](const v10::Dims& d, int at) {
            return old::DimsHW(static_cast<int32_t>(d.d[at]), static_cast<int32_t>(d.d[at + 1]));
        };
        old::DimsHW given = formula->compute(hw(in, in.nbDims - 2), hw(kernel, 0), hw(stride, 0), hw(before, 0),
                                             hw(dilation, 0), layer.getName());
        out = {given.h(), given.w()};
    }
#endif
    if (window.caffe()) {
        auto same = [&](auto extent) {
            return std::equal(out.begin(), out.end(), extents.begin(),
                              [&](int64_t o, const Extent& e) { return o == extent(e); });
        };
        v10::Dims least = after;
        using Mode = v10::PaddingMode;
        const bool down = same([](const Extent& e) { return e.floor(); });
        const bool up = !down && paddingForRoundingUp(extents, out, least);
        real.setPaddingMode(up ? Mode::kEXPLICIT_ROUND_UP : Mode::kEXPLICIT_ROUND_DOWN);
        if (down || up) {
            real.setPostPadding(least);
            return true;
        }
        // More padding than Caffe has.
        if (countsPadding(real)) {
            report.error(where,
                         "a mean over windows of which some axes lose their last and others end behind the "
                         "padding cannot count the padding",
                         old::ErrorCode::kUNSUPPORTED_STATE);
            return false;
        }
    }
    for (int i = 0; i < kernel.nbDims; ++i) {
        std::string why = paddingFor(extents[i], out[i], after.d[i]);
        if (!why.empty()) {
            report.error(where, why, old::ErrorCode::kUNSUPPORTED_STATE);
            return false;
        }
    }
    real.setPostPadding(after);
    return true;
}

v10::Dims ones(int count) {
    v10::Dims d{count, {}};
    std::fill_n(d.d, count, 1);
    return d;
}

#if LATHE_TRT < 8
const Formula* poolingFormula(const Network& n) { return n.poolingFormula; }
const Formula* convolutionFormula(const Network& n) { return n.convolutionFormula; }

// What the library computes by itself: windows that fit, rounded down; for a deconvolution what it is the inverse of.
class DefaultFormula final : public old::IOutputDimensionsFormula {
  public:
    explicit DefaultFormula(bool inverse) : inverse_(inverse) {}
    old::DimsHW compute(old::DimsHW in, old::DimsHW kernel, old::DimsHW stride, old::DimsHW padding,
                        old::DimsHW dilation, char const*) const noexcept override {
        old::DimsHW out;
        for (int i = 0; i < 2; ++i) {
            int32_t k = (kernel.d[i] - 1) * dilation.d[i] + 1;
            out.d[i] = inverse_ ? (in.d[i] - 1) * stride.d[i] + k - 2 * padding.d[i]
                                : (in.d[i] + 2 * padding.d[i] - k) / stride.d[i] + 1;
        }
        return out;
    }

  private:
    bool inverse_;
};
#else
const Formula* poolingFormula(const Network&) { return nullptr; }
const Formula* convolutionFormula(const Network&) { return nullptr; }
#endif

}  // namespace

bool ConvolutionLayer::settle() {
    return settleWindow(*this, window_, in().getKernelSizeNd(), in().getDilationNd(), convolutionFormula(network_));
}

bool PoolingLayer::settle() {
    v10::Dims window = in().getWindowSizeNd();
    return settleWindow(*this, window_, window, ones(window.nbDims), poolingFormula(network_));
}

// A deconvolution does not round; Caffe's modes mean nothing to it.
bool DeconvolutionLayer::settle() {
#if LATHE_TRT < 8
    v10::Dims kernel = in().getKernelSizeNd(), dims = main_.getInput(0)->getDimensions();
    if (!network_.deconvolutionFormula || kernel.nbDims != 2 || dims.nbDims < 3) return true;
    old::DimsHW size(static_cast<int32_t>(dims.d[dims.nbDims - 2]), static_cast<int32_t>(dims.d[dims.nbDims - 1]));
    old::DimsHW own = DefaultFormula(true).compute(size, getKernelSize(), getStride(), getPadding(), {1, 1}, getName());
    old::DimsHW out =
        network_.deconvolutionFormula->compute(size, getKernelSize(), getStride(), getPadding(), {1, 1}, getName());
    if (out.h() != own.h() || out.w() != own.w()) {
        network_.report().error(std::string("layer '") + getName() + "'",
                                "the formula gives [" + std::to_string(out.h()) + ", " + std::to_string(out.w()) +
                                    "], the deconvolution [" + std::to_string(own.h()) + ", " +
                                    std::to_string(own.w()) + "]",
                                old::ErrorCode::kUNSUPPORTED_STATE);
        return false;
    }
#endif
    return true;
}

#if LATHE_TRT < 8
namespace {
old::IOutputDimensionsFormula& orDefault(old::IOutputDimensionsFormula* formula, bool inverse) {
    static auto& plain = *new DefaultFormula(false);
    static auto& inverted = *new DefaultFormula(true);
    return formula ? *formula : inverse ? inverted : plain;
}
}  // namespace

old::IOutputDimensionsFormula& Network::getPoolingOutputDimensionsFormula() const noexcept {
    return orDefault(poolingFormula, false);
}
old::IOutputDimensionsFormula& Network::getConvolutionOutputDimensionsFormula() const noexcept {
    return orDefault(convolutionFormula, false);
}
old::IOutputDimensionsFormula& Network::getDeconvolutionOutputDimensionsFormula() const noexcept {
    return orDefault(deconvolutionFormula, true);
}
#endif

}  // namespace lathe::compat
