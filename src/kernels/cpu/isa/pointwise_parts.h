// SPDX-License-Identifier: Apache-2.0
// What isa/pointwise.cc, pointwise_int.cc and pointwise_storage.cc share.
#pragma once

#include "kernels/cpu/pointwise_table.h"

namespace lathe::cpu::LATHE_ISA {

TileFn intTile(PwOp op, PwType type, unsigned uniform);
TileFn selectTile(PwType type, unsigned uniform);
TileFn f32ToI64Tile();
TileFn roundFp8Tile();
TileLoadFn findLoad(DType storage);
TileStoreFn findStore(DType storage);

}  // namespace lathe::cpu::LATHE_ISA
