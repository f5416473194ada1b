// SPDX-License-Identifier: Apache-2.0
// Control flow inside of a prepared program. The op's reference definition drives it; regions run as nested step lists.
#include <algorithm>
#include <cstring>
#include <utility>

#include "exec/prepared.h"

namespace lathe::exec {

class Prepared::ControlContext final : public ir::RefContext {
  public:
    ControlContext(Prepared& owner, const FlatStep& step) : owner_(owner), step_(step), node_(*step.step->control) {}

    Status setUp() {
        for (const ir::Value* v : node_.inputs()) {
            inputs_.push_back(v ? TRY(owner_.tensorOf(*v)) : ir::Tensor());
            if (v) TRY(bringDown(inputs_.back(), staged_));
        }
        outputs_.resize(node_.outputs().size());
        allocated_.resize(node_.outputs().size());
        device_.assign(node_.outputs().size(), nullptr);
        return {};
    }
    Status finish() {
        for (size_t o = 0; o < allocated_.size(); ++o) {
            if (!allocated_[o]) return internalError("output {} was left without a value", o);
            const ir::Value& v = *node_.output(static_cast<int>(o));
            if (device_[o])
                TRY(owner_.copy(device_[o], outputs_[o].data, static_cast<int64_t>(outputs_[o].byteSize())));
            TRY(owner_.program_.shapes().bindLate(v, outputs_[o].dims, outputs_[o].data, owner_.symbols_));
        }
        return {};
    }

    const ir::Node& node() const override { return node_; }
    bool has(int i) const override { return node_.input(i) != nullptr; }
    const ir::Tensor& input(int i) const override { return inputs_[static_cast<size_t>(i)]; }
    const ir::Tensor& output(int i) const override { return outputs_[static_cast<size_t>(i)]; }

    Result<ir::Tensor> allocateOutput(int i, const ir::Dims& dims) override {
        const ir::Value& v = *node_.output(i);
        if (owner_.program_.isEarly(v)) {
            if (dims != owner_.dimsOf(v))
                return invalidArgument("output '{}' has shape {}, but the engine was built for {}", v.name(),
                                       ir::toString(dims), ir::toString(owner_.dimsOf(v)));
        } else {
            if (dims.size() != v.shape().size())
                return internalError("output '{}' has {} dimensions, expected {}", v.name(), dims.size(),
                                     v.shape().size());
            owner_.dimsOf(v) = dims;
        }
        if (owner_.inScratch(v)) TRY(owner_.giveScratch(v));
        allocated_[static_cast<size_t>(i)] = true;
        ir::Tensor t{v.dtype(), dims, owner_.dataOf(v)};
        if (owner_.env_.device && !owner_.program_.isOnHost(v) && t.byteSize()) {
            staged_.push_back(TRY(allocate(static_cast<int64_t>(t.byteSize()))));
            device_[static_cast<size_t>(i)] = std::exchange(t.data, staged_.back().get());
        }
        return outputs_[static_cast<size_t>(i)] = t;
    }

    ir::Dims knownDims(int i) const override {
        ir::Dims dims;
        for (const ir::Dim& d : node_.output(i)->shape()) {
            bool known = true;  // what was found of the node's own is from an earlier run
            d.forEachSymbol([&](ir::SymbolId id) {
                const ir::Value* v = owner_.program_.graph().symbols()[static_cast<size_t>(id)].value;
                known = known && v && !node_.owns(*v);
            });
            auto n = known ? d.eval(owner_.symbols_) : Result<int64_t>(0);
            dims.push_back(n.ok() ? *n : 0);
        }
        return dims;
    }
    Result<std::vector<ir::Tensor>> runRegion(int region, std::span<const ir::Tensor> parameters) override {
        if (region < 0 || region >= static_cast<int>(step_.blocks.size()))
            return internalError("there is no region {}", region);
        int block = step_.blocks[static_cast<size_t>(region)];
        TRY(owner_.enterRegion(block, parameters));
        TRY(owner_.runBlock(block));
        std::vector<ir::Tensor> results;
        for (const ir::Value* v : node_.regions()[static_cast<size_t>(region)]->results())
            results.push_back(TRY(owner_.tensorOf(*v)));
        // The results of the run before are the parameters of this one, so they are no longer needed.
        std::vector<Memory> staged;
        for (ir::Tensor& t : results) TRY(bringDown(t, staged));
        results_.resize(step_.blocks.size());
        results_[static_cast<size_t>(region)] = std::move(staged);
        return results;
    }

  private:
    // The op's definition reads and copies tensors in host memory: what lies in a GPU's is brought there.
    Status bringDown(ir::Tensor& t, std::vector<Memory>& keep) {
        if (!owner_.env_.device || t.byteSize() == 0 || !owner_.isOnDevice(t.data)) return {};
        keep.push_back(TRY(allocate(static_cast<int64_t>(t.byteSize()))));
        TRY(owner_.copy(keep.back().get(), t.data, static_cast<int64_t>(t.byteSize())));
        t.data = keep.back().get();
        return {};
    }

    Prepared& owner_;
    const FlatStep& step_;
    const ir::Node& node_;
    std::vector<ir::Tensor> inputs_, outputs_;
    std::vector<bool> allocated_;
    // Host memory for what lies in a GPU's: of inputs and outputs, and by region of its last results.
    std::vector<Memory> staged_;
    std::vector<std::vector<Memory>> results_;
    std::vector<void*> device_;  // by output: where its contents go from the host, or null
};

Status Prepared::runControl(Item& item) {
    const FlatStep& s = program_.steps()[static_cast<size_t>(item.step)];
    ControlContext context(*this, s);
    TRY(context.setUp());
    TRY(s.step->control->op().reference(context));
    TRY(context.finish());
    for (int b : s.blocks) releaseScratch(b, INT_MAX);
    return {};
}

// Copies what a region is called with into its parameters' memory. Sources may be the region's own results of the run
// before, which may lie in that very memory; such a source is set aside first when another copy would overwrite it.
Status Prepared::enterRegion(int block, std::span<const ir::Tensor> parameters) {
    const ir::Region& region = *program_.blocks()[static_cast<size_t>(block)].region;
    if (parameters.size() != region.parameters().size())
        return internalError("a region has {} parameters, {} tensors were given", region.parameters().size(),
                             parameters.size());
    struct Copy {
        const std::byte* from;
        std::byte* to;
        size_t bytes;
        void* aside = nullptr;
        Scratch* scratch = nullptr;  // of the source's place
    };
    std::vector<Copy> copies;
    for (size_t i = 0; i < parameters.size(); ++i) {
        const ir::Value& v = *region.parameters()[i];
        const ir::Tensor& t = parameters[i];
        if (t.dtype != v.dtype() || t.dims.size() != v.shape().size())
            return internalError("region parameter '{}' is {}{}, not {}{}", v.name(), toString(v.dtype()),
                                 ir::toString(v.shape()), toString(t.dtype), ir::toString(t.dims));
        if (program_.isEarly(v) && t.dims != dimsOf(v))
            return invalidArgument("'{}' has shape {} in this iteration, but the engine was built for {}", v.name(),
                                   ir::toString(t.dims), ir::toString(dimsOf(v)));
        void* to = inScratch(v) ? TRY(scratchFor(v).take(static_cast<int64_t>(t.byteSize()))) : dataOf(v);
        copies.push_back({static_cast<const std::byte*>(t.data), static_cast<std::byte*>(to), t.byteSize()});
    }
    for (size_t i = 0; i < copies.size(); ++i) {
        Copy& c = copies[i];
        bool clash = false;
        for (size_t k = 0; k < copies.size(); ++k) {
            bool overlap = c.from < copies[k].to + copies[k].bytes && copies[k].to < c.from + c.bytes;
            clash = clash || (overlap && !(k == i && c.from == c.to));
        }
        if (!clash || c.bytes == 0) continue;
        c.scratch = env_.device && !isOnDevice(c.from) ? env_.hostScratch : env_.scratch;
        c.aside = TRY(c.scratch->take(static_cast<int64_t>(c.bytes)));
        TRY(copy(c.aside, c.from, static_cast<int64_t>(c.bytes)));
    }
    for (Copy& c : copies) {
        const void* from = c.aside ? c.aside : c.from;
        if (from != c.to) TRY(copy(c.to, from, static_cast<int64_t>(c.bytes)));
        if (c.aside) c.scratch->give(c.aside);
    }
    releaseScratch(block, INT_MAX);
    for (size_t i = 0; i < parameters.size(); ++i) {
        const ir::Value& v = *region.parameters()[i];
        if (inScratch(v)) {
            address_[static_cast<size_t>(bufferOf(v))] = copies[i].to;
            dimsOf(v) = parameters[i].dims;
        }
        TRY(program_.shapes().bindLate(v, dimsOf(v), dataOf(v), symbols_));
    }
    return {};
}

}  // namespace lathe::exec
