// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

using Type = nvinfer1::ActivationType;

Status activate(NodeImport& c, Type type, double alpha = 0, double beta = 0) {
    c.ignoreAttr("consumed_inputs");  // of versions before 6
    auto* layer = TRY(c.made(c.network().addActivation(*TRY(c.input(0)), type), "activation"));
    layer->setAlpha(static_cast<float>(alpha));
    layer->setBeta(static_cast<float>(beta));
    return c.done(TRY(c.set(layer)));
}

Status importRelu(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    if (isFloat(c.type(x))) return activate(c, Type::kRELU);
    // Version 14 takes integers too.
    return c.done(TRY(c.binary("max", x, TRY(c.scalarLike(0, x)))));
}

Status importSigmoid(NodeImport& c) { return activate(c, Type::kSIGMOID); }
Status importTanh(NodeImport& c) { return activate(c, Type::kTANH); }
Status importSoftsign(NodeImport& c) { return activate(c, Type::kSOFTSIGN); }
Status importSoftplus(NodeImport& c) { return activate(c, Type::kSOFTPLUS, 1, 1); }
Status importLeakyRelu(NodeImport& c) { return activate(c, Type::kLEAKY_RELU, TRY(c.floatAttr("alpha", 0.01f))); }
Status importElu(NodeImport& c) { return activate(c, Type::kELU, TRY(c.floatAttr("alpha", 1))); }
Status importThresholdedRelu(NodeImport& c) {
    return activate(c, Type::kTHRESHOLDED_RELU, TRY(c.floatAttr("alpha", 1)));
}

Status importSelu(NodeImport& c) {
    const bool old = c.opset() < 6;
    const double alpha = TRY(c.floatAttr("alpha", old ? 1.6732f : 1.67326319217681884765625));
    const double gamma = TRY(c.floatAttr("gamma", old ? 1.0507f : 1.05070102214813232421875));
    return activate(c, Type::kSELU, alpha, gamma);
}

Status importHardSigmoid(NodeImport& c) {
    const double alpha = TRY(c.floatAttr("alpha", 0.2f));
    const double beta = TRY(c.floatAttr("beta", 0.5f));
    return activate(c, Type::kHARD_SIGMOID, alpha, beta);
}

Status importGelu(NodeImport& c) {
    const int tanh = TRY(c.choiceAttr("approximate", "none", {"none", "tanh"}));
    return activate(c, tanh ? Type::kGELU_TANH : Type::kGELU_ERF);
}

Status importHardSwish(NodeImport& c) { return c.done(TRY(c.unary("hard_swish", TRY(c.input(0))))); }
Status importMish(NodeImport& c) { return c.done(TRY(c.unary("mish", TRY(c.input(0))))); }
Status importSwish(NodeImport& c) {
    const double alpha = TRY(c.floatAttr("alpha", 1));
    ITensor* x = TRY(c.input(0));
    return c.done(TRY(alpha == 0 ? c.scale(x, 0.5) : c.unary("silu", x, alpha)));
}
Status importCelu(NodeImport& c) {
    const double alpha = TRY(c.floatAttr("alpha", 1));
    if (alpha == 0) return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'alpha' is 0, which divides by zero");
    return c.done(TRY(c.unary("celu", TRY(c.input(0)), alpha)));
}

Status importShrink(NodeImport& c) {
    const double bias = TRY(c.floatAttr("bias", 0));
    const double lambda = TRY(c.floatAttr("lambd", 0.5));
    ITensor* x = TRY(c.input(0));
    if (isFloat(c.type(x))) return c.done(TRY(c.unary("shrink", x, lambda, bias)));
    // Integers are compared and moved as real numbers.
    ITensor* y = TRY(c.unary("shrink", TRY(c.cast(x, ApiType::kFLOAT)), lambda, bias));
    return c.done(TRY(c.cast(y, c.type(x))));
}

}  // namespace

LATHE_ONNX_OPS(activation,                                      //
               {"", "Relu", importRelu},                        //
               {"", "Sigmoid", importSigmoid},                  //
               {"", "Tanh", importTanh},                        //
               {"", "Softsign", importSoftsign},                //
               {"", "Softplus", importSoftplus},                //
               {"", "LeakyRelu", importLeakyRelu},              //
               {"", "Elu", importElu},                          //
               {"", "Selu", importSelu},                        //
               {"", "Celu", importCelu},                        //
               {"", "ThresholdedRelu", importThresholdedRelu},  //
               {"", "HardSigmoid", importHardSigmoid},          //
               {"", "HardSwish", importHardSwish},              //
               {"", "Gelu", importGelu},                        //
               {"", "Mish", importMish},                        //
               {"", "Swish", importSwish},                      //
               {"", "Shrink", importShrink},                    //
               {"com.microsoft", "Gelu", importGelu})

}  // namespace lathe::onnx
