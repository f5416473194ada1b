// SPDX-License-Identifier: Apache-2.0
// The builder's questions as an application's IAlgorithmSelector hears them.
#pragma once

#include "NvInfer.h"
#include "api/common/report.h"
#include "builder/chooser.h"
#include "builder/timing_cache.h"

namespace lathe::api {

class SelectorChooser final : public builder::Chooser {
  public:
    // `rejectEmpty`: BuilderFlag::kREJECT_EMPTY_ALGORITHMS.
    SelectorChooser(nvinfer1::IAlgorithmSelector& selector, bool rejectEmpty)
        : selector_(selector), rejectEmpty_(rejectEmpty) {}
    Result<std::vector<int>> select(const Problem& problem, const std::vector<Choice>& choices) override;
    void report(const std::vector<Problem>& problems, const std::vector<Choice>& choices) override;

  private:
    nvinfer1::IAlgorithmSelector& selector_;
    bool rejectEmpty_;
};

// BuilderFlag::kEDITABLE_TIMING_CACHE: the cache says for each step which tactic is taken, by its hash; what it does
// not know is chosen, told by the logger (kVERBOSE) with all that there was, and put there.
class CacheChooser final : public builder::Chooser {
  public:
    CacheChooser(builder::TimingCache& cache, const Reporter& reporter) : cache_(cache), reporter_(reporter) {}
    Result<std::vector<int>> select(const Problem& problem, const std::vector<Choice>& choices) override;
    void report(const std::vector<Problem>& problems, const std::vector<Choice>& choices) override;

  private:
    builder::TimingCache& cache_;
    const Reporter& reporter_;
    std::map<std::string, std::vector<Choice>> offered_;  // by the step's name
};

}  // namespace lathe::api
