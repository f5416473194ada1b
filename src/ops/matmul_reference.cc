// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul_reference.h"

namespace lathe::ops {
namespace {

// An operand's two matrix axes and the batch axes before them; the missing axis of a 1-D one is 1.
template <class D>
struct Operand {
    std::vector<D> batch;
    D rows = 1, columns = 1;
};

template <class D>
Operand<D> split(const std::vector<D>& shape, bool transposed, bool first) {
    Operand<D> o;
    if (shape.size() == 1) {
        (first ? o.columns : o.rows) = shape[0];
        return o;
    }
    o.batch.assign(shape.begin(), shape.end() - 2);
    o.rows = shape[shape.size() - 2];
    o.columns = shape.back();
    if (transposed) std::swap(o.rows, o.columns);
    return o;
}

}  // namespace

Result<Shape> matmulShape(const Shape& a, const Shape& b, bool transposeA, bool transposeB) {
    if (a.empty() || b.empty())
        return invalidArgument("shapes {} and {}: a matrix product needs at least one axis in each", ir::toString(a),
                               ir::toString(b));
    if ((transposeA && a.size() == 1) || (transposeB && b.size() == 1))
        return invalidArgument("shapes {} and {}: a 1-D operand cannot be transposed", ir::toString(a),
                               ir::toString(b));
    auto x = split(a, transposeA, true), y = split(b, transposeB, false);
    if (x.columns.isConstant() && y.rows.isConstant() && x.columns.value() != y.rows.value())
        return invalidArgument("shapes {}{} and {}{} do not fit: the summed extents are {} and {}", ir::toString(a),
                               transposeA ? " (transposed)" : "", ir::toString(b), transposeB ? " (transposed)" : "",
                               x.columns.value(), y.rows.value());
    Shape out = TRY(ir::broadcastShapes(x.batch, y.batch));
    if (a.size() > 1) out.push_back(x.rows);
    if (b.size() > 1) out.push_back(y.columns);
    return out;
}

MatmulBatches matmulBatches(const Dims& a, const Dims& b, bool transposeA, bool transposeB) {
    auto x = split(a, transposeA, true), y = split(b, transposeB, false);
    MatmulBatches out{.m = x.rows, .n = y.columns, .k = x.columns};
    // One b for all batches of an a in row order: the batches are just more rows.
    if (ir::volume(y.batch) == 1 && y.batch.size() <= x.batch.size() && !transposeA) {
        out.m *= ir::volume(x.batch);
        out.aOffset = out.bOffset = {0};
        return out;
    }
    auto shape = ir::broadcastShapes(ir::toShape(x.batch), ir::toShape(y.batch));
    ASSERT(shape.ok());
    Dims batch = ir::constantDims(*shape);
    Dims aStrides = broadcastStrides(x.batch, batch), bStrides = broadcastStrides(y.batch, batch);
    for (int64_t& s : aStrides) s *= out.m * out.k;
    for (int64_t& s : bStrides) s *= out.k * out.n;
    forEachOffset<2>(batch, {aStrides, bStrides}, [&](const std::array<int64_t, 2>& at) {
        out.aOffset.push_back(at[0]);
        out.bOffset.push_back(at[1]);
    });
    return out;
}

}  // namespace lathe::ops
