// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "lathe/common.h"

namespace lathe::tool {

using namespace nvinfer1;

int explainCommand(const BuildOptions& options, const std::string& file, bool json, Logger& logger) {
    std::vector<char> bytes = readFile(file);
    if (!isPlan(bytes)) {
        BuildOptions o = options;
        o.model = file;
        bytes = buildPlan(o, logger);
    }
    Engine e = loadEngine(bytes, file, logger);
    std::unique_ptr<IEngineInspector> inspector(e.engine->createEngineInspector());
    const char* text = inspector ? inspector->getEngineInformation(LayerInformationFormat::kJSON) : nullptr;
    if (!text || !*text) throw Failure(logger.lastError(), file);
    if (json) {
        fmt::print("{}\n", text);
        return 0;
    }
    auto j = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (j.is_discarded() || !j.contains("Layers"))
        throw Failure("the inspector's answer is not the expected JSON", file);
    for (const auto& layer : j["Layers"]) {
        if (!layer.is_object()) {
            fmt::print("  {}\n", layer.dump());
            continue;
        }
        std::string outputs;
        if (layer.contains("Outputs"))
            for (const auto& o : layer["Outputs"])
                if (o.is_object())
                    outputs += fmt::format("{}{} {}", outputs.empty() ? "" : ", ", o.value("Format/Datatype", ""),
                                           o.contains("Dimensions") ? o["Dimensions"].dump() : "");
        fmt::print("  {:50s} {:32s} {}\n", layer.value("Name", "?"), layer.value("TacticName", ""), outputs);
    }
    return 0;
}

}  // namespace lathe::tool
