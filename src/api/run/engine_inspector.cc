// SPDX-License-Identifier: Apache-2.0
// Layer information in the forms that TensorRT's tools print and read:
//   {"Layers": [...], "Bindings": ["x", "y"]}
// where a layer is its name (ProfilingVerbosity::kLAYER_NAMES_ONLY), its number (kNONE), or (kDETAILED)
//   {"Name", "LayerType", "Inputs": [{"Name", "Location", "Dimensions", "Format/Datatype"}], "Outputs",
//   "ParameterType",
//    "Attributes", "Weights": {"Type", "Count"}, "Bias", "TacticName", "TacticValue", "StreamId", "Metadata"}
#include "api/run/engine_inspector.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "api/run/execution_context.h"
#include "api/run/json.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

std::string formatInWords(DType type, tactics::Layout layout) {
    static constexpr const char* kLayouts[] = {"Row major linear",
                                               "Channel major",
                                               "Channels blocked by 8,",
                                               "Channels blocked by 16,",
                                               "Row major linear, on the host,",
                                               "Two wide channel vectorized row major",
                                               "Four wide channel vectorized row major",
                                               "Sixteen wide channel vectorized row major",
                                               "Thirty-two wide channel vectorized row major",
                                               "Channel major",
                                               "Channel major, channel % 8 == 0,",
                                               "Channel major, channel % 16 == 0,",
                                               "Thirty-two wide channel vectorized row major volume",
                                               "Channel major volume",
                                               "Channel major volume, channel % 8 == 0,"};
    static_assert(std::size(kLayouts) == tactics::kLayoutCount);
    static constexpr const char* kTypes[] = {"FP32", "FP16", "Int8",  "Int32", "Bool", "UInt8",
                                             "FP8",  "BF16", "Int64", "Int4",  "FP4",  "E8M0"};
    return fmt::format("{} {} format", kLayouts[static_cast<int>(layout)], kTypes[static_cast<int>(type)]);
}

// "\"Weights\": {\"Type\": \"Float\", \"Count\": 400}, \"Bias\": …, " of the node's first constants, as TensorRT calls
// them.
std::string weightsOf(const ir::Node* node) {
    static constexpr const char* kTypes[] = {"Float", "Half", "Int8",  "Int32", "Bool", "UInt8",
                                             "FP8",   "BF16", "Int64", "Int4",  "FP4",  "E8M0"};
    static constexpr const char* kRoles[] = {"Weights", "Bias"};
    std::string out;
    int role = 0;
    for (int i = 0; node && i < node->inputCount() && role < 2; ++i)
        if (const ir::Value* v = node->input(i); v && v->isConstant())
            out += fmt::format("\"{}\": {{\"Type\": \"{}\", \"Count\": {}}}, ", kRoles[role++],
                               kTypes[static_cast<int>(v->dtype())], ir::volume(ir::constantDims(v->shape())));
    return out;
}

// The node that says most about a step: its control op, or the first one that is not mere data movement.
const ir::Node* mainNode(const plan::Step& step) {
    if (step.control) return step.control;
    for (const ir::Node* n : step.binding.nodes)
        if (!n->op().is(ir::Op::kView)) return n;
    return step.binding.nodes.empty() ? nullptr : step.binding.nodes[0];
}

}  // namespace

EngineInspector::EngineInspector(const CudaEngine& engine) : engine_(engine), reporter_(engine.reporter().logger()) {
    mImpl = this;
    reporter_.setRecorder(engine.reporter().recorder());
}

bool EngineInspector::setExecutionContext(IExecutionContext const* context) noexcept {
    if (context && &ExecutionContext::of(*context).cudaEngine() != &engine_) {
        reporter_.error("IEngineInspector::setExecutionContext",
                        invalidArgument("the context belongs to another engine"));
        return false;
    }
    context_ = context;
    return true;
}

const plan::Program& EngineInspector::program() const {
    int profile = context_ ? context_->getOptimizationProfile() : 0;
    return engine_.engine()->program(profile);
}

ir::SymbolValues EngineInspector::symbols() const {
    const ir::Graph& graph = *program().graph;
    ir::SymbolValues values(graph.symbols().size());
    if (!context_) return values;
    const auto& io = engine_.facts().io;
    for (size_t i = 0; i < io.size(); ++i) {
        if (!io[i].isInput) continue;
        ir::Dims dims = ExecutionContext::of(*context_).context().shape(static_cast<int>(i));
        const ir::Value* p = graph.body().parameters()[io[i].index];
        for (size_t d = 0; d < dims.size() && d < p->shape().size(); ++d)
            if (ir::SymbolId s = p->shape()[d].asSymbol(); s >= 0 && dims[d] >= 0) values.set(s, dims[d]);
    }
    return values;
}

std::string EngineInspector::tensors(std::span<const ir::Value* const> list, std::span<const tactics::Layout> layouts,
                                     const ir::SymbolValues& symbols) const {
    std::string out = "[";
    for (size_t i = 0; i < list.size(); ++i) {
        ir::Dims dims;
        for (const ir::Dim& d : list[i]->shape()) {
            Result<int64_t> v = d.eval(symbols);
            dims.push_back(v.ok() ? *v : -1);
        }
        tactics::Layout layout = i < layouts.size() ? layouts[i] : tactics::Layout::kLinear;
        out += fmt::format(
            "{}{{\"Name\": {}, \"Location\": \"Device\", \"Dimensions\": {}, \"Format/Datatype\": {}}}", i ? ", " : "",
            quoted(list[i]->name().empty() ? fmt::format("(tensor {})", list[i]->id()) : list[i]->name()),
            ir::toString(dims), quoted(formatInWords(list[i]->dtype(), layout)));
    }
    return out + "]";
}

std::string EngineInspector::describe(const plan::Step& step, int index, LayerInformationFormat format) const {
    ProfilingVerbosity verbosity = engine_.getProfilingVerbosity();
    bool json = format == LayerInformationFormat::kJSON;
    if (verbosity != ProfilingVerbosity::kDETAILED) {
        std::string name = verbosity == ProfilingVerbosity::kNONE ? std::to_string(index) : step.name;
        return json ? quoted(name) : name;
    }
    const ir::Node* node = mainNode(step);
    const char* op = node ? node->op().name() : "";
    const char* tactic = step.binding.tactic ? step.binding.tactic->id() : "";
    std::string metadata;
    std::vector<const ir::Node*> nodes = step.binding.nodes;
    if (step.control) nodes.push_back(step.control);
    for (const ir::Node* n : nodes)
        for (const std::string& o : n->origins()) {
            if (("\x1e" + metadata + "\x1e").find("\x1e" + o + "\x1e") != std::string::npos) continue;
            metadata += (metadata.empty() ? "" : "\x1e") + o;  // the separator that TensorRT puts between layers
        }
    std::vector<const ir::Value*> in = step.binding.inputs, out = step.binding.outputs;
    if (step.control) {
        for (const ir::Value* v : step.control->inputs())
            if (v) in.push_back(v);
        out.insert(out.end(), step.control->outputs().begin(), step.control->outputs().end());
    }
    ir::SymbolValues known = symbols();
    std::string inputs = tensors(in, step.binding.inputLayouts, known),
                outputs = tensors(out, step.binding.outputLayouts, known);
    std::string attributes = node ? ir::printAttrs(node->anyAttrs()) : "";
    uint64_t value = tactic[0] ? XXH3_64bits(tactic, std::char_traits<char>::length(tactic)) : 0;
    if (!json)
        return fmt::format(
            "Name: {}, LayerType: {}, Inputs: {}, Outputs: {}, ParameterType: {}, Attributes: {}, TacticName: {}, "
            "TacticValue: {:#018x}, StreamId: {}, Metadata: {}",
            step.name, op, inputs, outputs, op, attributes, tactic, value, step.stream, metadata);
    return fmt::format(
        "{{\"Name\": {}, \"LayerType\": {}, \"Inputs\": {}, \"Outputs\": {}, \"ParameterType\": {}, \"Attributes\": "
        "{}, {}\"TacticName\": {}, "
        "\"TacticValue\": \"{:#018x}\", \"StreamId\": {}, \"Metadata\": {}}}",
        quoted(step.name), quoted(op), inputs, outputs, quoted(op), quoted(attributes), weightsOf(node), quoted(tactic),
        value, step.stream, quoted(metadata));
}

char const* EngineInspector::getLayerInformation(int32_t index, LayerInformationFormat format) const noexcept {
    return guarded<const char*>(reporter_, "IEngineInspector::getLayerInformation", nullptr,
                                [&]() -> Result<const char*> {
                                    auto steps = flattenSteps(program());
                                    if (index < 0 || index >= static_cast<int32_t>(steps.size()))
                                        return invalidArgument("layer {} of {}", index, steps.size());
                                    answer_ = describe(*steps[index], index, format) + "\n";
                                    return answer_.c_str();
                                });
}

char const* EngineInspector::getEngineInformation(LayerInformationFormat format) const noexcept {
    return guarded<const char*>(reporter_, "IEngineInspector::getEngineInformation", nullptr,
                                [&]() -> Result<const char*> {
                                    bool json = format == LayerInformationFormat::kJSON;
                                    auto steps = flattenSteps(program());
                                    std::string text = json ? "{\"Layers\": [" : "Layers:\n";
                                    for (size_t i = 0; i < steps.size(); ++i) {
                                        std::string layer = describe(*steps[i], static_cast<int>(i), format);
                                        text += json ? (i ? ",\n" : "") + layer : layer + "\n";
                                    }
                                    text += json ? "],\n\"Bindings\": [" : "\nBindings:\n";
                                    const auto& io = engine_.facts().io;
                                    for (size_t i = 0; i < io.size(); ++i)
                                        text += json ? (i ? ", " : "") + quoted(io[i].name) : io[i].name + "\n";
                                    if (json) text += "]}\n";
                                    answer_ = std::move(text);
                                    return answer_.c_str();
                                });
}

}  // namespace lathe::api
