// SPDX-License-Identifier: Apache-2.0
// Functions of single elements.
#include <cmath>

#include "frontends/caffe/layers/common.h"

namespace lathe::caffe {
namespace {

using nvinfer1::ActivationType;

Status activate(LayerImport& c, ActivationType type, double alpha = 0, double beta = 0) {
    const Value x = TRY(c.bottom(0));
    auto* layer = TRY(c.made(c.network().addActivation(*x.tensor, type), "activation", true));
    layer->setAlpha(static_cast<float>(alpha));
    layer->setBeta(static_cast<float>(beta));
    return c.done(TRY(c.set(layer)), x.rank);
}

Status importRelu(LayerImport& c) {
    TRY(c.expectOneToOne());
    const double slope = TRY(c.params("relu_param").real("negative_slope", 0));
    return slope == 0 ? activate(c, ActivationType::kRELU) : activate(c, ActivationType::kLEAKY_RELU, slope);
}

Status importSigmoid(LayerImport& c) {
    TRY(c.expectOneToOne());
    c.params("sigmoid_param");
    return activate(c, ActivationType::kSIGMOID);
}

Status importTanh(LayerImport& c) {
    TRY(c.expectOneToOne());
    c.params("tanh_param");
    return activate(c, ActivationType::kTANH);
}

Status importElu(LayerImport& c) {
    TRY(c.expectOneToOne());
    return activate(c, ActivationType::kELU, TRY(c.params("elu_param").real("alpha", 1)));
}

// log(1 + e^x)
Status importBnll(LayerImport& c) {
    TRY(c.expectOneToOne());
    return activate(c, ActivationType::kSOFTPLUS, 1, 1);
}

Status importClip(LayerImport& c) {
    TRY(c.expectOneToOne());
    Params& p = c.params("clip_param");
    if (!p.has("min") || !p.has("max")) return invalidArgument("clip_param needs both min and max");
    const double least = TRY(p.real("min", 0)), most = TRY(p.real("max", 0));
    return activate(c, ActivationType::kCLIP, least, most);
}

Status importAbsVal(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    return c.done(TRY(c.layer(c.network().addUnary(*x.tensor, nvinfer1::UnaryOperation::kABS), "abs", true)), x.rank);
}

// Slopes by channel, or one for all.
Status importPrelu(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    const bool shared = TRY(c.params("prelu_param").boolean("channel_shared", false));
    if (x.rank < 2) return invalidArgument("data {} has no channels", toString(c.dims(x.tensor)));
    const int64_t channels = shared ? 1 : c.shape(x)[1];
    const Weights slopes = TRY(c.weights(0, {channels}, "slopes", LayerImport::Fill::kSmall));
    ITensor* constant = TRY(c.constantOf(slopes, alignedExtents({channels}, 1, c.rank(x.tensor))));
    return c.done(TRY(c.layer(c.network().addParametricReLU(*x.tensor, *constant), "prelu", true)), x.rank);
}

// (shift + scale * x)^power
Status importPower(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    Params& p = c.params("power_param");
    const double power = TRY(p.real("power", 1)), scale = TRY(p.real("scale", 1)), shift = TRY(p.real("shift", 0));
    return c.done(TRY(c.layer(c.network().addScaleNd(*x.tensor, nvinfer1::ScaleMode::kUNIFORM, number(c, shift, 0),
                                                     number(c, scale, 1), number(c, power, 1), 0),
                              "power", true)),
                  x.rank);
}

// What Exp and Log have in common; a base of -1 stands for e.
struct Exponential {
    double logOfBase, scale, shift;
};
Result<Exponential> readExponential(Params& p) {
    Exponential out{1, TRY(p.real("scale", 1)), TRY(p.real("shift", 0))};
    const double base = TRY(p.real("base", -1));
    if (base != -1) {
        if (!(base > 0)) return invalidArgument("{} is {}; it must be positive, or -1 for e", p.place("base"), base);
        out.logOfBase = std::log(base);
    }
    return out;
}

Result<ITensor*> affine(LayerImport& c, ITensor* x, double scale, double shift) {
    if (scale == 1 && shift == 0) return x;
    return c.layer(c.network().addScaleNd(*x, nvinfer1::ScaleMode::kUNIFORM, number(c, shift, 0), number(c, scale, 1),
                                          number(c, 1, 1), 0),
                   "affine");
}

// base^(shift + scale * x)
Status importExp(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    const Exponential e = TRY(readExponential(c.params("exp_param")));
    ITensor* exponent = TRY(affine(c, x.tensor, e.logOfBase * e.scale, e.logOfBase * e.shift));
    return c.done(TRY(c.layer(c.network().addUnary(*exponent, nvinfer1::UnaryOperation::kEXP), "exp", true)), x.rank);
}

// The logarithm of shift + scale * x
Status importLog(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    const Exponential e = TRY(readExponential(c.params("log_param")));
    if (e.logOfBase == 0) return invalidArgument("log_param has the base 1, which no logarithm has");
    ITensor* y = TRY(affine(c, x.tensor, e.scale, e.shift));
    y = TRY(c.layer(c.network().addUnary(*y, nvinfer1::UnaryOperation::kLOG), "log", true));
    return c.done(TRY(affine(c, y, 1 / e.logOfBase, 0)), x.rank);
}

// 1 above the threshold, else 0.
Status importThreshold(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    const double threshold = TRY(c.params("threshold_param").real("threshold", 0));
    ITensor* above = TRY(c.binary("greater", x.tensor, TRY(c.scalarLike(threshold, x.tensor))));
    return c.done(TRY(c.cast(above, ApiType::kFLOAT)), x.rank);
}

// x * sigmoid(beta * x)
Status importSwish(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    const double beta = TRY(c.params("swish_param").real("beta", 1));
    ITensor* gate = TRY(affine(c, x.tensor, beta, 0));
    gate = TRY(c.layer(c.network().addActivation(*gate, ActivationType::kSIGMOID), "sigmoid"));
    return c.done(TRY(c.mul(x.tensor, gate)), x.rank);
}

}  // namespace

LATHE_CAFFE_LAYERS(activation,                                   //
                   {"ReLU", "RELU", importRelu},                 //
                   {"Sigmoid", "SIGMOID", importSigmoid},        //
                   {"TanH", "TANH", importTanh},                 //
                   {"ELU", nullptr, importElu},                  //
                   {"BNLL", "BNLL", importBnll},                 //
                   {"Clip", nullptr, importClip},                //
                   {"AbsVal", "ABSVAL", importAbsVal},           //
                   {"PReLU", nullptr, importPrelu},              //
                   {"Power", "POWER", importPower},              //
                   {"Exp", "EXP", importExp},                    //
                   {"Log", nullptr, importLog},                  //
                   {"Threshold", "THRESHOLD", importThreshold},  //
                   {"Swish", nullptr, importSwish})

}  // namespace lathe::caffe
