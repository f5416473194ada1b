// SPDX-License-Identifier: Apache-2.0
// LReLU_TRT, Clip_TRT, CustomGeluPluginDynamic, CoordConvAC, Reorg_TRT.
#include <algorithm>
#include <cmath>

#include "plugins/common/expansion.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {
namespace {

// x, or negSlope * x below 0.
class LReLU final : public Kind {
  public:
    LReLU() : Kind("LReLU_TRT", "1", {real("negSlope", 0)}) {}
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override { return inputCount(in, 1, 1); }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const float slope = v.real("negSlope");
        for (int64_t i = 0; i < in[0].count(); ++i) {
            const float x = in[0].f()[i];
            out[0].f()[i] = x > 0 ? x : slope * x;
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        if (!std::isfinite(v.real("negSlope"))) return false;  // times 0
        return e.done({e.unary("leaky_relu", e.in(0), v.real("negSlope"))});
    }
};

// min(max(x, clipMin), clipMax)
class Clip final : public Kind {
  public:
    Clip()
        : Kind("Clip_TRT", "1",
               {required("clipMin", PluginFieldType::kFLOAT32), required("clipMax", PluginFieldType::kFLOAT32)}) {}
    std::string check(const Values& v) const override {
        return v.real("clipMin") <= v.real("clipMax") ? "" : "clipMin is above clipMax";
    }
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override { return inputCount(in, 1, 1); }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const float low = v.real("clipMin"), high = v.real("clipMax");
        for (int64_t i = 0; i < in[0].count(); ++i) out[0].f()[i] = std::min(std::max(in[0].f()[i], low), high);
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        return e.done({e.unary("clip", e.in(0), v.real("clipMin"), v.real("clipMax"))});
    }
};

// GELU by its tanh form of x, or of x + bias along the hidden axis, which is the last one that is longer than 1.
class Gelu final : public Kind {
  public:
    Gelu()
        : Kind("CustomGeluPluginDynamic", "1",
               {integer("type_id", 0), optionalList("bias", PluginFieldType::kFLOAT32)}) {}
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 1);
        if (!wrong.empty() || !v.has("bias")) return wrong;
        const int64_t n = in[0].d[hiddenAxis(in[0])];
        return n == static_cast<int64_t>(v.reals("bias").size()) ? "" : "the bias does not fit the hidden size";
    }
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const bool biased = v.has("bias");
        const int axis = hiddenAxis(in[0].dims);
        const int64_t inner = axis + 1 < in[0].dims.nbDims ? in[0].count(axis + 1) : 1;
        const int64_t hidden = in[0].dims.nbDims ? in[0].d(axis) : 1;
        for (int64_t i = 0; i < in[0].count(); ++i) {
            float x = in[0].f()[i];
            if (biased) x += v.reals("bias")[static_cast<size_t>(i / inner % hidden)];
            out[0].f()[i] = 0.5f * x * (1 + std::tanh(0.797884560802865f * (x + 0.044715f * x * x * x)));
        }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer x = e.in(0);
        if (v.has("bias")) {
            const Dims d = e.dims(x);
            const int axis = hiddenAxis(d);
            if (d.nbDims == 0 || d.d[axis] < 0) return false;  // if it is 1, the axis is another one
            std::vector<int64_t> extents(static_cast<size_t>(d.nbDims - axis), 1);
            extents[0] = d.d[axis];
            x = e.binary("add", x, e.like(e.pluginsReals(extents, v.reals("bias")), x));
        }
        return e.done({e.unary("gelu_tanh", x)});
    }

  private:
    // [S, B, E, 1, 1], or with E last.
    static int hiddenAxis(const Dims& d) {
        int axis = std::max(0, d.nbDims - 1);
        while (axis > 0 && d.d[axis] == 1) --axis;
        return axis;
    }
};

// [N, C, H, W] with two channels more: the row and the column, from -1 to 1.
class CoordConv final : public Kind {
  public:
    CoordConv() : Kind("CoordConvAC", "1", {}) {}
    std::string checkInputs(const Values&, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 1);
        return wrong.empty() ? rankOf(in, 0, 4) : wrong;
    }
    DimsExprs shape(const Values&, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        return shapeOf({in[0].d[0], e.operation(Op::kSUM, *in[0].d[1], *e.constant(2)), in[0].d[2], in[0].d[3]});
    }
    bool run(const Values&, const Views& in, const Views& out) const override {
        const int64_t n = in[0].d(0), c = in[0].d(1), h = in[0].d(2), w = in[0].d(3);
        const float* x = in[0].f();
        float* y = out[0].f();
        auto along = [](int64_t i, int64_t size) {
            return size > 1 ? -1 + 2 * static_cast<float>(i) / static_cast<float>(size - 1) : -1.f;
        };
        for (int64_t b = 0; b < n; ++b) {
            y = std::copy(x, x + c * h * w, y);
            x += c * h * w;
            for (int64_t i = 0; i < h * w; ++i) *y++ = along(i / w, h);
            for (int64_t i = 0; i < h * w; ++i) *y++ = along(i % w, w);
        }
        return true;
    }
    bool expand(const Values&, Expansion& e) const override {
        Layer x = e.in(0);
        e.exact(true);
        std::vector<Layer> parts = {x};
        for (int axis : {2, 3}) {
            const Expansion::Extent size(x, axis), one(1);
            Layer last = e.binary("max", e.binary("sub", e.shape({size}), e.integer(1)), e.integer(1));
            Layer line = e.binary("div", e.binary("mul", e.real(2), e.wide(e.count(size))), e.wide(last));
            line = e.like(e.binary("add", e.real(-1), line), x);
            line = e.reshape(line, {1, 1, axis == 2 ? size : one, axis == 3 ? size : one});
            parts.push_back(e.expand(line, {{x, 0}, 1, {x, 2}, {x, 3}}));
        }
        return e.done({e.concat(parts, 1)});
    }
};

// Moves blocks of stride x stride into channels, as Darknet's reorg layer does: [N, C, H, W] -> [N, C s s, H / s, W /
// s].
class Reorg final : public Kind {
  public:
    Reorg() : Kind("Reorg_TRT", "1", {required("stride", PluginFieldType::kINT32)}) {}
    std::string check(const Values& v) const override {
        return v.integer("stride") > 0 ? "" : "the stride is not positive";
    }
    std::string checkInputs(const Values& v, const std::vector<Dims>& in) const override {
        std::string wrong = inputCount(in, 1, 1);
        if (wrong.empty()) wrong = rankOf(in, 0, 4);
        if (!wrong.empty()) return wrong;
        const int64_t s = v.integer("stride");
        for (int k = 1; k < 4; ++k)
            if (in[0].d[k] > 0 && in[0].d[k] % (k == 1 ? s * s : s)) return "the stride does not divide the extents";
        return {};
    }
    DimsExprs shape(const Values& v, int, const DimsExprs* in, int, IExprBuilder& e) const override {
        const IDimensionExpr& s = *e.constant(v.integer("stride"));
        return shapeOf({in[0].d[0], e.operation(Op::kPROD, *in[0].d[1], *e.operation(Op::kPROD, s, s)),
                        e.operation(Op::kFLOOR_DIV, *in[0].d[2], s), e.operation(Op::kFLOOR_DIV, *in[0].d[3], s)});
    }
    // Darknet reads the input as if it had C / s² channels of s times the extents.
    bool run(const Values& v, const Views& in, const Views& out) const override {
        const int64_t n = in[0].d(0), c = in[0].d(1), h = in[0].d(2), w = in[0].d(3), s = v.integer("stride");
        const int64_t few = c / (s * s);
        if (few == 0 || few * s * s != c || h % s || w % s) return false;
        for (int64_t b = 0; b < n; ++b)
            for (int64_t k = 0; k < c; ++k)
                for (int64_t j = 0; j < h; ++j)
                    for (int64_t i = 0; i < w; ++i) {
                        const int64_t to = ((b * c + k) * h + j) * w + i, offset = k / few;
                        const int64_t x = i * s + offset % s, y = j * s + offset / s;
                        out[0].f()[to] = in[0].f()[((b * few + k % few) * h * s + y) * w * s + x];
                    }
        return true;
    }
    bool expand(const Values& v, Expansion& e) const override {
        Layer x = e.in(0);
        const Dims d = e.dims(x);
        const int64_t s = v.integer("stride");
        if (!e.isKnown(x, 1) || d.d[1] < s * s) return false;
        Layer blocks = e.reshape(x, {{x, 0}, d.d[1] / (s * s), d.d[2], s, d.d[3], s});
        blocks = e.transpose(blocks, {0, 3, 5, 1, 2, 4});
        return e.done({e.reshape(blocks, {{x, 0}, d.d[1] * s * s, d.d[2] / s, d.d[3] / s})});
    }
};

}  // namespace

LATHE_PLUGINS(elementwise_elementwise, LReLU, Clip, Gelu, CoordConv, Reorg, Reissued<Reorg, '2', false>)

}  // namespace lathe::plugins
