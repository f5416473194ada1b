// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/parse.h"

#include <new>
#include <stdexcept>
#include <string_view>

#include "frontends/onnx/model/parser.h"

namespace lathe::onnx {
namespace {

// A mistake that people make often, and that reads as a strange protobuf error otherwise.
Status checkNotPointer(std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("version https://git-lfs")) {
        return invalidArgument("this is a git-lfs pointer, not the model itself; fetch it with 'git lfs pull'");
    }
    return {};
}

}  // namespace

Status Parser::opset(const Place& place, const Field& field, Opsets& out) {
    TRY(expect(place, field, WireType::kBytes));
    TRY(spend(place, field, 2 * sizeof(Opsets::value_type)));
    const Place inner{&place, "opset_import", -1, field.bytes, 1, 0};
    std::string domain;
    int64_t version = 0;
    TRY(eachField(inner, [&](const Field& f) -> Status {
        switch (f.number) {
            case 1: return text(inner, f, domain);
            case 2: return number(inner, f, version);
            default: return {};
        }
    }));
    if (domain == "ai.onnx") domain.clear();
    const auto [at, added] = out.emplace(domain, version);
    if (!added && at->second != version) {
        return fail(inner, field.start, "domain {} is imported in versions {} and {}", inQuotes(domain), at->second,
                    version);
    }
    return {};
}

Status Parser::function(const Place& place, Function& out) {
    return eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1: return text(place, field, out.name);
            case 4: return addText(place, field, out.inputs);
            case 5: return addText(place, field, out.outputs);
            case 6: return addText(place, field, out.attributes);
            case 7: return add(place, field, "node", out.nodes, 3, 4, &Parser::node);
            case 8: return text(place, field, out.docString);
            case 9: return opset(place, field, out.opsets);
            case 10:
                TRY(text(place, field, out.domain));
                if (out.domain == "ai.onnx") out.domain.clear();
                return {};
            case 11: return add(place, field, "attribute_proto", out.attributeDefaults, 1, 0, &Parser::attribute);
            case 12: return add(place, field, "value_info", out.valueInfos, 1, 0, &Parser::valueInfo);
            case 13: return text(place, field, out.overload);
            case 14: return addPair(place, field, "metadata_props", out.metadata);
            default: return {};
        }
    });
}

Status Parser::model(Model& out) {
    const Place place{nullptr, "", -1, file_.bytes};
    bool seen = false;
    TRY(eachField(place, [&](const Field& field) -> Status {
        switch (field.number) {
            case 1:
                TRY(number(place, field, out.irVersion));
                if (out.irVersion <= kNewestIrVersion) return {};
                return fail(place, field.start, "IR version {} is newer than {}, the newest one known", out.irVersion,
                            kNewestIrVersion);
            case 2: return text(place, field, out.producerName);
            case 3: return text(place, field, out.producerVersion);
            case 4: return text(place, field, out.domain);
            case 5: return number(place, field, out.modelVersion);
            case 6: return text(place, field, out.docString);
            case 7: TRY(once(place, field, seen)); return graph({&place, "graph", -1, field.bytes}, out.graph);
            case 8: return opset(place, field, out.opsets);
            case 14: return addPair(place, field, "metadata_props", out.metadata);
            case 25: return add(place, field, "functions", out.functions, 1, 0, &Parser::function);
            default: return {};
        }
    }));
    if (!seen) return invalidArgument("the model has no graph: is this an ONNX file?");
    // Before operator sets could be imported there was one.
    if (out.opsets.empty() && out.irVersion >= 1 && out.irVersion < 3) out.opsets.emplace("", 1);
    bindOpsets(out);
    return {};
}

Result<Model> parseModel(Blob file, const ParseOptions& options) {
    if (file.bytes.empty()) return invalidArgument("an empty ONNX file");
    TRY(checkNotPointer(file.bytes));
    ExternalFiles external(options.folder, options.verifyChecksums);
    Model model;
    model.file = std::move(file);
    model.folder = options.folder;
    try {
        TRY(Parser(model.file, options, external).model(model));
    } catch (const std::bad_alloc&) {
        return makeStatus(Code::kFailedAllocation, "out of memory while reading an ONNX model");
    } catch (const std::length_error&) {
        return makeStatus(Code::kFailedAllocation, "out of memory while reading an ONNX model");
    }
    return model;
}

Result<Model> parseFile(const std::string& path, const ParseOptions& options) {
    Blob file = TRY(mapFile(path));
    ParseOptions mine = options;
    const size_t slash = path.rfind('/');
    mine.folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    return TRY_IN(inQuotes(path), parseModel(std::move(file), mine));
}

}  // namespace lathe::onnx
