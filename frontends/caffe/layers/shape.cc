// SPDX-License-Identifier: Apache-2.0
// Flatten, Reshape, Permute and Crop. Extents in front that stay are copied rather than written down, so that a batch
// that varies, or that the program changes after parsing, goes through.
#include <algorithm>

#include "frontends/caffe/layers/common.h"

namespace lathe::caffe {
namespace {

Status importFlatten(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.exact(TRY(c.bottom(0))));
    Params& p = c.params("flatten_param");
    const int axis = TRY(c.axis(TRY(p.integer("axis", 1)), x.rank));
    const int end = TRY(c.axis(TRY(p.integer("end_axis", -1)), x.rank));
    if (end < axis) return invalidArgument("{}: axis {} comes before axis {}", p.place("end_axis"), end, axis);
    const Ints data = c.shape(x);
    Ints to(data.begin(), data.begin() + axis);
    if (axis > 0) to[0] = 0;
    to.push_back(axis == 0 ? -1 : TRY(volume(Ints(data.begin() + axis, data.begin() + end + 1))));
    to.insert(to.end(), data.begin() + end + 1, data.end());
    return c.done(TRY(c.reshape(x.tensor, to)));
}

// The extents of `shape` in the place of num_axes axes from `axis` on: 0 copies, -1 is inferred.
Status importReshape(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.exact(TRY(c.bottom(0))));
    Params& p = c.params("reshape_param");
    const Ints data = c.shape(x);
    Ints dims;
    for (const TextMessage* shape : TRY(p.messages("shape"))) {
        for (const TextField& field : shape->fields) {
            if (field.name != "dim") return invalidArgument("{} is unknown in a shape", placeOf(field));
            const int64_t extent = TRY(toInteger(field));
            if (extent < -1) return invalidArgument("{} is {}; the least is -1", placeOf(field), extent);
            dims.push_back(extent);
        }
    }
    const int64_t wantedAxis = TRY(p.integer("axis", 0)), count = TRY(p.integer("num_axes", -1, -1));
    // A negative axis may point behind the last one, where extents of 1 can be put.
    const int64_t start = wantedAxis < 0 ? wantedAxis + x.rank + 1 : wantedAxis;
    if (start < 0 || start > x.rank) {
        return invalidArgument("{}: axis {} of data with {} dimensions", p.place("axis"), wantedAxis, x.rank);
    }
    const int64_t end = count < 0 ? x.rank : start + count;
    if (end > x.rank) {
        return invalidArgument("{}: {} axes from axis {} on, of {}", p.place("num_axes"), count, start, x.rank);
    }
    Ints to(data.begin(), data.begin() + start);
    if (start > 0) to[0] = 0;
    int64_t known = 1;
    bool inferred = false;
    for (size_t i = 0; i < dims.size(); ++i) {
        const size_t at = static_cast<size_t>(start) + i;
        int64_t extent = dims[i];
        if (extent == -1 && std::exchange(inferred, true)) return invalidArgument("two extents of -1 in its shape");
        if (extent == 0) {
            if (at >= data.size()) return invalidArgument("extent {} of its shape copies an axis that is not there", i);
            // Copied by the network where it can be; also an extent that varies.
            extent = at == 0 ? 0 : data[at];
        } else if (extent > 0 && at == 0 && c.session().options.freeBatch) {
            if (extent != c.session().fileBatch) {
                return unsupported("its shape makes a batch of {} out of one of {}, where the batch is to vary", extent,
                                   c.session().fileBatch);
            }
            extent = 0;
        }
        to.push_back(extent);
    }
    to.insert(to.end(), data.begin() + end, data.end());
    // Said here in Caffe's terms, as far as it can be judged.
    if (data.empty() || data[0] >= 0) {
        const int64_t total = TRY(volume(data));
        for (size_t i = 0; i < to.size(); ++i) {
            const int64_t extent = to[i] == 0 ? data[i] : to[i];
            if (extent > 0 && __builtin_mul_overflow(known, extent, &known)) known = -1;
        }
        if (inferred ? known <= 0 || total % known : total != known) {
            return invalidArgument("its shape [{}] does not fit the data [{}]", fmt::join(dims, ", "),
                                   fmt::join(data, ", "));
        }
    }
    return c.done(TRY(c.reshape(x.tensor, to)));
}

Status importPermute(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.exact(TRY(c.bottom(0))));
    Params& p = c.params("permute_param");
    Ints order = TRY(p.integers("order", 0));
    for (size_t i = 0; i < order.size(); ++i) {
        if (order[i] >= x.rank || std::count(order.begin(), order.end(), order[i]) > 1) {
            return invalidArgument("{}: [{}] is no order of {} axes", p.place("order"), fmt::join(order, ", "), x.rank);
        }
    }
    for (int64_t axis = 0; axis < x.rank; ++axis) {
        if (std::find(order.begin(), order.end(), axis) == order.end()) order.push_back(axis);
    }
    ITensor* y = TRY(c.transpose(x.tensor, order));
    if (y == x.tensor) y = TRY(c.layer(c.network().addIdentity(*y), "identity"));
    return c.done(y);
}

// The first bottom, cut to the second's extents from `axis` on.
Status importCrop(LayerImport& c) {
    TRY(c.expectBottoms(2, 2));
    TRY(c.expectTops(1, 1));
    const Value x = TRY(c.exact(TRY(c.bottom(0)))), like = TRY(c.exact(TRY(c.bottom(1))));
    Params& p = c.params("crop_param");
    const int axis = TRY(c.axis(TRY(p.integer("axis", 2)), x.rank));
    const Ints offsets = TRY(p.integers("offset", 0));
    if (like.rank != x.rank) {
        return invalidArgument("its bottoms have {} and {} dimensions", x.rank, like.rank);
    }
    const auto cropped = static_cast<size_t>(x.rank - axis);
    if (offsets.size() > 1 && offsets.size() != cropped) {
        return invalidArgument("{}: {} values for {} axes", p.place("offset"), offsets.size(), cropped);
    }
    const Ints data = c.shape(x), wanted = c.shape(like);
    Ints starts, ends, axes;
    for (size_t i = 0; i < cropped; ++i) {
        const size_t at = static_cast<size_t>(axis) + i;
        const int64_t offset = offsets.empty() ? 0 : offsets.size() == 1 ? offsets[0] : offsets[i];
        if (data[at] < 0 || wanted[at] < 0) return unsupported("{}: the batch varies", p.place("axis"));
        if (offset > data[at] - wanted[at]) {
            return invalidArgument("{}: {} of {} from {} on, along axis {}", p.place("offset"), wanted[at], data[at],
                                   offset, at);
        }
        starts.push_back(offset);
        ends.push_back(offset + wanted[at]);
        axes.push_back(static_cast<int64_t>(at));
    }
    return c.done(TRY(c.slice(x.tensor, starts, ends, axes)));
}

}  // namespace

LATHE_CAFFE_LAYERS(shape,                                  //
                   {"Flatten", "FLATTEN", importFlatten},  //
                   {"Reshape", nullptr, importReshape},    //
                   {"Permute", nullptr, importPermute},    //
                   {"Crop", nullptr, importCrop})

}  // namespace lathe::caffe
