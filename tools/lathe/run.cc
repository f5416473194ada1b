// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>

#include "lathe/common.h"
#include "lathe/npy.h"

namespace lathe::tool {

using namespace nvinfer1;

namespace {

// Outputs may grow while the engine runs.
class Grow : public IOutputAllocator {
  public:
    void* reallocateOutput(char const*, void*, uint64_t size, uint64_t) noexcept override {
        try {
            bytes.resize(std::max<uint64_t>(size, 1) + 64);
        } catch (...) {
            return nullptr;
        }
        return reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(bytes.data()) + 63) / 64 * 64);
    }
    void notifyShape(char const*, Dims const& d) noexcept override { dims = d; }
    const char* data() const {
        return reinterpret_cast<const char*>((reinterpret_cast<uintptr_t>(bytes.data()) + 63) / 64 * 64);
    }
    std::vector<char> bytes;
    Dims dims{};
};

}  // namespace

int runCommand(const std::string& plan, const std::vector<std::string>& inputs, const std::string& output,
               Logger& logger) {
    Engine e = loadEngine(readFile(plan), plan, logger);
    std::unique_ptr<IExecutionContext> context(e.engine->createExecutionContext());
    if (!context) throw Failure(logger.lastError(), plan);
    std::map<std::string, Array> arrays;
    for (const std::string& item : inputs) {
        size_t equals = item.find('=');
        if (equals == std::string::npos)
            throw Failure(fmt::format("'{}' names no file", item), "--input", "write it as name=file.npy");
        arrays[item.substr(0, equals)] = readNpy(item.substr(equals + 1));
    }
    std::map<std::string, Grow> results;
    for (int i = 0; i < e.engine->getNbIOTensors(); ++i) {
        const char* name = e.engine->getIOTensorName(i);
        if (e.engine->getTensorIOMode(name) == TensorIOMode::kINPUT) {
            auto a = arrays.find(name);
            if (a == arrays.end())
                throw Failure(fmt::format("input '{}' is missing", name), plan,
                              fmt::format("--input {}=file.npy", name));
            if (a->second.type != e.engine->getTensorDataType(name))
                throw Failure("the array has another element type than the input", fmt::format("input '{}'", name));
            if (!context->setInputShape(name, a->second.dims))
                throw Failure(logger.lastError(), fmt::format("input '{}'", name));
            context->setTensorAddress(name, a->second.bytes.data());
        } else {
            context->setOutputAllocator(name, &results[name]);
        }
    }
    for (auto& [name, a] : arrays)
        if (e.engine->getTensorIOMode(name.c_str()) != TensorIOMode::kINPUT)
            throw Failure(fmt::format("the engine has no input '{}'", name), plan);
    if (!context->enqueueV3(nullptr)) throw Failure(logger.lastError(), plan);
    if (!output.empty()) std::filesystem::create_directories(output);
    for (auto& [name, r] : results) {
        Array a;
        a.type = e.engine->getTensorDataType(name.c_str());
        a.dims = r.dims;
        a.bytes.assign(r.data(), r.data() + volume(r.dims) * elementBytes(a.type));
        std::string file = name;
        std::replace(file.begin(), file.end(), '/', '_');
        if (!output.empty()) writeNpy((std::filesystem::path(output) / (file + ".npy")).string(), a);
        fmt::print("{}: {}\n", name, toString(a.dims));
    }
    return 0;
}

}  // namespace lathe::tool
