// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// kv_cache_update: the cache with new places written: y[b, :, index[b] + s, :] = update[b, :, s, :]; what lies outside
// is dropped. Inputs: cache [batch, heads, places, size], update [batch, heads, length, size] of the same type, index
// (i32, i64) [batch]. The output shares the cache's memory.
struct KvCacheUpdateAttrs : ir::AttrsOf<KvCacheUpdateAttrs> {
    void fields(ir::AttrVisitor&) {}
};

extern const ir::Op* const op_kv_cache_update;

}  // namespace lathe::ops
