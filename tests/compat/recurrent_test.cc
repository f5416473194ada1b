// SPDX-License-Identifier: Apache-2.0
// addRNNv2 and addRNN against recurrent cells written out here.
#include <map>

#include "compat_testing.h"

namespace compat_testing {
namespace {

using G = RNNGateType;

struct Case {
    RNNOperation op;
    int32_t layers, directions, steps, input, hidden, batch;
    bool skip, states, lengths;
};

std::vector<G> gatesOf(RNNOperation op) {
    switch (op) {
        case RNNOperation::kLSTM: return {G::kFORGET, G::kINPUT, G::kCELL, G::kOUTPUT};
        case RNNOperation::kGRU: return {G::kUPDATE, G::kRESET, G::kHIDDEN};
        default: return {G::kINPUT};
    }
}

// All weights in the order of IRNNLayer: by cell, input then recurrent, by gate.
struct Cells {
    explicit Cells(const Case& c) : c(c), gates(gatesOf(c.op)) {
        uint32_t seed = 1;
        for (int32_t cell = 0; cell < c.layers * c.directions; ++cell)
            for (bool isW : {true, false})
                for (std::size_t g = 0; g < gates.size(); ++g) {
                    std::size_t n = static_cast<std::size_t>(c.hidden) * columns(cell, isW);
                    if (!(c.skip && isW && cell < c.directions)) append(matrices, numbers(n, ++seed), 0.5f);
                    append(biases, numbers(static_cast<std::size_t>(c.hidden), ++seed), 0.3f);
                }
    }
    static void append(std::vector<float>& to, const std::vector<float>& v, float factor) {
        for (float x : v) to.push_back(x * factor);
    }
    std::size_t columns(int32_t cell, bool isW) const {
        return static_cast<std::size_t>(!isW ? c.hidden : cell < c.directions ? c.input : c.hidden * c.directions);
    }
    // Calls f(cell, isW, gate, matrix or null, bias).
    template <class F>
    void each(F f) const {
        const float *m = matrices.data(), *b = biases.data();
        for (int32_t cell = 0; cell < c.layers * c.directions; ++cell)
            for (bool isW : {true, false})
                for (G g : gates) {
                    bool skipped = c.skip && isW && cell < c.directions;
                    f(cell, isW, g, skipped ? nullptr : m, b);
                    if (!skipped) m += static_cast<std::size_t>(c.hidden) * columns(cell, isW);
                    b += c.hidden;
                }
    }
    Case c;
    std::vector<G> gates;
    std::vector<float> matrices, biases;
};

struct Answer {
    std::vector<float> y, h, c;
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Batch first: x [batch, steps, input], states [batch, cells, hidden].
Answer reference(const Cells& cells, const std::vector<float>& x, const std::vector<float>& h0,
                 const std::vector<float>& c0, const std::vector<int32_t>& lengths) {
    const Case& k = cells.c;
    auto H = static_cast<std::size_t>(k.hidden), T = static_cast<std::size_t>(k.steps),
         D = static_cast<std::size_t>(k.directions), L = static_cast<std::size_t>(k.layers),
         N = static_cast<std::size_t>(k.batch);
    Answer out;
    for (std::size_t n = 0; n < N; ++n) {
        auto length = static_cast<std::size_t>(lengths.empty() ? k.steps : lengths[n]);
        std::size_t width = static_cast<std::size_t>(k.input);
        std::vector<double> in(x.begin() + static_cast<long>(n * T * width),
                               x.begin() + static_cast<long>((n + 1) * T * width));
        for (std::size_t l = 0; l < L; ++l) {
            std::vector<double> y(T * D * H, 0.0);
            for (std::size_t d = 0; d < D; ++d) {
                auto cell = l * D + d;
                std::vector<double> h(H, 0.0), c(H, 0.0);
                for (std::size_t i = 0; i < H; ++i) {
                    if (!h0.empty()) h[i] = h0[(n * L * D + cell) * H + i];
                    if (!c0.empty()) c[i] = c0[(n * L * D + cell) * H + i];
                }
                for (std::size_t s = 0; s < length; ++s) {
                    std::size_t t = d == 0 ? s : length - 1 - s;
                    std::map<G, std::vector<double>> w, r;
                    cells.each([&](int32_t which, bool isW, G g, const float* m, const float* b) {
                        if (static_cast<std::size_t>(which) != cell) return;
                        std::vector<double> v(H);
                        for (std::size_t i = 0; i < H; ++i) {
                            v[i] = b[i];
                            std::size_t columns = isW ? width : H;
                            for (std::size_t j = 0; j < columns; ++j)
                                v[i] += (m        ? static_cast<double>(m[i * columns + j])
                                         : i == j ? 1.0
                                                  : 0.0) *
                                        (isW ? in[t * width + j] : h[j]);
                        }
                        (isW ? w : r)[g] = v;
                    });
                    for (std::size_t i = 0; i < H; ++i) {
                        auto sum = [&](G g) { return w[g][i] + r[g][i]; };
                        if (k.op == RNNOperation::kLSTM) {
                            c[i] = sigmoid(sum(G::kFORGET)) * c[i] + sigmoid(sum(G::kINPUT)) * std::tanh(sum(G::kCELL));
                            h[i] = sigmoid(sum(G::kOUTPUT)) * std::tanh(c[i]);
                        } else if (k.op == RNNOperation::kGRU) {
                            double z = sigmoid(sum(G::kUPDATE)), q = sigmoid(sum(G::kRESET));
                            h[i] = (1 - z) * std::tanh(w[G::kHIDDEN][i] + q * r[G::kHIDDEN][i]) + z * h[i];
                        } else {
                            h[i] =
                                k.op == RNNOperation::kRELU ? std::max(0.0, sum(G::kINPUT)) : std::tanh(sum(G::kINPUT));
                        }
                        y[(t * D + d) * H + i] = h[i];
                    }
                }
                out.h.insert(out.h.end(), h.begin(), h.end());
                out.c.insert(out.c.end(), c.begin(), c.end());
            }
            in = y;
            width = D * H;
        }
        out.y.insert(out.y.end(), in.begin(), in.end());
    }
    return out;
}

void execute(ICudaEngine& engine, std::map<std::string, void*> named, int32_t batch) {
    Owned<IExecutionContext> context(engine.createExecutionContext());
    std::vector<void*> bindings(static_cast<std::size_t>(engine.getNbBindings()));
    for (int32_t i = 0; i < engine.getNbBindings(); ++i)
        bindings[static_cast<std::size_t>(i)] = named.at(engine.getBindingName(i));
    EXPECT_TRUE(context->execute(batch, bindings.data()));
}

void checkV2(const Case& k) {
    Cells cells(k);
    Network net;
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({k.steps, k.input}));
    IRNNv2Layer* rnn = net.network->addRNNv2(*x, k.layers, k.hidden, k.steps, RNNOperation::kTANH);
    ASSERT_TRUE(rnn);
    rnn->setOperation(k.op);
    EXPECT_EQ(rnn->getOperation(), k.op);
    rnn->setDirection(k.directions == 2 ? RNNDirection::kBIDIRECTION : RNNDirection::kUNIDIRECTION);
    EXPECT_EQ(rnn->getDirection() == RNNDirection::kBIDIRECTION, k.directions == 2);
    rnn->setInputMode(k.skip ? RNNInputMode::kSKIP : RNNInputMode::kLINEAR);
    EXPECT_EQ(rnn->getInputMode() == RNNInputMode::kSKIP, k.skip);
    EXPECT_EQ(rnn->getLayerCount(), k.layers);
    EXPECT_EQ(rnn->getHiddenSize(), k.hidden);
    EXPECT_EQ(rnn->getMaxSeqLength(), k.steps);
    EXPECT_EQ(rnn->getDataLength(), k.input);
    EXPECT_EQ(rnn->getType(), LayerType::kRNN_V2);
    int32_t count = k.layers * k.directions;
    if (k.states) {
        ITensor* h = net.network->addInput("h", DataType::kFLOAT, dims({count, k.hidden}));
        rnn->setHiddenState(*h);
        EXPECT_EQ(rnn->getHiddenState(), h);
        ITensor* c = net.network->addInput("c", DataType::kFLOAT, dims({count, k.hidden}));
        if (k.op == RNNOperation::kLSTM) {
            rnn->setCellState(*c);
            EXPECT_EQ(rnn->getCellState(), c);
        } else {
            net.network->removeTensor(*c);
        }
    }
    if (k.lengths) {
        ITensor* l = net.network->addInput("l", DataType::kINT32, Dims{});
        rnn->setSequenceLengths(*l);
        EXPECT_EQ(rnn->getSequenceLengths(), l);
    }
    cells.each([&](int32_t cell, bool isW, G g, const float* m, const float* b) {
        auto n = static_cast<int64_t>(static_cast<std::size_t>(k.hidden) * cells.columns(cell, isW));
        if (m) {
            rnn->setWeightsForGate(cell, g, isW, Weights{DataType::kFLOAT, m, n});
            EXPECT_EQ(rnn->getWeightsForGate(cell, g, isW).values, m);
        }
        rnn->setBiasForGate(cell, g, isW, Weights{DataType::kFLOAT, b, k.hidden});
        EXPECT_EQ(rnn->getBiasForGate(cell, g, isW).values, b);
    });
    bool lstm = k.op == RNNOperation::kLSTM;
    ASSERT_EQ(rnn->getNbOutputs(), lstm ? 3 : 2);
    EXPECT_EQ(list(rnn->getOutput(0)->getDimensions()), std::vector<int32_t>({k.steps, k.directions * k.hidden}));
    EXPECT_EQ(list(rnn->getOutput(1)->getDimensions()), std::vector<int32_t>({count, k.hidden}));
    const char* names[] = {"y", "hn", "cn"};
    for (int32_t i = 0; i < rnn->getNbOutputs(); ++i) {
        rnn->getOutput(i)->setName(names[i]);
        net.network->markOutput(*rnn->getOutput(i));
    }
    net.builder->setMaxBatchSize(k.batch);
    auto engine = net.build();
    ASSERT_TRUE(engine) << net.logger.errors.back();

    auto N = static_cast<std::size_t>(k.batch), stateSize = N * static_cast<std::size_t>(count * k.hidden);
    std::vector<float> in = numbers(N * static_cast<std::size_t>(k.steps * k.input), 77), h0, c0;
    if (k.states) h0 = numbers(stateSize, 78);
    if (k.states && lstm) c0 = numbers(stateSize, 79);
    std::vector<int32_t> lengths;
    for (int32_t n = 0; k.lengths && n < k.batch; ++n) lengths.push_back(1 + n % k.steps);
    std::vector<float> y(N * static_cast<std::size_t>(k.steps * k.directions * k.hidden)), hn(stateSize), cn(stateSize);
    execute(*engine,
            {{"x", in.data()},
             {"h", h0.data()},
             {"c", c0.data()},
             {"l", lengths.data()},
             {"y", y.data()},
             {"hn", hn.data()},
             {"cn", cn.data()}},
            k.batch);
    Answer want = reference(cells, in, h0, c0, lengths);
    expectNear(y, want.y, 1e-5f);
    expectNear(hn, want.h, 1e-5f);
    if (lstm) expectNear(cn, want.c, 1e-5f);
}

TEST(RnnV2, Lstm) { checkV2({RNNOperation::kLSTM, 2, 1, 4, 3, 5, 3, false, true, true}); }
TEST(RnnV2, LstmBothWays) { checkV2({RNNOperation::kLSTM, 2, 2, 4, 3, 5, 2, false, true, true}); }
TEST(RnnV2, Gru) { checkV2({RNNOperation::kGRU, 1, 1, 3, 4, 4, 2, false, false, false}); }
TEST(RnnV2, GruBothWays) { checkV2({RNNOperation::kGRU, 2, 2, 3, 4, 4, 2, false, true, false}); }
TEST(RnnV2, Relu) { checkV2({RNNOperation::kRELU, 1, 1, 3, 4, 2, 1, false, false, false}); }
TEST(RnnV2, TanhSkipsTheInput) { checkV2({RNNOperation::kTANH, 2, 1, 3, 4, 4, 2, true, true, false}); }

TEST(RnnV2, WhatCannotBe) {
    Network net;
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({4, 3}));
    EXPECT_FALSE(net.network->addRNNv2(*x, 1, 5, 2, RNNOperation::kLSTM));
    EXPECT_TRUE(net.logger.saw("4 steps"));
    EXPECT_FALSE(net.network->addRNNv2(*x, 0, 5, 4, RNNOperation::kLSTM));
    auto* rnn = net.network->addRNNv2(*x, 1, 5, 4, RNNOperation::kLSTM);
    std::vector<float> few = numbers(3);
    rnn->setWeightsForGate(0, G::kINPUT, true, weights(few));
    EXPECT_TRUE(net.logger.saw("15"));
    rnn->setWeightsForGate(0, G::kRESET, true, weights(few));
    EXPECT_TRUE(net.logger.saw("does not exist"));
    net.network->markOutput(*rnn->getOutput(0));
    EXPECT_FALSE(net.build());
    EXPECT_TRUE(net.logger.saw("weights for gate"));
}

#if LATHE_TRT < 8
void checkV1(const Case& k) {
    Cells cells(k);
    Network net;
    // Time first, within the implicit batch: [1, steps, entries, data].
    ITensor* x = net.network->addInput("x", DataType::kFLOAT, dims({1, k.steps, k.batch, k.input}));
    IRNNLayer* rnn = net.network->addRNN(*x, k.layers, static_cast<std::size_t>(k.hidden), k.steps, k.op,
                                         k.skip ? RNNInputMode::kSKIP : RNNInputMode::kLINEAR,
                                         k.directions == 2 ? RNNDirection::kBIDIRECTION : RNNDirection::kUNIDIRECTION,
                                         weights(cells.matrices), Weights{});
    ASSERT_TRUE(rnn);
    rnn->setBias(weights(cells.biases));
    EXPECT_EQ(rnn->getBias().count, static_cast<int64_t>(cells.biases.size()));
    rnn->setWeights(weights(cells.matrices));
    EXPECT_EQ(rnn->getWeights().values, cells.matrices.data());
    rnn->setOperation(k.op);
    EXPECT_EQ(rnn->getOperation(), k.op);
    rnn->setInputMode(rnn->getInputMode());
    rnn->setDirection(rnn->getDirection());
    EXPECT_EQ(rnn->getLayerCount(), static_cast<unsigned>(k.layers));
    EXPECT_EQ(rnn->getHiddenSize(), static_cast<std::size_t>(k.hidden));
    EXPECT_EQ(rnn->getSeqLength(), k.steps);
    EXPECT_EQ(rnn->getDataLength(), k.input);
    EXPECT_EQ(rnn->getType(), LayerType::kRNN);
    int32_t count = k.layers * k.directions;
    ITensor* h = net.network->addInput("h", DataType::kFLOAT, dims({count, k.batch, k.hidden}));
    rnn->setHiddenState(*h);
    EXPECT_EQ(rnn->getHiddenState(), h);
    bool lstm = k.op == RNNOperation::kLSTM;
    if (lstm) {
        ITensor* c = net.network->addInput("c", DataType::kFLOAT, dims({count, k.batch, k.hidden}));
        rnn->setCellState(*c);
        EXPECT_EQ(rnn->getCellState(), c);
    }
    const char* names[] = {"y", "hn", "cn"};
    for (int32_t i = 0; i < rnn->getNbOutputs(); ++i) {
        rnn->getOutput(i)->setName(names[i]);
        net.network->markOutput(*rnn->getOutput(i));
    }
    EXPECT_EQ(list(rnn->getOutput(0)->getDimensions()),
              std::vector<int32_t>({k.steps, k.batch, k.directions * k.hidden}));
    auto engine = net.build();
    ASSERT_TRUE(engine) << net.logger.errors.back();

    auto N = static_cast<std::size_t>(k.batch), T = static_cast<std::size_t>(k.steps),
         C = static_cast<std::size_t>(count);
    // The reference has the batch in front.
    auto swapped = [](const std::vector<float>& v, std::size_t a, std::size_t b) {
        std::vector<float> out(v.size());
        std::size_t width = v.size() / a / b;
        for (std::size_t i = 0; i < a; ++i)
            for (std::size_t j = 0; j < b; ++j)
                for (std::size_t w = 0; w < width; ++w) out[(j * a + i) * width + w] = v[(i * b + j) * width + w];
        return out;
    };
    std::vector<float> in = numbers(T * N * static_cast<std::size_t>(k.input), 77),
                       h0 = numbers(C * N * static_cast<std::size_t>(k.hidden), 78), c0;
    if (lstm) c0 = numbers(h0.size(), 79);
    std::vector<float> y(T * N * static_cast<std::size_t>(k.directions * k.hidden)), hn(h0.size()), cn(h0.size());
    execute(
        *engine,
        {{"x", in.data()}, {"h", h0.data()}, {"c", c0.data()}, {"y", y.data()}, {"hn", hn.data()}, {"cn", cn.data()}},
        1);
    Answer want = reference(cells, swapped(in, T, N), swapped(h0, C, N), lstm ? swapped(c0, C, N) : c0, {});
    expectNear(swapped(y, T, N), want.y, 1e-5f);
    expectNear(swapped(hn, C, N), want.h, 1e-5f);
    if (lstm) expectNear(swapped(cn, C, N), want.c, 1e-5f);
}

TEST(Rnn, Lstm) { checkV1({RNNOperation::kLSTM, 2, 1, 4, 3, 5, 3, false, true, false}); }
TEST(Rnn, GruBothWays) { checkV1({RNNOperation::kGRU, 2, 2, 3, 4, 4, 2, false, true, false}); }
TEST(Rnn, ReluSkipsTheInput) { checkV1({RNNOperation::kRELU, 2, 1, 3, 4, 4, 1, true, true, false}); }
#endif

}  // namespace
}  // namespace compat_testing
