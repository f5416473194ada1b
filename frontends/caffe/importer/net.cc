// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/importer/net.h"

#include <algorithm>
#include <limits>

#include "frontends/caffe/importer/registry.h"

namespace lathe::caffe {
namespace {

// The state that rules are judged by: a network that is run.
struct State {
    int64_t level = 0;
    std::vector<std::string> stages;

    bool has(const std::string& stage) const { return std::find(stages.begin(), stages.end(), stage) != stages.end(); }
};

// Whether a phase is that of running. Numbers: 0 is TRAIN, 1 is TEST.
Result<bool> isTest(const TextField& field) {
    if (field.kind == TextField::Kind::kWord) {
        if (field.text == "TEST" || field.text == "1") return true;
        if (field.text == "TRAIN" || field.text == "0") return false;
    }
    return invalidArgument("{} is {}; expected TRAIN or TEST", placeOf(field), quoted(field.text));
}

Result<bool> meets(const TextMessage& rule, const State& state) {
    bool ok = true;
    for (const TextField& field : rule.fields) {
        if (field.name == "phase") {
            ok &= TRY(isTest(field));
        } else if (field.name == "min_level") {
            ok &= state.level >= TRY(toInteger(field));
        } else if (field.name == "max_level") {
            ok &= state.level <= TRY(toInteger(field));
        } else if (field.name == "stage") {
            ok &= state.has(TRY(toText(field)));
        } else if (field.name == "not_stage") {
            ok &= !state.has(TRY(toText(field)));
        } else {
            return invalidArgument("{} is unknown in a rule of include or exclude", placeOf(field));
        }
    }
    return ok;
}

Result<bool> isIncluded(const TextMessage& layer, const State& state) {
    const auto includes = layer.all("include"), excludes = layer.all("exclude");
    if (!includes.empty() && !excludes.empty()) {
        return invalidArgument("line {}: a layer has rules of either include or exclude, not of both",
                               excludes[0]->line);
    }
    for (const TextField* rule : includes) {
        if (TRY(meets(*TRY(toMessage(*rule)), state))) return true;
    }
    for (const TextField* rule : excludes) {
        if (TRY(meets(*TRY(toMessage(*rule)), state))) return false;
    }
    return includes.empty();
}

Result<State> readState(const TextMessage& net) {
    State out;
    const TextField* field = net.find("state");
    if (!field) return out;
    const TextMessage* state = TRY(toMessage(*field));
    if (const TextField* level = state->find("level")) out.level = TRY(toInteger(*level));
    for (const TextField* stage : state->all("stage")) out.stages.push_back(TRY(toText(*stage)));
    return out;
}

Result<std::vector<std::string>> texts(const TextMessage& message, std::string_view name) {
    std::vector<std::string> out;
    for (const TextField* field : message.all(name)) out.push_back(TRY(toText(*field)));
    return out;
}

Result<std::string> text(const TextMessage& message, std::string_view name) {
    const auto fields = message.all(name);
    if (fields.empty()) return std::string();
    if (fields.size() > 1) return invalidArgument("{} is given a second time", placeOf(*fields[1]));
    return toText(*fields[0]);
}

Result<Layer> readLayer(const TextField& field) {
    Layer out;
    out.message = TRY(toMessage(field));
    out.line = field.line;
    out.name = TRY(text(*out.message, "name"));
    out.bottoms = TRY(texts(*out.message, "bottom"));
    out.tops = TRY(texts(*out.message, "top"));
    const TextField* type = out.message->find("type");
    if (!type) {
        if (out.message->find("layer")) {
            return unsupported(
                "line {}: a layer within a layer: the file is of the oldest format, of 2013; Caffe's "
                "upgrade_net_proto_text rewrites such files",
                out.line);
        }
        return invalidArgument("line {}: layer {} has no type", out.line, quoted(out.name));
    }
    if (type->kind == TextField::Kind::kString) {
        out.type = type->text;
        return out;
    }
    // Before 2014 the type was an enumerator.
    const std::string old = type->kind == TextField::Kind::kWord ? type->text : std::string();
    const LayerRow* row = findOldLayer(old);
    if (!row) {
        return unsupported(
            "line {}: layer {} has the type {}, which is no string and not one of the older format's "
            "types that are known here",
            out.line, quoted(out.name), quoted(old));
    }
    out.type = row->type;
    return out;
}

Result<std::vector<NetInput>> readInputs(const TextMessage& text) {
    std::vector<NetInput> out;
    for (const TextField* field : text.all("input")) out.push_back({TRY(toText(*field)), {}, field->line});
    const auto shapes = text.all("input_shape"), dims = text.all("input_dim");
    if (out.empty()) {
        if (!shapes.empty()) return invalidArgument("{} without an input", placeOf(*shapes[0]));
        if (!dims.empty()) return invalidArgument("{} without an input", placeOf(*dims[0]));
        return out;
    }
    if (!shapes.empty() && !dims.empty()) {
        return invalidArgument("{}: shapes of inputs are given by input_shape too", placeOf(*dims[0]));
    }
    if (!shapes.empty()) {
        if (shapes.size() != out.size()) {
            return invalidArgument("line {}: {} inputs with {} of input_shape", shapes[0]->line, out.size(),
                                   shapes.size());
        }
        for (size_t i = 0; i < out.size(); ++i) out[i].extents = TRY(readShape(*TRY(toMessage(*shapes[i]))));
        return out;
    }
    if (dims.size() != 4 * out.size()) {
        return invalidArgument("line {}: {} inputs with {} of input_dim; each needs 4", out[0].line, out.size(),
                               dims.size());
    }
    for (size_t i = 0; i < dims.size(); ++i) {
        const int64_t extent = TRY(toInteger(*dims[i]));
        if (extent < 1) return invalidArgument("{} is {}; the least is 1", placeOf(*dims[i]), extent);
        out[i / 4].extents.push_back(extent);
    }
    return out;
}

}  // namespace

std::string describe(const Layer& layer) {
    return fmt::format("layer {} ({}, line {})", quoted(layer.name), layer.type, layer.line);
}

Result<Ints> readShape(const TextMessage& shape) {
    Ints out;
    for (const TextField& field : shape.fields) {
        if (field.name != "dim") return invalidArgument("{} is unknown in a shape", placeOf(field));
        const int64_t extent = TRY(toInteger(field));
        if (extent < 1 || extent > std::numeric_limits<int32_t>::max()) {
            return invalidArgument("{} is {}; an extent is from 1 to {}", placeOf(field), extent,
                                   std::numeric_limits<int32_t>::max());
        }
        out.push_back(extent);
    }
    if (out.empty()) return invalidArgument("line {}: a shape without dimensions", shape.line);
    return out;
}

Result<Net> readNet(TextMessage message) {
    Net out;
    out.text = std::move(message);
    static constexpr std::string_view kKnown[] = {"name",  "input",  "input_dim",      "input_shape", "layer",
                                                  "state", "layers", "force_backward", "debug_info"};
    for (const TextField& field : out.text.fields) {
        if (std::find(std::begin(kKnown), std::end(kKnown), field.name) == std::end(kKnown)) {
            return invalidArgument("{} is not known in a network", placeOf(field));
        }
    }
    out.name = TRY(text(out.text, "name"));
    out.inputs = TRY(readInputs(out.text));
    const State state = TRY(readState(out.text));
    for (const TextField& field : out.text.fields) {
        if (field.name != "layer" && field.name != "layers") continue;
        if (!TRY(isIncluded(*TRY(toMessage(field)), state))) continue;
        out.layers.push_back(TRY(readLayer(field)));
    }
    if (out.layers.empty()) return invalidArgument("there are no layers in it");
    return out;
}

}  // namespace lathe::caffe
