// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

using Op = nvinfer1::UnaryOperation;

// What versions before 6 allowed an implementation to do in place; it says nothing about the result.
template <Op operation>
Status importUnary(NodeImport& c) {
    c.ignoreAttr("consumed_inputs");
    return c.done(TRY(c.layer(c.network().addUnary(*TRY(c.input(0)), operation), "unary")));
}

Status importBitwiseNot(NodeImport& c) { return c.done(TRY(c.unary("bit_not", TRY(c.input(0))))); }

Status importIsInf(NodeImport& c) {
    const bool negative = TRY(c.boolAttr("detect_negative", true));
    const bool positive = TRY(c.boolAttr("detect_positive", true));
    ITensor* x = TRY(c.input(0));
    if (negative && positive) return c.done(TRY(c.layer(c.network().addUnary(*x, Op::kISINF), "unary")));
    return c.done(TRY(c.unary("is_inf", x, positive, negative)));
}

}  // namespace

LATHE_ONNX_OPS(unary,                                        //
               {"", "Exp", importUnary<Op::kEXP>},           //
               {"", "Log", importUnary<Op::kLOG>},           //
               {"", "Sqrt", importUnary<Op::kSQRT>},         //
               {"", "Reciprocal", importUnary<Op::kRECIP>},  //
               {"", "Abs", importUnary<Op::kABS>},           //
               {"", "Neg", importUnary<Op::kNEG>},           //
               {"", "Sin", importUnary<Op::kSIN>},           //
               {"", "Cos", importUnary<Op::kCOS>},           //
               {"", "Tan", importUnary<Op::kTAN>},           //
               {"", "Sinh", importUnary<Op::kSINH>},         //
               {"", "Cosh", importUnary<Op::kCOSH>},         //
               {"", "Asin", importUnary<Op::kASIN>},         //
               {"", "Acos", importUnary<Op::kACOS>},         //
               {"", "Atan", importUnary<Op::kATAN>},         //
               {"", "Asinh", importUnary<Op::kASINH>},       //
               {"", "Acosh", importUnary<Op::kACOSH>},       //
               {"", "Atanh", importUnary<Op::kATANH>},       //
               {"", "Ceil", importUnary<Op::kCEIL>},         //
               {"", "Floor", importUnary<Op::kFLOOR>},       //
               {"", "Erf", importUnary<Op::kERF>},           //
               {"", "Not", importUnary<Op::kNOT>},           //
               {"", "Sign", importUnary<Op::kSIGN>},         //
               {"", "Round", importUnary<Op::kROUND>},       //
               {"", "IsNaN", importUnary<Op::kISNAN>},       //
               {"", "IsInf", importIsInf},                   //
               {"", "BitwiseNot", importBitwiseNot})

}  // namespace lathe::onnx
