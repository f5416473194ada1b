// SPDX-License-Identifier: Apache-2.0
// The builder's questions as an application's IAlgorithmSelector hears them.
#pragma once

#include "NvInfer.h"
#include "api/common/report.h"
#include "builder/chooser.h"

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

}  // namespace lathe::api
