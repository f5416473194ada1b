// SPDX-License-Identifier: Apache-2.0
// Layers that move elements, make them, or tell of shapes.
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using MoveLayers = Conformance;

TEST_F(MoveLayers, Shuffle) {
    Value x = numbers({2, 3, 4});
    gives(
        [&](Net& n) {
            auto* l = n->addShuffle(n.in(x));
            l->setFirstTranspose({{2, 0, 1}});
            EXPECT_EQ(l->getFirstTranspose().order[0], 2);
            n.out(l);
        },
        {filled({4, 2, 3}, [&](const Index& at) {
            return x({at[1], at[2], at[0]});
        })});
    // 0 keeps an extent, -1 takes what is left.
    gives(
        [&](Net& n) {
            auto* l = n->addShuffle(n.in(x));
            l->setReshapeDimensions(dims({0, -1}));
            EXPECT_TRUE(l->getZeroIsPlaceholder());
            EXPECT_THAT(list(l->getReshapeDimensions()), ::testing::ElementsAre(0, -1));
            l->setSecondTranspose({{1, 0}});
            EXPECT_EQ(l->getSecondTranspose().order[0], 1);
            n.out(l);
        },
        {filled({12, 2}, [&](const Index& at) {
            return x({at[1], at[0] / 4, at[0] % 4});
        })});
    // The shape as a tensor, and an empty tensor where 0 means 0.
    gives(
        [&](Net& n) {
            auto* l = n->addShuffle(n.in(x));
            l->setInput(1, n.shapeIn(integers({2}, {6, -1}, DataType::kINT64)));
            n.out(l);
        },
        {Value{{6, 4}, x.v}});
    gives(
        [&](Net& n) {
            auto* l = n->addShuffle(n.in(Value{{0, 4}, {}}, {}));
            l->setZeroIsPlaceholder(false);
            l->setReshapeDimensions(dims({2, 0}));
            n.out(l);
        },
        {Value{{2, 0}, {}}});
}
REFUSES(MoveLayers, ShuffleVolume, "(reshape): shape [4, 2] has 8 elements, but [2, 3] has 6",
        n->addShuffle(n.in(numbers({2, 3})))->setReshapeDimensions(dims({4, 2})))
REFUSES(MoveLayers, ShuffleTwoUnknown, "(reshape): shape [-1, -1] has more than one -1",
        n->addShuffle(n.in(numbers({2, 3})))->setReshapeDimensions(dims({-1, -1})))
REFUSES(MoveLayers, ShufflePlaceholderTooFar, "shape element 1 is 0 (copy), but the input has the shape [6]",
        n->addShuffle(n.in(numbers({6})))->setReshapeDimensions(dims({2, 0})))
REFUSES(MoveLayers, ShufflePermutationTwice, "transpose: [1, 1] is no permutation of the 2 dimensions of [2, 3]",
        n->addShuffle(n.in(numbers({2, 3})))->setFirstTranspose({{1, 1}}))
REFUSES(MoveLayers, ShufflePermutationTooLarge, "transpose: [0, 2] is no permutation of the 2 dimensions of [2, 3]",
        n->addShuffle(n.in(numbers({2, 3})))->setSecondTranspose({{0, 2}}))
REFUSES(MoveLayers, ShuffleInput, "layer '(Unnamed Layer* 0) [Shuffle]' has no input 2",
        n->addShuffle(n.in(numbers({2, 3})))->setInput(2, n.in(integers({1}, {6}))))
REFUSES(MoveLayers, ShuffleShapeOfFloats, "(reshape): input 1 has type f32; expected one of i64, i32",
        n->addShuffle(n.in(numbers({2, 3})))->setInput(1, n.in(numbers({1}))))

TEST_F(MoveLayers, Concatenation) {
    Value a = numbers({2, 3, 2}), b = numbers({2, 1, 2}, -2, 2, 2), c = numbers({2, 4, 2}, -2, 2, 3);
    gives(
        [&](Net& n) {
            ITensor* in[] = {&n.in(a), &n.in(b), &n.in(c)};
            auto* l = n->addConcatenation(in, 3);
            EXPECT_EQ(l->getAxis(), 0);  // the third from the end
            l->setAxis(1);
            EXPECT_EQ(l->getAxis(), 1);
            n.out(l);
        },
        {filled({2, 8, 2}, [&](const Index& at) {
            if (at[1] < 3) return a(at);
            return at[1] < 4 ? b({at[0], 0, at[2]}) : c({at[0], at[1] - 4, at[2]});
        })});
    gives(
        [&](Net& n) {
            ITensor* in[] = {&n.in(a), &n.constant(a)};
            n.out(n->addConcatenation(in, 2));
        },
        {filled({4, 3, 2}, [&](const Index& at) {
            return a({at[0] % 2, at[1], at[2]});
        })});
}
REFUSES(MoveLayers, ConcatenationExtents, "(concat): the extents of axis 0 must be equal: 2 and 3",
        ITensor* in[] = {&n.in(numbers({2, 3})), &n.in(numbers({3, 4}))};
        n->addConcatenation(in, 2)->setAxis(1))
REFUSES(MoveLayers, ConcatenationTypes, "inputs 0 and 1 have the types f32 and i32, which must be equal",
        ITensor* in[] = {&n.in(numbers({2})), &n.in(integers({1}, {4}))};
        n->addConcatenation(in, 2))
REFUSES(MoveLayers, ConcatenationAxis, "(concat): axis 1 is outside a tensor of 1 dimensions",
        ITensor* in[] = {&n.in(numbers({2})), &n.in(numbers({2}))};
        n->addConcatenation(in, 2)->setAxis(1))
REFUSES(MoveLayers, ConcatenationNull, "input 1 is null", ITensor* in[] = {&n.in(numbers({2})), nullptr};
        n->addConcatenation(in, 2))
REFUSES(MoveLayers, ConcatenationOfNothing, "0 inputs", n->addConcatenation(nullptr, 0))
REFUSES(MoveLayers, ConcatenationNegative, "-1 inputs", ITensor* in[] = {&n.in(numbers({2}))};
        n->addConcatenation(in, -1))

TEST_F(MoveLayers, Slice) {
    Value x = numbers({3, 5, 4});
    gives(
        [&](Net& n) {
            auto* l = n->addSlice(n.in(x, {}), dims({0, 0, 0}), dims({1, 1, 1}), dims({1, 1, 1}));
            l->setStart(dims({1, 4, 0}));
            l->setSize(dims({2, 3, 2}));
            l->setStride(dims({1, -2, 3}));
            EXPECT_THAT(list(l->getStart()), ::testing::ElementsAre(1, 4, 0));
            EXPECT_THAT(list(l->getSize()), ::testing::ElementsAre(2, 3, 2));
            EXPECT_THAT(list(l->getStride()), ::testing::ElementsAre(1, -2, 3));
            n.out(l);
        },
        {filled({2, 3, 2}, [&](const Index& at) {
            return x({at[0] + 1, 4 - 2 * at[1], 3 * at[2]});
        })});
    // Beyond the tensor's ends, by all modes.
    auto beyond = [&](SampleMode mode, const std::function<double(int64_t, int64_t, int64_t)>& get) {
        gives(
            [&](Net& n) {
                auto* l = n->addSlice(n.in(x, {}), dims({0, -3, -2}), dims({3, 10, 8}), dims({1, 1, 1}));
                l->setMode(mode);
                EXPECT_EQ(l->getMode(), mode);
                if (mode == SampleMode::kFILL) l->setInput(4, n.constant(integers({}, {7}, DataType::kFLOAT)));
                n.out(l);
            },
            {filled({3, 10, 8}, [&](const Index& at) { return get(at[0], at[1] - 3, at[2] - 2); })});
    };
    auto mirror = [](int64_t i, int64_t n) {
        while (i < 0 || i >= n) i = i < 0 ? -i : 2 * (n - 1) - i;
        return i;
    };
    beyond(SampleMode::kWRAP, [&](int64_t a, int64_t b, int64_t c) { return x({a, (b + 5) % 5, (c + 4) % 4}); });
    beyond(SampleMode::kCLAMP, [&](int64_t a, int64_t b, int64_t c) {
        return x({a, std::clamp<int64_t>(b, 0, 4), std::clamp<int64_t>(c, 0, 3)});
    });
    beyond(SampleMode::kFILL, [&](int64_t a, int64_t b, int64_t c) {
        return b < 0 || b > 4 || c < 0 || c > 3 ? 7 : x({a, b, c});
    });
    beyond(SampleMode::kREFLECT, [&](int64_t a, int64_t b, int64_t c) { return x({a, mirror(b, 5), mirror(c, 4)}); });
    // Start and size as tensors, along one axis only.
    gives(
        [&](Net& n) {
            auto* l = n->addSlice(n.in(x), dims({0}), dims({1}), dims({1}));
            l->setAxes(dims({1}));
            EXPECT_THAT(list(l->getAxes()), ::testing::ElementsAre(1));
            l->setInput(1, n.shapeIn(integers({1}, {1}, DataType::kINT64)));
            l->setInput(2, n.shapeIn(integers({1}, {3}, DataType::kINT64)));
            n.out(l);
        },
        {filled({3, 3, 4}, [&](const Index& at) {
            return x({at[0], at[1] + 1, at[2]});
        })});
}
REFUSES(MoveLayers, SliceOutside, "axis 0 has 3 elements; start 1, size 3 and stride 1 reach out of it",
        n->addSlice(n.in(numbers({3, 4})), dims({1, 0}), dims({3, 4}), dims({1, 1})))
REFUSES(MoveLayers, SliceRank, "'start' is [1], with 1 values where 2 are needed",
        n->addSlice(n.in(numbers({3, 4})), dims({1}), dims({2}), dims({1})))
REFUSES(MoveLayers, SliceNegativeSize, "a size of -1",
        n->addSlice(n.in(numbers({3, 4})), dims({0, 0}), dims({-1, 4}), dims({1, 1})))
REFUSES(MoveLayers, SliceFillWithoutMode, "a fill value (input 4) needs mode kFILL",
        n->addSlice(n.in(numbers({3})), dims({0}), dims({2}), dims({1}))->setInput(4, n.constant(numbers({}))))
REFUSES(MoveLayers, SliceMode, "slice mode 17 does not exist",
        n->addSlice(n.in(numbers({3})), dims({0}), dims({2}), dims({1}))->setMode(static_cast<SampleMode>(17)))
REFUSES(MoveLayers, SliceAxesTwice, "the axes [1, 1] do not suit 2 dimensions",
        n->addSlice(n.in(numbers({3, 3})), dims({0, 0}), dims({2, 2}), dims({1, 1}))->setAxes(dims({1, 1})))

TEST_F(MoveLayers, Gather) {
    Value x = numbers({4, 3, 2}), i = integers({2, 2}, {3, 0, -1, 1});
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x, {1});
            auto* l = n->addGather(t, n.in(i), 0);
            EXPECT_EQ(l->getGatherAxis(), 0);
            EXPECT_EQ(l->getMode(), GatherMode::kDEFAULT);
            n.out(l);
        },
        {filled({2, 2, 3, 2}, [&](const Index& at) {
            auto k = static_cast<int64_t>(i({at[0], at[1]}));
            return x({k < 0 ? k + 4 : k, at[2], at[3]});
        })});
    // The first dimension goes along.
    Value each = integers({4, 2}, {0, 2, 1, 1, 2, 0, 0, 1});
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            auto* l = n->addGather(t, n.in(each), 0);
            l->setGatherAxis(1);
            l->setNbElementWiseDims(1);
            EXPECT_EQ(l->getNbElementWiseDims(), 1);
            n.out(l);
        },
        {filled({4, 2, 2}, [&](const Index& at) {
            return x({at[0], static_cast<int64_t>(each({at[0], at[1]})), at[2]});
        })});
    Value elements = integers({4, 2, 2}, {0, 1, 2, 0, 1, 1, 0, 2, 2, 2, 1, 0, 0, 0, 1, 2});
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            auto* l = n->addGatherV2(t, n.in(elements), GatherMode::kELEMENT);
            l->setGatherAxis(1);
            n.out(l);
        },
        {filled({4, 2, 2}, [&](const Index& at) {
            return x({at[0], static_cast<int64_t>(elements(at)), at[2]});
        })});
    Value places = integers({2, 2}, {3, 1, 0, 2}, DataType::kINT64);
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x, {2});
            auto* l = n->addGatherV2(t, n.in(places), GatherMode::kDEFAULT);
            l->setMode(GatherMode::kND);
            n.out(l);
        },
        {filled({2, 2}, [&](const Index& at) {
            return x({static_cast<int64_t>(places({at[0], 0})), static_cast<int64_t>(places({at[0], 1})), at[1]});
        })});
}
REFUSES(MoveLayers, GatherAxis, "(gather): axis 2 is outside a tensor of 2 dimensions",
        n->addGather(n.in(numbers({2, 3})), n.in(integers({1}, {0})), 2))
REFUSES(MoveLayers, GatherFloatIndices, "(gather): input 1 has type f32; expected one of i64, i32",
        n->addGather(n.in(numbers({2, 3})), n.in(numbers({1})), 0))
REFUSES(MoveLayers, GatherMode, "gather mode 6 does not exist",
        n->addGatherV2(n.in(numbers({2, 3})), n.in(integers({1}, {0})), static_cast<GatherMode>(6)))
REFUSES(MoveLayers, GatherElementRanks, "(gather_elements): input 1 has the shape [1]; expected 2 dimensions",
        n->addGatherV2(n.in(numbers({2, 3})), n.in(integers({1}, {0})), GatherMode::kELEMENT))
REFUSES(MoveLayers, GatherNdTooDeep, "(gather_nd): positions of 3 coordinates in data of 2 dimensions",
        n->addGatherV2(n.in(numbers({2, 3})), n.in(integers({1, 3}, {0, 0, 0})), GatherMode::kND))
REFUSES(MoveLayers, GatherElementWiseDims, "(gather): batch_dims 3 with axis 1 and indices of 2 dimensions",
        n->addGather(n.in(numbers({2, 3})), n.in(integers({2, 1}, {0, 1})), 1)->setNbElementWiseDims(3))

TEST_F(MoveLayers, Scatter) {
    Value x = numbers({4, 3}), i = integers({2, 3}, {3, 0, 1, 0, 2, 2}), u = numbers({2, 3}, -2, 2, 7);
    Value expected = x;
    forEach(i.shape, [&](const Index& at) { expected({static_cast<int64_t>(i(at)), at[1]}) = u(at); });
    gives(
        [&](Net& n) {
            ITensor &t = n.in(x), &indices = n.in(i, {});
            auto* l = n->addScatter(t, indices, n.in(u, {}), ScatterMode::kELEMENT);
            EXPECT_EQ(l->getAxis(), 0);
            n.out(l);
        },
        {expected});
    Value columns = integers({4, 1}, {2, 0, 1, 1}), one = numbers({4, 1}, -2, 2, 8);
    Value byColumn = x;
    for (int64_t r = 0; r < 4; ++r) byColumn({r, static_cast<int64_t>(columns({r, 0}))}) = one({r, 0});
    gives(
        [&](Net& n) {
            ITensor &t = n.in(x), &indices = n.in(columns);
            auto* l = n->addScatter(t, indices, n.in(one), ScatterMode::kELEMENT);
            l->setAxis(1);
            n.out(l);
        },
        {byColumn});
    Value rows = integers({2, 1}, {2, 0});
    Value byRow = x;
    for (int64_t k = 0; k < 2; ++k)
        for (int64_t c = 0; c < 3; ++c) byRow({static_cast<int64_t>(rows({k, 0})), c}) = u({k, c});
    gives(
        [&](Net& n) {
            ITensor &t = n.in(x), &indices = n.in(rows, {});
            auto* l = n->addScatter(t, indices, n.in(u, {}), ScatterMode::kELEMENT);
            l->setMode(ScatterMode::kND);
            EXPECT_EQ(l->getMode(), ScatterMode::kND);
            n.out(l);
        },
        {byRow});
}
REFUSES(MoveLayers, ScatterTypes, "inputs 0 and 2 have the types f32 and i32, which must be equal",
        n->addScatter(n.in(numbers({4})), n.in(integers({1}, {0})), n.in(integers({1}, {0})), ScatterMode::kELEMENT))
REFUSES(MoveLayers, ScatterShapes, "the extents of indices and updates on axis 0 must be equal: 1 and 2",
        n->addScatter(n.in(numbers({4, 3})), n.in(integers({1, 3}, {0, 0, 0})), n.in(numbers({2, 3})),
                      ScatterMode::kELEMENT))
REFUSES(MoveLayers, ScatterNdShapes, "the positions' slices and of updates on axis 1 must be equal: 3 and 2",
        n->addScatter(n.in(numbers({4, 3})), n.in(integers({2, 1}, {0, 1})), n.in(numbers({2, 2})), ScatterMode::kND))
REFUSES(MoveLayers, ScatterMode, "scatter mode 2 does not exist",
        n->addScatter(n.in(numbers({4})), n.in(integers({1}, {0})), n.in(numbers({1})), static_cast<ScatterMode>(2)))
REFUSES(
    MoveLayers, ScatterAxis, "",
    n->addScatter(n.in(numbers({4})), n.in(integers({1}, {0})), n.in(numbers({1})), ScatterMode::kELEMENT)->setAxis(1))

TEST_F(MoveLayers, OneHot) {
    Value i = integers({2, 3}, {0, 3, 1, 2, -1, 0});
    auto hot = [&](const Index& shape, size_t axis) {
        return filled(shape, [&](const Index& at) {
            Index from = at;
            from.erase(from.begin() + static_cast<std::ptrdiff_t>(axis));
            double k = i(from) < 0 ? i(from) + 4 : i(from);
            return k == static_cast<double>(at[axis]) ? 5.0 : -1.0;
        });
    };
    gives(
        [&](Net& n) {
            ITensor& values = n.constant(integers({2}, {-1, 5}, DataType::kFLOAT));
            auto* l = n->addOneHot(n.in(i), values, n.constant(integers({}, {4})), -1);
            n.out(l);
        },
        {hot({2, 3, 4}, 2)});
    gives(
        [&](Net& n) {
            ITensor& values = n.constant(integers({2}, {-1, 5}, DataType::kFLOAT));
            auto* l = n->addOneHot(n.in(i), values, n.constant(integers({}, {4})), -1);
            l->setAxis(1);
            EXPECT_EQ(l->getAxis(), 1);
            n.out(l);
        },
        {hot({2, 4, 3}, 1)});
}
REFUSES(MoveLayers, OneHotValues, "the extent of values and the number of them must be equal: 3 and 2",
        n->addOneHot(n.in(integers({1}, {0})), n.constant(numbers({3})), n.constant(integers({}, {4})), 0))
REFUSES(MoveLayers, OneHotAxis, "(one_hot): axis 3 is outside a tensor of 2 dimensions",
        n->addOneHot(n.in(integers({1}, {0})), n.constant(numbers({2})), n.constant(integers({}, {4})), 3))

TEST_F(MoveLayers, NonZero) {
    Value x = integers({2, 3}, {0, 1, 0, -2, 0, 0.5}, DataType::kFLOAT);
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            n.out(n->addNonZero(t));
            auto* l = n->addNonZero(t, DataType::kINT32);
            EXPECT_TRUE(l->setIndicesType(DataType::kINT64));
            EXPECT_EQ(l->getIndicesType(), DataType::kINT64);
            n.out(l);
        },
        {integers({2, 3}, {0, 1, 1, 1, 0, 2}), integers({2, 3}, {0, 1, 1, 1, 0, 2}, DataType::kINT64)});
    // None at all: an output of no columns.
    gives(
        [&](Net& n) {
            n.out(n->addNonZero(n.in(integers({3}, {0, 0, 0}, DataType::kBOOL))));
        },
        {integers({1, 0}, {})});
}
REFUSES(MoveLayers, NonZeroIndicesType, "indices are kINT32 or kINT64",
        n->addNonZero(n.in(numbers({2})), DataType::kHALF))

TEST_F(MoveLayers, ShapeConstantSqueeze) {
    Value x = numbers({2, 1, 3, 1});
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            n.out(n->addShape(t));
            n.out(n->addSqueeze(t, n.constant(integers({2}, {1, -1}, DataType::kINT64))));
            n.out(n->addUnsqueeze(t, n.constant(integers({2}, {0, 3}, DataType::kINT64))));
            auto* c = n->addConstant(dims({3}), n.weights(numbers({3})));
            EXPECT_THAT(list(c->getDimensions()), ::testing::ElementsAre(3));
            EXPECT_EQ(c->getWeights().count, 3);
            c->setDimensions(dims({2, 2}));
            c->setWeights(n.weights(integers({2, 2}, {1, 2, 3, 4})));
            n.out(c);
        },
        {integers({4}, {2, 1, 3, 1}, DataType::kINT64), Value{{2, 3}, x.v}, Value{{1, 2, 1, 1, 3, 1}, x.v},
         integers({2, 2}, {1, 2, 3, 4})});
}
REFUSES(MoveLayers, ConstantCount, "0) [Constant] CONSTANT' hold 2 values where the shape [3] needs 3",
        n->addConstant(dims({3}), n.weights(numbers({2}))))
REFUSES(MoveLayers, ConstantNull, "3 values at a null pointer",
        n->addConstant(dims({3}), Weights{DataType::kFLOAT, nullptr, 3}))
REFUSES(MoveLayers, ConstantNegative, "a constant of the shape [-1, -1]",
        n->addConstant(dims({-1, -1}), n.weights(numbers({1}))))
REFUSES(MoveLayers, ConstantNegativeCount, "-1 values", n->addConstant(dims({1}), Weights{DataType::kFLOAT, &n, -1}))
REFUSES(MoveLayers, ConstantType, "type 40 does not exist",
        n->addConstant(dims({1}), Weights{static_cast<DataType>(40), &n, 1}))
REFUSES(MoveLayers, ConstantTooLarge, "a constant of the shape [1099511627776, 1099511627776]",
        n->addConstant(dims({int64_t{1} << 40, int64_t{1} << 40}), n.weights(numbers({1}))))
REFUSES(MoveLayers, SqueezeOfTwo, "(squeeze): axis 0 of [2, 3] cannot be removed: its extent is not 1",
        n->addSqueeze(n.in(numbers({2, 3})), n.constant(integers({1}, {0}, DataType::kINT64))))
REFUSES(MoveLayers, SqueezeAxis, "(squeeze): axis 2 is outside a tensor of 2 dimensions",
        n->addSqueeze(n.in(numbers({2, 1})), n.constant(integers({1}, {2}, DataType::kINT64))))
REFUSES(MoveLayers, UnsqueezeAxis, "(unsqueeze): axis 3 is outside a tensor of 2 dimensions",
        n->addUnsqueeze(n.in(numbers({2})), n.constant(integers({1}, {3}, DataType::kINT64))))
REFUSES(MoveLayers, UnsqueezeTwice, "(unsqueeze): axis 0 is listed twice",
        n->addUnsqueeze(n.in(numbers({2})), n.constant(integers({2}, {0, 0}, DataType::kINT64))))
REFUSES(MoveLayers, UnsqueezeTooMany, "shape [1, 1, 1, 1, 1, 1, 1, 1]: at most 8 dimensions are supported",
        n->addUnsqueeze(n.in(numbers({1, 1, 1, 1, 1, 1, 1, 1})), n.constant(integers({1}, {0}, DataType::kINT64))))

TEST_F(MoveLayers, ReverseSequence) {
    Value x = numbers({3, 5, 2}), lengths = integers({3}, {5, 1, 3});
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            auto* l = n->addReverseSequence(t, n.in(lengths));
            l->setBatchAxis(0);
            l->setSequenceAxis(1);
            EXPECT_EQ(l->getBatchAxis(), 0);
            EXPECT_EQ(l->getSequenceAxis(), 1);
            n.out(l);
        },
        {filled(x.shape, [&](const Index& at) {
            auto k = static_cast<int64_t>(lengths({at[0]}));
            return x({at[0], at[1] < k ? k - 1 - at[1] : at[1], at[2]});
        })});
    Value turned = integers({2}, {2, 4});
    Value y = numbers({4, 2, 3});
    gives(  // by default axis 1 is the batch and axis 0 the sequence
        [&](Net& n) {
            ITensor& t = n.in(y, {2});
            n.out(n->addReverseSequence(t, n.in(turned, {})));
        },
        {filled(y.shape, [&](const Index& at) {
            auto k = static_cast<int64_t>(turned({at[1]}));
            return y({at[0] < k ? k - 1 - at[0] : at[0], at[1], at[2]});
        })});
}
REFUSES(MoveLayers, ReverseSequenceAxes, "(reverse_sequence): batch_axis and time_axis are both 0",
        n->addReverseSequence(n.in(numbers({2, 2})), n.in(integers({2}, {1, 2})))->setBatchAxis(0))
REFUSES(MoveLayers, ReverseSequenceLengths, "the batch and the number of lengths must be equal: 3 and 2",
        n->addReverseSequence(n.in(numbers({2, 3})), n.in(integers({2}, {1, 2}))))
REFUSES(MoveLayers, ReverseSequenceFloats, "the lengths (input 1) are of type f32",
        n->addReverseSequence(n.in(numbers({2, 2})), n.in(numbers({2}))))

TEST_F(MoveLayers, Fill) {
    gives(
        [&](Net& n) {
            auto* l = n->addFill(dims({5}), FillOperation::kLINSPACE);
            l->setAlpha(1.5);
            l->setBeta(-0.5);
            EXPECT_EQ(l->getAlpha(), 1.5);
            EXPECT_EQ(l->getBeta(), -0.5);
            EXPECT_FALSE(l->isAlphaBetaInt64());
            n.out(l);
            auto* whole = n->addFill(dims({1}), FillOperation::kLINSPACE, DataType::kINT32);
            whole->setToType(DataType::kINT64);
            EXPECT_EQ(whole->getToType(), DataType::kINT64);
            whole->setDimensions(dims({4}));
            EXPECT_THAT(list(whole->getDimensions()), ::testing::ElementsAre(4));
            whole->setAlphaInt64(10);
            whole->setBetaInt64(3);
            EXPECT_EQ(whole->getAlphaInt64(), 10);
            EXPECT_EQ(whole->getBetaInt64(), 3);
            EXPECT_TRUE(whole->isAlphaBetaInt64());
            n.out(whole);
        },
        {integers({5}, {1.5, 1, 0.5, 0, -0.5}, DataType::kFLOAT), integers({4}, {10, 13, 16, 19}, DataType::kINT64)});
    // Shape, start and steps as tensors; a step for each axis.
    gives(
        [&](Net& n) {
            auto* l = n->addFill(dims({1, 1}), FillOperation::kLINSPACE, DataType::kFLOAT);
            l->setInput(0, n.shapeIn(integers({2}, {2, 3}, DataType::kINT64)));
            l->setInput(1, n.constant(integers({}, {1}, DataType::kFLOAT)));
            l->setInput(2, n.constant(integers({2}, {10, 0.5}, DataType::kFLOAT)));
            n.out(l);
        },
        {integers({2, 3}, {1, 1.5, 2, 11, 11.5, 12}, DataType::kFLOAT)});
}

// Random numbers have the distribution that was asked for; another run of the same engine differs in nothing.
TEST_F(MoveLayers, FillRandom) {
    gives(
        [&](Net& n) {
            auto* uniform = n->addFill(dims({20000}), FillOperation::kLINSPACE, DataType::kFLOAT);
            uniform->setOperation(FillOperation::kRANDOM_UNIFORM);
            EXPECT_EQ(uniform->getOperation(), FillOperation::kRANDOM_UNIFORM);
            uniform->setAlpha(2);
            uniform->setBeta(6);
            auto* normal = n->addFill(dims({20000}), FillOperation::kRANDOM_NORMAL, DataType::kFLOAT);
            normal->setAlpha(1);
            normal->setBeta(0.5);
            for (ILayer* l : {static_cast<ILayer*>(uniform), static_cast<ILayer*>(normal)}) {
                ITensor* x = l->getOutput(0);
                n.out(n->addReduce(*x, ReduceOperation::kAVG, 1, true));
                auto* square = n->addElementWise(*x, *x, ElementWiseOperation::kPROD);
                n.out(n->addReduce(*square->getOutput(0), ReduceOperation::kAVG, 1, true));
            }
        },
        // Means and mean squares: 4 and 16 + 16/12; 1 and 1 + 1/4. Their deviation over 20,000 is below 1 %.
        {integers({1}, {4}, DataType::kFLOAT), integers({1}, {16 + 4.0 / 3}, DataType::kFLOAT),
         integers({1}, {1}, DataType::kFLOAT), integers({1}, {1.25}, DataType::kFLOAT)},
        0.03);
}
REFUSES(MoveLayers, FillOneOfTwo, "alpha and beta (inputs 1 and 2) are given both or neither",
        n->addFill(dims({2}), FillOperation::kLINSPACE, DataType::kFLOAT)->setInput(1, n.constant(numbers({}))))
REFUSES(MoveLayers, FillOperation, "operation 7 does not exist",
        n->addFill(dims({2}), static_cast<FillOperation>(7), DataType::kFLOAT))
REFUSES(MoveLayers, FillNegative, "dimensions [-2]", n->addFill(dims({-2}), FillOperation::kLINSPACE, DataType::kFLOAT))
REFUSES(MoveLayers, FillType, "output type bool",
        n->addFill(dims({2}), FillOperation::kRANDOM_UNIFORM, DataType::kBOOL))
REFUSES(MoveLayers, FillUnknownType, "output type ?",
        n->addFill(dims({2}), FillOperation::kLINSPACE, static_cast<DataType>(-1)))
REFUSES(MoveLayers, FillSteps, "beta (input 2) has the shape [3] for a sequence of 2 dimensions",
        auto* l = n->addFill(dims({2, 2}), FillOperation::kLINSPACE, DataType::kFLOAT);
        l->setInput(1, n.constant(numbers({}))); l->setInput(2, n.constant(numbers({3}))))

}  // namespace
}  // namespace lathe_test
