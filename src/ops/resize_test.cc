// SPDX-License-Identifier: Apache-2.0
#include "ops/resize.h"

#include "ir/infer.h"
#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;
using testing::ints;

// A row of one image and channel, resized along it.
void expectRow(const std::string& attrs, const std::vector<double>& x, double scale,
               const std::vector<double>& expected) {
    auto y =
        testing::run("resize", (attrs + " axes=[1]").c_str(),
                     {floats({1, static_cast<int64_t>(x.size())}, x), testing::absent(), floats({1}, {scale})}, 1, {2});
    ASSERT_TRUE(y.ok()) << attrs << ": " << y.status().toString();
    SCOPED_TRACE(attrs);
    testing::expectNear((*y)[0], {1, static_cast<int64_t>(expected.size())}, expected, 1e-5);
}

void expectRowTo(const std::string& attrs, const std::vector<double>& x, const std::vector<double>& expected) {
    int64_t n = static_cast<int64_t>(expected.size());
    auto y = testing::run("resize", (attrs + " axes=[1]").c_str(),
                          {floats({1, static_cast<int64_t>(x.size())}, x), testing::absent(), testing::absent(),
                           ints({1}, {static_cast<double>(n)})});
    ASSERT_TRUE(y.ok()) << attrs << ": " << y.status().toString();
    SCOPED_TRACE(attrs);
    testing::expectNear((*y)[0], {1, n}, expected, 1e-5);
}

const std::vector<double> kThree = {10, 20, 40};

TEST(Resize, NearestRounding) {
    // Places of half_pixel from 3 to 2: 0.25, 1.75; of asymmetric: 0, 1.5.
    expectRowTo("", kThree, {10, 40});
    expectRowTo("nearest_mode=floor", kThree, {10, 20});
    expectRowTo("nearest_mode=ceil", kThree, {20, 40});
    expectRowTo("coord=asymmetric", kThree, {10, 20});
    expectRowTo("coord=asymmetric nearest_mode=round_prefer_ceil", kThree, {10, 40});
    expectRow("coord=asymmetric nearest_mode=floor", kThree, 2, {10, 10, 20, 20, 40, 40});
}

TEST(Resize, LinearCoordinates) {
    expectRow("mode=linear", kThree, 2, {10, 12.5, 17.5, 25, 35, 40});
    expectRowTo("mode=linear coord=align_corners", kThree, {10, 15, 20, 30, 40});
    expectRowTo("mode=linear coord=asymmetric", kThree, {10, 15, 20, 30, 40, 40});
    expectRowTo("mode=linear", kThree, {20});
    expectRowTo("mode=linear coord=pytorch_half_pixel", kThree, {10});
    expectRowTo("mode=linear coord=align_corners", kThree, {10});
    // 3 * 1.5 = 4.5 becomes 4: the places 0, 2/3, 4/3, 2 less 1/6, and moved by 3/2 * (1 - 4/4.5) = 1/6.
    expectRow("mode=linear", kThree, 1.5, {10, 15, 20 + 20 * 7.0 / 6 - 20, 40 - 20 * 1.0 / 6});
    expectRow("mode=linear coord=half_pixel_symmetric", kThree, 1.5, {10, 10 + 10 * 2.0 / 3, 20 + 20.0 / 3, 40});
}

TEST(Resize, SquareImage) {
    auto y = testing::run(
        "resize", "mode=linear coord=align_corners",
        {floats({1, 1, 2, 2}, {1, 2, 3, 4}), testing::absent(), testing::absent(), ints({4}, {1, 1, 3, 3})}, 1, {3});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1, 1, 3, 3}, {1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4}, 1e-6);
}

TEST(Resize, Cubic) {
    // Halfway between 20 and 40, a = -0.75: weights -0.09375, 0.59375, 0.59375, -0.09375; the edge repeats.
    std::vector<double> row = {10, 20, 40, 50};
    double middle = -0.09375 * 10 + 0.59375 * 60 - 0.09375 * 50;
    expectRowTo("mode=cubic coord=align_corners", row,
                {10, -0.09375 * 10 + 0.59375 * 30 - 0.09375 * 40, 20, middle, 40,
                 -0.09375 * 20 + 0.59375 * 90 - 0.09375 * 50, 50});
    // Keys' 0.5: -0.0625, 0.5625; without the tap outside the rest is scaled up to 1.
    expectRowTo("mode=cubic coord=align_corners cubic_coeff_a=-0.5 exclude_outside=true", row,
                {10, (0.5625 * 30 - 0.0625 * 40) / 1.0625, 20, -0.0625 * 10 + 0.5625 * 60 - 0.0625 * 50, 40,
                 (0.5625 * 90 - 0.0625 * 20) / 1.0625, 50});
}

TEST(Resize, AntialiasAveragesWhatIsSkipped) {
    // From 4 to 2: places 0.5 and 2.5, a triangle of half-width 2: weights 1, 3, 3, 1 (of 8) at -1, 0, 1, 2.
    std::vector<double> row = {8, 16, 32, 64};
    expectRowTo("mode=linear antialias=true", row,
                {(8 + 3 * 8 + 3 * 16 + 32) / 8.0, (16 + 3 * 32 + 3 * 64 + 64) / 8.0});
    expectRowTo("mode=linear antialias=true exclude_outside=true", row,
                {(3 * 8 + 3 * 16 + 32) / 7.0, (16 + 3 * 32 + 3 * 64) / 7.0});
    expectRowTo("mode=linear antialias=true", kThree, {10, 12.5, 17.5, 25, 35, 40});
}

TEST(Resize, CropAndResize) {
    auto roi = floats({2}, {0.25, 1.25});
    // From 5: places 1, 2, 3, 4, 5; the last is outside.
    auto y = testing::run("resize", "mode=linear coord=tf_crop_and_resize extrapolation_value=-7 axes=[0]",
                          {floats({5}, {0, 1, 4, 9, 16}), roi, testing::absent(), ints({1}, {5})}, 1, {3});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {5}, {1, 4, 9, 16, -7}, 1e-6);
    y = testing::run("resize", "mode=linear coord=tf_crop_and_resize axes=[0]",
                     {floats({5}, {0, 1, 4, 9, 16}), roi, testing::absent(), ints({1}, {1})}, 1, {3});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {1}, {9}, 1e-6);
}

TEST(Resize, KeepAspect) {
    auto run = [](const char* attrs) {
        auto y = testing::run(
            "resize", attrs,
            {floats({1, 4, 6}, std::vector<double>(24, 1)), testing::absent(), testing::absent(), ints({2}, {8, 9})}, 1,
            {3});
        EXPECT_TRUE(y.ok()) << y.status().toString();
        return y.ok() ? (*y)[0].tensor.dims : Dims{};
    };
    EXPECT_EQ(run("mode=linear axes=[1, 2]"), (Dims{1, 8, 9}));
    EXPECT_EQ(run("mode=linear axes=[1, 2] keep_aspect=not_larger"), (Dims{1, 6, 9}));
    EXPECT_EQ(run("mode=linear axes=[1, 2] keep_aspect=not_smaller"), (Dims{1, 8, 12}));
}

TEST(Resize, ScalesStandForSimpleFractions) {
    auto extent = [](int64_t in, double scale) {
        auto y =
            testing::run("resize", "axes=[0]",
                         {floats({in}, std::vector<double>(in, 1)), testing::absent(), floats({1}, {scale})}, 1, {2});
        EXPECT_TRUE(y.ok()) << y.status().toString();
        return y.ok() ? (*y)[0].tensor.dims[0] : -1;
    };
    EXPECT_EQ(extent(10, 0.7), 7);
    EXPECT_EQ(extent(10, 1.1), 11);
    EXPECT_EQ(extent(30, 1.0 / 3), 10);
    EXPECT_EQ(extent(7, 3.999), 27);
    EXPECT_EQ(extent(10, 0.69999), 6);
}

TEST(Resize, IntegersAndHalves) {
    auto y =
        testing::run("resize", "axes=[0]",
                     {testing::tensor(DType::kInt8, {2}, {-128, 127}), testing::absent(), floats({1}, {2})}, 1, {2});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {4}, {-128, -128, 127, 127});
    y = testing::run("resize", "mode=linear axes=[0]",
                     {testing::tensor(DType::kHalf, {2}, {1, 2}), testing::absent(), floats({1}, {2})}, 1, {2});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {4}, {1, 1.25, 1.75, 2});
}

TEST(Resize, InfinityStaysWhereItIs) {
    expectRow("mode=linear coord=asymmetric", {1, INFINITY}, 1, {1, INFINITY});
    expectRowTo("mode=cubic coord=align_corners", {1, 2, INFINITY}, {1, 2, INFINITY});
}

TEST(Resize, EmptyInputsAreAbsent) {
    auto y = testing::run("resize", "", {floats({2}, {1, 2}), floats({0}, {}), floats({0}, {}), ints({1}, {4})});
    ASSERT_TRUE(y.ok()) << y.status().toString();
    testing::expectNear((*y)[0], {4}, {1, 1, 2, 2});
}

TEST(Resize, Refuses) {
    using testing::Arg;
    Arg none{.absent = true}, x{DType::kFloat, {1, 2, 8, 8}};
    auto error = [](const char* attrs, const std::vector<Arg>& inputs) {
        return testing::inferError("resize", attrs, inputs);
    };
    EXPECT_THAT(error("", {x}), HasSubstr("one of scales and sizes must be given"));
    EXPECT_THAT(error("", {x, none, {DType::kFloat, {4}}, {DType::kInt64, {4}}}),
                HasSubstr("only one of scales and sizes"));
    EXPECT_THAT(error("", {x, none, {DType::kFloat, {4}}}), HasSubstr("scales must be known"));
    EXPECT_THAT(error("", {x, none, {DType::kFloat, {3}}}), HasSubstr("number of scales is 3, but must be 4"));
    EXPECT_THAT(error("axes=[2]", {x, none, none, testing::shapeTensor({4, 4})}),
                HasSubstr("number of sizes is 2, but must be 1"));
    EXPECT_THAT(error("axes=[4]", {x, none, none, testing::shapeTensor({4})}), HasSubstr("axis 4"));
    EXPECT_THAT(error("axes=[2]", {x, none, none, testing::shapeTensor({-1})}), HasSubstr("a size is -1"));
    EXPECT_THAT(error("coord=tf_crop_and_resize axes=[2]", {x, none, none, testing::shapeTensor({4})}),
                HasSubstr("needs a roi"));
    EXPECT_THAT(error("mode=linear", {{DType::kInt8, {8}}, none, none, testing::shapeTensor({4})}), HasSubstr("i8"));
    EXPECT_THAT(error("", {{DType::kFloat, {0}}, none, none, testing::shapeTensor({4})}), HasSubstr("no elements"));
    EXPECT_THAT(
        error("keep_aspect=not_larger", {{DType::kFloat, {Dim::symbol(0)}}, none, none, testing::shapeTensor({4})}),
        HasSubstr("keep_aspect"));
    EXPECT_THAT(testing::runError("resize", "", {floats({2}, {1, 2}), testing::absent(), floats({1}, {0})}, 1, {2}),
                HasSubstr("scale 0 is 0"));
    EXPECT_THAT(testing::runError("resize", "keep_aspect=not_larger",
                                  {floats({2}, {1, 2}), testing::absent(), floats({1}, {2})}, 1, {2}),
                HasSubstr("keep_aspect needs sizes"));
}

TEST(Resize, SymbolicShapes) {
    using testing::Arg;
    Dim n = Dim::symbol(0), h = Dim::symbol(1), s = Dim::symbol(2);
    Arg none{.absent = true};
    EXPECT_EQ(ir::toString(testing::inferShape(
                  "resize", "", {{DType::kFloat, {n, 3, h, 8}}, none, none, testing::shapeTensor({n, 3, h * 2, s})})),
              "[s0, 3, s1*2, s2]");
    EXPECT_EQ(ir::toString(testing::inferShape(
                  "resize", "axes=[3, -2]", {{DType::kFloat, {n, 3, h, 8}}, none, none, testing::shapeTensor({s, 5})})),
              "[s0, 3, 5, s2]");

    ir::Graph g;
    g.addSymbol({});
    ir::Value* x = g.body().addParameter({DType::kFloat, {n, 8}}, "x");
    ir::Value* scales = g.addConstant(ir::makeWeights<float>({2}, {2.0f, 1.5f}), "scales");
    ir::Node* node = g.body().append(*op_resize, op_resize->makeAttrs(), {x, nullptr, scales}, 1, "n");
    ASSERT_TRUE(ir::inferNode(*node).ok());
    EXPECT_EQ(ir::toString(node->output()->shape()), "[s0*2, 12]");
    node->setInput(2, g.addConstant(ir::makeWeights<float>({2}, {0.6f, 1.0f}), "scales"));
    ASSERT_TRUE(ir::inferNode(*node).ok());
    EXPECT_EQ(ir::toString(node->output()->shape()), "[floordiv(s0*3, 5), 8]");
}

}  // namespace
}  // namespace lathe::ops
