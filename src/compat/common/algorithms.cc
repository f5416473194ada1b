// SPDX-License-Identifier: Apache-2.0
#include "compat/common/algorithms.h"

#include <memory>
#include <vector>

namespace lathe::compat {

#if LATHE_TRT >= 7
namespace {

old::Dims shownDims(const v10::Dims& dims, bool implicit) {
    return toOld<old::Dims>(implicit ? withoutFront(dims) : dims);
}

class IoInfo final : public old::IAlgorithmIOInfo {
  public:
    IoInfo(const v10::IAlgorithmIOInfo& real, bool implicit) : real_(real), implicit_(implicit) {}
    // The format whose strides these are.
    old::TensorFormat getTensorFormat() const noexcept override {
        v10::Dims strides = real_.getStrides();
        int64_t components = real_.getComponentsPerElement();
        int axis = -1;  // that is innermost in memory, when it is not the last one
        for (int d = 0; d + 1 < strides.nbDims; ++d)
            if (strides.d[d] == 1 && strides.d[strides.nbDims - 1] > 1) axis = d;
        int fromEnd = axis < 0 ? 0 : strides.nbDims - axis;
        if (components <= 1) {
#if LATHE_TRT >= 8
            if (fromEnd == 4) return old::TensorFormat::kDHWC;
#endif
            return fromEnd == 3 ? old::TensorFormat::kHWC : old::TensorFormat::kLINEAR;
        }
        switch (components) {
            case 2: return old::TensorFormat::kCHW2;
            case 4: return old::TensorFormat::kCHW4;
            case 8: return axis < 0 ? old::TensorFormat::kCHW16 : old::TensorFormat::kHWC8;
            case 16:
#if LATHE_TRT >= 8
                if (axis >= 0) return old::TensorFormat::kHWC16;
#endif
                return old::TensorFormat::kCHW16;
            default: return old::TensorFormat::kCHW32;
        }
    }
    old::DataType getDataType() const noexcept override { return toOld<old::DataType>(real_.getDataType()); }
    old::Dims getStrides() const noexcept override { return shownDims(real_.getStrides(), implicit_); }
#if LATHE_TRT >= 8
    int64_t getVectorizedDim() const noexcept override {
        int64_t d = real_.getVectorizedDim();
        return d > 0 && implicit_ ? d - 1 : d;
    }
    int64_t getComponentsPerElement() const noexcept override { return real_.getComponentsPerElement(); }
#endif

  private:
    const v10::IAlgorithmIOInfo& real_;
    bool implicit_;
};

class Variant final : public old::IAlgorithmVariant {
  public:
    explicit Variant(const v10::IAlgorithmVariant& real) : real_(real) {}
    int64_t getImplementation() const noexcept override { return real_.getImplementation(); }
    int64_t getTactic() const noexcept override { return real_.getTactic(); }

  private:
    const v10::IAlgorithmVariant& real_;
};

class AlgorithmContext final : public old::IAlgorithmContext {
  public:
    AlgorithmContext(const v10::IAlgorithmContext& real, bool implicit) : real_(real), implicit_(implicit) {}
    char const* getName() const noexcept override { return real_.getName(); }
    old::Dims getDimensions(int32_t i, old::OptProfileSelector select) const noexcept override {
        return shownDims(real_.getDimensions(i, toNew(select)), implicit_);
    }
    int32_t getNbInputs() const noexcept override { return real_.getNbInputs(); }
    int32_t getNbOutputs() const noexcept override { return real_.getNbOutputs(); }

  private:
    const v10::IAlgorithmContext& real_;
    bool implicit_;
};

class Algorithm final : public old::IAlgorithm {
  public:
    Algorithm(const v10::IAlgorithm& real, bool implicit) : real_(real), variant_(real.getAlgorithmVariant()) {
        for (int32_t i = 0; const v10::IAlgorithmIOInfo* info = real.getAlgorithmIOInfoByIndex(i); ++i)
            infos_.push_back(std::make_unique<IoInfo>(*info, implicit));
    }
    // REQUIRES of the older API: there is such an input or output.
    old::IAlgorithmIOInfo const& getAlgorithmIOInfo(int32_t i) const noexcept override {
        return *infos_[i >= 0 && i < static_cast<int32_t>(infos_.size()) ? static_cast<size_t>(i) : 0];
    }
    old::IAlgorithmVariant const& getAlgorithmVariant() const noexcept override { return variant_; }
    float getTimingMSec() const noexcept override { return real_.getTimingMSec(); }
    std::size_t getWorkspaceSize() const noexcept override { return real_.getWorkspaceSize(); }
#if LATHE_TRT >= 8
    old::IAlgorithmIOInfo const* getAlgorithmIOInfoByIndex(int32_t i) const noexcept override {
        return i >= 0 && i < static_cast<int32_t>(infos_.size()) ? infos_[static_cast<size_t>(i)].get() : nullptr;
    }
#endif

  private:
    const v10::IAlgorithm& real_;
    Variant variant_;
    std::vector<std::unique_ptr<IoInfo>> infos_;
};

}  // namespace

int32_t AlgorithmSelector::selectAlgorithms(v10::IAlgorithmContext const& context,
                                            v10::IAlgorithm const* const* choices, int32_t nbChoices,
                                            int32_t* selection) noexcept {
    AlgorithmContext shown(context, implicit_);
    std::vector<std::unique_ptr<Algorithm>> algorithms;
    std::vector<const old::IAlgorithm*> list;
    for (int32_t i = 0; i < nbChoices; ++i) {
        algorithms.push_back(std::make_unique<Algorithm>(*choices[i], implicit_));
        list.push_back(algorithms.back().get());
    }
    return of_.selectAlgorithms(shown, list.data(), nbChoices, selection);
}

void AlgorithmSelector::reportAlgorithms(v10::IAlgorithmContext const* const* contexts,
                                         v10::IAlgorithm const* const* choices, int32_t nbAlgorithms) noexcept {
    std::vector<std::unique_ptr<AlgorithmContext>> shown;
    std::vector<std::unique_ptr<Algorithm>> algorithms;
    std::vector<const old::IAlgorithmContext*> shownList;
    std::vector<const old::IAlgorithm*> list;
    for (int32_t i = 0; i < nbAlgorithms; ++i) {
        shown.push_back(std::make_unique<AlgorithmContext>(*contexts[i], implicit_));
        algorithms.push_back(std::make_unique<Algorithm>(*choices[i], implicit_));
        shownList.push_back(shown.back().get());
        list.push_back(algorithms.back().get());
    }
    of_.reportAlgorithms(shownList.data(), list.data(), nbAlgorithms);
}
#endif

}  // namespace lathe::compat
