// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

class CudaStridedSlice final : public CudaCopies {
  public:
    constexpr CudaStridedSlice() : CudaCopies("cuda.strided_slice.strided.v1", "strided_slice", stridedSliceCopies) {}
};

}  // namespace

LATHE_TACTIC(cuda_strided_slice_strided, CudaStridedSlice)

}  // namespace lathe::tactics
