// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

class CudaConcat final : public CudaCopies {
  public:
    constexpr CudaConcat() : CudaCopies("cuda.concat.strided.v1", "concat", concatCopies, true) {}
};

}  // namespace

LATHE_TACTIC(cuda_concat_strided, CudaConcat)

}  // namespace lathe::tactics
