// SPDX-License-Identifier: Apache-2.0
// Layers that combine the elements along axes, and products.
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using RowLayers = Conformance;

// Along one axis: f gets the elements of each line and gives as many.
Value lines(const Value& x, size_t axis, const std::function<std::vector<double>(std::vector<double>)>& f) {
    Value y = x;
    Index heads = x.shape;
    heads[axis] = 1;
    forEach(heads, [&](const Index& head) {
        Index at = head;
        std::vector<double> line;
        for (at[axis] = 0; at[axis] < x.shape[axis]; ++at[axis]) line.push_back(x(at));
        line = f(line);
        for (at[axis] = 0; at[axis] < x.shape[axis]; ++at[axis]) y(at) = line[static_cast<size_t>(at[axis])];
    });
    return y;
}

std::vector<double> softmax(std::vector<double> v) {
    double most = *std::max_element(v.begin(), v.end()), sum = 0;
    for (double& e : v) sum += e = std::exp(e - most);
    for (double& e : v) e /= sum;
    return v;
}

TEST_F(RowLayers, SoftMax) {
    Value x = numbers({2, 5, 7}, -4, 4);
    for (uint32_t axis : {0u, 1u, 2u})
        gives(
            [&](Net& n) {
                auto* l = n->addSoftMax(n.in(x, {0, 2}));
                l->setAxes(1u << axis);
                EXPECT_EQ(l->getAxes(), 1u << axis);
                n.out(l);
            },
            {lines(x, axis, softmax)});
    // By default the third axis from the end; the first of a matrix's is the batch.
    gives([&](Net& n) { n.out(n->addSoftMax(n.in(x))); }, {lines(x, 0, softmax)});
}
REFUSES(RowLayers, SoftMaxTwoAxes, "the mask 0x3 must name exactly one axis",
        n->addSoftMax(n.in(numbers({2, 3})))->setAxes(3))
REFUSES(RowLayers, SoftMaxAxisTooLarge, "(softmax): axis 2 is outside a tensor of 2 dimensions",
        n->addSoftMax(n.in(numbers({2, 3})))->setAxes(4))
REFUSES(RowLayers, SoftMaxOfIntegers, "(softmax): input 0 has type i32; expected one of f32, f16, bf16",
        n->addSoftMax(n.in(integers({2}, {1, 2}))))

TEST_F(RowLayers, RaggedSoftMax) {
    Value x = numbers({2, 3, 6}), bounds = integers({2, 3, 1}, {6, 1, 3, 4, 2, 5});
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            n.out(n->addRaggedSoftMax(t, n.in(bounds)));
        },
        {filled(x.shape, [&](const Index& at) {
            double sum = 0, bound = bounds({at[0], at[1], 0});
            for (int64_t k = 0; k < 6 && static_cast<double>(k) < bound; ++k) sum += std::exp(x({at[0], at[1], k}));
            return static_cast<double>(at[2]) < bound ? std::exp(x(at)) / sum : 0;
        })});
}
REFUSES(RowLayers, RaggedSoftMaxRank, "input [2, 3] and bounds [2, 1]; both need 3 dimensions",
        n->addRaggedSoftMax(n.in(numbers({2, 3})), n.in(integers({2, 1}, {1, 2}))))
REFUSES(RowLayers, RaggedSoftMaxBoundsType, "the bounds are of type f32",
        n->addRaggedSoftMax(n.in(numbers({1, 2, 3})), n.in(numbers({1, 2, 1}))))

TEST_F(RowLayers, Reduce) {
    Value x = numbers({3, 4, 5}, 0.25, 2);
    auto reduced = [&](ReduceOperation op, bool keep) {  // along axes 0 and 2
        Value y = filled(keep ? Index{1, 4, 1} : Index{4}, [&](const Index& at) {
            int64_t c = at[keep ? 1 : 0];
            double sum = 0, product = 1, most = -INFINITY, least = INFINITY;
            for (int64_t a = 0; a < 3; ++a)
                for (int64_t b = 0; b < 5; ++b) {
                    double e = x({a, c, b});
                    sum += e;
                    product *= e;
                    most = std::max(most, e);
                    least = std::min(least, e);
                }
            switch (op) {
                case ReduceOperation::kSUM: return sum;
                case ReduceOperation::kPROD: return product;
                case ReduceOperation::kMAX: return most;
                case ReduceOperation::kMIN: return least;
                default: return sum / 15;
            }
        });
        return y;
    };
    for (auto op : {ReduceOperation::kSUM, ReduceOperation::kPROD, ReduceOperation::kMAX, ReduceOperation::kMIN,
                    ReduceOperation::kAVG})
        for (bool keep : {false, true})
            gives(
                [&](Net& n) {
                    auto* l = n->addReduce(n.in(x, {0, 1}), ReduceOperation::kSUM, 1, !keep);
                    l->setOperation(op);
                    l->setReduceAxes(0b101);
                    l->setKeepDimensions(keep);
                    EXPECT_EQ(l->getOperation(), op);
                    EXPECT_EQ(l->getReduceAxes(), 0b101u);
                    EXPECT_EQ(l->getKeepDimensions(), keep);
                    n.out(l);
                },
                {reduced(op, keep)});
    Value i = integers({2, 3}, {1, 2, 3, -4, 5, 6});
    gives([&](Net& n) { n.out(n->addReduce(n.in(i), ReduceOperation::kSUM, 2, false)); }, {integers({2}, {6, 7})});
}
REFUSES(RowLayers, ReduceAxes, "(reduce): axis 3 is outside a tensor of 2 dimensions",
        n->addReduce(n.in(numbers({2, 3})), ReduceOperation::kSUM, 8, false))
REFUSES(RowLayers, ReduceNoAxes, "the mask of axes is 0",
        n->addReduce(n.in(numbers({2, 3})), ReduceOperation::kSUM, 0, false))
REFUSES(RowLayers, ReduceOperationUnknown, "reduce operation 12 cannot be used here",
        n->addReduce(n.in(numbers({2, 3})), static_cast<ReduceOperation>(12), 1, false))
REFUSES(RowLayers, ReduceBooleans, "input 0 has type bool; expected one of f32, f16, bf16, i32, i64",
        n->addReduce(n.in(integers({2}, {0, 1}, DataType::kBOOL)), ReduceOperation::kSUM, 1, false))

TEST_F(RowLayers, TopK) {
    Value x = filled({3, 9}, [](const Index& at) { return static_cast<double>((at[1] * 7 + at[0] * 5) % 9); });
    auto best = [&](bool largest, int64_t k, bool indices, DataType type) {
        return filled(
            {3, k},
            [&](const Index& at) {
                std::vector<std::pair<double, int64_t>> row;
                for (int64_t i = 0; i < 9; ++i) row.emplace_back(largest ? -x({at[0], i}) : x({at[0], i}), i);
                std::sort(row.begin(), row.end());
                auto [value, place] = row[static_cast<size_t>(at[1])];
                return indices ? static_cast<double>(place) : largest ? -value : value;
            },
            type);
    };
    for (bool largest : {true, false})
        gives(
            [&](Net& n) {
                auto* l = n->addTopK(n.in(x), largest ? TopKOperation::kMAX : TopKOperation::kMIN, 4, 2);
                EXPECT_EQ(l->getK(), 4);
                EXPECT_EQ(l->getReduceAxes(), 2u);
                n.out(l);
                n.out(l, 1);
            },
            {best(largest, 4, false, DataType::kFLOAT), best(largest, 4, true, DataType::kINT32)});
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            auto* l = n->addTopK(t, TopKOperation::kMIN, 1, 1, DataType::kINT64);
            EXPECT_EQ(l->getIndicesType(), DataType::kINT64);
            l->setOperation(TopKOperation::kMAX);
            EXPECT_EQ(l->getOperation(), TopKOperation::kMAX);
            l->setReduceAxes(2);
            l->setK(3);
            l->setInput(1, n.shapeIn(integers({}, {2})));
            n.out(l);
            n.out(l, 1);
        },
        {best(true, 2, false, DataType::kFLOAT), best(true, 2, true, DataType::kINT64)});
}
REFUSES(RowLayers, TopKTooMany, "(topk): k is 4, but axis 1 has only 3 elements",
        n->addTopK(n.in(numbers({2, 3})), TopKOperation::kMAX, 4, 2))
REFUSES(RowLayers, TopKTwoAxes, "the mask 0x3 must name exactly one axis",
        n->addTopK(n.in(numbers({2, 3})), TopKOperation::kMAX, 1, 3))
REFUSES(RowLayers, TopKNegative, "k is -1", n->addTopK(n.in(numbers({2, 3})), TopKOperation::kMAX, 1, 2)->setK(-1))
REFUSES(RowLayers, TopKOperationUnknown, "operation 2 does not exist",
        n->addTopK(n.in(numbers({2, 3})), static_cast<TopKOperation>(2), 1, 2))
REFUSES(RowLayers, TopKIndicesType, "indices are kINT32 or kINT64",
        n->addTopK(n.in(numbers({2, 3})), TopKOperation::kMAX, 1, 2)->setIndicesType(DataType::kFLOAT))
REFUSES(RowLayers, TopKIndicesTypeOfFactory, "indices are kINT32 or kINT64",
        n->addTopK(n.in(numbers({2, 3})), TopKOperation::kMAX, 1, 2, DataType::kHALF))

TEST_F(RowLayers, Cumulative) {
    Value x = numbers({2, 5, 3});
    for (bool exclusive : {false, true})
        for (bool reverse : {false, true})
            gives(
                [&](Net& n) {
                    ITensor& axis = n.constant(integers({}, {1}));
                    auto* l = n->addCumulative(n.in(x, {0, 1}), axis, CumulativeOperation::kSUM, !exclusive, !reverse);
                    l->setExclusive(exclusive);
                    l->setReverse(reverse);
                    EXPECT_TRUE(l->setOperation(CumulativeOperation::kSUM));
                    EXPECT_EQ(l->getExclusive(), exclusive);
                    EXPECT_EQ(l->getReverse(), reverse);
                    EXPECT_EQ(l->getOperation(), CumulativeOperation::kSUM);
                    n.out(l);
                },
                {lines(x, 1, [&](std::vector<double> v) {
                    if (reverse) std::reverse(v.begin(), v.end());
                    double sum = 0;
                    for (double& e : v) {
                        double own = e;
                        e = exclusive ? sum : sum + own;
                        sum += own;
                    }
                    if (reverse) std::reverse(v.begin(), v.end());
                    return v;
                })});
}
REFUSES(RowLayers, CumulativeAxis, "(cumsum): axis 2 is outside a tensor of 2 dimensions",
        n->addCumulative(n.in(numbers({2, 3})), n.constant(integers({}, {2})), CumulativeOperation::kSUM, false, false))
REFUSES(RowLayers, CumulativeOperation, "operation 3 does not exist",
        n->addCumulative(n.in(numbers({2, 3})), n.constant(integers({}, {1})), static_cast<CumulativeOperation>(3),
                         false, false))

// Over the axes of `axes` (layer norm) or over groups of channels and all that follows them.
Value normalized(const Value& x, const std::function<bool(const Index&, const Index&)>& together, double epsilon) {
    return filled(x.shape, [&](const Index& at) {
        double sum = 0, squares = 0, count = 0;
        forEach(x.shape, [&](const Index& other) {
            if (!together(at, other)) return;
            sum += x(other);
            squares += x(other) * x(other);
            ++count;
        });
        double mean = sum / count;
        return (x(at) - mean) / std::sqrt(squares / count - mean * mean + epsilon);
    });
}

TEST_F(RowLayers, Normalization) {
    Value x = numbers({2, 6, 3, 2});
    auto rows = normalized(
        x, [](const Index& a, const Index& b) { return a[0] == b[0] && a[1] == b[1]; }, 1e-5);
    Value scale = numbers({1, 1, 3, 2}, 0.5, 2, 3), bias = numbers({1, 1, 3, 2}, -1, 1, 4);
    auto times = [](double a, double b) { return a * b; };
    auto plus = [](double a, double b) { return a + b; };
    gives(
        [&](Net& n) {
            auto* l = n->addNormalization(n.in(x), n.constant(scale), n.constant(bias), 0b1100);
            EXPECT_EQ(l->getAxes(), 0b1100u);
            EXPECT_EQ(l->getEpsilon(), 1e-5f);
            EXPECT_FALSE(l->isV2());
            n.out(l);
        },
        {zipped(zipped(rows, scale, times), bias, plus)}, 1e-5);
    // Groups of channels; scale and bias for each group before V2, for each channel with it.
    auto groups = normalized(
        x, [](const Index& a, const Index& b) { return a[0] == b[0] && a[1] / 2 == b[1] / 2; }, 0.25);
    Value perGroup = numbers({1, 3, 1, 1}, 0.5, 2, 5), groupBias = numbers({1, 3, 1, 1}, -1, 1, 6);
    gives(
        [&](Net& n) {
            auto* l = n->addNormalization(n.in(x), n.constant(perGroup), n.constant(groupBias), 0b1000);
            l->setAxes(0b1100);
            l->setNbGroups(3);
            l->setEpsilon(0.25f);
            EXPECT_EQ(l->getNbGroups(), 3);
            n.out(l);
        },
        {filled(x.shape,
                [&](const Index& at) {
                    return groups(at) * perGroup({0, at[1] / 2, 0, 0}) + groupBias({0, at[1] / 2, 0, 0});
                })},
        1e-5);
    Value perChannel = numbers({1, 6, 1, 1}, 0.5, 2, 7), channelBias = numbers({1, 6, 1, 1}, -1, 1, 8);
    gives(
        [&](Net& n) {
            auto* l = n->addNormalizationV2(n.in(x), n.constant(perChannel), n.constant(channelBias), 0b1100);
            l->setNbGroups(3);
            l->setEpsilon(0.25f);
            EXPECT_TRUE(l->isV2());
            n.out(l);
        },
        {zipped(zipped(groups, perChannel, times), channelBias, plus)}, 1e-5);
}
REFUSES(RowLayers, NormalizationGroups, "(group_norm): 6 channels cannot be divided into 4 groups",
        n->addNormalizationV2(n.in(numbers({1, 6, 2, 2})), n.constant(numbers({1, 6, 1, 1})),
                              n.constant(numbers({1, 6, 1, 1})), 12)
            ->setNbGroups(4))
REFUSES(RowLayers, NormalizationScale, "1 with the shape [1, 5, 1, 1] cannot be broadcast to [1, 6, 2, 2]",
        (void)n->addNormalizationV2(n.in(numbers({1, 6, 2, 2})), n.constant(numbers({1, 5, 1, 1})),
                                    n.constant(numbers({1, 6, 1, 1})), 12))
REFUSES(RowLayers, NormalizationAxes, "axes [] of [2, 3]",
        n->addNormalization(n.in(numbers({2, 3})), n.constant(numbers({1, 3})), n.constant(numbers({1, 3})), 0))
REFUSES(RowLayers, NormalizationAxisTooLarge, "axes [4] of [2, 3]",
        n->addNormalization(n.in(numbers({2, 3})), n.constant(numbers({1, 3})), n.constant(numbers({1, 3})), 16))
REFUSES(RowLayers, NormalizationOfIntegers, "(layer_norm): input 0 has type i32; expected one of f32, f16, bf16",
        n->addNormalization(n.in(integers({2, 1}, {1, 2})), n.constant(integers({1, 1}, {1})),
                            n.constant(integers({1, 1}, {1})), 2))

TEST_F(RowLayers, MatrixMultiply) {
    Value a = numbers({2, 3, 4}), b = numbers({2, 4, 5}, -2, 2, 2), turned = numbers({2, 5, 4}, -2, 2, 3);
    auto product = [](int64_t batch, int64_t m, int64_t inner, int64_t width, auto f, auto g) {
        return filled({batch, m, width}, [&](const Index& at) {
            double sum = 0;
            for (int64_t k = 0; k < inner; ++k) sum += f(at[0], at[1], k) * g(at[0], k, at[2]);
            return sum;
        });
    };
    auto plain = [](const Value& v) { return [&v](int64_t i, int64_t r, int64_t c) { return v({i, r, c}); }; };
    auto flipped = [](const Value& v) { return [&v](int64_t i, int64_t r, int64_t c) { return v({i, c, r}); }; };
    gives(
        [&](Net& n) {
            ITensor& x = n.in(a);
            auto* l = n->addMatrixMultiply(x, MatrixOperation::kNONE, n.in(b), MatrixOperation::kNONE);
            EXPECT_EQ(l->getOperation(1), MatrixOperation::kNONE);
            n.out(l);
            auto* t = n->addMatrixMultiply(x, MatrixOperation::kNONE, n.in(turned), MatrixOperation::kNONE);
            t->setOperation(1, MatrixOperation::kTRANSPOSE);
            EXPECT_EQ(t->getOperation(1), MatrixOperation::kTRANSPOSE);
            n.out(t);
        },
        {product(2, 3, 4, 5, plain(a), plain(b)), product(2, 3, 4, 5, plain(a), flipped(turned))});
    // Weights that all matrices share, the first one transposed.
    Value w = numbers({1, 3, 6}, -1, 1, 4);
    gives(
        [&](Net& n) {
            n.out(n->addMatrixMultiply(n.in(a, {0, 2}), MatrixOperation::kTRANSPOSE, n.constant(w),
                                       MatrixOperation::kNONE));
        },
        {product(2, 4, 3, 6, flipped(a), [&](int64_t, int64_t r, int64_t c) {
            return w({0, r, c});
        })});
    // A vector for each matrix: one dimension fewer.
    Value v = numbers({2, 4}, -1, 1, 5);
    gives(
        [&](Net& n) {
            ITensor& x = n.in(a);
            n.out(n->addMatrixMultiply(x, MatrixOperation::kNONE, n.in(v), MatrixOperation::kVECTOR));
        },
        {filled({2, 3}, [&](const Index& at) {
            double sum = 0;
            for (int64_t k = 0; k < 4; ++k) sum += a({at[0], at[1], k}) * v({at[0], k});
            return sum;
        })});
}
REFUSES(RowLayers, MatrixMultiplyExtents, "shapes [2, 3] and [4, 5] do not fit: the summed extents are 3 and 4",
        n->addMatrixMultiply(n.in(numbers({2, 3})), MatrixOperation::kNONE, n.in(numbers({4, 5})),
                             MatrixOperation::kNONE))
REFUSES(RowLayers, MatrixMultiplyBatches, "(matmul): shapes [2] and [3] cannot be broadcast: axis 0 is 2 and 3",
        n->addMatrixMultiply(n.in(numbers({2, 3, 4})), MatrixOperation::kNONE, n.in(numbers({3, 4, 5})),
                             MatrixOperation::kNONE))
REFUSES(RowLayers, MatrixMultiplyOfVector, "operand 0 has only 1 dimensions",
        n->addMatrixMultiply(n.in(numbers({3})), MatrixOperation::kNONE, n.in(numbers({3, 5})), MatrixOperation::kNONE))
REFUSES(RowLayers, MatrixMultiplyTypes, "inputs 0 and 1 have the types f32 and i32, which must be equal",
        n->addMatrixMultiply(n.in(numbers({3, 3})), MatrixOperation::kNONE, n.in(integers({3, 1}, {1, 2, 3})),
                             MatrixOperation::kNONE))
REFUSES(RowLayers, MatrixMultiplyOperation, "operation of operand 0, 5 does not exist",
        n->addMatrixMultiply(n.in(numbers({3, 3})), static_cast<MatrixOperation>(5), n.in(numbers({3, 3})),
                             MatrixOperation::kNONE))
REFUSES(RowLayers, MatrixMultiplyOperand, "there is no operand 2",
        n->addMatrixMultiply(n.in(numbers({3, 3})), MatrixOperation::kNONE, n.in(numbers({3, 3})),
                             MatrixOperation::kNONE)
            ->setOperation(2, MatrixOperation::kNONE))

TEST_F(RowLayers, Einsum) {
    Value a = numbers({2, 3, 4}), b = numbers({2, 4, 5}, -2, 2, 2);
    auto run = [&](const char* equation, const Value& x, const Value& y, const Value& expected) {
        SCOPED_TRACE(equation);
        gives(
            [&](Net& n) {
                ITensor* in[] = {&n.in(x), &n.in(y)};
                auto* l = n->addEinsum(in, 2, "ij,jk->ik");
                EXPECT_TRUE(l->setEquation(equation));
                EXPECT_STREQ(l->getEquation(), equation);
                n.out(l);
            },
            {expected});
    };
    run("bij,bjk->bik", a, b, filled({2, 3, 5}, [&](const Index& at) {
            double sum = 0;
            for (int64_t k = 0; k < 4; ++k) sum += a({at[0], at[1], k}) * b({at[0], k, at[2]});
            return sum;
        }));
    run("bij,bjk->kb", a, b, filled({5, 2}, [&](const Index& at) {
            double sum = 0;
            for (int64_t i = 0; i < 3; ++i)
                for (int64_t k = 0; k < 4; ++k) sum += a({at[1], i, k}) * b({at[1], k, at[0]});
            return sum;
        }));
    run("...ij,...jk->...ki", a, b, filled({2, 5, 3}, [&](const Index& at) {
            double sum = 0;
            for (int64_t k = 0; k < 4; ++k) sum += a({at[0], at[2], k}) * b({at[0], k, at[1]});
            return sum;
        }));
}
REFUSES(RowLayers, EinsumEquation, "equation 'i->j': term 0 does not fit an input of 2 dimensions",
        ITensor* in[] = {&n.in(numbers({2, 3}))};
        n->addEinsum(in, 1, "i->j"))
REFUSES(RowLayers, EinsumExtents, "1, axis 0: shapes [3] and [4] cannot be broadcast: axis 0 is 3 and 4",
        ITensor* in[] = {&n.in(numbers({2, 3})), &n.in(numbers({4, 2}))};
        n->addEinsum(in, 2, "ij,jk->ik"))
REFUSES(RowLayers, EinsumCount, "(einsum): equation 'ij,jk->ik' has 2 terms for 1 inputs",
        ITensor* in[] = {&n.in(numbers({2, 3}))};
        n->addEinsum(in, 1, "ij,jk->ik"))
REFUSES(RowLayers, EinsumNull, "the equation is null", ITensor* in[] = {&n.in(numbers({2, 3}))};
        n->addEinsum(in, 1, nullptr))
REFUSES(RowLayers, EinsumNullInput, "input 0 is null", ITensor* in[] = {nullptr}; n->addEinsum(in, 1, "i->i"))
REFUSES(RowLayers, EinsumSyntax, "the equation 'i(j->' has the character '('", ITensor* in[] = {&n.in(numbers({2, 3}))};
        n->addEinsum(in, 1, "i(j->"))

}  // namespace
}  // namespace lathe_test
