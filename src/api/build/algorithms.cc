// SPDX-License-Identifier: Apache-2.0
#include "api/build/algorithms.h"

#include <algorithm>
#include <cstdlib>

#include "NvInferImpl.h"
#include "api/build/timing_cache.h"
#include "api/common/convert.h"
#include "base/version.h"
#include "plan/io_format.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

using Problem = builder::Chooser::Problem;
using Choice = builder::Chooser::Choice;

class AlgorithmIoInfo final : public IAlgorithmIOInfo, public apiv::VAlgorithmIOInfo {
  public:
    AlgorithmIoInfo(const Problem::Operand& operand, tactics::Layout layout)
        : type_(toApi(operand.dtype)), strides_(toApi(plan::stridesOf(layout, operand.opt))) {
        mImpl = this;
        int block = tactics::blockOf(layout);
        if (block == 1) return;
        components_ = block;
        vectorDim_ = tactics::channelAxisOf(layout, static_cast<int>(operand.opt.size()));
    }
    DataType getDataType() const noexcept override { return type_; }
    Dims getStrides() const noexcept override { return strides_; }
    int64_t getVectorizedDim() const noexcept override { return vectorDim_; }
    int64_t getComponentsPerElement() const noexcept override { return components_; }

  private:
    DataType type_;
    Dims strides_;
    int64_t vectorDim_ = -1, components_ = 1;
};

class AlgorithmVariant final : public IAlgorithmVariant, public apiv::VAlgorithmVariant {
  public:
    explicit AlgorithmVariant(const Choice& c) : implementation_(c.implementation), tactic_(c.tactic) { mImpl = this; }
    int64_t getImplementation() const noexcept override { return implementation_; }
    int64_t getTactic() const noexcept override { return tactic_; }

  private:
    int64_t implementation_, tactic_;
};

class Algorithm final : public IAlgorithm, public apiv::VAlgorithm {
  public:
    Algorithm(const Problem& problem, const Choice& c)
        : variant_(c), milliseconds_(static_cast<float>(c.seconds * 1e3)), workspace_(c.workspaceBytes) {
        mImpl = this;
        for (size_t i = 0; i < problem.operands.size(); ++i)
            infos_.push_back(std::make_unique<AlgorithmIoInfo>(problem.operands[i], c.layouts[i]));
    }
    IAlgorithmVariant const& getAlgorithmVariant() const noexcept override { return variant_; }
    float getTimingMSec() const noexcept override { return milliseconds_; }
    std::size_t getWorkspaceSize() const noexcept override { return static_cast<std::size_t>(workspace_); }
    IAlgorithmIOInfo const* getAlgorithmIOInfoByIndex(int32_t i) const noexcept override {
        return i >= 0 && i < static_cast<int32_t>(infos_.size()) ? infos_[static_cast<size_t>(i)].get() : nullptr;
    }

  private:
    AlgorithmVariant variant_;
    float milliseconds_;
    int64_t workspace_;
    std::vector<std::unique_ptr<AlgorithmIoInfo>> infos_;
};

class AlgorithmContext final : public IAlgorithmContext, public apiv::VAlgorithmContext {
  public:
    explicit AlgorithmContext(const Problem& problem) : problem_(problem) { mImpl = this; }
    char const* getName() const noexcept override { return problem_.name.c_str(); }
    Dims getDimensions(int32_t i, OptProfileSelector select) const noexcept override {
        if (i < 0 || i >= static_cast<int32_t>(problem_.operands.size()) || static_cast<uint32_t>(select) > 2)
            return invalidDims();
        const Problem::Operand& o = problem_.operands[static_cast<size_t>(i)];
        return toApi(select == OptProfileSelector::kMIN ? o.min : select == OptProfileSelector::kOPT ? o.opt : o.max);
    }
    int32_t getNbInputs() const noexcept override { return problem_.inputs; }
    int32_t getNbOutputs() const noexcept override {
        return static_cast<int32_t>(problem_.operands.size()) - problem_.inputs;
    }

  private:
    const Problem& problem_;
};

}  // namespace

Result<std::vector<int>> SelectorChooser::select(const Problem& problem, const std::vector<Choice>& choices) {
    AlgorithmContext context(problem);
    std::vector<std::unique_ptr<Algorithm>> algorithms;
    std::vector<const IAlgorithm*> list;
    for (const Choice& c : choices) {
        algorithms.push_back(std::make_unique<Algorithm>(problem, c));
        list.push_back(algorithms.back().get());
    }
    std::vector<int32_t> selection(choices.size(), -1);
    int32_t count =
        selector_.selectAlgorithms(context, list.data(), static_cast<int32_t>(list.size()), selection.data());
    if (count < 0 || count > static_cast<int32_t>(choices.size()))
        return makeStatus(Code::kInvalidConfig, "IAlgorithmSelector selected {} of the {} algorithms for '{}'", count,
                          choices.size(), problem.name);
    if (count == 0 && rejectEmpty_)
        return makeStatus(Code::kInvalidConfig,
                          "IAlgorithmSelector selected none of the {} algorithms for '{}', and "
                          "kREJECT_EMPTY_ALGORITHMS is set",
                          choices.size(), problem.name);
    return std::vector<int>(selection.begin(), selection.begin() + count);
}

void SelectorChooser::report(const std::vector<Problem>& problems, const std::vector<Choice>& choices) {
    std::vector<std::unique_ptr<AlgorithmContext>> contexts;
    std::vector<std::unique_ptr<Algorithm>> algorithms;
    std::vector<const IAlgorithmContext*> contextList;
    std::vector<const IAlgorithm*> list;
    for (size_t i = 0; i < problems.size(); ++i) {
        contexts.push_back(std::make_unique<AlgorithmContext>(problems[i]));
        algorithms.push_back(std::make_unique<Algorithm>(problems[i], choices[i]));
        contextList.push_back(contexts.back().get());
        list.push_back(algorithms.back().get());
    }
    selector_.reportAlgorithms(contextList.data(), list.data(), static_cast<int32_t>(list.size()));
}

namespace {

// What comes before a step's tactic in the cache.
std::string stepPrefix(const Problem& p) {
    std::string key = fmt::format("op|{}|{}|", kVersion, p.name);
    for (const Problem::Operand& o : p.operands) key += fmt::format("{}{};", toString(o.dtype), ir::toString(o.opt));
    std::replace(key.begin(), key.end(), '#', '_');
    return key + "|#";
}

uint64_t hashOf(const Choice& c) {
    auto hash = static_cast<uint64_t>(c.implementation) * 0x9e3779b97f4a7c15u ^ static_cast<uint64_t>(c.tactic);
    return hash == TimingCacheValue::kINVALID_TACTIC_HASH ? 0 : hash;
}

}  // namespace

Result<std::vector<int>> CacheChooser::select(const Problem& problem, const std::vector<Choice>& choices) {
    offered_[problem.name] = choices;
    std::string prefix = stepPrefix(problem);
    auto known = cache_.find(prefix);
    std::vector<int> real;
    for (size_t i = 0; i < choices.size(); ++i)
        if (!choices[i].lastResort) real.push_back(static_cast<int>(i));
    if (!known) return real;
    uint64_t hash = std::strtoull(known->first.c_str() + prefix.size(), nullptr, 16);
    for (size_t i = 0; i < choices.size(); ++i)
        if (hashOf(choices[i]) == hash) return std::vector<int>{static_cast<int>(i)};
    return makeStatus(Code::kInvalidConfig, "the timing cache wants tactic {:#018x} for '{}', which does not have it",
                      hash, problem.name);
}

void CacheChooser::report(const std::vector<Problem>& problems, const std::vector<Choice>& choices) {
    using Severity = ILogger::Severity;
    for (size_t i = 0; i < problems.size(); ++i) {
        std::string prefix = stepPrefix(problems[i]), digits;
        for (uint8_t byte : timingKeyOf(prefix).data) digits += fmt::format("{:02x}", byte);
        reporter_.log(Severity::kVERBOSE, fmt::format("Autotuning op {}(key: 0x{}):", problems[i].name, digits));
        reporter_.log(Severity::kVERBOSE,
                      "tactic_id, cost(in ms), cost/fastest_cost, prediction_correlation, kernel_name, tactic_hash");
        const std::vector<Choice>& offered = offered_[problems[i].name];
        double fastest = 1e30;
        for (const Choice& c : offered) fastest = std::min(fastest, std::max(c.seconds, 1e-9));
        for (size_t k = 0; k < offered.size(); ++k)
            reporter_.log(Severity::kVERBOSE,
                          fmt::format("{}, {:.6f}, {:.3f}, 1.0, {}, 0x{:016x}", k, offered[k].seconds * 1e3,
                                      offered[k].seconds / fastest, offered[k].tacticId, hashOf(offered[k])));
        reporter_.log(Severity::kVERBOSE,
                      fmt::format("The selected tactic is (tactic hash, cost(in ms)):0x{:016x},{:.6f}",
                                  hashOf(choices[i]), choices[i].seconds * 1e3));
        if (!cache_.find(prefix))
            cache_.put(prefix + fmt::format("{:016x}", hashOf(choices[i])), static_cast<float>(choices[i].seconds));
    }
}

}  // namespace lathe::api
