// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// Without a seed, numbers differ from run to run; with one they are the same each time, but not those of another
// implementation.
Result<Fields> distribution(NodeImport& c, bool normal, ApiType type) {
    Fields fields;
    fields("dtype", type);
    if (normal) {
        fields("mean", TRY(c.floatAttr("mean", 0)))("scale", TRY(c.floatAttr("scale", 1)));
    } else {
        fields("low", TRY(c.floatAttr("low", 0)))("high", TRY(c.floatAttr("high", 1)));
    }
    return fields;
}

Status addSeed(NodeImport& c, Fields& fields) {
    // The seed is any real number; its bits make the integer that the generator takes. 0 would mean no seed.
    if (!c.hasAttr("seed")) return {};
    const auto seed = static_cast<float>(TRY(c.floatAttr("seed")));
    uint32_t bits = 0;
    std::memcpy(&bits, &seed, sizeof bits);
    fields("seed", static_cast<int64_t>(bits) + 1);
    return {};
}

template <bool normal>
Status importRandom(NodeImport& c) {
    Fields fields = TRY(distribution(c, normal, TRY(c.typeAttr("dtype", ApiType::kFLOAT))));
    TRY(addSeed(c, fields));
    if (!c.hasAttr("shape")) return c.invalid("attribute 'shape' is required, but missing");
    ITensor* shape = TRY(c.ints(TRY(c.intsAttr("shape"))));
    return c.done(TRY(c.op(normal ? "random_normal" : "random_uniform", {shape}, fields)));
}

template <bool normal>
Status importRandomLike(NodeImport& c) {
    ITensor* like = TRY(c.input(0));
    Fields fields = TRY(distribution(c, normal, TRY(c.typeAttr("dtype", c.type(like)))));
    TRY(addSeed(c, fields));
    return c.done(TRY(c.op(normal ? "random_normal" : "random_uniform", {TRY(c.shapeOf(like))}, fields)));
}

Status importBernoulli(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    Fields fields;
    fields("dtype", TRY(c.typeAttr("dtype", c.type(x))));
    TRY(addSeed(c, fields));
    return c.done(TRY(c.op("bernoulli", {x}, fields)));
}

Status importMultinomial(NodeImport& c) {
    Fields fields;
    fields("sample_size", TRY(c.intAttr("sample_size", 1)))("dtype", TRY(c.typeAttr("dtype", ApiType::kINT32)));
    TRY(addSeed(c, fields));
    return c.done(TRY(c.op("multinomial", {TRY(c.input(0))}, fields)));
}

}  // namespace

LATHE_ONNX_OPS(random,                                              //
               {"", "RandomUniform", importRandom<false>},          //
               {"", "RandomNormal", importRandom<true>},            //
               {"", "RandomUniformLike", importRandomLike<false>},  //
               {"", "RandomNormalLike", importRandomLike<true>},    //
               {"", "Bernoulli", importBernoulli},                  //
               {"", "Multinomial", importMultinomial})

}  // namespace lathe::onnx
