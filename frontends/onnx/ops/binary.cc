// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

using Op = nvinfer1::ElementWiseOperation;

// Before version 7, operand 1 was repeated only on demand, and from an axis of operand 0 on.
Result<ITensor*> secondOperand(NodeImport& c, ITensor* a) {
    ITensor* b = TRY(c.input(1));
    c.ignoreAttr("consumed_inputs");
    if (c.opset() >= 7) return b;
    const bool broadcast = TRY(c.boolAttr("broadcast", false));
    if (!c.hasAttr("axis")) return b;
    const int from = TRY(c.axis(TRY(c.intAttr("axis")), c.rank(a)));
    if (!broadcast) return b;
    Ints behind;
    for (int axis = c.rank(b); axis < c.rank(a) - from; ++axis) behind.push_back(axis);
    return c.unsqueeze(b, behind);
}

template <Op operation>
Status importBinary(NodeImport& c) {
    ITensor* a = TRY(c.input(0));
    ITensor* b = TRY(secondOperand(c, a));
    return c.done(TRY(c.layer(c.network().addElementWise(*a, *b, operation), "elementwise")));
}

Status importPow(NodeImport& c) {
    ITensor* a = TRY(c.input(0));
    ITensor* b = TRY(secondOperand(c, a));
    if (c.type(a) != c.type(b)) return c.done(TRY(c.binary("pow", a, b)));
    return c.done(TRY(c.layer(c.network().addElementWise(*a, *b, Op::kPOW), "elementwise")));
}

template <char const* kind>
Status importOther(NodeImport& c) {
    ITensor* a = TRY(c.input(0));
    return c.done(TRY(c.binary(kind, a, TRY(c.input(1)))));
}

Status importMod(NodeImport& c) {
    ITensor *a = TRY(c.input(0)), *b = TRY(c.input(1));
    const bool cSign = TRY(c.boolAttr("fmod", false));
    // Before version 28, real numbers needed fmod.
    if (!cSign && isFloat(c.type(a)) && c.opset() < 28) {
        return c.invalid("attribute 'fmod' must be 1 for element type {}", typeName(c.type(a)));
    }
    if (!cSign && isFloat(c.type(a))) {
        // The rest of the division towards zero, moved to the divisor's sign. (a - floor(a / b) * b would lose digits,
        // and is no number for an infinite b.)
        ITensor *rest = TRY(c.binary("fmod", a, b)), *zero = TRY(c.scalarLike(0, a));
        ITensor* other = TRY(c.binary("xor", TRY(c.binary("less", rest, zero)), TRY(c.binary("less", b, zero))));
        ITensor* moved = TRY(c.binary("and", other, TRY(c.unary("not", TRY(c.binary("equal", rest, zero))))));
        return c.done(TRY(c.select(moved, TRY(c.add(rest, b)), rest)));
    }
    return c.done(TRY(c.binary(cSign ? "fmod" : "mod", a, b)));
}

Status importBitShift(NodeImport& c) {
    const int right = TRY(c.choiceAttr("direction", "", {"LEFT", "RIGHT"}));
    ITensor *a = TRY(c.input(0)), *b = TRY(c.input(1));
    return c.done(TRY(c.binary(right ? "shift_right" : "shift_left", a, b)));
}

constexpr char kGreaterOrEqual[] = "greater_equal", kLessOrEqual[] = "less_equal", kBitAnd[] = "bit_and",
               kBitOr[] = "bit_or", kBitXor[] = "bit_xor";

}  // namespace

LATHE_ONNX_OPS(binary,                                                //
               {"", "Add", importBinary<Op::kSUM>},                   //
               {"", "Sub", importBinary<Op::kSUB>},                   //
               {"", "Mul", importBinary<Op::kPROD>},                  //
               {"", "Div", importBinary<Op::kDIV>},                   //
               {"", "And", importBinary<Op::kAND>},                   //
               {"", "Or", importBinary<Op::kOR>},                     //
               {"", "Xor", importBinary<Op::kXOR>},                   //
               {"", "Equal", importBinary<Op::kEQUAL>},               //
               {"", "Greater", importBinary<Op::kGREATER>},           //
               {"", "Less", importBinary<Op::kLESS>},                 //
               {"", "GreaterOrEqual", importOther<kGreaterOrEqual>},  //
               {"", "LessOrEqual", importOther<kLessOrEqual>},        //
               {"", "BitwiseAnd", importOther<kBitAnd>},              //
               {"", "BitwiseOr", importOther<kBitOr>},                //
               {"", "BitwiseXor", importOther<kBitXor>},              //
               {"", "Pow", importPow},                                //
               {"", "Mod", importMod},                                //
               {"", "BitShift", importBitShift})

}  // namespace lathe::onnx
