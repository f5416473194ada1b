// SPDX-License-Identifier: Apache-2.0
// What a kind's expand() makes layers with (lathe::setPluginExpansion).
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "NvInfer.h"

namespace lathe {
struct PluginToExpand;
}

namespace lathe::plugins {

using nvinfer1::DataType;
using nvinfer1::Dims;
using Layer = nvinfer1::ITensor*;  // the output of one

// Adds ops of the library's catalogue (lathe::addOp). Once one is refused, all further ones answer null, and so does
// done(); expand() need not look in between.
class Expansion {
  public:
    explicit Expansion(PluginToExpand& call) : call_(call) {}

    int inputs() const;
    Layer in(int i) const;
    // -1 where an extent varies.
    static Dims dims(Layer x) { return x ? x->getDimensions() : Dims{-1, {}}; }
    static bool isKnown(Layer x, int from = 0);
    static bool isEmpty(Layer x, int axis) { return dims(x).d[axis] == 0; }  // as far as is known
    // REQUIRES: of inputs. Whether the extents are known to be equal, whatever they are.
    static bool sameExtent(Layer a, int axisA, Layer b, int axisB);
    // The elements of integers that are known; empty when they are not.
    static std::vector<int64_t> known(Layer x);
    static int rank(Layer x) { return x ? x->getDimensions().nbDims : 0; }
    // Hands over the outputs. False when anything was refused.
    bool done(const std::vector<Layer>& outputs);

    // An attribute of an op.
    struct Field {
        const char* name;
        std::variant<int64_t, double, std::string, std::vector<int64_t>> value;
    };
    Layer op(const char* name, const std::vector<Layer>& inputs, const std::vector<Field>& fields = {}) {
        return ops(name, inputs, fields, 1)[0];
    }
    std::vector<Layer> ops(const char* name, const std::vector<Layer>& inputs, const std::vector<Field>& fields,
                           int outputs);
    // While this is set, layers compute in f32 even where the engine's precision is lowered: coordinates, squares.
    void exact(bool on) { exact_ = on; }

    // Constants. `plugin's`: values that stay as long as the plugin does, which are not copied.
    Layer reals(std::vector<int64_t> dims, const std::vector<float>& values);
    Layer pluginsReals(std::vector<int64_t> dims, const std::vector<float>& values);
    Layer integers(std::vector<int64_t> dims, const std::vector<int64_t>& values);
    Layer real(double value) { return reals({}, {static_cast<float>(value)}); }
    Layer integer(int64_t value) { return integers({}, {value}); }

    Layer binary(const char* kind, Layer a, Layer b) { return op("binary", {a, b}, {{"kind", std::string(kind)}}); }
    Layer unary(const char* kind, Layer x, double alpha = 0, double beta = 0);
    Layer cast(Layer x, DataType type);
    Layer like(Layer x, Layer of) { return of ? cast(x, of->getType()) : nullptr; }
    Layer wide(Layer x) { return cast(x, DataType::kFLOAT); }
    Layer select(Layer condition, Layer a, Layer b) { return op("select", {condition, a, b}); }
    Layer concat(const std::vector<Layer>& parts, int64_t axis) { return op("concat", parts, {{"axis", axis}}); }
    Layer transpose(Layer x, std::vector<int64_t> order) { return op("transpose", {x}, {{"perm", std::move(order)}}); }
    Layer gather(Layer data, Layer indices, int64_t axis, int64_t batchDims = 0) {
        return op("gather", {data, indices}, {{"axis", axis}, {"batch_dims", batchDims}});
    }
    Layer reduce(const char* kind, Layer x, std::vector<int64_t> axes, bool keep);

    // An extent: a number, or that of a tensor.
    struct Extent {
        Extent(int64_t n) : number(n) {}
        Extent(int n) : number(n) {}
        Extent(Layer of, int along) : number(-1), tensor(of), axis(along) {}
        Extent times(int64_t n) const {
            Extent out = *this;
            out.factor *= n;
            return out;
        }
        int64_t number;
        Layer tensor = nullptr;
        int axis = 0;
        int64_t factor = 1;
    };
    // An i64 vector of them.
    Layer shape(const std::vector<Extent>& extents);
    // A number of -1 takes what is left.
    Layer reshape(Layer x, const std::vector<Extent>& extents) {
        return op("reshape", {x, shape(extents)}, {{"allow_zero", std::string("true")}});
    }
    Layer expand(Layer x, const std::vector<Extent>& extents) { return op("expand", {x, shape(extents)}); }
    // The same, for what has that shape already if the inputs are right; an error of the run when it has not as many
    // elements.
    Layer shaped(Layer x, const std::vector<Extent>& extents);
    Layer shapedLike(Layer x, Layer of);
    Layer flat(Layer x) { return rank(x) == 1 ? x : reshape(x, {-1}); }
    // Parts of the known lengths along an axis.
    std::vector<Layer> split(Layer x, int64_t axis, const std::vector<int64_t>& lengths);
    // An extent in f32, as what broadcasts.
    Layer extent(Layer x, int axis);
    // [0, 1, …] of i64, as many as the extent.
    Layer count(Extent size);
    // Indices that are negative, which count from the end for gather, made ones that are out of range for it.
    Layer refuseNegative(Layer indices);

  private:
    Layer constant(std::vector<int64_t> dims, nvinfer1::Weights weights, bool keep);
    PluginToExpand& call_;
    bool exact_ = false, failed_ = false;
};

}  // namespace lathe::plugins
