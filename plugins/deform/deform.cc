// SPDX-License-Identifier: Apache-2.0
// ModulatedDeformConv2d and MultiscaleDeformableAttnPlugin_TRT.
#include <algorithm>
#include <cmath>

#include "plugins/common/expansion.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

// Bilinear, zeros outside.
float bilinear(const float* plane, int64_t h, int64_t w, int64_t stride, float y, float x) {
    if (!(y > -1 && y < static_cast<float>(h) && x > -1 && x < static_cast<float>(w))) return 0;
    const float fy = std::floor(y), fx = std::floor(x), ly = y - fy, lx = x - fx;
    const auto y0 = static_cast<int64_t>(fy), x0 = static_cast<int64_t>(fx);
    auto at = [&](int64_t i, int64_t j) {
        return i >= 0 && i < h && j >= 0 && j < w ? plane[(i * w + j) * stride] : 0.f;
    };
    return (1 - ly) * ((1 - lx) * at(y0, x0) + lx * at(y0, x0 + 1)) +
           ly * ((1 - lx) * at(y0 + 1, x0) + lx * at(y0 + 1, x0 + 1));
}

// x [N, C, H, W], offset [N, 2 G K, OH, OW] (y, x for each of K = kh kw places of each of G deformable groups), mask
// [N, G K, OH, OW], weight [O, C / group, kh, kw], bias [O] optional.
class ModulatedDeformConv final : public Kind {
  public:
    ModulatedDeformConv()
        : Kind("ModulatedDeformConv2d", "1",
               {pair("stride", 1), pair("padding", 0), pair("dilation", 1), integer("group", 1),
                integer("deformable_group", 1)}) {}
    std::string check(const Values& v) const override {
        for (size_t i = 0; i < 2; ++i)
            if (v.integer("stride", i) < 1 || v.integer("dilation", i) < 1 || v.integer("padding", i) < 0)
                return "a stride, dilation or padding is too small";
        return v.integer("group") > 0 && v.integer("deformable_group") > 0 ? "" : "a number of groups is not positive";
    }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 4, 5);
        for (size_t i = 0; i < 4 && wrong.empty(); ++i) wrong = rankOf(in, i, 4);
        if (wrong.empty() && in.size() > 4) wrong = rankOf(in, 4, 1);
        return wrong;
    }
    DimsExprs shape(const Values&, int, const DimsExprs* in, int, IExprBuilder&) const override {
        return shapeOf({in[0].d[0], in[3].d[0], in[1].d[2], in[1].d[3]});
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t n = in[0].d(0), c = in[0].d(1), h = in[0].d(2), w = in[0].d(3);
        const int64_t o = in[3].d(0), per = in[3].d(1), kh = in[3].d(2), kw = in[3].d(3), oh = out[0].d(2),
                      ow = out[0].d(3);
        const int64_t group = v.integer("group"), deform = v.integer("deformable_group"), places = kh * kw;
        if (per * group != c || o % group || c % deform || in[1].d(1) != 2 * deform * places ||
            in[2].d(1) != deform * places || in[1].d(0) != n || in[2].d(0) != n || in[2].d(2) != oh ||
            in[2].d(3) != ow || (in.size() > 4 && in[4].d(0) != o))
            return false;
        // Columns of one place: what the kernel sees there.
        std::vector<float> column(static_cast<size_t>(c * places));
        for (int64_t b = 0; b < n; ++b)
            for (int64_t p = 0; p < oh * ow; ++p) {
                for (int64_t k = 0; k < c; ++k)
                    for (int64_t q = 0; q < places; ++q) {
                        const int64_t g = k / (c / deform), at = (b * deform + g) * places + q;
                        const float dy = in[1].f()[(2 * at) * oh * ow + p], dx = in[1].f()[(2 * at + 1) * oh * ow + p];
                        const float y = static_cast<float>(p / ow * v.integer("stride", 0) - v.integer("padding", 0) +
                                                           q / kw * v.integer("dilation", 0)) +
                                        dy;
                        const float x = static_cast<float>(p % ow * v.integer("stride", 1) - v.integer("padding", 1) +
                                                           q % kw * v.integer("dilation", 1)) +
                                        dx;
                        column[static_cast<size_t>(k * places + q)] =
                            in[2].f()[at * oh * ow + p] * bilinear(in[0].f() + (b * c + k) * h * w, h, w, 1, y, x);
                    }
                for (int64_t m = 0; m < o; ++m) {
                    const float* kernel = in[3].f() + m * per * places;
                    const float* from = column.data() + m / (o / group) * per * places;
                    float sum = in.size() > 4 ? in[4].f()[m] : 0.f;
                    for (int64_t i = 0; i < per * places; ++i) sum += kernel[i] * from[i];
                    out[0].f()[(b * o + m) * oh * ow + p] = sum;
                }
            }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        std::vector<int64_t> pads = v.integers("padding");
        pads.insert(pads.end(), v.integers("padding").begin(), v.integers("padding").end());
        Layer y = e.op("deform_conv", {e.in(0), e.in(3), e.in(1), e.in(4), e.in(2)},
                       {{"strides", v.integers("stride")},
                        {"dilations", v.integers("dilation")},
                        {"pads", pads},
                        {"group", v.integer("group")},
                        {"offset_group", v.integer("deformable_group")}});
        // The layer computes the extents that the plugin takes from the offsets, and refuses others.
        return e.done({e.shaped(y, {{e.in(0), 0}, {e.in(3), 0}, {e.in(1), 2}, {e.in(1), 3}})});
    }

  private:
    static FieldSpec pair(const char* name, double otherwise) {
        return {name, PluginFieldType::kINT32, 2, {otherwise, otherwise}};
    }
};

// value [B, S, M, D], spatial shapes [L, 2] int32, where each level starts [L] int32, places [B, Q, M, L, P, 2] (x, y
// from 0 to 1), weights [B, Q, M, L, P] -> [B, Q, M, D].
class DeformableAttention final : public Kind {
  public:
    DeformableAttention() : Kind("MultiscaleDeformableAttnPlugin_TRT", "1", {}) {}
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 5, 5);
        const int ranks[] = {4, 2, 1, 6, 5};
        for (size_t i = 0; i < 5 && wrong.empty(); ++i) wrong = rankOf(in, i, ranks[i]);
        return wrong;
    }
    DataType inputType(const Values&, int i) const override {
        return i == 1 || i == 2 ? DataType::kINT32 : DataType::kFLOAT;
    }
    DimsExprs shape(const Values&, int, const DimsExprs* in, int, IExprBuilder&) const override {
        return shapeOf({in[0].d[0], in[3].d[1], in[0].d[2], in[0].d[3]});
    }
    bool run(const Values&, const Views& in, const Views& out) const override {
        const int64_t b = in[0].d(0), s = in[0].d(1), heads = in[0].d(2), size = in[0].d(3), levels = in[1].d(0),
                      queries = in[3].d(1), points = in[3].d(4);
        if (in[1].d(1) != 2 || in[2].d(0) != levels || in[3].d(0) != b || in[3].d(2) != heads || in[3].d(3) != levels ||
            in[3].d(5) != 2 || in[4].count() * 2 != in[3].count())
            return false;
        for (int64_t l = 0; l < levels; ++l) {
            const int64_t h = in[1].i()[2 * l], w = in[1].i()[2 * l + 1], start = in[2].i()[l];
            if (h < 0 || w < 0 || start < 0 || start + h * w > s) return false;
        }
        std::fill(out[0].f(), out[0].f() + out[0].count(), 0.f);
        for (int64_t r = 0; r < b * queries * heads; ++r) {
            const int64_t image = r / (queries * heads), head = r % heads;
            for (int64_t k = 0; k < levels * points; ++k) {
                const int64_t l = k / points, h = in[1].i()[2 * l], w = in[1].i()[2 * l + 1];
                const float* place = in[3].f() + (r * levels * points + k) * 2;
                const float x = place[0] * static_cast<float>(w) - 0.5f, y = place[1] * static_cast<float>(h) - 0.5f;
                const float* plane = in[0].f() + ((image * s + in[2].i()[l]) * heads + head) * size;
                for (int64_t d = 0; d < size; ++d)
                    out[0].f()[r * size + d] +=
                        in[4].f()[r * levels * points + k] * bilinear(plane + d, h, w, heads * size, y, x);
            }
        }
        return true;
    }
    bool expand(const Values&, Expansion& e) const override {
        Layer value = e.in(0), places = e.in(3);
        const Dims d = e.dims(value), at = e.dims(places);
        const int64_t heads = d.d[2], size = d.d[3], levels = at.d[3], points = at.d[4];
        const std::vector<int64_t> extents = e.known(e.in(1)), starts = e.known(e.in(2));
        if (heads < 1 || size < 1 || levels < 1 || points < 1 || at.d[2] != heads || at.d[5] != 2 ||
            static_cast<int64_t>(extents.size()) != 2 * levels || static_cast<int64_t>(starts.size()) != levels)
            return false;
        const Expansion::Extent n(value, 0), rows = n.times(heads), queries(places, 1);
        Layer weights = e.wide(e.shaped(e.in(4), {n, queries, heads, levels, points}));
        e.exact(true);
        std::vector<int64_t> single(static_cast<size_t>(levels), 1);
        const std::vector<Layer> placesOf =
                                     e.split(e.reshape(places, {n, queries, heads, levels, points, 2}), 3, single),
                                 weightsOf = e.split(weights, 3, single);
        Layer sum = nullptr;
        for (size_t l = 0; l < single.size(); ++l) {
            const int64_t h = extents[2 * l], w = extents[2 * l + 1], start = starts[l];
            if (h < 1 || w < 1 || start < 0 || h > 1'000'000 || w > 1'000'000) return false;
            // Slices clamp; what is too short then does not have the shape that comes next.
            Layer plane = e.op(
                "slice", {value, e.integers({1}, {start}), e.integers({1}, {start + h * w}), e.integers({1}, {1})});
            plane = e.reshape(e.transpose(plane, {0, 2, 3, 1}), {rows, size, h, w});
            Layer grid = e.reshape(e.transpose(e.wide(placesOf[l]), {0, 2, 1, 3, 4, 5}), {rows, queries, points, 2});
            grid = e.binary("sub", e.binary("mul", grid, e.real(2)), e.real(1));
            Layer weight = e.reshape(e.transpose(weightsOf[l], {0, 2, 1, 3, 4}), {rows, 1, queries, points});
            Layer seen = e.binary("mul", e.wide(e.op("grid_sample", {plane, grid})), weight);
            seen = e.reduce("sum", seen, {3}, false);
            sum = sum ? e.binary("add", sum, seen) : seen;
        }
        Layer y = e.transpose(e.reshape(sum, {n, heads, size, queries}), {0, 3, 1, 2});
        return e.done({e.like(y, value)});
    }
};

}  // namespace

LATHE_PLUGINS(deform_deform, ModulatedDeformConv, Reissued<ModulatedDeformConv, '2'>, DeformableAttention,
              Reissued<DeformableAttention, '2'>)

}  // namespace lathe::plugins
