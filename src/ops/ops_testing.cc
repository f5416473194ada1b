// SPDX-License-Identifier: Apache-2.0
#include "ops/ops_testing.h"

#include <algorithm>

#include "ir/infer.h"
#include "ops/registry.h"

namespace lathe::ops::testing {
namespace {

// A graph of one node; its inputs are parameters of the given types (kAbsent marks a missing one by rank -1).
struct OneNode {
    ir::Graph graph;
    ir::Node* node = nullptr;
};

Status build(OneNode& g, const char* opName, const char* attrText, std::vector<ir::Value*> inputs, int outputs) {
    const ir::Op* op = find(opName);
    if (!op) return invalidArgument("no op named '{}'", opName);
    auto attrs = op->makeAttrs();
    TRY(ir::parseAttrs(*attrs, attrText));
    g.node = g.graph.body().append(*op, std::move(attrs), std::move(inputs), outputs, "n");
    return {};
}

}  // namespace

HostTensor tensor(DType dtype, Dims dims, const std::vector<double>& values) {
    auto t = ir::allocateTensor(dtype, dims);
    EXPECT_TRUE(t.ok()) << t.status().toString();
    EXPECT_EQ(static_cast<int64_t>(values.size()), t->tensor.count());
    Status s = dispatchAll(dtype, [&]<class T>() -> Status {
        for (size_t i = 0; i < values.size(); ++i) {
            if constexpr (std::is_integral_v<T>)
                t->tensor.as<T>()[i] = static_cast<T>(static_cast<int64_t>(values[i]));
            else
                t->tensor.as<T>()[i] = static_cast<float>(values[i]);
        }
        return {};
    });
    EXPECT_TRUE(s.ok()) << s.toString();
    return *t;
}

HostTensor floats(Dims dims, const std::vector<double>& values) {
    return tensor(DType::kFloat, std::move(dims), values);
}
HostTensor ints(Dims dims, const std::vector<double>& values) { return tensor(DType::kInt64, std::move(dims), values); }
HostTensor absent() { return {}; }

std::vector<double> valuesOf(const Tensor& t) {
    std::vector<double> out;
    Status s = dispatchAll(t.dtype, [&]<class T>() -> Status {
        for (int64_t i = 0; i < t.count(); ++i) {
            if constexpr (std::is_integral_v<T>)
                out.push_back(static_cast<double>(t.as<T>()[i]));
            else
                out.push_back(static_cast<float>(t.as<T>()[i]));
        }
        return {};
    });
    EXPECT_TRUE(s.ok()) << s.toString();
    return out;
}

ir::Value* constantOf(OneNode& g, const HostTensor& t) {
    std::span<const std::byte> bytes(static_cast<const std::byte*>(t.tensor.data), t.tensor.byteSize());
    return g.graph.addConstant(std::make_shared<ir::Weights>(t.tensor.dtype, t.tensor.dims, bytes, t.storage, "w"),
                               "w");
}

namespace {

std::optional<std::vector<int64_t>> integers(const Tensor& t) {
    std::span<const std::byte> bytes(static_cast<const std::byte*>(t.data), t.byteSize());
    return ir::integerElements(ir::Weights(t.dtype, t.dims, bytes, nullptr, {}));
}

enum class Knowledge { kUnknownExtents, kSymbolicElements, kConstantElements, kUnknownExtentsConstantElements };

void checkInferenceAt(Knowledge knowledge, const char* op, const char* attrs, const std::vector<HostTensor>& inputs,
                      const std::vector<HostTensor>& results) {
    OneNode g;
    ir::SymbolValues numbers;
    std::vector<ir::Value*> values;
    auto addSymbol = [&](ir::SymbolInfo::Source source, ir::Value* v, int64_t index, int64_t value) {
        ir::SymbolInfo s;
        s.source = source;
        s.value = v;
        s.index = index;
        if (source == ir::SymbolInfo::Source::kElement) s.min = INT64_MIN;
        if (v->dtype() == DType::kBool) s.min = 0, s.max = 1;
        ir::SymbolId id = g.graph.addSymbol(std::move(s));
        numbers.set(id, value);
        return Dim::symbol(id);
    };
    for (const HostTensor& in : inputs) {
        if (!in.storage) {
            values.push_back(nullptr);
            continue;
        }
        const Tensor& t = in.tensor;
        auto elements = t.count() <= 64 ? integers(t) : std::nullopt;
        bool constant =
            knowledge == Knowledge::kConstantElements || knowledge == Knowledge::kUnknownExtentsConstantElements;
        if (elements && constant) {
            values.push_back(constantOf(g, in));
            continue;
        }
        values.push_back(g.graph.body().addParameter({t.dtype, ir::toShape(t.dims)}, "x"));
        ir::Value* v = values.back();
        if (elements && knowledge == Knowledge::kSymbolicElements) {
            std::vector<Dim> symbols;
            for (size_t i = 0; i < elements->size(); ++i)
                symbols.push_back(addSymbol(ir::SymbolInfo::Source::kElement, v, i, (*elements)[i]));
            v->setElements(symbols);
        } else if (knowledge != Knowledge::kConstantElements) {
            Shape shape;
            for (int d = 0; d < t.rank(); ++d)
                shape.push_back(addSymbol(ir::SymbolInfo::Source::kInputDim, v, d, t.dims[d]));
            v->setType({t.dtype, shape});
        }
    }
    Status built = build(g, op, attrs, values, static_cast<int>(results.size()));
    ASSERT_TRUE(built.ok()) << built.toString();
    if (!ir::inferGraph(g.graph).ok()) return;
    std::string where = fmt::format("{} {} (knowledge {})", op, attrs, static_cast<int>(knowledge));
    for (size_t i = numbers.size(); i < g.graph.symbols().size(); ++i) {
        const ir::SymbolInfo& s = g.graph.symbols()[i];
        for (size_t k = 0; k < inputs.size(); ++k) {
            if (values[k] && values[k] == s.value) numbers.set(i, (*integers(inputs[k].tensor))[s.index]);
        }
        for (size_t k = 0; k < results.size(); ++k)
            if (g.node->output(k) == s.value) {
                int64_t extent = results[k].tensor.dims[s.index];
                numbers.set(i, extent);
                auto bound = s.upperBound.eval(numbers);
                EXPECT_TRUE(bound.ok() && *bound >= extent) << where << ": bound " << s.upperBound.toString();
            }
    }
    for (size_t k = 0; k < results.size(); ++k) {
        const ir::Value* v = g.node->output(k);
        const Tensor& got = results[k].tensor;
        EXPECT_EQ(v->dtype(), got.dtype) << where;
        auto dims = ir::evalShape(v->shape(), numbers);
        EXPECT_TRUE(dims.ok()) << where << ": " << ir::toString(v->shape()) << ": " << dims.status().toString();
        if (dims.ok()) {
            EXPECT_EQ(*dims, got.dims) << where << ": " << ir::toString(v->shape());
        }
        auto actual = integers(got);
        if (!v->elements()) continue;
        ASSERT_TRUE(actual) << where << ": elements of a tensor that has none";
        ASSERT_EQ(v->elements()->size(), actual->size()) << where;
        for (size_t i = 0; i < actual->size(); ++i) {
            auto value = (*v->elements())[i].eval(numbers);
            // What cannot be evaluated, or leaves 32 bits, makes an engine fail; it claims nothing.
            if (!value.ok() || (got.dtype == DType::kInt32 && *value != static_cast<int32_t>(*value))) continue;
            EXPECT_EQ(*value, (*actual)[i]) << where << ": element " << i << ": " << (*v->elements())[i].toString();
        }
    }
}

}  // namespace

void checkInference(const char* op, const char* attrs, const std::vector<HostTensor>& inputs,
                    const std::vector<HostTensor>& results) {
    for (int i = 0; i < 4; ++i) checkInferenceAt(static_cast<Knowledge>(i), op, attrs, inputs, results);
}

Result<std::vector<HostTensor>> run(const char* op, const char* attrs, const std::vector<HostTensor>& inputs,
                                    int outputs, const std::vector<int>& constants) {
    OneNode g;
    std::vector<ir::Value*> values;
    std::vector<Tensor> tensors;
    for (const HostTensor& in : inputs) {
        if (!in.storage) {
            values.push_back(nullptr);
            continue;
        }
        if (std::find(constants.begin(), constants.end(), static_cast<int>(values.size())) != constants.end()) {
            values.push_back(constantOf(g, in));
            continue;
        }
        // Elements of integer inputs are not known while inferring, as for any tensor computed at run time.
        values.push_back(g.graph.body().addParameter({in.tensor.dtype, ir::toShape(in.tensor.dims)}, "x"));
        tensors.push_back(in.tensor);
    }
    TRY(build(g, op, attrs, values, outputs));
    for (int i = 0; i < outputs; ++i) g.graph.body().addResult(g.node->output(i));
    TRY(ir::inferGraph(g.graph));
    auto results = TRY(ir::interpret(g.graph, tensors));
    if (!g.node->op().is(ir::Op::kRegions)) checkInference(op, attrs, inputs, results);
    return results;
}

std::string runError(const char* op, const char* attrs, const std::vector<HostTensor>& inputs, int outputs,
                     const std::vector<int>& constants) {
    auto results = run(op, attrs, inputs, outputs, constants);
    return results.ok() ? "" : results.status().message();
}

void expectNear(const HostTensor& got, const Dims& dims, const std::vector<double>& expected, double tolerance) {
    EXPECT_EQ(got.tensor.dims, dims);
    std::vector<double> values = valuesOf(got.tensor);
    ASSERT_EQ(values.size(), expected.size());
    for (size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(expected[i]))
            EXPECT_TRUE(std::isnan(values[i])) << "element " << i;
        else if (std::isinf(expected[i]))
            EXPECT_EQ(values[i], expected[i]) << "element " << i;
        else
            EXPECT_NEAR(values[i], expected[i], tolerance) << "element " << i;
    }
}

Result<std::vector<TensorType>> infer(const char* op, const char* attrs, const std::vector<TensorType>& inputs,
                                      int outputs) {
    std::vector<Arg> list;
    for (const TensorType& t : inputs) list.push_back({.dtype = t.dtype, .shape = t.shape});
    Inferred i = inferArgs(op, attrs, list, outputs);
    if (!i.status.ok()) return i.status;
    return i.types;
}

Arg shapeTensor(std::vector<Dim> elements) {
    Shape shape = {static_cast<int64_t>(elements.size())};
    return {DType::kInt64, shape, std::move(elements)};
}

Inferred inferArgs(const char* op, const char* attrs, const std::vector<Arg>& inputs, int outputs) {
    OneNode g;
    int symbols = 0;
    auto count = [&](const std::vector<Dim>& dims) {
        for (const Dim& d : dims) d.forEachSymbol([&](ir::SymbolId id) { symbols = std::max(symbols, id + 1); });
    };
    std::vector<ir::Value*> values;
    for (const Arg& a : inputs) {
        values.push_back(a.absent ? nullptr : g.graph.body().addParameter({a.dtype, a.shape}, "x"));
        count(a.shape);
        if (a.elements) {
            count(*a.elements);
            values.back()->setElements(a.elements);
        }
    }
    for (int i = 0; i < symbols; ++i) g.graph.addSymbol({});
    Inferred out;
    out.status = [&]() -> Status {
        TRY(build(g, op, attrs, values, outputs));
        TRY(ir::inferGraph(g.graph));
        return {};
    }();
    if (!out.status.ok()) return out;
    for (const ir::Value* v : g.node->outputs()) {
        out.types.push_back(v->type());
        out.elements.emplace_back();
        if (v->elements()) out.elements.back() = *v->elements();
    }
    return out;
}

Shape inferShape(const char* op, const char* attrs, const std::vector<Arg>& inputs) {
    Inferred i = inferArgs(op, attrs, inputs);
    EXPECT_TRUE(i.status.ok()) << i.status.toString();
    return i.status.ok() ? i.types[0].shape : Shape{};
}

std::vector<Dim> inferElements(const char* op, const char* attrs, const std::vector<Arg>& inputs) {
    Inferred i = inferArgs(op, attrs, inputs);
    EXPECT_TRUE(i.status.ok()) << i.status.toString();
    if (!i.status.ok()) return {};
    EXPECT_TRUE(i.elements[0].has_value()) << op << " " << attrs << ": the elements are not known";
    return i.elements[0].value_or(std::vector<Dim>());
}

std::string inferError(const char* op, const char* attrs, const std::vector<Arg>& inputs) {
    Inferred i = inferArgs(op, attrs, inputs);
    return i.status.ok() ? "" : i.status.message();
}

}  // namespace lathe::ops::testing
