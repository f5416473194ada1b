// SPDX-License-Identifier: Apache-2.0
// An application's IAlgorithmSelector (from 7 on), asked by the library's builder for the time of one build.
#pragma once

#include "compat/common/convert.h"

namespace lathe::compat {

#if LATHE_TRT >= 7
class AlgorithmSelector final : public v10::IAlgorithmSelector {
  public:
    // `implicit`: shapes have a batch in front that the older API does not show.
    AlgorithmSelector(old::IAlgorithmSelector& of, bool implicit) : of_(of), implicit_(implicit) {}
    int32_t selectAlgorithms(v10::IAlgorithmContext const& context, v10::IAlgorithm const* const* choices,
                             int32_t nbChoices, int32_t* selection) noexcept override;
    void reportAlgorithms(v10::IAlgorithmContext const* const* contexts, v10::IAlgorithm const* const* choices,
                          int32_t nbAlgorithms) noexcept override;

  private:
    old::IAlgorithmSelector& of_;
    bool implicit_;
};
#endif

}  // namespace lathe::compat
