// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

class CudaTranspose final : public CudaCopies {
  public:
    constexpr CudaTranspose() : CudaCopies("cuda.transpose.strided.v1", "transpose", transposeCopies) {}
};

}  // namespace

LATHE_TACTIC(cuda_transpose_strided, CudaTranspose)

}  // namespace lathe::tactics
