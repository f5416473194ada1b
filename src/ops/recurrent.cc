// SPDX-License-Identifier: Apache-2.0
#include "ops/recurrent.h"

#include <algorithm>

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

struct ActivationInfo {
    const char* name;  // in lower case
    Activation::Kind kind;
    int parameters;  // 0, alpha, or alpha and beta
    double alpha, beta;
};
using K = Activation::Kind;
constexpr ActivationInfo kActivations[] = {
    {"relu", K::kRelu, 0, 0, 0},
    {"tanh", K::kTanh, 0, 0, 0},
    {"sigmoid", K::kSigmoid, 0, 0, 0},
    {"affine", K::kAffine, 2, 1, 0},
    {"leakyrelu", K::kLeakyRelu, 1, 0.01, 0},
    {"thresholdedrelu", K::kThresholdedRelu, 1, 1, 0},
    {"scaledtanh", K::kScaledTanh, 2, 1, 1},
    {"hardsigmoid", K::kHardSigmoid, 2, 0.2, 0.5},
    {"elu", K::kElu, 1, 1, 0},
    {"softsign", K::kSoftsign, 0, 0, 0},
    {"softplus", K::kSoftplus, 0, 0, 0},
};

std::vector<std::string> splitNames(const std::string& text) {
    std::vector<std::string> names;
    std::string name;
    for (char ch : text + ",") {
        if (ch == ',') {
            if (!name.empty()) names.push_back(std::move(name));
            name.clear();
        } else if (ch != ' ') {
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(ch)));
        }
    }
    return names;
}

Status requireShape(const InferContext& c, int input, const char* what, const Shape& expected) {
    TRY(requireRank(c, input, static_cast<int>(expected.size())));
    for (size_t d = 0; d < expected.size(); ++d) {
        const Dim &got = c.shape(input)[d], &want = expected[d];
        if (got.isConstant() && want.isConstant() && got.value() != want.value())
            return invalidArgument("{} has the shape {}, but must have {}", what, ir::toString(c.shape(input)),
                                   ir::toString(expected));
    }
    return {};
}

}  // namespace

double Activation::operator()(double x) const {
    if (clip > 0) x = std::clamp(x, -clip, clip);
    switch (kind) {
        case K::kRelu: return std::max(x, 0.0);
        case K::kTanh: return std::tanh(x);
        case K::kSigmoid: return 1 / (1 + std::exp(-x));
        case K::kAffine: return alpha * x + beta;
        case K::kLeakyRelu: return x < 0 ? alpha * x : x;
        case K::kThresholdedRelu: return x > alpha ? x : 0;
        case K::kScaledTanh: return alpha * std::tanh(beta * x);
        case K::kHardSigmoid: return std::clamp(alpha * x + beta, 0.0, 1.0);
        case K::kElu: return x < 0 ? alpha * std::expm1(x) : x;
        case K::kSoftsign: return x / (1 + std::abs(x));
        case K::kSoftplus: return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    }
    return x;
}

Result<std::vector<Activation>> recurrentActivations(const RecurrentFields& fields,
                                                     std::span<const char* const> defaults) {
    std::vector<std::string> names = splitNames(fields.activations);
    if (names.empty()) names.assign(defaults.begin(), defaults.end());
    size_t total = defaults.size() * static_cast<size_t>(fields.directions());
    if (names.size() == defaults.size() && total > names.size())
        for (size_t i = 0; i < defaults.size(); ++i) names.push_back(std::string(names[i]));
    if (names.size() != total)
        return invalidArgument("there are {} activations ('{}') where {} are needed", names.size(), fields.activations,
                               total);
    std::vector<Activation> out;
    size_t alpha = 0, beta = 0;
    for (const std::string& name : names) {
        auto at = std::find_if(std::begin(kActivations), std::end(kActivations),
                               [&](const ActivationInfo& a) { return name == a.name; });
        if (at == std::end(kActivations)) return unsupported("there is no activation '{}'", name);
        Activation a{at->kind, at->alpha, at->beta, fields.clip};
        if (at->parameters >= 1 && alpha < fields.alpha.size()) a.alpha = fields.alpha[alpha++];
        if (at->parameters >= 2 && beta < fields.beta.size()) a.beta = fields.beta[beta++];
        out.push_back(a);
    }
    return out;
}

Status inferRecurrent(InferContext& c, const RecurrentFields& f, int gates, int states) {
    TRY(requireInputs(c, 3));
    TRY(requireFloat(c, 0));
    for (int i : {1, 2, 3, 5, 6, 7})
        if (given(c, i)) TRY(requireSameType(c, 0, i));
    for (int i = 0; i < 3; ++i) TRY(requireRank(c, i, 3));
    if (f.layout != 0 && f.layout != 1) return invalidArgument("layout is {}; expected 0 or 1", f.layout);
    if (!(f.clip >= 0)) return invalidArgument("clip is {}; it must not be negative", f.clip);
    if (f.hiddenSize < 0) return invalidArgument("hidden_size is {}", f.hiddenSize);
    const Shape& x = c.shape(0);
    Dim batch = x[f.layout ? 0 : 1], sequence = x[f.layout ? 1 : 0], input = x[2];
    Dim hidden = f.hiddenSize > 0 ? Dim(f.hiddenSize) : c.shape(2)[2], directions = f.directions();
    TRY(requireShape(c, 1, "w", {directions, hidden * gates, input}));
    TRY(requireShape(c, 2, "r", {directions, hidden * gates, hidden}));
    if (given(c, 3)) TRY(requireShape(c, 3, "b", {directions, hidden * (2 * gates)}));
    if (given(c, 4)) {
        TRY(requireType(c, 4, {DType::kInt32, DType::kInt64}));
        TRY(requireShape(c, 4, "sequence_lens", {batch}));
    }
    Shape state = f.layout ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden};
    if (given(c, 5)) TRY(requireShape(c, 5, "initial_h", state));
    if (states > 1 && given(c, 6)) TRY(requireShape(c, 6, "initial_c", state));
    if (states > 1 && given(c, 7)) TRY(requireShape(c, 7, "p", {directions, hidden * 3}));
    if (c.outputCount() > 1 + states)
        return invalidArgument("there are {} outputs; at most {} are defined", c.outputCount(), 1 + states);
    c.setOutput(0, {c.dtype(0), f.layout ? Shape{batch, sequence, directions, hidden}
                                         : Shape{sequence, directions, batch, hidden}});
    for (int i = 1; i < c.outputCount(); ++i) c.setOutput(i, {c.dtype(0), state});
    return {};
}

Status runRecurrent(RefContext& c, const RecurrentFields& f, int gates, int states, const RecurrentCell& cell) {
    const Tensor& x = c.input(0);
    bool batchFirst = f.layout != 0;
    int64_t batch = x.dims[batchFirst ? 0 : 1], sequence = x.dims[batchFirst ? 1 : 0], input = x.dims[2];
    int64_t hidden = c.input(2).dims[2], width = gates * hidden, directions = f.directions();
    std::vector<int64_t> lengths(batch, sequence);
    if (c.has(4)) lengths = readIntegers(c.input(4));
    for (int64_t n : lengths)
        if (n < 0 || n > sequence)
            return invalidArgument("a sequence length is {}; it must lie between 0 and {}", n, sequence);
    int64_t longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());

    auto stateAt = [&](int64_t d, int64_t b) { return (batchFirst ? b * directions + d : d * batch + b) * hidden; };
    std::vector<double> xs = readDoubles(x), ws = readDoubles(c.input(1)), rs = readDoubles(c.input(2));
    std::vector<double> bias(directions * 2 * width, 0.0), y(sequence * directions * batch * hidden, 0.0);
    if (c.has(3)) bias = readDoubles(c.input(3));
    std::vector<double> initial[2];
    for (int s = 0; s < states; ++s) {
        initial[s].assign(directions * batch * hidden, 0.0);
        if (c.has(5 + s)) initial[s] = readDoubles(c.input(5 + s));
    }

    std::vector<double> wT(input * width), rT(hidden * width), xw(sequence * batch * width);
    std::vector<double> h(batch * hidden), cs(batch * hidden), nextH(batch * hidden), nextC(batch * hidden);
    for (int64_t d = 0; d < directions; ++d) {
        const double *w = ws.data() + d * width * input, *r = rs.data() + d * width * hidden;
        for (int64_t g = 0; g < width; ++g) {
            for (int64_t i = 0; i < input; ++i) wT[i * width + g] = w[g * input + i];
            for (int64_t i = 0; i < hidden; ++i) rT[i * width + g] = r[g * hidden + i];
        }
        for (int64_t row = 0; row < sequence * batch; ++row)
            std::copy_n(bias.data() + d * 2 * width, width, xw.data() + row * width);
        addProduct(sequence * batch, width, input, xs.data(), input, wT.data(), width, xw.data(), width);
        for (int64_t b = 0; b < batch; ++b) {
            std::copy_n(initial[0].data() + stateAt(d, b), hidden, h.data() + b * hidden);
            if (states > 1) std::copy_n(initial[1].data() + stateAt(d, b), hidden, cs.data() + b * hidden);
        }
        bool reverse = f.direction == RecurrentDirection::kReverse || d == 1;
        RecurrentStep step{static_cast<int>(d),
                           batch,
                           hidden,
                           std::vector<const double*>(batch),
                           rT.data(),
                           bias.data() + d * 2 * width + width,
                           h.data(),
                           cs.data(),
                           nextH.data(),
                           nextC.data()};
        for (int64_t k = 0; k < longest; ++k) {
            // An entry that has ended computes along with any row; its results are not taken.
            std::vector<int64_t> at(batch);
            for (int64_t b = 0; b < batch; ++b) {
                at[b] = k >= lengths[b] ? 0 : reverse ? lengths[b] - 1 - k : k;
                step.x[b] = xw.data() + (batchFirst ? b * sequence + at[b] : at[b] * batch + b) * width;
            }
            cell(step);
            for (int64_t b = 0; b < batch; ++b) {
                if (k >= lengths[b]) continue;
                std::copy_n(nextH.data() + b * hidden, hidden, h.data() + b * hidden);
                if (states > 1) std::copy_n(nextC.data() + b * hidden, hidden, cs.data() + b * hidden);
                int64_t place =
                    batchFirst ? (b * sequence + at[b]) * directions + d : (at[b] * directions + d) * batch + b;
                std::copy_n(nextH.data() + b * hidden, hidden, y.data() + place * hidden);
            }
        }
        for (int s = 0; s < states && s + 1 < c.node().outputCount(); ++s)
            for (int64_t b = 0; b < batch; ++b)
                writeDoubles(c.output(1 + s), stateAt(d, b), hidden, (s ? cs : h).data() + b * hidden);
    }
    writeDoubles(c.output(0), y);
    return {};
}

}  // namespace lathe::ops
