// SPDX-License-Identifier: Apache-2.0
// Matrix product with constant weights by oneDNN. params: {cut: 0 none, 1 by rows, 2 by columns; parts; rows}.
#include <algorithm>

#include "ops/matmul.h"
#include "tactics/cpu/onednn_parts.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

using cpu::onednn::Op;
using cpu::onednn::Product;
using cpu::onednn::Store;

// By columns only where there is one row.
enum class ProductCut : int64_t { kNone = 0, kRows = 1, kColumns = 2 };

Product productOf(const ir::Node& n, int64_t rows) {
    ir::Dims w = ir::constantDims(n.input(1)->shape());
    Product p;
    p.transB = n.attrs<ops::MatmulAttrs>().transposeB;
    p.m = rows;
    p.k = w[p.transB ? 1 : 0];
    p.n = w[p.transB ? 0 : 1];
    p.ldb = w[1];
    return p;
}

int64_t rowsOf(const ir::Dims& a) { return ir::volume(ir::Dims(a.begin(), a.end() - 1)); }

Product partOf(const Product& whole, ProductCut cut, int i, int count, OneDnnPart& part) {
    Product p = whole;
    part = {};
    if (cut == ProductCut::kRows) {
        int64_t first = whole.m * i / count;
        p.m = whole.m * (i + 1) / count - first;
        part.src = first * whole.k;
        part.dst = first * whole.n;
    }
    if (cut == ProductCut::kColumns) {
        p.n = whole.n / count;
        part.channel = part.dst = i * p.n;
    }
    part.count = p.m * p.n;
    return p;
}

Result<std::vector<OneDnnPart>> makeParts(const Product& whole, ProductCut cut, int count, const Store& store) {
    std::vector<OneDnnPart> parts(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
        OneDnnPart& p = parts[static_cast<size_t>(i)];
        Product mine = partOf(whole, cut, i, count, p);
        p.op = TRY(Op::make(mine, store));
        if (p.op->weightsForm() != parts[0].op->weightsForm())
            return unsupported("parts want weights of different forms");
        if (cut == ProductCut::kColumns) p.weights = i * alignUp64(p.op->weightsBytes());
    }
    return parts;
}

Result<std::vector<OneDnnPart>> partsOf(const Binding& b) {
    const ir::Node& n = *b.nodes[0];
    auto match = TRY(findEpilogue(*n.output(), *b.outputs[0], n.output()->rank() - 1, false));
    return makeParts(productOf(n, b.params.at(2)), static_cast<ProductCut>(b.params.at(0)),
                     static_cast<int>(b.params.at(1)), storeOf(match, false));
}

class OneDnnMatmul final : public Tactic {
  public:
    constexpr OneDnnMatmul() : Tactic("cpu.matmul.onednn.v1", "matmul") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (auto why = whyNoOneDnn(c.target())) return BindResult::refuse(*why);
        const ir::Value &x = *anchor.input(0), &w = *anchor.input(1);
        if (x.dtype() != DType::kFloat)
            return BindResult::refuse(fmt::format("type {} is not f32", toString(x.dtype())));
        if (!w.isConstant() || w.rank() != 2 || x.isConstant() || x.rank() < 2 ||
            anchor.attrs<ops::MatmulAttrs>().transposeA)
            return BindResult::refuse("it is no product of rows with constant weights");
        ir::Dims dims = c.optDims(x);
        if (c.minDims(x) != dims || c.maxDims(x) != dims) return BindResult::refuse("its shapes vary");
        Product whole = productOf(anchor, rowsOf(dims));
        if (whole.m * whole.n * whole.k == 0) return BindResult::refuse("a size is 0");
        int threads = c.target().threads;
        // Columns of several rows would not be dense.
        ProductCut cut = threads == 1                                             ? ProductCut::kNone
                         : whole.m >= int64_t{2} * threads                        ? ProductCut::kRows
                         : whole.m == 1 && whole.n % (int64_t{16} * threads) == 0 ? ProductCut::kColumns
                                                                                  : ProductCut::kNone;
        if (cut == ProductCut::kNone && threads > 1)
            return BindResult::refuse(fmt::format("it does not divide among {} threads", threads));
        BindResult result;
        for (const EpilogueMatch& m : matchEpilogues(*anchor.output(), anchor.output()->rank() - 1, false)) {
            if (m.residual == &x) continue;
            auto parts = makeParts(whole, cut, threads, storeOf(m, false));
            if (!parts.ok()) {
                result.refusals.push_back(parts.status().message());
                continue;
            }
            Candidate candidate;
            Binding& b = candidate.binding;
            b.tactic = this;
            b.nodes = {&anchor};
            b.nodes.insert(b.nodes.end(), m.nodes.begin(), m.nodes.end());
            b.inputs = {&x};
            if (m.residual) {
                b.inputs.push_back(m.residual);
                b.inPlace = {{0, 1}};
            }
            b.inputLayouts.assign(b.inputs.size(), Layout::kLinear);
            b.outputs = {m.result};
            b.outputLayouts = {Layout::kLinear};
            b.params = {static_cast<int64_t>(cut), threads, whole.m};
            int64_t blobs = cut == ProductCut::kColumns ? threads : 1;
            const Op& op = *parts->front().op;
            b.packed.push_back({{&w},
                                fmt::format("{}{}.x{}", op.weightsForm(), whole.transB ? ":t" : "", blobs),
                                blobs * alignUp64(op.weightsBytes())});
            for (const OneDnnPart& p : *parts)
                candidate.workspaceBytes = std::max(candidate.workspaceBytes, alignUp64(p.op->workspaceBytes()));
            candidate.workspaceBytes *= threads;
            candidate.estimate = 3e-6 + 2.0 * static_cast<double>(whole.m) * static_cast<double>(whole.n) *
                                            static_cast<double>(whole.k) / (6e10 * threads);
            result.candidates.push_back(std::move(candidate));
        }
        return result;
    }

    Status pack(const Binding& binding, int, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const Target&) const override {
        auto parts = TRY(partsOf(binding));
        Product whole = productOf(*binding.nodes[0], binding.params.at(2));
        const auto* plain = reinterpret_cast<const float*>(sources[0].data());
        for (const OneDnnPart& p : parts) {
            if (p.weights + p.op->weightsBytes() > static_cast<int64_t>(out.size()))
                return internalError("packed weights need more than {} bytes", out.size());
            TRY(p.op->pack(plain + p.channel * (whole.transB ? whole.ldb : 1), out.data() + p.weights));
            if (static_cast<ProductCut>(binding.params[0]) != ProductCut::kColumns) break;
        }
        return {};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        if (rowsOf(c.dims(*n.input(0))) != binding.params.at(2))
            return unsupported("it was bound for {} rows", binding.params[2]);
        auto match = TRY(findEpilogue(*n.output(), *binding.outputs[0], n.output()->rank() - 1, false));
        auto kernel = std::make_unique<OneDnnKernel>();
        kernel->parts = TRY(partsOf(binding));
        auto packed = TRY(c.packed(0));
        kernel->packed = packed.data();
        for (const OneDnnPart& p : kernel->parts)
            if (p.weights + p.op->weightsBytes() > static_cast<int64_t>(packed.size()))
                return unsupported("the weights are packed otherwise: {} bytes", packed.size());
        kernel->epilogue = TRY(makeEpilogue(match, productOf(n, 1).n, c, kernel->biasStorage));
        if (match.residual) kernel->residualSlot = static_cast<int>(binding.inputs.size()) - 1;
        TRY(kernel->prepare());
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cpu_matmul_onednn, OneDnnMatmul)

}  // namespace lathe::tactics
