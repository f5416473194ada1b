// SPDX-License-Identifier: Apache-2.0
// The inside of parse.h: one method a message type, on helpers that read fields and say where they failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "frontends/onnx/model/external_data.h"
#include "frontends/onnx/model/model.h"
#include "frontends/onnx/model/parse.h"
#include "frontends/onnx/model/wire.h"

namespace lathe::onnx {

// A message within the file, linked to the one around it; lives on the stack while the message is read. Its name is
// looked up in the bytes only when an error has to tell it.
struct Place {
    const Place* parent = nullptr;
    std::string_view field;  // what the message around it calls this one
    int64_t index = -1;      // among the repetitions of the field
    std::span<const std::byte> message;
    uint32_t nameField = 0;  // numbers of the fields that name it, 0 where there are none
    uint32_t kindField = 0;
};

class Parser {
  public:
    Parser(const Blob& file, const ParseOptions& options, ExternalFiles& external)
        : file_(file), options_(options), external_(external) {}

    Status model(Model& out);

  private:
    // parser.cc: errors, scalar fields, budget
    Status failText(const Place& place, const std::byte* at, std::string what) const;
    template <class... A>
    Status fail(const Place& place, const std::byte* at, fmt::format_string<A...> format, A&&... args) const {
        return failText(place, at, fmt::format(format, std::forward<A>(args)...));
    }
    Status expect(const Place& place, const Field& field, WireType type) const;
    // Before the first message in a field that may come once.
    Status once(const Place& place, const Field& field, bool& seen) const;
    Status spend(const Place& place, const Field& field, size_t bytes);
    template <class F>
    Status eachField(const Place& place, F&& onField) {
        WireReader reader(place.message);
        for (Field field; reader.next(field);) TRY(onField(static_cast<const Field&>(field)));
        if (!reader.error().empty()) return fail(place, reader.position(), "{}", reader.error());
        return {};
    }
    // Calls onValue(uint64_t) → Status for each varint of a repeated field, packed or not.
    template <class F>
    Status eachVarint(const Place& place, const Field& field, F&& onValue) {
        if (field.type != WireType::kBytes) {
            TRY(expect(place, field, WireType::kVarint));
            return onValue(field.value);
        }
        const std::byte* p = field.bytes.data();
        const std::byte* const end = p + field.bytes.size();
        for (uint64_t value; p != end;) {
            if (!readVarint(p, end, value)) return fail(place, p, "malformed varint in field {}", field.number);
            TRY(onValue(value));
        }
        return {};
    }
    Status text(const Place& place, const Field& field, std::string& out);
    Status addText(const Place& place, const Field& field, std::vector<std::string>& out);
    Status number(const Place& place, const Field& field, int64_t& out);
    Status number32(const Place& place, const Field& field, int32_t& out);
    Status dataType(const Place& place, const Field& field, DataType& out);
    Status addNumbers(const Place& place, const Field& field, std::vector<int64_t>& out);
    Status addFloats(const Place& place, const Field& field, std::vector<float>& out);
    Status addPair(const Place& place, const Field& field, std::string_view what, StringPairs& out);
    // Appends an element to a repeated message field and parses it by (this->*parse)(place, element).
    template <class T>
    Status add(const Place& place, const Field& field, std::string_view what, std::vector<T>& out, uint32_t nameField,
               uint32_t kindField, Status (Parser::*parse)(const Place&, T&)) {
        TRY(expect(place, field, WireType::kBytes));
        TRY(spend(place, field, sizeof(T)));
        const Place inner{&place, what, static_cast<int64_t>(out.size()), field.bytes, nameField, kindField};
        return (this->*parse)(inner, out.emplace_back());
    }

    // parse_tensor.cc
    Status tensor(const Place& place, Tensor& out);
    Status tensorData(const Place& place, uint32_t number, Tensor& out);
    Status fixedData(const Place& place, uint32_t number, size_t width, Tensor& out);
    Status varintData(const Place& place, uint32_t number, Tensor& out);
    Status externalData(const Place& place, const StringPairs& entries, Tensor& out);
    Status sparseTensor(const Place& place, SparseTensor& out);

    // parse_type.cc
    Status valueInfo(const Place& place, ValueInfo& out);
    Status type(const Place& place, Type& out);
    Status tensorType(const Place& place, Type& out);
    Status elementType(const Place& place, const Field& field, Type& out);
    Status wrappedType(const Place& place, uint32_t elementField, Type& out);
    Status opaqueType(const Place& place, Type& out);
    Status shape(const Place& place, Type& out);
    Status dim(const Place& place, Dim& out);

    // parse_graph.cc
    Status graph(const Place& place, Graph& out);
    Status node(const Place& place, Node& out);
    Status attribute(const Place& place, Attribute& out);
    Status settleAttribute(const Place& place, uint32_t present, Attribute& out);
    Status annotation(const Place& place, QuantizationAnnotation& out);

    // parse.cc
    Status function(const Place& place, Function& out);
    Status opset(const Place& place, const Field& field, Opsets& out);

    const Blob& file_;
    const ParseOptions& options_;
    ExternalFiles& external_;
    int graphDepth_ = 0;
    int typeDepth_ = 0;
    size_t spent_ = 0;
};

}  // namespace lathe::onnx
