// SPDX-License-Identifier: Apache-2.0
// Bias, Scale and BatchNorm: factors and summands along some axes.
#include <cmath>

#include "frontends/caffe/layers/common.h"

namespace lathe::caffe {
namespace {

using nvinfer1::ElementWiseOperation;

// Along which axes of the data the operand lies.
struct Span {
    int axis = 0;
    Ints extents;
};

// Of weights: `num_axes` axes from `axis` on, all of them for -1.
Result<Span> spanOfWeights(LayerImport& c, Params& p, const Value& x) {
    Span out;
    const int64_t axes = TRY(p.integer("num_axes", 1, -1));
    out.axis = TRY(c.axis(TRY(p.integer("axis", 1)), x.rank));
    const Ints data = c.shape(x);
    if (axes > x.rank - out.axis) {
        return invalidArgument("{}: {} axes from axis {} on, of data {}", p.place("num_axes"), axes, out.axis,
                               toString(c.dims(x.tensor)));
    }
    const int end = axes < 0 ? x.rank : out.axis + static_cast<int>(axes);
    out.extents.assign(data.begin() + out.axis, data.begin() + end);
    for (const int64_t extent : out.extents) {
        if (extent < 0) return unsupported("{}: weights along the batch, which varies", p.place("axis"));
    }
    return out;
}

// Of a second bottom; its tensor then has the data's rank.
Result<Span> spanOfBottom(LayerImport& c, Params& p, const Value& x, Value& operand) {
    Span out;
    p.ignore("num_axes");
    operand = TRY(c.exact(operand));
    out.axis = operand.rank == 0 ? 0 : TRY(c.axis(TRY(p.integer("axis", 1)), x.rank));
    p.ignore("axis");
    out.extents = c.shape(operand);
    const Ints data = c.shape(x);
    if (out.axis + operand.rank > x.rank ||
        !std::equal(out.extents.begin(), out.extents.end(), data.begin() + out.axis)) {
        return invalidArgument("the second bottom, {}, does not lie along the first, {}, from axis {} on",
                               toString(c.dims(operand.tensor)), toString(c.dims(x.tensor)), out.axis);
    }
    Ints aligned = alignedExtents(out.extents, out.axis, c.rank(x.tensor));
    if (out.axis == 0 && operand.rank > 0) aligned[0] = 0;
    operand.tensor = TRY(c.reshape(operand.tensor, aligned));
    return out;
}

// y = x * factor + summand along the span; either may be missing.
Result<ITensor*> affine(LayerImport& c, const Value& x, const Span& span, const std::optional<Weights>& factor,
                        const std::optional<Weights>& summand) {
    if (span.axis == 1 && span.extents.size() == 1) {
        const Weights none{c.session().options.weightType, nullptr, 0};
        return c.layer(c.network().addScaleNd(*x.tensor, nvinfer1::ScaleMode::kCHANNEL, summand.value_or(none),
                                              factor.value_or(none), none, 1),
                       "scale", true);
    }
    ITensor* y = x.tensor;
    const Ints aligned = alignedExtents(span.extents, span.axis, c.rank(y));
    if (factor) {
        ITensor* operand = TRY(c.constantOf(*factor, aligned));
        y = TRY(c.layer(c.network().addElementWise(*y, *operand, ElementWiseOperation::kPROD), "mul"));
    }
    if (summand) {
        ITensor* operand = TRY(c.constantOf(*summand, aligned));
        y = TRY(c.layer(c.network().addElementWise(*y, *operand, ElementWiseOperation::kSUM), "add"));
    }
    return y;
}

Status importBias(LayerImport& c) {
    TRY(c.expectBottoms(1, 2));
    TRY(c.expectTops(1, 1));
    const Value x = TRY(c.bottom(0));
    Params& p = c.params("bias_param");
    if (c.bottomCount() == 2) {
        Value operand = TRY(c.bottom(1));
        TRY(spanOfBottom(c, p, x, operand));
        return c.done(TRY(c.layer(c.network().addElementWise(*x.tensor, *operand.tensor, ElementWiseOperation::kSUM),
                                  "add", true)),
                      x.rank);
    }
    const Span span = TRY(spanOfWeights(c, p, x));
    const Weights summand = TRY(c.weights(0, span.extents, "bias", LayerImport::Fill::kSmall));
    return c.done(TRY(affine(c, x, span, std::nullopt, summand)), x.rank);
}

Status importScale(LayerImport& c) {
    TRY(c.expectBottoms(1, 2));
    TRY(c.expectTops(1, 1));
    Value x = TRY(c.bottom(0));
    Params& p = c.params("scale_param");
    const bool bias = TRY(p.boolean("bias_term", false));
    if (c.bottomCount() == 2) {
        Value operand = TRY(c.bottom(1));
        const Span span = TRY(spanOfBottom(c, p, x, operand));
        const Value y{TRY(c.layer(c.network().addElementWise(*x.tensor, *operand.tensor, ElementWiseOperation::kPROD),
                                  "mul", true)),
                      x.rank};
        if (!bias) return c.done(y.tensor, y.rank);
        for (const int64_t extent : span.extents) {
            if (extent < 0) return unsupported("{}: weights along the batch, which varies", p.place("bias_term"));
        }
        const Weights summand = TRY(c.weights(0, span.extents, "bias", LayerImport::Fill::kSmall));
        return c.done(TRY(affine(c, y, span, std::nullopt, summand)), x.rank);
    }
    const Span span = TRY(spanOfWeights(c, p, x));
    const Weights factor = TRY(c.weights(0, span.extents, "scale", LayerImport::Fill::kPositive));
    std::optional<Weights> summand;
    if (bias) summand = TRY(c.weights(1, span.extents, "bias", LayerImport::Fill::kSmall));
    return c.done(TRY(affine(c, x, span, factor, summand)), x.rank);
}

// (x - mean) / sqrt(variance + eps), with statistics that the model keeps as sums and how many went into them. A fork
// has scale and bias as further blobs.
Status importBatchNorm(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    Params& p = c.params("batch_norm_param");
    const bool global = TRY(p.boolean("use_global_stats", true));
    const double eps = TRY(p.real("eps", 1e-5f));
    const bool scaled = TRY(p.boolean("scale_bias", false));
    p.ignore("moving_average_fraction");
    if (!global) {
        return unsupported("{} is false: statistics of the batch at hand are for training",
                           p.place("use_global_stats"));
    }
    const int64_t channels = x.rank < 2 ? 1 : c.shape(x)[1];
    std::vector<float> mean = TRY(c.values(0, {channels}, "mean", LayerImport::Fill::kSmall));
    std::vector<float> variance = TRY(c.values(1, {channels}, "variance", LayerImport::Fill::kPositive));
    const float count = TRY(c.values(2, {1}, "scale factor", LayerImport::Fill::kPositive))[0];
    std::vector<float> factor(mean.size()), summand(mean.size());
    const bool five = scaled || c.blobCount(3) == 5;
    if (five) {
        factor = TRY(c.values(3, {channels}, "scale", LayerImport::Fill::kPositive));
        summand = TRY(c.values(4, {channels}, "bias", LayerImport::Fill::kSmall));
    }
    const double share = count == 0 ? 0 : 1.0 / static_cast<double>(count);
    for (size_t i = 0; i < mean.size(); ++i) {
        const double spread = static_cast<double>(variance[i]) * share + eps;
        if (!(spread > 0)) {
            return invalidArgument(
                "channel {} has the variance {} (blob 1 over blob 2), of which, with eps {}, there is no "
                "root to divide by",
                i, static_cast<double>(variance[i]) * share, eps);
        }
        const double scale = (five ? static_cast<double>(factor[i]) : 1) / std::sqrt(spread);
        const double shift =
            (five ? static_cast<double>(summand[i]) : 0) - static_cast<double>(mean[i]) * share * scale;
        factor[i] = static_cast<float>(scale);
        summand[i] = static_cast<float>(shift);
    }
    const Span span = x.rank < 2 ? Span{0, {}} : Span{1, {channels}};
    return c.done(TRY(affine(c, x, span, c.keep(factor, "scale"), c.keep(summand, "shift"))), x.rank);
}

}  // namespace

LATHE_CAFFE_LAYERS(scale,                            //
                   {"Bias", nullptr, importBias},    //
                   {"Scale", nullptr, importScale},  //
                   {"BatchNorm", nullptr, importBatchNorm})

}  // namespace lathe::caffe
