// SPDX-License-Identifier: Apache-2.0
// Operators on values that a network has no type for. They are refused by name.
#include "frontends/onnx/importer/registry.h"

namespace lathe::onnx {
namespace {

constexpr const char* kSequences = "it works on sequences, and a network has tensors only";
constexpr const char* kOptionals = "it makes an optional value, and a network has tensors only";
constexpr const char* kStrings = "it works on strings, which a network has no element type for";
constexpr const char* kImages = "it decodes image files";

}  // namespace

LATHE_ONNX_OPS(refused,                                          //
               {"", "ConcatFromSequence", nullptr, kSequences},  //
               {"", "SequenceAt", nullptr, kSequences},          //
               {"", "SequenceConstruct", nullptr, kSequences},   //
               {"", "SequenceEmpty", nullptr, kSequences},       //
               {"", "SequenceErase", nullptr, kSequences},       //
               {"", "SequenceInsert", nullptr, kSequences},      //
               {"", "SequenceLength", nullptr, kSequences},      //
               {"", "SequenceMap", nullptr, kSequences},         //
               {"", "SplitToSequence", nullptr, kSequences},     //
               {"", "Optional", nullptr, kOptionals},            //
               {"", "RegexFullMatch", nullptr, kStrings},        //
               {"", "StringConcat", nullptr, kStrings},          //
               {"", "StringNormalizer", nullptr, kStrings},      //
               {"", "StringSplit", nullptr, kStrings},           //
               {"", "ImageDecoder", nullptr, kImages})

}  // namespace lathe::onnx
