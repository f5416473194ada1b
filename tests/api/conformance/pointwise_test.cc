// SPDX-License-Identifier: Apache-2.0
// Layers that treat each element for itself.
#include "conformance_testing.h"

namespace lathe_test {
namespace {

using PointwiseLayers = Conformance;

double gelu(double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2))); }

TEST_F(PointwiseLayers, Activation) {
    struct {
        ActivationType type;
        double alpha, beta;
        std::function<double(double)> f;
    } kinds[] = {
        {ActivationType::kRELU, 0, 0, [](double x) { return std::max(x, 0.0); }},
        {ActivationType::kSIGMOID, 0, 0, [](double x) { return 1 / (1 + std::exp(-x)); }},
        {ActivationType::kTANH, 0, 0, [](double x) { return std::tanh(x); }},
        {ActivationType::kLEAKY_RELU, 0.25, 0, [](double x) { return x >= 0 ? x : 0.25 * x; }},
        {ActivationType::kELU, 0.5, 0, [](double x) { return x >= 0 ? x : 0.5 * std::expm1(x); }},
        {ActivationType::kSELU, 1.5, 1.25, [](double x) { return 1.25 * (x > 0 ? x : 1.5 * std::expm1(x)); }},
        {ActivationType::kSOFTSIGN, 0, 0, [](double x) { return x / (1 + std::abs(x)); }},
        {ActivationType::kSOFTPLUS, 0.5, 2, [](double x) { return 0.5 * std::log1p(std::exp(2 * x)); }},
        {ActivationType::kCLIP, -1, 0.5, [](double x) { return std::max(-1.0, std::min(0.5, x)); }},
        {ActivationType::kHARD_SIGMOID, 0.25, 0.5,
         [](double x) { return std::max(0.0, std::min(1.0, 0.25 * x + 0.5)); }},
        {ActivationType::kSCALED_TANH, 2, 0.5, [](double x) { return 2 * std::tanh(0.5 * x); }},
        {ActivationType::kTHRESHOLDED_RELU, 0.75, 0, [](double x) { return x > 0.75 ? x : 0; }},
        {ActivationType::kGELU_ERF, 0, 0, gelu},
        {ActivationType::kGELU_TANH, 0, 0,
         [](double x) { return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }},
    };
    Value x = numbers({3, 21}, -5, 5);
    for (const auto& k : kinds) {
        SCOPED_TRACE(static_cast<int>(k.type));
        gives(
            [&](Net& n) {
                auto* l = n->addActivation(n.in(x), k.type);
                l->setAlpha(static_cast<float>(k.alpha));
                l->setBeta(static_cast<float>(k.beta));
                EXPECT_EQ(l->getActivationType(), k.type);
                EXPECT_EQ(l->getAlpha(), static_cast<float>(k.alpha));
                EXPECT_EQ(l->getBeta(), static_cast<float>(k.beta));
                n.out(l);
            },
            {mapped(x, k.f)}, 1e-6);
    }
    gives(
        [&](Net& n) {
            auto* l = n->addActivation(n.in(x), ActivationType::kRELU);
            l->setActivationType(ActivationType::kTANH);
            n.out(l);
        },
        {mapped(x, [](double e) { return std::tanh(e); })}, 1e-6);
}
REFUSES(PointwiseLayers, ActivationOfBooleans, "input 0 has type bool; expected one of f32, f16, bf16, i8, i32, i64",
        n->addActivation(n.in(integers({2}, {0, 1}, DataType::kBOOL)), ActivationType::kRELU))
REFUSES(PointwiseLayers, ActivationUnknown, "activation type 99 does not exist",
        n->addActivation(n.in(numbers({2})), static_cast<ActivationType>(99)))

TEST_F(PointwiseLayers, Unary) {
    struct {
        UnaryOperation op;
        double lo, hi;
        double (*f)(double);
    } kinds[] = {
        {UnaryOperation::kEXP, -4, 4, [](double x) { return std::exp(x); }},
        {UnaryOperation::kLOG, 0.0625, 9, [](double x) { return std::log(x); }},
        {UnaryOperation::kSQRT, 0, 9, [](double x) { return std::sqrt(x); }},
        {UnaryOperation::kRECIP, 0.0625, 3, [](double x) { return 1 / x; }},
        {UnaryOperation::kABS, -3, 3, [](double x) { return std::abs(x); }},
        {UnaryOperation::kNEG, -3, 3, [](double x) { return -x; }},
        {UnaryOperation::kSIN, -7, 7, [](double x) { return std::sin(x); }},
        {UnaryOperation::kCOS, -7, 7, [](double x) { return std::cos(x); }},
        {UnaryOperation::kTAN, -1.5, 1.5, [](double x) { return std::tan(x); }},
        {UnaryOperation::kSINH, -4, 4, [](double x) { return std::sinh(x); }},
        {UnaryOperation::kCOSH, -4, 4, [](double x) { return std::cosh(x); }},
        {UnaryOperation::kASIN, -1, 1, [](double x) { return std::asin(x); }},
        {UnaryOperation::kACOS, -1, 1, [](double x) { return std::acos(x); }},
        {UnaryOperation::kATAN, -5, 5, [](double x) { return std::atan(x); }},
        {UnaryOperation::kASINH, -5, 5, [](double x) { return std::asinh(x); }},
        {UnaryOperation::kACOSH, 1, 6, [](double x) { return std::acosh(x); }},
        {UnaryOperation::kATANH, -0.9375, 0.9375, [](double x) { return std::atanh(x); }},
        {UnaryOperation::kCEIL, -3, 3, [](double x) { return std::ceil(x); }},
        {UnaryOperation::kFLOOR, -3, 3, [](double x) { return std::floor(x); }},
        {UnaryOperation::kERF, -3, 3, [](double x) { return std::erf(x); }},
        {UnaryOperation::kSIGN, -3, 3, [](double x) { return static_cast<double>((x > 0) - (x < 0)); }},
        {UnaryOperation::kROUND, -3, 3, [](double x) { return std::nearbyint(x); }},
    };
    for (const auto& k : kinds) {
        SCOPED_TRACE(static_cast<int>(k.op));
        Value x = numbers({4, 17}, k.lo, k.hi);
        gives(
            [&](Net& n) {
                auto* l = n->addUnary(n.in(x), k.op);
                EXPECT_EQ(l->getOperation(), k.op);
                n.out(l);
            },
            {mapped(x, k.f)});
    }
    Value odd = integers({4}, {INFINITY, NAN, -INFINITY, 1}, DataType::kFLOAT);
    gives(
        [&](Net& n) {
            ITensor& x = n.in(odd);
            n.out(n->addUnary(x, UnaryOperation::kISINF));
            auto* l = n->addUnary(x, UnaryOperation::kISINF);
            l->setOperation(UnaryOperation::kISNAN);
            n.out(l);
        },
        {integers({4}, {1, 0, 1, 0}, DataType::kBOOL), integers({4}, {0, 1, 0, 0}, DataType::kBOOL)});
    Value bits = integers({3}, {1, 0, 1}, DataType::kBOOL);
    gives([&](Net& n) { n.out(n->addUnary(n.in(bits), UnaryOperation::kNOT)); },
          {integers({3}, {0, 1, 0}, DataType::kBOOL)});
    Value whole = integers({4}, {-7, 0, 3, 2147483647});
    gives([&](Net& n) { n.out(n->addUnary(n.in(whole), UnaryOperation::kNEG)); },
          {integers({4}, {7, 0, -3, -2147483647})});
}
REFUSES(PointwiseLayers, UnaryNotOfNumbers, "(unary): input 0 has type f32; expected one of bool",
        n->addUnary(n.in(numbers({2})), UnaryOperation::kNOT))
REFUSES(PointwiseLayers, UnarySineOfIntegers, "(unary): input 0 has type i32; expected one of f32, f16, bf16",
        n->addUnary(n.in(integers({2}, {1, 2})), UnaryOperation::kSIN))
REFUSES(PointwiseLayers, UnaryUnknown, "unary operation 77 does not exist",
        n->addUnary(n.in(numbers({2})), static_cast<UnaryOperation>(77)))

TEST_F(PointwiseLayers, ElementWise) {
    struct {
        ElementWiseOperation op;
        double (*f)(double, double);
    } kinds[] = {
        {ElementWiseOperation::kSUM, [](double a, double b) { return a + b; }},
        {ElementWiseOperation::kPROD, [](double a, double b) { return a * b; }},
        {ElementWiseOperation::kMAX, [](double a, double b) { return std::max(a, b); }},
        {ElementWiseOperation::kMIN, [](double a, double b) { return std::min(a, b); }},
        {ElementWiseOperation::kSUB, [](double a, double b) { return a - b; }},
        {ElementWiseOperation::kDIV, [](double a, double b) { return a / b; }},
        {ElementWiseOperation::kPOW, [](double a, double b) { return std::pow(a, b); }},
        {ElementWiseOperation::kFLOOR_DIV, [](double a, double b) { return std::floor(a / b); }},
    };
    Value a = numbers({3, 4, 5}, 0.5, 4, 1), row = numbers({1, 4, 1}, 0.5, 4, 2), same = numbers({3, 4, 5}, 0.5, 4, 3);
    for (const auto& k : kinds) {
        SCOPED_TRACE(static_cast<int>(k.op));
        gives(
            [&](Net& n) {
                ITensor& x = n.in(a);
                auto* l = n->addElementWise(x, n.in(row, {}), k.op);
                EXPECT_EQ(l->getOperation(), k.op);
                n.out(l);
                n.out(n->addElementWise(x, n.in(same), k.op));
                n.out(n->addElementWise(n.constant(row), x, k.op));
            },
            {zipped(a, row, k.f), zipped(a, same, k.f), zipped(row, a, k.f)});
    }
    struct {
        ElementWiseOperation op;
        std::vector<double> expected;
    } logical[] = {{ElementWiseOperation::kAND, {0, 0, 0, 1}},
                   {ElementWiseOperation::kOR, {0, 1, 1, 1}},
                   {ElementWiseOperation::kXOR, {0, 1, 1, 0}}};
    for (const auto& k : logical)
        gives(
            [&](Net& n) {
                ITensor& x = n.in(integers({4}, {0, 0, 1, 1}, DataType::kBOOL));
                n.out(n->addElementWise(x, n.in(integers({4}, {0, 1, 0, 1}, DataType::kBOOL)), k.op));
            },
            {integers({4}, k.expected, DataType::kBOOL)});
    Value i = integers({6}, {-7, -6, 5, 7, 2, 0}), j = integers({6}, {2, 2, 5, -2, 3, 4});
    auto compare = [&](ElementWiseOperation op, std::vector<double> expected) {
        gives(
            [&](Net& n) {
                ITensor& x = n.in(i);
                auto* l = n->addElementWise(x, n.in(j), ElementWiseOperation::kSUM);
                l->setOperation(op);
                n.out(l);
            },
            {integers({6}, std::move(expected), DataType::kBOOL)});
    };
    compare(ElementWiseOperation::kEQUAL, {0, 0, 1, 0, 0, 0});
    compare(ElementWiseOperation::kGREATER, {0, 0, 0, 1, 0, 0});
    compare(ElementWiseOperation::kLESS, {1, 1, 0, 0, 1, 1});
    gives(
        [&](Net& n) {
            ITensor &x = n.in(i), &y = n.in(j);
            n.out(n->addElementWise(x, y, ElementWiseOperation::kDIV));
            n.out(n->addElementWise(x, y, ElementWiseOperation::kFLOOR_DIV));
        },
        {integers({6}, {-3, -3, 1, -3, 0, 0}), integers({6}, {-4, -3, 1, -4, 0, 0})});
}
REFUSES(PointwiseLayers, ElementWiseShapes, "shapes [2, 3] and [2, 4] cannot be broadcast: axis 1 is 3 and 4",
        n->addElementWise(n.in(numbers({2, 3})), n.in(numbers({2, 4})), ElementWiseOperation::kSUM))
REFUSES(PointwiseLayers, ElementWiseTypes, "inputs 0 and 1 have the types f32 and i32, which must be equal",
        n->addElementWise(n.in(numbers({2})), n.in(integers({2}, {1, 2})), ElementWiseOperation::kSUM))
REFUSES(PointwiseLayers, ElementWiseAndOfNumbers, "(binary): input 0 has type f32; expected one of bool",
        n->addElementWise(n.in(numbers({2})), n.in(numbers({2})), ElementWiseOperation::kAND))
REFUSES(PointwiseLayers, ElementWiseUnknown, "elementwise operation -1 does not exist",
        n->addElementWise(n.in(numbers({2})), n.in(numbers({2})), static_cast<ElementWiseOperation>(-1)))

TEST_F(PointwiseLayers, CastAndIdentity) {
    Value x = integers({2, 3}, {-2.75, -0.5, 0, 0.5, 1, 3.25}, DataType::kFLOAT);
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            auto* l = n->addCast(t, DataType::kINT32);
            EXPECT_EQ(l->getToType(), DataType::kINT32);
            n.out(l);
            auto* half = n->addCast(t, DataType::kINT32);
            half->setToType(DataType::kHALF);
            n.out(half);
            n.out(n->addCast(t, DataType::kBOOL));
            n.out(n->addCast(t, DataType::kINT64));
            n.out(n->addCast(*half->getOutput(0), DataType::kFLOAT));
            n.out(n->addIdentity(t));
        },
        {integers({2, 3}, {-2, 0, 0, 0, 1, 3}), x.as(DataType::kHALF),
         integers({2, 3}, {1, 1, 0, 1, 1, 1}, DataType::kBOOL), integers({2, 3}, {-2, 0, 0, 0, 1, 3}, DataType::kINT64),
         x, x});
    // The legacy conversion by an identity's output type.
    gives(
        [&](Net& n) {
            auto* l = n->addIdentity(n.in(x));
            l->setOutputType(0, DataType::kHALF);
            EXPECT_TRUE(l->outputTypeIsSet(0));
            n.out(l);
        },
        {x.as(DataType::kHALF)});
}
REFUSES(PointwiseLayers, CastToNothing, "type 55 does not exist",
        n->addCast(n.in(numbers({2})), static_cast<DataType>(55)))
REFUSES(PointwiseLayers, IdentityOfAnotherNetwork, "input tensor 0 ('x') belongs to another network",
        std::unique_ptr<INetworkDefinition> other(n->getBuilder().createNetworkV2(0));
        Dims d{}; d.nbDims = 1; d.d[0] = 2; n->addIdentity(*other->addInput("x", DataType::kFLOAT, d)))

TEST_F(PointwiseLayers, Select) {
    Value c = integers({2, 3}, {1, 0, 1, 0, 0, 1}, DataType::kBOOL), a = numbers({2, 3}), b = numbers({1, 3}, -2, 2, 5);
    Value expected = filled({2, 3}, [&](const Index& at) { return c(at) != 0 ? a(at) : b({0, at[1]}); });
    gives(
        [&](Net& n) {
            ITensor &condition = n.in(c), &x = n.in(a);
            n.out(n->addSelect(condition, x, n.in(b, {})));
        },
        {expected});
}
REFUSES(PointwiseLayers, SelectByNumbers, "(select): input 0 has type f32; expected one of bool",
        n->addSelect(n.in(numbers({2})), n.in(numbers({2})), n.in(numbers({2}))))
REFUSES(PointwiseLayers, SelectOfTypes, "inputs 1 and 2 have the types f32 and i32, which must be equal",
        n->addSelect(n.in(integers({2}, {0, 1}, DataType::kBOOL)), n.in(numbers({2})), n.in(integers({2}, {1, 2}))))
REFUSES(PointwiseLayers, SelectOfShapes, "(select): shapes [3] and [2] cannot be broadcast: axis 0 is 3 and 2",
        n->addSelect(n.in(integers({2}, {0, 1}, DataType::kBOOL)), n.in(numbers({3})), n.in(numbers({2}))))

TEST_F(PointwiseLayers, ParametricReLU) {
    Value x = numbers({2, 3, 4}), slope = numbers({1, 3, 1}, -1, 1, 9);
    auto f = [](double a, double s) { return a < 0 ? a * s : a; };
    gives([&](Net& n) { n.out(n->addParametricReLU(n.in(x), n.constant(slope))); }, {zipped(x, slope, f)});
    gives(
        [&](Net& n) {
            ITensor& t = n.in(x);
            n.out(n->addParametricReLU(t, n.in(slope, {})));
        },
        {zipped(x, slope, f)});
}
REFUSES(PointwiseLayers, ParametricReLUSlopeTooLarge, "shapes [2, 3] and [2, 4] cannot be broadcast: axis 1 is 3 and 4",
        n->addParametricReLU(n.in(numbers({2, 3})), n.constant(numbers({2, 4}))))
TEST_F(PointwiseLayers, Scale) {
    Value x = numbers({2, 3, 2, 2}, 0.25, 2), shift = numbers({3}, -1, 1, 2), scale = numbers({3}, 0.5, 2, 3),
          power = numbers({3}, 1, 3, 4);
    // (x * scale + shift) ^ power
    auto of = [&](const Value& sc, const Value& sh, const Value& po, int axis) {
        return filled(x.shape, [&](const Index& at) {
            auto k = static_cast<size_t>(axis < 0 ? 0 : at[static_cast<size_t>(axis)]);
            return std::pow(x(at) * (sc.v.empty() ? 1 : sc.v[k]) + (sh.v.empty() ? 0 : sh.v[k]),
                            po.v.empty() ? 1 : po.v[k]);
        });
    };
    Value nothing{{0}, {}};
    Value one = numbers({1}, 0.5, 2, 6), two = integers({1}, {2}, DataType::kFLOAT);
    gives(
        [&](Net& n) { n.out(n->addScale(n.in(x), ScaleMode::kUNIFORM, Net::none(), n.weights(one), n.weights(two))); },
        {of(one, nothing, two, -1)});
    gives(
        [&](Net& n) {
            auto* l = n->addScale(n.in(x), ScaleMode::kCHANNEL, n.weights(shift), n.weights(scale), Net::none());
            EXPECT_EQ(l->getMode(), ScaleMode::kCHANNEL);
            EXPECT_EQ(l->getShift().count, 3);
            EXPECT_EQ(l->getScale().count, 3);
            EXPECT_EQ(l->getPower().count, 0);
            EXPECT_EQ(l->getChannelAxis(), 1);
            n.out(l);
        },
        {of(scale, shift, nothing, 1)});
    Value positive = mapped(shift, [](double e) { return std::abs(e); });
    gives(
        [&](Net& n) {
            auto* l = n->addScale(n.in(x), ScaleMode::kUNIFORM, Net::none(), Net::none(), Net::none());
            l->setMode(ScaleMode::kCHANNEL);
            l->setShift(n.weights(positive));
            l->setScale(n.weights(scale));
            l->setPower(n.weights(power));
            n.out(l);
        },
        {of(scale, positive, power, 1)}, 1e-5);
    Value last = numbers({2}, 0.5, 2, 8);
    gives(
        [&](Net& n) {
            auto* l = n->addScaleNd(n.in(x), ScaleMode::kCHANNEL, Net::none(), n.weights(last), Net::none(), 1);
            l->setChannelAxis(3);
            EXPECT_EQ(l->getChannelAxis(), 3);
            n.out(l);
        },
        {of(last, nothing, nothing, 3)});
    Value each = numbers({3, 2, 2}, -1, 1, 10);
    gives(
        [&](Net& n) {
            n.out(n->addScaleNd(n.in(x), ScaleMode::kELEMENTWISE, n.weights(each), Net::none(), Net::none(), 1));
        },
        {filled(x.shape, [&](const Index& at) {
            return x(at) + each({at[1], at[2], at[3]});
        })});
}
REFUSES(PointwiseLayers, ScaleCount, "0) [Scale] SHIFT' hold 2 values where the shape [3, 1, 1] needs 3",
        n->addScale(n.in(numbers({1, 3, 2, 2})), ScaleMode::kCHANNEL, n.weights(numbers({2})), Net::none(),
                    Net::none()))
REFUSES(PointwiseLayers, ScaleNdAxis, "channel axis 4 of [1, 3, 2, 2]",
        n->addScaleNd(n.in(numbers({1, 3, 2, 2})), ScaleMode::kCHANNEL, n.weights(numbers({3})), Net::none(),
                      Net::none(), 4))
REFUSES(PointwiseLayers, ScaleMode, "scale mode 9 does not exist",
        n->addScale(n.in(numbers({1, 3, 2, 2})), static_cast<ScaleMode>(9), n.weights(numbers({3})), Net::none(),
                    Net::none()))
REFUSES(PointwiseLayers, ScaleNullValues, "weights '(Unnamed Layer* 0) [Scale] SHIFT' have a null pointer",
        n->addScale(n.in(numbers({1, 3, 2, 2})), ScaleMode::kCHANNEL, Weights{DataType::kFLOAT, nullptr, 3},
                    Net::none(), Net::none()))

}  // namespace
}  // namespace lathe_test
