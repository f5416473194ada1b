// SPDX-License-Identifier: Apache-2.0
// lstm, gru and rnn, with one hidden unit and small numbers that can be followed by hand.
#include "ops/recurrent.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::absent;
using testing::floats;
using ::testing::HasSubstr;
using testing::HostTensor;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<HostTensor> runOp(const char* op, const char* attrs, const std::vector<HostTensor>& inputs, int outputs) {
    auto y = testing::run(op, attrs, inputs, outputs);
    EXPECT_TRUE(y.ok()) << op << " " << attrs << ": " << y.status().toString();
    return y.ok() ? y.take() : std::vector<HostTensor>();
}

// h' = x + 2 h, without an activation that bends it.
const char* const kLinear = "activations=\"Affine\"";
const HostTensor kW = floats({1, 1, 1}, {1}), kR = floats({1, 1, 1}, {2});

TEST(Rnn, Directions) {
    auto x = floats({3, 1, 1}, {1, 10, 100});
    auto y = runOp("rnn", kLinear, {x, kW, kR}, 2);
    testing::expectNear(y[0], {3, 1, 1, 1}, {1, 12, 124});
    testing::expectNear(y[1], {1, 1, 1}, {124});
    y = runOp("rnn", "activations=\"Affine\" direction=reverse", {x, kW, kR}, 2);
    testing::expectNear(y[0], {3, 1, 1, 1}, {421, 210, 100});
    testing::expectNear(y[1], {1, 1, 1}, {421});
    // The second direction has weights 10 and 0.
    y = runOp("rnn", "activations=\"Affine,Affine\" direction=bidirectional",
              {x, floats({2, 1, 1}, {1, 10}), floats({2, 1, 1}, {2, 0})}, 2);
    testing::expectNear(y[0], {3, 2, 1, 1}, {1, 10, 12, 100, 124, 1000});
    testing::expectNear(y[1], {2, 1, 1}, {124, 10});
}

TEST(Rnn, BiasInitialStateAndDefaultActivation) {
    auto y =
        runOp("rnn", "",
              {floats({1, 1, 1}, {0.5}), kW, kR, floats({1, 2}, {0.1, 0.2}), absent(), floats({1, 1, 1}, {0.25})}, 2);
    testing::expectNear(y[1], {1, 1, 1}, {std::tanh(0.5 + 0.5 + 0.3)}, 1e-6);
}

TEST(Rnn, ShorterEntriesEndEarlier) {
    auto x = floats({3, 2, 1}, {1, 5, 10, 50, 100, 500});
    auto lengths = testing::tensor(DType::kInt32, {2}, {3, 1});
    auto y = runOp("rnn", kLinear, {x, kW, kR, absent(), lengths}, 2);
    testing::expectNear(y[0], {3, 1, 2, 1}, {1, 5, 12, 0, 124, 0});
    testing::expectNear(y[1], {1, 2, 1}, {124, 5});
    // A reverse direction starts at the entry's own end.
    lengths = testing::tensor(DType::kInt32, {2}, {3, 2});
    y = runOp("rnn", "activations=\"Affine\" direction=reverse", {x, kW, kR, absent(), lengths}, 2);
    testing::expectNear(y[0], {3, 1, 2, 1}, {421, 105, 210, 50, 100, 0});
    testing::expectNear(y[1], {1, 2, 1}, {421, 105});
    // No step at all leaves the initial state.
    lengths = testing::tensor(DType::kInt32, {2}, {0, 0});
    y = runOp("rnn", kLinear, {x, kW, kR, absent(), lengths, floats({1, 2, 1}, {7, 8})}, 2);
    testing::expectNear(y[0], {3, 1, 2, 1}, {0, 0, 0, 0, 0, 0});
    testing::expectNear(y[1], {1, 2, 1}, {7, 8});
}

TEST(Rnn, BatchFirst) {
    // The transposed input gives the transposed output.
    auto x = floats({2, 3, 1}, {1, 10, 100, 5, 50, 500});
    auto initial = floats({2, 2, 1}, {1, 2, 3, 4});
    auto y = runOp("rnn", "activations=\"Affine\" direction=bidirectional layout=1",
                   {x, floats({2, 1, 1}, {1, 1}), floats({2, 1, 1}, {2, 2}), absent(), absent(), initial}, 2);
    // Entry 0 from 1: 3, 16, 132; backwards from 2: 104, 218, 437. Entry 1 from 3: 11, 72, 644; from 4: 508, 1066,
    // 2137.
    testing::expectNear(y[0], {2, 3, 2, 1}, {3, 437, 16, 218, 132, 104, 11, 2137, 72, 1066, 644, 508});
    testing::expectNear(y[1], {2, 2, 1}, {132, 437, 644, 2137});
}

TEST(Rnn, ActivationsTakeTheirParametersInTurn) {
    auto x = floats({1, 1, 1}, {-2});
    auto last = [&](const char* attrs) { return testing::valuesOf(runOp("rnn", attrs, {x, kW, kR}, 2)[1].tensor)[0]; };
    EXPECT_NEAR(last("activations=\"Relu\""), 0, 1e-6);
    EXPECT_NEAR(last("activations=\"tanh\""), std::tanh(-2), 1e-6);
    EXPECT_NEAR(last("activations=\"Sigmoid\""), sigmoid(-2), 1e-6);
    EXPECT_NEAR(last("activations=\"Affine\" alpha=[3] beta=[1]"), -5, 1e-6);
    EXPECT_NEAR(last("activations=\"LeakyRelu\""), -0.02, 1e-6);
    EXPECT_NEAR(last("activations=\"LeakyRelu\" alpha=[0.5]"), -1, 1e-6);
    EXPECT_NEAR(last("activations=\"ThresholdedRelu\" alpha=[-3]"), -2, 1e-6);
    EXPECT_NEAR(last("activations=\"ScaledTanh\" alpha=[2] beta=[0.5]"), 2 * std::tanh(-1), 1e-6);
    EXPECT_NEAR(last("activations=\"HardSigmoid\""), 0.1, 1e-6);
    EXPECT_NEAR(last("activations=\"Elu\""), std::exp(-2) - 1, 1e-6);
    EXPECT_NEAR(last("activations=\"Softsign\""), -2.0 / 3, 1e-6);
    EXPECT_NEAR(last("activations=\"Softplus\""), std::log1p(std::exp(-2)), 1e-6);
    EXPECT_NEAR(last("activations=\"Affine\" clip=0.5"), -0.5, 1e-6);
    // Tanh takes none, so the alpha is the second direction's.
    auto y = runOp("rnn", "activations=\"Tanh,LeakyRelu\" alpha=[0.25] direction=bidirectional",
                   {x, floats({2, 1, 1}, {1, 1}), floats({2, 1, 1}, {0, 0})}, 2);
    testing::expectNear(y[1], {2, 1, 1}, {std::tanh(-2), -0.5}, 1e-6);
}

// Gates i, o, f, c see the input times 1, 2, 3, 4 and the state times 0.1, 0.2, 0.3, 0.4.
const HostTensor kLstmW = floats({1, 4, 1}, {1, 2, 3, 4}), kLstmR = floats({1, 4, 1}, {0.1, 0.2, 0.3, 0.4});

TEST(Lstm, GatesInTheirOrder) {
    auto y = runOp("lstm", "", {floats({2, 1, 1}, {0.5, -0.25}), kLstmW, kLstmR}, 3);
    double c1 = sigmoid(0.5) * std::tanh(2), h1 = sigmoid(1) * std::tanh(c1);
    double c2 = sigmoid(-0.75 + 0.3 * h1) * c1 + sigmoid(-0.25 + 0.1 * h1) * std::tanh(-1 + 0.4 * h1);
    double h2 = sigmoid(-0.5 + 0.2 * h1) * std::tanh(c2);
    testing::expectNear(y[0], {2, 1, 1, 1}, {h1, h2}, 1e-6);
    testing::expectNear(y[1], {1, 1, 1}, {h2}, 1e-6);
    testing::expectNear(y[2], {1, 1, 1}, {c2}, 1e-6);
}

TEST(Lstm, BiasesStatesAndPeepholes) {
    // Wb: 1, 2, 3, 4 tenths; Rb: 5, 6, 7, 8 tenths; p of i, o, f: 1, 2, 3. h = 0.5, c = -1.
    auto y = runOp("lstm", "",
                   {floats({1, 1, 1}, {1}), kLstmW, kLstmR, floats({1, 8}, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8}),
                    absent(), floats({1, 1, 1}, {0.5}), floats({1, 1, 1}, {-1}), floats({1, 3}, {1, 2, 3})},
                   3);
    double i = sigmoid(1 + 0.05 + 0.6 - 1), f = sigmoid(3 + 0.15 + 1.0 - 3), c = -f + i * std::tanh(4 + 0.2 + 1.2);
    double h = sigmoid(2 + 0.1 + 0.8 + 2 * c) * std::tanh(c);
    testing::expectNear(y[1], {1, 1, 1}, {h}, 1e-6);
    testing::expectNear(y[2], {1, 1, 1}, {c}, 1e-6);
}

TEST(Lstm, InputForgetAndClip) {
    auto inputs = std::vector<HostTensor>{floats({1, 1, 1}, {2}),  kLstmW, kLstmR, absent(), absent(), absent(),
                                          floats({1, 1, 1}, {0.5})};
    auto y = runOp("lstm", "input_forget=true", inputs, 3);
    double i = sigmoid(2), c = (1 - i) * 0.5 + i * std::tanh(8);
    testing::expectNear(y[2], {1, 1, 1}, {c}, 1e-6);
    // Clipped are the inputs of activations, the last one's too, but not the state.
    y = runOp("lstm", "clip=0.5", inputs, 3);
    c = sigmoid(0.5) * 0.5 + sigmoid(0.5) * std::tanh(0.5);
    testing::expectNear(y[2], {1, 1, 1}, {c}, 1e-6);
    testing::expectNear(y[1], {1, 1, 1}, {sigmoid(0.5) * std::tanh(std::min(c, 0.5))}, 1e-6);
}

TEST(Lstm, SeveralUnitsMix) {
    // Two units: the gates' rows are i0 i1 o0 o1 f0 f1 c0 c1; only c looks at the state, crosswise.
    std::vector<double> w(8, 0.0), r(16, 0.0);
    w[6] = 1, w[7] = -1;
    r[6 * 2 + 1] = 1, r[7 * 2 + 0] = 1;
    auto y = runOp("lstm", "",
                   {floats({1, 1, 1}, {0.5}), floats({1, 8, 1}, w), floats({1, 8, 2}, r), absent(), absent(),
                    floats({1, 1, 2}, {0.25, 0.75})},
                   3);
    testing::expectNear(y[2], {1, 1, 2}, {0.5 * std::tanh(0.5 + 0.75), 0.5 * std::tanh(-0.5 + 0.25)}, 1e-6);
}

// Gates z, r, h.
const HostTensor kGruW = floats({1, 3, 1}, {1, 2, 3}), kGruR = floats({1, 3, 1}, {0.5, 0.25, 2});

TEST(Gru, ResetBeforeOrAfterTheProduct) {
    std::vector<HostTensor> inputs = {
        floats({1, 1, 1}, {0.5}), kGruW, kGruR, floats({1, 6}, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}), absent(),
        floats({1, 1, 1}, {-1})};
    double z = sigmoid(0.5 - 0.5 + 0.5), r = sigmoid(1 - 0.25 + 0.7);
    auto y = runOp("gru", "", inputs, 2);
    double before = std::tanh(1.5 + r * -1 * 2 + 0.9);
    testing::expectNear(y[1], {1, 1, 1}, {(1 - z) * before - z}, 1e-6);
    y = runOp("gru", "linear_before_reset=true", inputs, 2);
    double after = std::tanh(1.5 + 0.3 + r * (-2 + 0.6));
    testing::expectNear(y[1], {1, 1, 1}, {(1 - z) * after - z}, 1e-6);
}

TEST(Gru, StepsAndActivations) {
    auto y = runOp("gru", "activations=\"HardSigmoid,Affine\"", {floats({2, 1, 1}, {1, 0}), kGruW, kGruR}, 2);
    double h1 = (1 - 0.7) * 3;
    double z = 0.2 * 0.5 * h1 + 0.5, r = 0.2 * 0.25 * h1 + 0.5;
    testing::expectNear(y[0], {2, 1, 1, 1}, {h1, (1 - z) * (r * h1 * 2) + z * h1}, 1e-6);
}

TEST(Recurrent, Refuses) {
    using testing::Arg;
    auto error = [](const char* op, const char* attrs, Shape x, Shape w, Shape r, std::vector<Arg> more = {}) {
        std::vector<Arg> inputs = {
            {DType::kFloat, std::move(x)}, {DType::kFloat, std::move(w)}, {DType::kFloat, std::move(r)}};
        inputs.insert(inputs.end(), more.begin(), more.end());
        return testing::inferError(op, attrs, inputs);
    };
    Arg none{.absent = true};
    EXPECT_EQ(error("lstm", "", {5, 2, 3}, {1, 16, 3}, {1, 16, 4}), "");
    EXPECT_THAT(error("lstm", "", {5, 2, 3}, {1, 12, 3}, {1, 16, 4}),
                HasSubstr("w has the shape [1, 12, 3], but must have [1, 16, 3]"));
    EXPECT_THAT(error("lstm", "hidden_size=5", {5, 2, 3}, {1, 16, 3}, {1, 16, 4}), HasSubstr("must have [1, 20, 3]"));
    EXPECT_THAT(error("gru", "direction=bidirectional", {5, 2, 3}, {1, 12, 3}, {1, 12, 4}),
                HasSubstr("must have [2, 12, 3]"));
    EXPECT_THAT(error("gru", "", {5, 2, 3}, {1, 12, 3}, {1, 12, 4}, {{DType::kFloat, {1, 12}}}),
                HasSubstr("b has the shape [1, 12], but must have [1, 24]"));
    EXPECT_THAT(error("rnn", "", {5, 2, 3}, {1, 4, 3}, {1, 4, 4}, {none, {DType::kInt32, {3}}}),
                HasSubstr("sequence_lens"));
    EXPECT_THAT(error("rnn", "layout=1", {5, 2, 3}, {1, 4, 3}, {1, 4, 4}, {none, none, {DType::kFloat, {1, 5, 4}}}),
                HasSubstr("initial_h has the shape [1, 5, 4], but must have [5, 1, 4]"));
    EXPECT_THAT(
        error("lstm", "", {5, 2, 3}, {1, 16, 3}, {1, 16, 4}, {none, none, none, none, {DType::kFloat, {1, 16}}}),
        HasSubstr("p has the shape"));
    EXPECT_THAT(error("rnn", "activations=\"Cube\"", {5, 2, 3}, {1, 4, 3}, {1, 4, 4}),
                HasSubstr("no activation 'cube'"));
    EXPECT_THAT(error("lstm", "activations=\"Tanh\"", {5, 2, 3}, {1, 16, 3}, {1, 16, 4}),
                HasSubstr("there are 1 activations"));
    EXPECT_THAT(error("rnn", "layout=2", {5, 2, 3}, {1, 4, 3}, {1, 4, 4}), HasSubstr("layout is 2"));
    EXPECT_THAT(error("rnn", "clip=-1", {5, 2, 3}, {1, 4, 3}, {1, 4, 4}), HasSubstr("clip is -1"));
    EXPECT_THAT(testing::runError("rnn", "",
                                  {floats({1, 1, 1}, {1}), kW, kR, absent(), testing::tensor(DType::kInt32, {1}, {2})}),
                HasSubstr("a sequence length is 2"));
}

TEST(Recurrent, SymbolicShapes) {
    Dim s = Dim::symbol(0), n = Dim::symbol(1);
    auto i = testing::inferArgs(
        "lstm", "direction=bidirectional",
        {{DType::kFloat, {s, n, 32}}, {DType::kFloat, {2, 256, 32}}, {DType::kFloat, {2, 256, 64}}}, 3);
    ASSERT_TRUE(i.status.ok()) << i.status.toString();
    EXPECT_EQ(ir::toString(i.types[0]), "f32[s0, 2, s1, 64]");
    EXPECT_EQ(ir::toString(i.types[2]), "f32[2, s1, 64]");
    EXPECT_EQ(ir::toString(testing::inferShape(
                  "gru", "layout=1",
                  {{DType::kFloat, {n, s, 32}}, {DType::kFloat, {1, 192, 32}}, {DType::kFloat, {1, 192, 64}}})),
              "[s1, s0, 1, 64]");
}

}  // namespace
}  // namespace lathe::ops
