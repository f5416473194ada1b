// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

class CudaExpand final : public CudaCopies {
  public:
    constexpr CudaExpand() : CudaCopies("cuda.expand.strided.v1", "expand", expandCopies) {}
};

}  // namespace

LATHE_TACTIC(cuda_expand_strided, CudaExpand)

}  // namespace lathe::tactics
