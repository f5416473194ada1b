// SPDX-License-Identifier: Apache-2.0
// What the subcommands of `lathe` share.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "NvInfer.h"

namespace lathe::tool {

// A failure to tell the user: what, where, and a hint. main() prints "lathe: error: <what> (<where>)".
struct Failure : std::runtime_error {
    Failure(const std::string& what, std::string where, std::string hint = {})
        : std::runtime_error(what), where(std::move(where)), hint(std::move(hint)) {}
    std::string where, hint;
};

// Keeps the last error that the library reported; prints messages from `least` on.
class Logger : public nvinfer1::ILogger {
  public:
    explicit Logger(bool verbose) : verbose_(verbose) {}
    void log(Severity severity, char const* message) noexcept override;
    const std::string& lastError() const { return lastError_; }

  private:
    bool verbose_;
    std::string lastError_;
};

struct BuildOptions {
    std::string model;
    std::vector<std::string> minShapes, optShapes, maxShapes, shapes;  // "input:1x3x224x224"
    std::string timingCache;
    std::string workspace;  // "512M"
    int level = 3;
    bool strict = false;  // no relaxed fp32
    bool progress = false;
};

// Bytes of a plan built from an ONNX file. Errors: Failure.
std::vector<char> buildPlan(const BuildOptions& options, Logger& logger);
bool isPlan(const std::vector<char>& bytes);
std::vector<char> readFile(const std::string& path);
// Written beside the target and renamed, so that a half-written file never has its name.
void writeFile(const std::string& path, const void* data, size_t size);

struct Engine {
    std::unique_ptr<nvinfer1::IRuntime> runtime;
    std::unique_ptr<nvinfer1::ICudaEngine> engine;
};
Engine loadEngine(const std::vector<char>& plan, const std::string& where, Logger& logger);

nvinfer1::Dims parseDims(const std::string& text);
std::string toString(const nvinfer1::Dims& dims);
int64_t volume(const nvinfer1::Dims& dims);
// Bytes of an element; 0 for types of less than a byte.
int elementBytes(nvinfer1::DataType type);

int runCommand(const std::string& plan, const std::vector<std::string>& inputs, const std::string& output,
               Logger& logger);
int benchCommand(const BuildOptions& options, const std::string& file, double seconds, bool json, Logger& logger);
int explainCommand(const BuildOptions& options, const std::string& file, bool json, Logger& logger);

}  // namespace lathe::tool
