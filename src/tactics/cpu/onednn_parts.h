// SPDX-License-Identifier: Apache-2.0
// What the tactics over oneDNN share: the work split into parts of one thread each, their offsets, and the kernel that
// runs them.
#pragma once

#include "kernels/cpu/onednn.h"
#include "tactics/cpu/epilogue.h"
#include "tactics/tactic.h"

namespace lathe::tactics {

// Null where this process has the oneDNN that the target names; else why its tactics refuse.
std::optional<std::string> whyNoOneDnn(const Target& target);

// One part: offsets in floats from the operands' starts (`weights` in bytes of packed weights), and how many floats of
// the output it writes, one after another.
struct OneDnnPart {
    int64_t src = 0, weights = 0, channel = 0, dst = 0, count = 0;
    std::unique_ptr<cpu::onednn::Op> op;
};

inline int64_t alignUp64(int64_t bytes) { return (bytes + 63) / 64 * 64; }

class OneDnnKernel final : public Kernel {
  public:
    std::vector<OneDnnPart> parts;
    cpu::Epilogue epilogue;
    std::vector<float> biasStorage;
    const std::byte* packed = nullptr;
    int residualSlot = -1;

    Status prepare();
    int64_t workspaceBytes() const override { return workspacePart_ * static_cast<int64_t>(parts.size()); }
    Status run(const RunArgs& args) override;

  private:
    int64_t workspacePart_ = 0;
    std::vector<Status> results_;
};

// What a match says to oneDNN.
cpu::onednn::Store storeOf(const EpilogueMatch& match, bool bias);

// Convolution and its transpose.
class OneDnnWindows : public Tactic {
  public:
    BindResult bind(const ir::Node& anchor, const BindContext& c) const override;
    Status pack(const Binding& binding, int index, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target& target) const override;
    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override;

  protected:
    constexpr OneDnnWindows(const char* id, const char* anchor) : Tactic(id, anchor) {}
    // Sizes, windows and padding; layouts are filled in later.
    virtual Result<cpu::onednn::Conv> describe(const ir::Node& n, const ir::Dims& x, const ir::Dims& w) const = 0;
};

}  // namespace lathe::tactics
