// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

enum class Collective : int64_t { kAllReduce, kAllGather, kBroadcast, kReduce, kReduceScatter };
enum class CollectiveReduce : int64_t { kNone, kSum, kProd, kMax, kMin, kAvg };

// dist_collective: x, combined with that of other processes ("ranks"). all_reduce: the reduction of all. all_gather:
// all, joined along the first axis. broadcast: the root's. reduce: the root gets the reduction of all, the others what
// they gave. reduce_scatter: of the reduction of all, as many rows of the first axis as each rank's share.
struct DistCollectiveAttrs : ir::AttrsOf<DistCollectiveAttrs> {
    Collective kind = Collective::kAllReduce;
    CollectiveReduce reduce = CollectiveReduce::kNone;
    int64_t root = 0;
    int64_t ranks = 1;
    void fields(ir::AttrVisitor& f) {
        static constexpr const char* kKinds[] = {"all_reduce", "all_gather", "broadcast", "reduce", "reduce_scatter"};
        static constexpr const char* kReduces[] = {"none", "sum", "prod", "max", "min", "avg"};
        f("kind", kind, kKinds);
        f("reduce", reduce, kReduces);
        f("root", root);
        f("ranks", ranks);
    }
};

extern const ir::Op* const op_dist_collective;

}  // namespace lathe::ops
