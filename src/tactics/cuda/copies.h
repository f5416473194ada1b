// SPDX-License-Identifier: Apache-2.0
// Tactics of ops that only move elements.
#pragma once

#include "tactics/common/copies.h"
#include "tactics/cuda/work.h"

namespace lathe::tactics {

// A launch for each copy.
Result<CudaWork> copyWork(const std::vector<CopyShape>& copies);
// Copies x (input 0 of a node) to output 0; nothing to do where the output took x's place.
Status addWholeCopy(CudaWork& work, const ir::Value& x, const ir::Dims& dims);

// One tactic an op: `copies` says what moves.
class CudaCopies : public CudaTactic {
  public:
    // `all`: every input is data, not the first alone.
    constexpr CudaCopies(const char* id, const char* anchor, CopyShapes (*copies)(const ir::Node&, const ExtentsOf&),
                         bool all = false)
        : CudaTactic(id, anchor), copies_(copies), all_(all) {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        // What says where to copy from has been read by then.
        return all_ ? offerNode(anchor, c) : offerNode(anchor, {anchor.input(0)}, c);
    }
    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target&) const override {
        return copyWork(TRY(copies_(*binding.nodes[0], dims)));
    }

  private:
    CopyShapes (*copies_)(const ir::Node&, const ExtentsOf&);
    bool all_;
};

}  // namespace lathe::tactics
