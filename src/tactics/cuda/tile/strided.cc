// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/copies.h"

namespace lathe::tactics {
namespace {

class CudaTile final : public CudaCopies {
  public:
    constexpr CudaTile() : CudaCopies("cuda.tile.strided.v1", "tile", tileCopies) {}
};

}  // namespace

LATHE_TACTIC(cuda_tile_strided, CudaTile)

}  // namespace lathe::tactics
