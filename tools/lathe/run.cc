// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "lathe/common.h"

namespace lathe::tool {

std::map<std::string, Array> readInputs(const std::vector<std::string>& items) {
    std::map<std::string, Array> arrays;
    for (const std::string& item : items) {
        size_t equals = item.rfind('=');
        if (equals == std::string::npos || equals == 0)
            throw Failure(fmt::format("'{}' names no file", item), "--input", "write it as name=file.npy");
        arrays[item.substr(0, equals)] = readNpy(item.substr(equals + 1));
    }
    return arrays;
}

int runCommand(const std::string& plan, const std::vector<std::string>& inputs, const std::string& output,
               Logger& logger) {
    std::vector<char> bytes = readFile(plan);
    if (!isPlan(bytes))
        throw Failure("this is no plan", plan, fmt::format("lathe build {} -o engine.plan makes one of a model", plan));
    Engine e = loadEngine(bytes, plan, logger);
    std::map<std::string, Array> arrays = readInputs(inputs);
    for (int i = 0; i < e.engine->getNbIOTensors(); ++i) {
        const char* name = e.engine->getIOTensorName(i);
        if (e.engine->getTensorIOMode(name) == nvinfer1::TensorIOMode::kINPUT && !arrays.count(name))
            throw Failure(fmt::format("input '{}' is missing", name), plan, fmt::format("--input {}=file.npy", name));
    }
    Session session(*e.engine, arrays, {}, logger);
    session.run();
    if (!output.empty()) std::filesystem::create_directories(output);
    for (auto& [name, a] : session.outputs()) {
        std::string file = name;
        std::replace(file.begin(), file.end(), '/', '_');
        if (!output.empty()) writeNpy((std::filesystem::path(output) / (file + ".npy")).string(), a);
        fmt::print("{}: {} {}\n", name, nameOf(a.type), toString(a.dims));
    }
    return 0;
}

}  // namespace lathe::tool
