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
        int index = static_cast<int>(values.size());
        if (std::find(constants.begin(), constants.end(), index) != constants.end()) {
            std::span<const std::byte> bytes(static_cast<const std::byte*>(in.tensor.data), in.tensor.byteSize());
            auto weights = std::make_shared<ir::Weights>(in.tensor.dtype, in.tensor.dims, bytes, in.storage, "w");
            values.push_back(g.graph.addConstant(std::move(weights), "w"));
            continue;
        }
        // Elements of integer inputs are not known while inferring, as for any tensor computed at run time.
        values.push_back(g.graph.body().addParameter({in.tensor.dtype, ir::toShape(in.tensor.dims)}, "x"));
        tensors.push_back(in.tensor);
    }
    TRY(build(g, op, attrs, values, outputs));
    for (int i = 0; i < outputs; ++i) g.graph.body().addResult(g.node->output(i));
    TRY(ir::inferGraph(g.graph));
    return ir::interpret(g.graph, tensors);
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
    std::vector<InferInput> list;
    for (const TensorType& t : inputs) list.push_back({.type = t});
    return inferWith(op, attrs, list, outputs);
}

Result<std::vector<TensorType>> inferWith(const char* op, const char* attrs, const std::vector<InferInput>& inputs,
                                          int outputs) {
    OneNode g;
    int symbols = 0;
    auto count = [&](const Dim& d) { d.forEachSymbol([&](ir::SymbolId id) { symbols = std::max(symbols, id + 1); }); };
    std::vector<ir::Value*> values;
    for (const InferInput& in : inputs) {
        if (in.absent) {
            values.push_back(nullptr);
            continue;
        }
        for (const Dim& d : in.type.shape) count(d);
        values.push_back(g.graph.body().addParameter(in.type, "x"));
        if (!in.elements) continue;
        for (const Dim& d : *in.elements) count(d);
        values.back()->setElements(in.elements);
    }
    for (int i = 0; i < symbols; ++i) g.graph.addSymbol({});
    TRY(build(g, op, attrs, values, outputs));
    TRY(ir::inferGraph(g.graph));
    std::vector<TensorType> types;
    for (const ir::Value* v : g.node->outputs()) types.push_back(v->type());
    return types;
}

Shape inferShape(const char* op, const char* attrs, const std::vector<TensorType>& inputs) {
    auto types = infer(op, attrs, inputs);
    EXPECT_TRUE(types.ok()) << types.status().toString();
    return types.ok() ? (*types)[0].shape : Shape{-1};
}

std::string inferError(const char* op, const char* attrs, const std::vector<TensorType>& inputs) {
    auto types = infer(op, attrs, inputs);
    return types.ok() ? "" : types.status().message();
}

}  // namespace lathe::ops::testing
