// SPDX-License-Identifier: Apache-2.0
// Softmax, Reduction and ArgMax: along axes.
#include "frontends/caffe/layers/common.h"

namespace lathe::caffe {
namespace {

Status importSoftmax(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    const int axis = TRY(c.axis(TRY(c.params("softmax_param").integer("axis", 1)), x.rank));
    return c.done(TRY(c.softmax(x.tensor, axis)), x.rank);
}

// One number of all elements from `axis` on, times a coefficient.
Status importReduction(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.exact(TRY(c.bottom(0))));
    Params& p = c.params("reduction_param");
    const int kind = TRY(p.choice("operation", 0, {"SUM", "ASUM", "SUMSQ", "MEAN"}, 1));
    const int first = TRY(c.axis(TRY(p.integer("axis", 0)), x.rank));
    const double coefficient = TRY(p.real("coeff", 1));
    if (first == 0 && c.session().options.freeBatch) {
        return unsupported("{}: the batch is reduced too, and it is to vary", p.place("axis"));
    }
    static constexpr const char* kKinds[] = {"sum", "l1", "sum_square", "mean"};
    Ints axes;
    for (int axis = first; axis < x.rank; ++axis) axes.push_back(axis);
    ITensor* y = TRY(c.reduce(kKinds[kind], x.tensor, axes, false));
    if (coefficient != 1) y = TRY(c.scale(y, coefficient));
    return c.done(y);
}

// The largest elements of an image, or, with an axis, along that; of equal ones Caffe takes the last first. Without an
// axis it writes [N, 1 or 2, top_k, 1…]. Places are written as numbers like all others.
Status importArgMax(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.exact(TRY(c.bottom(0))));
    Params& p = c.params("argmax_param");
    const bool values = TRY(p.boolean("out_max_val", false));
    const int64_t count = TRY(p.integer("top_k", 1, 1, std::numeric_limits<int32_t>::max()));
    const bool whole = !p.has("axis");
    const int64_t wanted = TRY(p.integer("axis", 1));
    const Ints data = c.shape(x);
    if (whole && x.rank < 2) return invalidArgument("data [{}] has no axis behind the batch", fmt::join(data, ", "));
    const int axis = TRY(c.axis(wanted, x.rank));
    ITensor* from = x.tensor;
    int64_t length = data[static_cast<size_t>(axis)];
    if (whole) {
        length = TRY(volume(Ints(data.begin() + 1, data.end())));
        from = TRY(c.reshape(from, Ints{0, length}));
    } else if (length < 0) {
        return unsupported("{}: the batch varies", p.place("axis"));
    }
    if (count > length) return invalidArgument("{}: {} of {} elements", p.place("top_k"), count, length);
    // topk takes the first of equal elements: it sees them in the opposite order.
    ITensor* turned = TRY(c.op("slice", {from, TRY(c.ints({length - 1})), TRY(c.ints({-length - 1})),
                                         TRY(c.ints({int64_t{axis}})), TRY(c.ints({-1}))}));
    const TensorList top = TRY(c.ops("topk", {turned, TRY(c.ints({count}))}, 2, Fields()("axis", axis)));
    ITensor* places = TRY(c.cast(TRY(c.sub(TRY(c.intScalar(length - 1)), top[1])), ApiType::kFLOAT));
    if (!whole) return c.done(values ? TRY(c.layer(c.network().addIdentity(*top[0]), "values")) : places);
    ITensor* y = TRY(c.unsqueeze(places, {1}));
    if (values) y = TRY(c.concat({y, TRY(c.unsqueeze(top[0], {1}))}, 1));
    Ints behind;
    for (int i = 3; i < x.rank; ++i) behind.push_back(i);
    return c.done(TRY(c.unsqueeze(y, behind)));
}

}  // namespace

LATHE_CAFFE_LAYERS(reduce,                                   //
                   {"Softmax", "SOFTMAX", importSoftmax},    //
                   {"Reduction", nullptr, importReduction},  //
                   {"ArgMax", "ARGMAX", importArgMax})

}  // namespace lathe::caffe
