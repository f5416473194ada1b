// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

class CudaSlice final : public CudaCopies {
  public:
    constexpr CudaSlice() : CudaCopies("cuda.slice.strided.v1", "slice", sliceCopies) {}
};

}  // namespace

LATHE_TACTIC(cuda_slice_strided, CudaSlice)

}  // namespace lathe::tactics
