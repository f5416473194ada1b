// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

class CudaSplit final : public CudaCopies {
  public:
    constexpr CudaSplit() : CudaCopies("cuda.split.strided.v1", "split", splitCopies) {}
};

}  // namespace

LATHE_TACTIC(cuda_split_strided, CudaSplit)

}  // namespace lathe::tactics
