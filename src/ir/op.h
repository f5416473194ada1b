// SPDX-License-Identifier: Apache-2.0
// What an op means: its attributes, shape and type inference, checks, and a reference kernel. One file per op in
// src/ops.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace lathe::ir {

// A contiguous row-major tensor in host memory, not owned.
struct Tensor {
    DType dtype = DType::kFloat;
    Dims dims;
    void* data = nullptr;

    int64_t count() const { return volume(dims); }
    size_t byteSize() const { return static_cast<size_t>(bytesOf(dtype, count())); }
    int rank() const { return static_cast<int>(dims.size()); }
    template <class T>
    T* as() const {
        ASSERT(dtype == dtypeOf<T>);
        return static_cast<T*>(data);
    }
};

// What an op's infer() sees and sets. Input accessors REQUIRE has(i).
class InferContext {
  public:
    virtual ~InferContext() = default;
    virtual const Node& node() const = 0;
    virtual int inputCount() const = 0;
    virtual bool has(int i) const = 0;
    virtual const TensorType& input(int i) const = 0;
    // Known elements of an integer input in row-major order; null when they aren't known.
    virtual const std::vector<Dim>* elements(int i) const = 0;
    // Bytes of an input that is a constant now (or, while running, of a tensor in host memory); else null data.
    virtual Result<std::span<const std::byte>> constantBytes(int i) const = 0;

    virtual void setOutput(int i, TensorType type) = 0;
    // Says what an integer output's elements are, so that shape arithmetic needs no kernels.
    virtual void setElements(int i, std::vector<Dim> elements) = 0;
    // An extent that only running the node can tell; `upperBound` (kMaxExtent when there is none) sizes the buffer.
    // While running, it is that bound.
    virtual Dim dataDependentDim(int output, int axis, const Dim& upperBound) = 0;
    // The elements of integer input i as Dims: the known ones, else fresh symbols read from the tensor when it has been
    // computed. Errors when its shape isn't a constant or it is too long (kMaxElements).
    virtual Result<std::vector<Dim>> elementsOrSymbols(int i) = 0;
    // What values a symbol may take while running.
    virtual Dim::Range symbolRange(SymbolId id) const {
        (void)id;
        return {};
    }
    // As dataDependentDim, for an extent of a nested region's parameter that differs between the runs of the region.
    virtual Dim parameterDim(int region, int parameter, int axis, const Dim& upperBound) = 0;
    // Infers a nested region whose parameters get these types; then region results carry types.
    virtual Status inferRegion(int region, std::span<const TensorType> parameters) = 0;

    Dim::Range range(const Dim& d) const {
        if (d.isConstant()) return {d.value(), d.value()};
        return d.range([this](SymbolId id) { return symbolRange(id); });
    }
    const Shape& shape(int i) const { return input(i).shape; }
    DType dtype(int i) const { return input(i).dtype; }
    int rank(int i) const { return static_cast<int>(input(i).shape.size()); }
    int outputCount() const { return node().outputCount(); }
    template <class A>
    const A& attrs() const {
        return node().attrs<A>();
    }
};

// What an op's reference kernel sees. Outputs are allocated by their inferred dims, except data-dependent ones, which
// the kernel allocates once it knows them.
class RefContext {
  public:
    virtual ~RefContext() = default;
    virtual const Node& node() const = 0;
    virtual bool has(int i) const = 0;
    virtual const Tensor& input(int i) const = 0;
    virtual const Tensor& output(int i) const = 0;
    // For outputs with data-dependent dims, and for all of an op with regions.
    virtual Result<Tensor> allocateOutput(int i, const Dims& dims) = 0;
    // Output i's extents as far as its type gives them before the node has run; 0 for the others.
    virtual Dims knownDims(int i) const {
        Dims dims;
        for (const Dim& d : node().output(i)->shape()) dims.push_back(d.valueOr(0));
        return dims;
    }
    // Runs a nested region; results are owned by the context until the next runRegion of the same region has returned.
    virtual Result<std::vector<Tensor>> runRegion(int region, std::span<const Tensor> parameters) = 0;

    int inputCount() const { return node().inputCount(); }
    template <class A>
    const A& attrs() const {
        return node().attrs<A>();
    }
};

// A small test case: every tactic of the op is compared with the reference on each of them.
struct SampleInput {
    DType dtype = DType::kFloat;
    Dims dims = {};
    bool absent = false;
    bool constant = false;            // give it as a weight
    double low = -1, high = 1;        // random values from this range (integers: inclusive)
    std::vector<double> values = {};  // or exactly these
};
struct SampleCase {
    std::string name;
    std::string attrs = {};  // in printAttrs's form: "axis=1 log=true"
    std::vector<SampleInput> inputs = {};
    int outputs = 1;
    int64_t reduction = 1;  // length of the longest sum in an output element: scales the tolerance
};

class Op {
  public:
    enum Trait : unsigned {
        kNone = 0,
        kView = 1,              // output 0 has input 0's data in another shape
        kElementwise = 2,       // each output element depends on the input elements at its (broadcast) place only
        kNondeterministic = 4,  // random numbers: never folded or merged
        kDataDependent = 8,     // some output extents are known only after running
        kRegions = 16,          // owns nested regions
        kSideEffect = 32,       // must run even when its outputs aren't used (assertions)
    };

    constexpr Op(const char* name, unsigned traits) : name_(name), traits_(traits) {}
    constexpr virtual ~Op() = default;

    const char* name() const { return name_; }
    bool is(Trait trait) const { return (traits_ & trait) != 0; }

    virtual std::unique_ptr<Attrs> makeAttrs() const = 0;
    // Checks inputs and attributes, sets every output's type and, for integer shape arithmetic, elements. Symbols are
    // allowed everywhere. Errors say what is wrong with which numbers; the caller puts the node's name before them.
    virtual Status infer(InferContext& c) const = 0;
    // The plain definition, clear before fast. Only called on what infer() accepted.
    virtual Status reference(RefContext& c) const = 0;
    virtual std::vector<SampleCase> samples() const { return {}; }
    // Output `o` must share its buffer with the input that this returns (-1: none), as a KV-cache update does.
    virtual int mustAlias(const Node& node, int o) const {
        (void)node, (void)o;
        return -1;
    }

  private:
    const char* name_;
    unsigned traits_;
};

template <class A>
class OpWith : public Op {
  public:
    using Op::Op;
    std::unique_ptr<Attrs> makeAttrs() const override { return std::make_unique<A>(); }
    static const A& attrs(const InferContext& c) { return c.node().attrs<A>(); }
    static const A& attrs(const RefContext& c) { return c.node().attrs<A>(); }
};

}  // namespace lathe::ir

// Defines the op's one object, in namespace lathe::ops: `LATHE_OP(softmax, SoftmaxOp)`. `op_softmax` points to it; the
// table of all ops is generated from these lines (cmake/LatheComponents.cmake), so the file must be ops/softmax.cc.
#define LATHE_OP(id, Class)                      \
    namespace {                                  \
    constinit const Class id##Instance{};        \
    }                                            \
    extern const ::lathe::ir::Op* const op_##id; \
    constinit const ::lathe::ir::Op* const op_##id = &id##Instance;
