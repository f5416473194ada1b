// SPDX-License-Identifier: Apache-2.0
// An einsum of two operands that is one batch of matrix products: labels of both operands and the result are the batch,
// those of one operand and the result its rows or columns, those that the result lacks are summed up. Axes of a kind
// must lie so that they are one axis. params: {tile, splits}.
#include "ops/einsum.h"

#include <algorithm>

#include "ops/common.h"
#include "tactics/common/operands.h"
#include "tactics/cuda/products.h"

namespace lathe::tactics {
namespace {

constexpr size_t kEinsumTilesOffered = 6;

// One axis of the product: its extent, and its strides in the two operands and the result.
struct ProductAxis {
    int64_t extent = 1, a = 0, b = 0, c = 0;
};

// Joins neighbours, outermost first, that every operand crosses evenly.
std::vector<ProductAxis> joined(const std::vector<ProductAxis>& axes) {
    std::vector<ProductAxis> out;
    for (const ProductAxis& x : axes) {
        if (x.extent == 1) continue;
        if (!out.empty()) {
            ProductAxis& y = out.back();
            if (y.a == x.a * x.extent && y.b == x.b * x.extent && y.c == x.c * x.extent) {
                y = {y.extent * x.extent, x.a, x.b, x.c};
                continue;
            }
        }
        out.push_back(x);
    }
    return out;
}

struct EinsumProduct {
    cuda::GemmShape shape;
    bool swapped = false;  // the second operand is A
};

Result<EinsumProduct> einsumProductOf(const ir::Node& n, const DimsOf& dims) {
    if (n.inputCount() != 2) return unsupported("it has {} operands", n.inputCount());
    DType type = n.output()->dtype();
    if (!isReal(type)) return unsupported("a product of {} has no kernel", toString(type));
    int ranks[] = {n.input(0)->rank(), n.input(1)->rank()};
    ops::EinsumTerms terms = TRY(ops::parseEinsum(n.attrs<ops::EinsumAttrs>().equation, ranks));
    ir::Dims in[2] = {dims(*n.input(0)), dims(*n.input(1))}, out = dims(*n.output());
    ir::Dims strides[2] = {ops::rowMajorStrides(in[0]), ops::rowMajorStrides(in[1])};
    ir::Dims outStrides = ops::rowMajorStrides(out);
    auto find = [](const std::vector<int>& list, int label) {
        auto at = std::find(list.begin(), list.end(), label);
        return at == list.end() ? -1 : static_cast<int>(at - list.begin());
    };
    for (int i = 0; i < 2; ++i)
        for (int label : terms.inputs[static_cast<size_t>(i)])
            if (std::count(terms.inputs[static_cast<size_t>(i)].begin(), terms.inputs[static_cast<size_t>(i)].end(),
                           label) > 1)
                return unsupported("an operand has a label twice");
    std::vector<ProductAxis> batch, rows, columns, sum;
    auto axisOf = [&](int label) {
        ProductAxis x;
        int a = find(terms.inputs[0], label), b = find(terms.inputs[1], label), c = find(terms.output, label);
        int64_t ea = a >= 0 ? in[0][static_cast<size_t>(a)] : 1, eb = b >= 0 ? in[1][static_cast<size_t>(b)] : 1;
        x.extent = ea == 1 ? eb : ea;
        // An extent of 1 is repeated.
        if (a >= 0 && ea != 1) x.a = strides[0][static_cast<size_t>(a)];
        if (b >= 0 && eb != 1) x.b = strides[1][static_cast<size_t>(b)];
        if (c >= 0) x.c = outStrides[static_cast<size_t>(c)];
        return x;
    };
    for (int label : terms.output) {
        ProductAxis x = axisOf(label);
        bool a = find(terms.inputs[0], label) >= 0, b = find(terms.inputs[1], label) >= 0;
        (a && b ? batch : a ? rows : columns).push_back(x);
    }
    for (int i = 0; i < 2; ++i)
        for (int label : terms.inputs[static_cast<size_t>(i)]) {
            if (find(terms.output, label) >= 0 || (i == 1 && find(terms.inputs[0], label) >= 0)) continue;
            if (find(terms.inputs[static_cast<size_t>(1 - i)], label) < 0)
                return unsupported("an axis of one operand alone is summed up");
            sum.push_back(axisOf(label));
        }
    batch = joined(batch);
    rows = joined(rows);
    columns = joined(columns);
    sum = joined(sum);
    if (rows.size() > 1 || columns.size() > 1 || sum.size() > 1 || batch.size() > 3)
        return unsupported("its axes do not join to one product's");
    ProductAxis m = rows.empty() ? ProductAxis() : rows[0], c = columns.empty() ? ProductAxis() : columns[0],
                k = sum.empty() ? ProductAxis() : sum[0];
    if (k.extent > 1 && (k.a == 0 || k.b == 0)) return unsupported("an axis that is summed up is repeated");
    EinsumProduct p;
    // Columns of the result are contiguous.
    p.swapped = c.extent > 1 && c.c != 1;
    auto turn = [](ProductAxis& x) { std::swap(x.a, x.b); };
    if (p.swapped) {
        std::swap(m, c);
        for (ProductAxis* x : {&m, &c, &k}) turn(*x);
        for (ProductAxis& x : batch) turn(x);
    }
    if (c.extent > 1 && c.c != 1) return unsupported("no axis of the result is contiguous");
    cuda::GemmShape& s = p.shape;
    s.type = s.outType = type;
    s.m = m.extent;
    s.n = c.extent;
    s.k = k.extent;
    // Strides of what is there once don't matter.
    if (k.extent == 1 || k.a == 1) {
        s.lda = m.extent > 1 ? m.a : std::max<int64_t>(s.k, 1);
    } else if (m.extent == 1 || m.a == 1) {
        s.transA = true;
        s.lda = k.a;
    } else {
        return unsupported("no axis of the first operand is contiguous");
    }
    if (k.extent > 1 && k.b == 1) {
        s.transB = true;
        s.ldb = c.extent > 1 ? c.b : s.k;
    } else if (c.extent == 1 || c.b == 1) {
        s.ldb = k.extent > 1 ? k.b : std::max<int64_t>(s.n, 1);
    } else if (k.extent == 1) {
        s.transB = true;
        s.ldb = c.b;
    } else {
        return unsupported("no axis of the second operand is contiguous");
    }
    s.ldc = s.ldr = m.extent > 1 ? m.c : s.n;
    for (size_t i = 0; i < batch.size(); ++i) {
        size_t to = 3 - batch.size() + i;
        s.batch[to] = batch[i].extent;
        s.strideA[to] = batch[i].a;
        s.strideB[to] = batch[i].b;
        s.strideC[to] = s.strideR[to] = batch[i].c;
    }
    return p;
}

class CudaEinsumProduct final : public CudaTactic {
  public:
    constexpr CudaEinsumProduct() : CudaTactic("cuda.einsum.product.v1", "einsum") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        auto p = einsumProductOf(anchor, [&](const ir::Value& v) { return c.optDims(v); });
        if (!p.ok()) return BindResult::refuse(p.status().message());
        auto ranked = cuda::rankGemm(p->shape, c.relaxed(), kernelTarget(c.target()));
        if (ranked.empty()) return BindResult::refuse("no tile fits");
        if (ranked.size() > kEinsumTilesOffered) ranked.resize(kEinsumTilesOffered);
        BindResult result;
        for (const cuda::RankedTile& tile : ranked) {
            Binding b = bindNode(*this, anchor);
            b.params = {tile.choice.tile, tile.choice.splits};
            size_t before = result.candidates.size();
            offer(std::move(b), c, result);
            if (result.candidates.size() > before) result.candidates.back().estimate = tile.seconds;
        }
        return result;
    }

    Result<CudaWork> work(const Binding& binding, const DimsOf& dims, const Target& target) const override {
        const ir::Node& n = *binding.nodes[0];
        EinsumProduct p = TRY(einsumProductOf(n, dims));
        ProductOperands operands;
        operands.a = n.input(p.swapped ? 1 : 0);
        operands.b = n.input(p.swapped ? 0 : 1);
        return productWork(p.shape, {}, operands, binding.params, target);
    }
};

}  // namespace

LATHE_TACTIC(cuda_einsum_product, CudaEinsumProduct)

}  // namespace lathe::tactics
