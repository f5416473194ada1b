// SPDX-License-Identifier: Apache-2.0
// Quantization and back: a scale for the tensor, for each slice of an axis, for each block.
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using QuantizeLayers = Conformance;

double toInt8(double x) { return std::clamp(std::nearbyint(x), -128.0, 127.0); }

TEST_F(QuantizeLayers, PerTensor) {
    Value x = numbers({2, 3, 4}, -20, 20), scale = integers({}, {0.125}, DataType::kFLOAT);
    Value q = mapped(x, [](double e) { return toInt8(e / 0.125); }).as(DataType::kINT8);
    gives(
        [&](Net& n) {
            ITensor &t = n.in(x), &s = n.constant(scale);
            auto* l = n->addQuantize(t, s);
            EXPECT_EQ(l->getToType(), DataType::kINT8);
            n.out(l);
            auto* d = n->addDequantize(*l->getOutput(0), s);
            EXPECT_EQ(d->getToType(), DataType::kFLOAT);
            n.out(d);
        },
        {q, mapped(q, [](double e) { return e * 0.125; }).as(DataType::kFLOAT)});
}

TEST_F(QuantizeLayers, PerAxis) {
    Value x = numbers({2, 3, 4}, -20, 20), scale = integers({3}, {0.125, 0.25, 0.5}, DataType::kFLOAT);
    Value q = filled(
        x.shape, [&](const Index& at) { return toInt8(x(at) / scale({at[1]})); }, DataType::kINT8);
    gives(
        [&](Net& n) {
            auto* l = n->addQuantize(n.in(x), n.constant(scale), DataType::kINT8);
            l->setAxis(1);
            EXPECT_EQ(l->getAxis(), 1);
            n.out(l);
        },
        {q});
    gives(
        [&](Net& n) {
            auto* l = n->addDequantize(n.in(q), n.constant(scale), DataType::kFLOAT);
            l->setAxis(1);
            EXPECT_EQ(l->getAxis(), 1);
            l->setToType(DataType::kHALF);
            n.out(l);
        },
        {filled(
            q.shape, [&](const Index& at) { return q(at) * scale({at[1]}); }, DataType::kHALF)});
}

TEST_F(QuantizeLayers, Blocked) {
    Value x = numbers({3, 8}, -20, 20), scale = integers({3, 2}, {0.125, 0.25, 0.5, 1, 0.25, 0.125}, DataType::kFLOAT);
    Value q = filled(
        x.shape,
        [&](const Index& at) {
            return toInt8(x(at) / scale({at[0], at[1] / 4}));
        },
        DataType::kINT8);
    gives(
        [&](Net& n) {
            auto* l = n->addQuantize(n.in(x, {}), n.constant(scale), DataType::kFP8);
            l->setToType(DataType::kINT8);
            EXPECT_TRUE(l->setBlockShape(dims({1, 4})));
            EXPECT_THAT(list(l->getBlockShape()), ::testing::ElementsAre(1, 4));
            n.out(l);
            auto* d = n->addDequantize(*l->getOutput(0), n.constant(scale), DataType::kFLOAT);
            EXPECT_TRUE(d->setBlockShape(dims({1, 4})));
            EXPECT_THAT(list(d->getBlockShape()), ::testing::ElementsAre(1, 4));
            n.out(d);
        },
        {q, filled(x.shape, [&](const Index& at) {
             return q(at) * scale({at[0], at[1] / 4});
         })});
}

// 8-bit floats: the nearest of 3 fraction bits.
TEST_F(QuantizeLayers, Fp8) {
    Value x = integers({6}, {1.0625, -1.1875, 3.3, 500, -0.1, 0.0009765625}, DataType::kFLOAT);
    gives(
        [&](Net& n) {
            ITensor& s = n.constant(integers({}, {1}, DataType::kFLOAT));
            auto* l = n->addQuantize(n.in(x), s, DataType::kFP8);
            n.out(n->addDequantize(*l->getOutput(0), s, DataType::kFLOAT));
        },
        {integers({6}, {1, -1.25, 3.25, 448, -0.1015625, 0}, DataType::kFLOAT)});
}

REFUSES(QuantizeLayers, ScaleRank, "(reshape): shape [] has 1 elements, but [2] has 2",
        n->addQuantize(n.in(numbers({2, 3})), n.constant(numbers({2}, 1, 2))))
REFUSES(QuantizeLayers, Axis, "(quantize_linear): axis 2 is outside a tensor of 2 dimensions",
        n->addQuantize(n.in(numbers({2, 3})), n.constant(numbers({2}, 1, 2)))->setAxis(2))
REFUSES(QuantizeLayers, ToFloat, "quantization to f32; expected one of i8, u8, i4, f8e4m3, f4e2m1",
        n->addQuantize(n.in(numbers({2, 3})), n.constant(numbers({}, 1, 2)), DataType::kFLOAT))
REFUSES(QuantizeLayers, DequantizeFloats, "input 0 has type f32; expected one of i8, u8, i32, i4, f8e4m3, f4e2m1",
        n->addDequantize(n.in(numbers({2})), n.constant(numbers({}, 1, 2)), DataType::kFLOAT))
REFUSES(QuantizeLayers, DequantizeToIntegers, "dequantization to i32; expected one of f32, f16, bf16",
        n->addDequantize(n.in(integers({2}, {1, 2}, DataType::kINT8)), n.constant(numbers({}, 1, 2)), DataType::kINT32))
REFUSES(QuantizeLayers, BlockOfZero, "a block of [1, 0]",
        n->addQuantize(n.in(numbers({2, 4})), n.constant(numbers({2, 2}, 1, 2)), DataType::kINT8)
            ->setBlockShape(dims({1, 0})))
REFUSES(
    QuantizeLayers, BlockRank, "",
    n->addQuantize(n.in(numbers({2, 4})), n.constant(numbers({2, 2}, 1, 2)), DataType::kINT8)->setBlockShape(dims({2})))
REFUSES(QuantizeLayers, BlockScales, "[2, 3] do not fit x of shape [2, 4] with axis 1 and block_size 2",
        n->addQuantize(n.in(numbers({2, 4})), n.constant(numbers({2, 3}, 1, 2)), DataType::kINT8)
            ->setBlockShape(dims({1, 2})))
REFUSES(QuantizeLayers, ZeroPointOfAnotherType, "(quantize_linear): input 2 has type f32; expected one of i8",
        n->addQuantize(n.in(numbers({2, 4})), n.constant(numbers({}, 1, 2)), DataType::kINT8)
            ->setInput(2, n.constant(numbers({}))))

}  // namespace
}  // namespace lathe_test
