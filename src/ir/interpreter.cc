// SPDX-License-Identifier: Apache-2.0
#include "ir/interpreter.h"

#include <cstdlib>

#include "ir/infer.h"

namespace lathe::ir {
namespace {

using Environment = std::unordered_map<const Value*, HostTensor>;

Result<std::vector<HostTensor>> runRegion(const Region& region, std::span<const Tensor> parameters, Environment& env,
                                          const NodeObserver* observer);

// A dimension of an output of `node` in numbers, from the tensors that its symbols belong to; nothing when one of them
// isn't known before the node has run (what the environment holds of the node's own is from an earlier run).
std::optional<int64_t> evalBefore(const Node& node, const Dim& d, const Environment& env) {
    SymbolValues values;
    bool complete = true;
    d.forEachSymbol([&](SymbolId id) {
        const SymbolInfo& s = node.parent()->graph().symbols()[static_cast<size_t>(id)];
        auto at = s.value && !node.owns(*s.value) ? env.find(s.value) : env.end();
        size_t index = static_cast<size_t>(s.index);
        if (at == env.end()) {
            complete = false;
            return;
        }
        const Tensor& t = at->second.tensor;
        if (s.source != SymbolInfo::Source::kElement) {
            if (index < t.dims.size()) values.set(id, t.dims[index]);
            return;
        }
        std::span<const std::byte> bytes(static_cast<const std::byte*>(t.data), t.byteSize());
        auto known = integerElements(Weights(t.dtype, t.dims, bytes, nullptr, {}));
        if (known && index < known->size()) values.set(id, (*known)[index]);
    });
    auto n = complete ? d.eval(values) : Result<int64_t>(internalError("not complete"));
    return n.ok() ? std::optional<int64_t>(*n) : std::nullopt;
}

// What runNode needs to know of values: an environment for nodes in a graph, or fixed inputs.
class NodeContext : public RefContext {
  public:
    NodeContext(const Node& node, std::vector<Tensor> inputs, std::vector<bool> present, Environment& env)
        : node_(node), inputs_(std::move(inputs)), present_(std::move(present)), env_(env) {
        outputs_.resize(node.outputCount());
        outputTensors_.resize(node.outputCount());
        regionResults_.resize(node.regions().size());
    }

    Status run() {
        std::vector<ConcreteInput> concrete;
        for (size_t i = 0; i < inputs_.size(); ++i) {
            const Tensor& t = inputs_[i];
            if (present_[i])
                concrete.push_back({t.dtype, t.dims, {static_cast<const std::byte*>(t.data), t.byteSize()}, true});
            else
                concrete.push_back({DType::kFloat, {}, {}, false});
        }
        // Control flow has output shapes that depend on what is executed; its kernels allocate for themselves.
        bool late = node_.op().is(Op::kDataDependent) || node_.op().is(Op::kRegions);
        if (!late) {
            auto types = TRY(inferConcrete(node_, concrete));
            for (size_t i = 0; i < types.size(); ++i)
                TRY(allocateOutput(static_cast<int>(i), constantDims(types[i].shape)));
        }
        TRY(node_.op().reference(*this));
        for (size_t i = 0; i < outputs_.size(); ++i)
            if (!outputs_[i].storage) return internalError("the reference kernel left output {} without a value", i);
        return {};
    }

    const Node& node() const override { return node_; }
    bool has(int i) const override { return i < static_cast<int>(present_.size()) && present_[i]; }
    const Tensor& input(int i) const override { return inputs_[i]; }
    const Tensor& output(int i) const override { return outputTensors_[i]; }
    Result<Tensor> allocateOutput(int i, const Dims& dims) override {
        outputs_[i] = TRY(allocateTensor(node_.output(i)->dtype(), dims));
        outputTensors_[i] = outputs_[i].tensor;
        return outputs_[i].tensor;
    }
    Dims knownDims(int i) const override {
        Dims dims;
        for (const Dim& d : node_.output(i)->shape()) dims.push_back(evalBefore(node_, d, env_).value_or(0));
        return dims;
    }
    Result<std::vector<Tensor>> runRegion(int region, std::span<const Tensor> parameters) override {
        auto results = TRY(ir::runRegion(node_.region(region), parameters, env_, nullptr));
        std::vector<Tensor> out;
        for (const HostTensor& r : results) out.push_back(r.tensor);
        // Results of the run before may be parameters of this one, so they go only now.
        regionResults_[region] = std::move(results);
        return out;
    }
    std::vector<HostTensor> takeOutputs() { return std::move(outputs_); }

  private:
    const Node& node_;
    std::vector<Tensor> inputs_;
    std::vector<bool> present_;
    Environment& env_;
    std::vector<HostTensor> outputs_;
    std::vector<Tensor> outputTensors_;
    std::vector<std::vector<HostTensor>> regionResults_;
};

Result<Tensor> lookUp(const Value* v, const Environment& env) {
    if (v->isConstant()) {
        auto bytes = TRY(v->constant()->bytes());
        return Tensor{v->dtype(), v->constant()->dims(), const_cast<std::byte*>(bytes.data())};
    }
    auto at = env.find(v);
    if (at == env.end()) return internalError("value '{}' is used before it is computed", v->name());
    return at->second.tensor;
}

Result<std::vector<HostTensor>> runRegion(const Region& region, std::span<const Tensor> parameters, Environment& env,
                                          const NodeObserver* observer) {
    if (parameters.size() != region.parameters().size())
        return invalidArgument("{} inputs were given where {} are needed", parameters.size(),
                               region.parameters().size());
    for (size_t i = 0; i < parameters.size(); ++i) env[region.parameters()[i]] = HostTensor{parameters[i], nullptr};
    for (const auto& n : region.nodes()) {
        std::vector<Tensor> inputs;
        std::vector<bool> present;
        for (const Value* v : n->inputs()) {
            inputs.push_back(v ? TRY(lookUp(v, env)) : Tensor());
            present.push_back(v != nullptr);
        }
        NodeContext c(*n, std::move(inputs), std::move(present), env);
        TRY_IN(fmt::format("node '{}' ({})", n->name(), n->op().name()), c.run());
        auto outputs = c.takeOutputs();
        if (observer) {
            std::vector<Tensor> tensors;
            for (const HostTensor& o : outputs) tensors.push_back(o.tensor);
            (*observer)(*n, tensors);
        }
        for (int i = 0; i < n->outputCount(); ++i) env[n->output(i)] = std::move(outputs[i]);
    }
    std::vector<HostTensor> results;
    for (const Value* v : region.results()) {
        auto at = env.find(v);
        if (at != env.end() && at->second.storage) {
            results.push_back(at->second);
            continue;
        }
        // A constant or a parameter handed through: give the caller a copy of its own.
        Tensor t = TRY(lookUp(v, env));
        HostTensor copy = TRY(allocateTensor(t.dtype, t.dims));
        if (t.byteSize()) std::memcpy(copy.tensor.data, t.data, t.byteSize());
        results.push_back(std::move(copy));
    }
    return results;
}

}  // namespace

Result<HostTensor> allocateTensor(DType dtype, const Dims& dims) {
    int64_t count = TRY(checkedVolume(dims));
    if (count > (INT64_MAX >> 4))
        return makeStatus(Code::kFailedAllocation, "a tensor of shape {} is too large", toString(dims));
    size_t size = (static_cast<size_t>(bytesOf(dtype, count)) + 63) / 64 * 64;
    if (size == 0) size = 64;
    void* data = std::aligned_alloc(64, size);
    if (!data) return makeStatus(Code::kFailedAllocation, "out of memory for a tensor of {} bytes", size);
    HostTensor t;
    t.tensor = {dtype, dims, data};
    t.storage = std::shared_ptr<const void>(data, [](const void* p) { std::free(const_cast<void*>(p)); });
    return t;
}

Result<std::vector<HostTensor>> interpret(const Graph& graph, std::span<const Tensor> inputs,
                                          const NodeObserver& observer) {
    Environment env;
    return runRegion(graph.body(), inputs, env, &observer);
}

Result<std::vector<HostTensor>> interpret(const Graph& graph, std::span<const Tensor> inputs) {
    Environment env;
    return runRegion(graph.body(), inputs, env, nullptr);
}

Result<std::vector<HostTensor>> interpretNode(const Node& node, std::span<const Tensor> inputs,
                                              std::span<const bool> present) {
    Environment env;
    NodeContext c(node, {inputs.begin(), inputs.end()}, {present.begin(), present.end()}, env);
    TRY_IN(fmt::format("node '{}' ({})", node.name(), node.op().name()), c.run());
    return c.takeOutputs();
}

}  // namespace lathe::ir
