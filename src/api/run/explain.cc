// SPDX-License-Identifier: Apache-2.0
// lathe::explain(): what became of a network, as JSON. The form is described in Lathe.h.
#include "api/run/explain.h"

#include <algorithm>
#include <cstring>

#include "api/common/convert.h"
#include "api/run/cuda_engine.h"
#include "api/run/json.h"
#include "ops/matmul.h"

namespace lathe::api {
namespace {

template <class List, class F>
std::string joined(const List& list, F&& text) {
    std::string out = "[";
    bool first = true;
    for (const auto& item : list) {
        out += (first ? "" : ", ") + text(item);
        first = false;
    }
    return out + "]";
}

std::string tensors(std::span<const ir::Value* const> list, std::span<const tactics::Layout> layouts) {
    size_t i = 0;
    return joined(list, [&](const ir::Value* v) {
        tactics::Layout layout = i < layouts.size() ? layouts[i] : tactics::Layout::kLinear;
        ++i;
        std::string shape = joined(v->shape(), [](const ir::Dim& d) {
            int64_t known = d.valueOr(-1);
            return known >= 0 ? std::to_string(known) : quoted(d.toString());
        });
        return fmt::format("{{\"name\": {}, \"type\": {}, \"shape\": {}, \"format\": {}}}", quoted(v->name()),
                           quoted(toString(v->dtype())), shape, quoted(tactics::toString(layout)));
    });
}

// Extents at the profile's optimum shapes, as far as the inputs tell them.
ir::SymbolValues optimum(const plan::Plan& plan, const plan::Program& program, const plan::Profile& profile) {
    ir::SymbolValues values(program.graph->symbols().size());
    for (size_t i = 0; i < profile.inputs.size() && i < plan.io.size(); ++i) {
        const ir::Value* p = program.graph->body().parameters()[static_cast<size_t>(plan.io[i].index)];
        for (size_t d = 0; d < p->shape().size() && d < profile.inputs[i].opt.size(); ++d)
            if (ir::SymbolId s = p->shape()[d].asSymbol(); s >= 0) values.set(s, profile.inputs[i].opt[d]);
    }
    return values;
}

// What a step computes and moves at the optimum shapes; 0 where an extent is known only while it runs.
class Work {
  public:
    explicit Work(ir::SymbolValues symbols) : symbols_(std::move(symbols)) {}

    double flops(const ir::Node& n) const {
        std::string_view op = n.op().name();
        double out = volume(n.output(0));
        if (op == "conv") return 2 * out * volume(n.input(1)) / std::max(extent(n.input(1), 0), 1.0);
        if (op == "deconv") return 2 * volume(n.input(0)) * volume(n.input(1)) / std::max(extent(n.input(1), 0), 1.0);
        if (op == "matmul" || op == "gemm") {
            int rank = n.input(0)->rank();
            bool trans = op == "matmul" && n.attrs<ops::MatmulAttrs>().transposeA && rank > 1;
            return 2 * out * extent(n.input(0), trans ? rank - 2 : rank - 1);
        }
        if (op == "lstm" || op == "gru" || op == "rnn")
            return 2 * extent(n.input(0), 0) * extent(n.input(0), 1) * (volume(n.input(1)) + volume(n.input(2)));
        return out;
    }
    double bytes(const ir::Value* v) const { return v ? volume(v) * bitsOf(v->dtype()) / 8.0 : 0; }

  private:
    double extent(const ir::Value* v, int d) const {
        if (!v || d < 0 || d >= v->rank()) return 0;
        Result<int64_t> e = v->shape()[static_cast<size_t>(d)].eval(symbols_);
        return e.ok() ? static_cast<double>(*e) : 0;
    }
    double volume(const ir::Value* v) const {
        double total = v ? 1 : 0;
        for (int d = 0; v && d < v->rank(); ++d) total *= extent(v, d);
        return total;
    }
    ir::SymbolValues symbols_;
};

std::string steps(const std::vector<plan::Step>& list, const Work& work) {
    return joined(list, [&](const plan::Step& s) {
        std::vector<const ir::Node*> nodes = s.binding.nodes;
        std::vector<const ir::Value*> in = s.binding.inputs, out = s.binding.outputs;
        if (s.control) {
            nodes.push_back(s.control);
            for (const ir::Value* v : s.control->inputs())
                if (v) in.push_back(v);
            out.insert(out.end(), s.control->outputs().begin(), s.control->outputs().end());
        }
        std::string ops, origins;
        double flops = 0, bytes = 0;
        for (const ir::Value* v : in) bytes += work.bytes(v);
        for (const ir::Value* v : out) bytes += work.bytes(v);
        for (const ir::Node* n : nodes) {
            if (!s.control) flops += work.flops(*n);
            for (const ir::Value* v : n->inputs())
                if (v && v->isConstant()) bytes += work.bytes(v);
            ops += (ops.empty() ? "" : " + ") + std::string(n->op().name());
            for (const std::string& o : n->origins()) origins += (origins.empty() ? "" : ", ") + quoted(o);
        }
        return fmt::format(
            "\n  {{\"name\": {}, \"op\": {}, \"tactic\": {}, \"params\": {}, \"nodes\": [{}], \"ms\": {:.9g}, "
            "\"flops\": {:.9g}, \"bytes\": {:.9g}, \"workspace\": {}, \"inputs\": {}, \"outputs\": {}, \"regions\": "
            "{}}}",
            quoted(s.name), quoted(ops), quoted(s.binding.tactic ? s.binding.tactic->id() : ""),
            joined(s.binding.params, [](int64_t p) { return std::to_string(p); }), origins,
            static_cast<double>(s.seconds) * 1e3, s.binding.aliases.empty() ? flops : 0.0,
            s.binding.aliases.empty() ? bytes : 0.0, s.workspaceBytes, tensors(in, s.binding.inputLayouts),
            tensors(out, s.binding.outputLayouts), joined(s.regions, [&](const auto& r) { return steps(r, work); }));
    });
}

}  // namespace

nvinfer1::IHostMemory* explain(const nvinfer1::ICudaEngine& engine, int32_t profile) noexcept {
    const CudaEngine& e = CudaEngine::of(engine);
    return guarded<
        nvinfer1::IHostMemory*>(e.reporter(), "lathe::explain", nullptr, [&]() -> Result<nvinfer1::IHostMemory*> {
        const plan::Plan& plan = e.plan();
        if (profile < 0 || profile >= static_cast<int32_t>(plan.profiles.size()))
            return invalidArgument("profile {} of {}", profile, plan.profiles.size());
        const plan::Program& program = e.engine()->program(profile);
        std::string nodes = joined(plan.fates, [](const plan::NodeFate& f) {
            return fmt::format("\n  {{\"name\": {}, \"fate\": {}, \"detail\": {}}}", quoted(f.node), quoted(f.fate),
                               quoted(f.detail));
        });
        Work work(optimum(plan, program, plan.profiles[static_cast<size_t>(profile)]));
        std::string text = fmt::format(
            "{{\"name\": {}, \"library\": {}, \"target\": {}, \"profile\": {}, \"refittable\": {}, \"stripped\": {},\n"
            "\"nodes\": {},\n\"steps\": {}}}\n",
            quoted(plan.name), quoted(plan.libraryVersion), quoted(program.target.name()), profile, plan.refittable,
            plan.stripped, nodes, steps(program.steps, work));
        std::vector<std::byte> bytes(text.size());
        std::memcpy(bytes.data(), text.data(), text.size());
        return makeHostMemory(std::move(bytes));
    });
}

}  // namespace lathe::api
