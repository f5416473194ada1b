// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "frontends/onnx/model/parser.h"

namespace lathe::onnx {
namespace {

constexpr uint32_t bitOf(AttributeType type) { return 1u << static_cast<uint32_t>(type); }

}  // namespace

Status Parser::graph(const Place& place, Graph& out) {
    if (graphDepth_ > options_.maxDepth) {
        return fail(place, place.message.data(), "graphs lie more than {} deep in graphs", options_.maxDepth);
    }
    ++graphDepth_;
    const Status status = eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1: return add(place, field, "node", out.nodes, 3, 4, &Parser::node);
            case 2: return text(place, field, out.name);
            case 5: return add(place, field, "initializer", out.initializers, 8, 0, &Parser::tensor);
            case 10: return text(place, field, out.docString);
            case 11: return add(place, field, "input", out.inputs, 1, 0, &Parser::valueInfo);
            case 12: return add(place, field, "output", out.outputs, 1, 0, &Parser::valueInfo);
            case 13: return add(place, field, "value_info", out.valueInfos, 1, 0, &Parser::valueInfo);
            case 14:
                return add(place, field, "quantization_annotation", out.quantizationAnnotations, 1, 0,
                           &Parser::annotation);
            case 15:
                return add(place, field, "sparse_initializer", out.sparseInitializers, 0, 0, &Parser::sparseTensor);
            case 16: return addPair(place, field, "metadata_props", out.metadata);
            default: return {};
        }
    });
    --graphDepth_;
    return status;
}

Status Parser::annotation(const Place& place, QuantizationAnnotation& out) {
    return eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1: return text(place, field, out.tensorName);
            case 2: return addPair(place, field, "quant_parameter_tensor_names", out.parameters);
            default: return {};
        }
    });
}

Status Parser::node(const Place& place, Node& out) {
    return eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1: return addText(place, field, out.inputs);
            case 2: return addText(place, field, out.outputs);
            case 3: return text(place, field, out.name);
            case 4: return text(place, field, out.opType);
            case 5: return add(place, field, "attribute", out.attributes, 1, 0, &Parser::attribute);
            case 6: return text(place, field, out.docString);
            case 7:
                TRY(text(place, field, out.domain));
                if (out.domain == "ai.onnx") out.domain.clear();
                return {};
            case 8: return text(place, field, out.overload);
            case 9: return addPair(place, field, "metadata_props", out.metadata);
            default: return {};
        }
    });
}

Status Parser::attribute(const Place& place, Attribute& out) {
    uint32_t present = 0;  // bitOf(type) of each kind of value that is there
    const auto single = [&](const Field& field, AttributeType type) -> Status {
        bool seen = (present & bitOf(type)) != 0;
        TRY(once(place, field, seen));
        present |= bitOf(type);
        return {};
    };
    TRY(eachField(place, [&](const Field& field) -> Status {
        using enum AttributeType;
        switch (field.number) {
            case 1: return text(place, field, out.name);
            case 2:
                TRY(expect(place, field, WireType::kFixed32));
                out.f = std::bit_cast<float>(static_cast<uint32_t>(field.value));
                present |= bitOf(kFloat);
                return {};
            case 3: present |= bitOf(kInt); return number(place, field, out.i);
            case 4: present |= bitOf(kString); return text(place, field, out.s);
            case 5: TRY(single(field, kTensor)); return add(place, field, "t", out.tensors, 8, 0, &Parser::tensor);
            case 6: TRY(single(field, kGraph)); return add(place, field, "g", out.graphs, 2, 0, &Parser::graph);
            case 7: present |= bitOf(kFloats); return addFloats(place, field, out.floats);
            case 8: present |= bitOf(kInts); return addNumbers(place, field, out.ints);
            case 9: present |= bitOf(kStrings); return addText(place, field, out.strings);
            case 10:
                present |= bitOf(kTensors);
                return add(place, field, "tensors", out.tensors, 8, 0, &Parser::tensor);
            case 11: present |= bitOf(kGraphs); return add(place, field, "graphs", out.graphs, 2, 0, &Parser::graph);
            case 14: TRY(single(field, kType)); return add(place, field, "tp", out.types, 0, 0, &Parser::type);
            case 15: present |= bitOf(kTypes); return add(place, field, "type_protos", out.types, 0, 0, &Parser::type);
            case 20: {
                int32_t value = 0;
                TRY(number32(place, field, value));
                if (value < 0 || value > static_cast<int32_t>(kTypes)) {
                    return fail(place, field.start, "attribute type {} is not known", value);
                }
                out.type = static_cast<AttributeType>(value);
                return {};
            }
            case 21: return text(place, field, out.refAttrName);
            case 22:
                TRY(single(field, kSparseTensor));
                return add(place, field, "sparse_tensor", out.sparseTensors, 0, 0, &Parser::sparseTensor);
            case 23:
                present |= bitOf(kSparseTensors);
                return add(place, field, "sparse_tensors", out.sparseTensors, 0, 0, &Parser::sparseTensor);
            default: return {};
        }
    }));
    return settleAttribute(place, present, out);
}

// Files of IR version 1 have no type; then the value that is there tells it. Writers that leave out zeros (proto3)
// write no value for 0, 0.0, "" and empty lists.
Status Parser::settleAttribute(const Place& place, uint32_t present, Attribute& out) {
    const std::byte* const start = place.message.data();
    if (!out.refAttrName.empty()) {
        if (present)
            return fail(place, start, "a reference to attribute {} with a value besides", inQuotes(out.refAttrName));
        return {};
    }
    if (std::popcount(present) > 1) {
        const uint32_t rest = present & (present - 1);
        return fail(place, start, "has both {} and {} values",
                    toString(static_cast<AttributeType>(std::countr_zero(present))),
                    toString(static_cast<AttributeType>(std::countr_zero(rest))));
    }
    if (out.type == AttributeType::kUndefined) {
        if (!present) return fail(place, start, "has neither a type nor a value");
        out.type = static_cast<AttributeType>(std::countr_zero(present));
        return {};
    }
    if (present && present != bitOf(out.type)) {
        return fail(place, start, "has type {}, but {} values", toString(out.type),
                    toString(static_cast<AttributeType>(std::countr_zero(present))));
    }
    using enum AttributeType;
    constexpr uint32_t kNeedsValue = bitOf(kTensor) | bitOf(kGraph) | bitOf(kSparseTensor) | bitOf(kType);
    if (!present && (bitOf(out.type) & kNeedsValue))
        return fail(place, start, "has type {}, but no value", toString(out.type));
    return {};
}

}  // namespace lathe::onnx
