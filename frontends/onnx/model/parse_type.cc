// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/parser.h"

namespace lathe::onnx {

Status Parser::valueInfo(const Place& place, ValueInfo& out) {
    bool typed = false;
    return eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1: return text(place, field, out.name);
            case 2: TRY(once(place, field, typed)); return type({&place, "type", -1, field.bytes}, out.type);
            case 3: return text(place, field, out.docString);
            case 4: return addPair(place, field, "metadata_props", out.metadata);
            default: return {};
        }
    });
}

Status Parser::type(const Place& place, Type& out) {
    if (typeDepth_ == options_.maxDepth) {
        return fail(place, place.message.data(), "types lie more than {} deep in types", options_.maxDepth);
    }
    ++typeDepth_;
    bool kind = false;
    const Status status = eachField(place, [&](const Field& field) -> Status {
        const auto is = [&](Type::Kind k) {
            out.kind = k;
            return Place{&place, toString(k), -1, field.bytes};
        };
        switch (field.number) {
            case 1: TRY(once(place, field, kind)); return tensorType(is(Type::Kind::kTensor), out);
            case 4: TRY(once(place, field, kind)); return wrappedType(is(Type::Kind::kSequence), 1, out);
            case 5: TRY(once(place, field, kind)); return wrappedType(is(Type::Kind::kMap), 2, out);
            case 6: return text(place, field, out.denotation);
            case 7: TRY(once(place, field, kind)); return opaqueType(is(Type::Kind::kOpaque), out);
            case 8: TRY(once(place, field, kind)); return tensorType(is(Type::Kind::kSparseTensor), out);
            case 9: TRY(once(place, field, kind)); return wrappedType(is(Type::Kind::kOptional), 1, out);
            default: return {};
        }
    });
    --typeDepth_;
    return status;
}

Status Parser::tensorType(const Place& place, Type& out) {
    bool shaped = false;
    return eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1: return dataType(place, field, out.elemType);
            case 2: TRY(once(place, field, shaped)); return shape({&place, "shape", -1, field.bytes}, out);
            default: return {};
        }
    });
}

Status Parser::elementType(const Place& place, const Field& field, Type& out) {
    return add(place, field, "elem_type", out.element, 0, 0, &Parser::type);
}

// A sequence or optional (type in field 1), or a map (key type in field 1, value type in field 2).
Status Parser::wrappedType(const Place& place, uint32_t elementField, Type& out) {
    bool element = false;
    return eachField(place, [&](const Field& field) -> Status {
        if (field.number == elementField) {
            TRY(once(place, field, element));
            return elementType(place, field, out);
        }
        return field.number == 1 ? dataType(place, field, out.elemType) : Status();
    });
}

Status Parser::opaqueType(const Place& place, Type& out) {
    return eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1: return text(place, field, out.opaqueDomain);
            case 2: return text(place, field, out.opaqueName);
            default: return {};
        }
    });
}

Status Parser::shape(const Place& place, Type& out) {
    std::vector<Dim>& dims = out.shape.emplace();
    return eachField(place, [&](const Field& field) -> Status {
        return field.number == 1 ? add(place, field, "dim", dims, 0, 0, &Parser::dim) : Status();
    });
}

Status Parser::dim(const Place& place, Dim& out) {
    return eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1: out.param.clear(); return number(place, field, out.value.emplace());
            case 2: out.value.reset(); return text(place, field, out.param);
            case 3: return text(place, field, out.denotation);
            default: return {};
        }
    });
}

}  // namespace lathe::onnx
