// SPDX-License-Identifier: Apache-2.0
// Kernels that only move elements: a fixed list of strided copies.
#pragma once

#include "kernels/cpu/strided_copy.h"
#include "tactics/common/copies.h"

namespace lathe::tactics {

// One copy of the list: from an input (or a constant) at a byte offset to an output at a byte offset.
struct CopyPart {
    cpu::StridedCopy copy;
    int input = -1;  // slot, or -1 for `constant`
    const std::byte* constant = nullptr;
    int output = 0;
    int64_t inputOffset = 0, outputOffset = 0;
};

class CopyKernel final : public Kernel {
  public:
    explicit CopyKernel(std::vector<CopyPart> parts) : parts_(std::move(parts)) {}
    Status run(const RunArgs& args) override {
        for (const CopyPart& p : parts_) {
            const auto* src = p.input < 0 ? p.constant : static_cast<const std::byte*>(args.inputs[p.input]);
            p.copy.run(src + p.inputOffset, static_cast<std::byte*>(args.outputs[p.output]) + p.outputOffset);
        }
        return {};
    }

  private:
    std::vector<CopyPart> parts_;
};

// Where the value is: sets `input` or `constant`.
Status setSource(CopyPart& part, const ir::Value& v, const Binding& binding, const PrepareContext& c);
// The kernel that makes these copies.
Result<std::unique_ptr<Kernel>> makeCopies(const std::vector<CopyShape>& copies, const Binding& binding,
                                           const PrepareContext& c);
// A candidate of one node, costing so many seconds a byte moved.
BindResult bindCopy(const Tactic& tactic, const ir::Node& anchor, const BindContext& c);
// The integers of a constant operand. REQUIRES: isConstant().
Result<std::vector<int64_t>> constantIntegers(const ir::Value& v, const PrepareContext& c);

}  // namespace lathe::tactics
