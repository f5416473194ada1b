// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

using UnaryOp = nvinfer1::UnaryOperation;

// What versions before 6 allowed an implementation to do in place; it says nothing about the result.
template <UnaryOp operation>
Status importUnary(NodeImport& c) {
    c.ignoreAttr("consumed_inputs");
    return c.done(TRY(c.layer(c.network().addUnary(*TRY(c.input(0)), operation), "unary")));
}

Status importBitwiseNot(NodeImport& c) { return c.done(TRY(c.unary("bit_not", TRY(c.input(0))))); }

Status importIsInf(NodeImport& c) {
    const bool negative = TRY(c.boolAttr("detect_negative", true));
    const bool positive = TRY(c.boolAttr("detect_positive", true));
    ITensor* x = TRY(c.input(0));
    if (negative && positive) return c.done(TRY(c.layer(c.network().addUnary(*x, UnaryOp::kISINF), "unary")));
    return c.done(TRY(c.unary("is_inf", x, positive, negative)));
}

}  // namespace

LATHE_ONNX_OPS(unary,                                             //
               {"", "Exp", importUnary<UnaryOp::kEXP>},           //
               {"", "Log", importUnary<UnaryOp::kLOG>},           //
               {"", "Sqrt", importUnary<UnaryOp::kSQRT>},         //
               {"", "Reciprocal", importUnary<UnaryOp::kRECIP>},  //
               {"", "Abs", importUnary<UnaryOp::kABS>},           //
               {"", "Neg", importUnary<UnaryOp::kNEG>},           //
               {"", "Sin", importUnary<UnaryOp::kSIN>},           //
               {"", "Cos", importUnary<UnaryOp::kCOS>},           //
               {"", "Tan", importUnary<UnaryOp::kTAN>},           //
               {"", "Sinh", importUnary<UnaryOp::kSINH>},         //
               {"", "Cosh", importUnary<UnaryOp::kCOSH>},         //
               {"", "Asin", importUnary<UnaryOp::kASIN>},         //
               {"", "Acos", importUnary<UnaryOp::kACOS>},         //
               {"", "Atan", importUnary<UnaryOp::kATAN>},         //
               {"", "Asinh", importUnary<UnaryOp::kASINH>},       //
               {"", "Acosh", importUnary<UnaryOp::kACOSH>},       //
               {"", "Atanh", importUnary<UnaryOp::kATANH>},       //
               {"", "Ceil", importUnary<UnaryOp::kCEIL>},         //
               {"", "Floor", importUnary<UnaryOp::kFLOOR>},       //
               {"", "Erf", importUnary<UnaryOp::kERF>},           //
               {"", "Not", importUnary<UnaryOp::kNOT>},           //
               {"", "Sign", importUnary<UnaryOp::kSIGN>},         //
               {"", "Round", importUnary<UnaryOp::kROUND>},       //
               {"", "IsNaN", importUnary<UnaryOp::kISNAN>},       //
               {"", "IsInf", importIsInf},                        //
               {"", "BitwiseNot", importBitwiseNot})

}  // namespace lathe::onnx
