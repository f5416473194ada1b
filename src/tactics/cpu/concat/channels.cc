// SPDX-License-Identifier: Apache-2.0
// Concatenation of channels in the layouts of images: pixel by pixel, or block by block.
#include "ops/common.h"
#include "ops/concat.h"
#include "tactics/cpu/copies.h"
#include "tactics/cpu/image.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

class ConcatChannels final : public Tactic {
  public:
    constexpr ConcatChannels() : Tactic("cpu.concat.channels.v1", "concat") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const ir::Value& y = *anchor.output();
        if (y.rank() < 3 || y.rank() > 5 || fromStart(anchor.attrs<ops::ConcatAttrs>().axis, y.rank()) != 1)
            return BindResult::refuse("it does not join the channels of images");
        for (const ir::Value* v : anchor.inputs())
            if (v->isConstant()) return BindResult::refuse("an input is a constant");
        BindResult result = bindCopy(*this, anchor, c);
        if (result.candidates.empty()) return result;
        Candidate plain = std::move(result.candidates[0]);
        result.candidates.clear();
        auto offer = [&](Layout layout) {
            Candidate candidate = plain;
            candidate.binding.inputLayouts.assign(candidate.binding.inputs.size(), layout);
            candidate.binding.outputLayouts = {layout};
            result.candidates.push_back(std::move(candidate));
        };
        offer(Layout::kChannelsLast);
        Layout blocked = blockedLayout(c.target());
        if (y.dtype() != DType::kFloat) return result;
        for (int i = 0; i + 1 < anchor.inputCount(); ++i) {
            const ir::Dim& channels = anchor.input(i)->shape()[1];
            if (channels.isConstant() && channels.value() % blockOf(blocked) == 0) continue;
            result.refusals.push_back(
                fmt::format("{}: input {} has {} channels", toString(blocked), i, channels.toString()));
            return result;
        }
        offer(blocked);
        return result;
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        Layout layout = binding.outputLayouts[0];
        int bytes = elementBytes(n.output()->dtype());
        int64_t block = blockOf(layout), points = 1;
        const ir::Dims& out = c.dims(*n.output());
        for (size_t d = 2; d < out.size(); ++d) points *= out[d];
        // Each input is a matrix: a row an image of all its blocks, or a row a pixel of all its channels.
        bool last = layout == Layout::kChannelsLast;
        int64_t rows = last ? out[0] * points : out[0];
        auto columns = [&](const ir::Dims& dims) {
            return last ? dims[1] : (dims[1] + block - 1) / block * block * points;
        };
        int64_t width = columns(out), offset = 0;
        std::vector<CopyPart> parts;
        for (const ir::Value* v : n.inputs()) {
            int64_t mine = columns(c.dims(*v));
            int64_t dims[] = {rows, mine}, from[] = {mine, 1}, to[] = {width, 1};
            CopyPart part{TRY(cpu::StridedCopy::make(dims, from, to, bytes))};
            TRY(setSource(part, *v, binding, c));
            part.outputOffset = offset * bytes;
            offset += mine;
            if (rows * mine > 0) parts.push_back(std::move(part));
        }
        return std::unique_ptr<Kernel>(std::make_unique<CopyKernel>(std::move(parts)));
    }
};

}  // namespace

LATHE_TACTIC(cpu_concat_channels, ConcatChannels)

}  // namespace lathe::tactics
