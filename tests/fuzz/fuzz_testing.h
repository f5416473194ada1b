// SPDX-License-Identifier: Apache-2.0
// What the tests with hostile bytes share: the digits plan, a careful client that runs a plan, and a watch over each
// case.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "NvInfer.h"

namespace lathe::fuzz {

using Bytes = std::vector<std::byte>;

// Counts what is said, and keeps the last error.
class Log final : public nvinfer1::ILogger {
  public:
    void log(Severity severity, char const* message) noexcept override {
        if (severity <= Severity::kERROR) ++errors, last = message;
    }
    int errors = 0;
    std::string last;
};

// While it lives: the case that it names is printed when the process dies in it, and it may take `seconds` at most.
// The first one limits the process's memory (not under sanitizers, which reserve all of it).
class Watch {
  public:
    explicit Watch(const std::string& name, unsigned seconds = 20);
    ~Watch();
};

Bytes readFile(const std::string& path);
// The digits network with a batch from 1 to 64 (optimum 8), built at `level`; empty when it fails.
Bytes buildDigits(Log& log, int level, nvinfer1::ITimingCache* cache = nullptr);

// Loads and runs as a careful client does, at the optimum shapes: memory is given by the sizes that the engine says.
struct Outcome {
    enum class Stage { kLoad, kContext, kShapes, kTooLarge, kRun, kDone } stage = Stage::kLoad;
    std::string error;                     // where it did not come to kDone
    std::map<std::string, Bytes> outputs;  // by name
    bool done() const { return stage == Stage::kDone; }
};
Outcome runPlan(std::span<const std::byte> plan);

// Makes all checksums of a plan right again: the weights' too, whose types are those of `original`.
class ChecksumFixer {
  public:
    explicit ChecksumFixer(const Bytes& original);
    void fix(Bytes& plan) const;

  private:
    struct Typed {
        int dtype;
        std::vector<int64_t> dims;
    };
    std::map<uint64_t, Typed> weights_;  // by content hash
};

// Of a timing cache's bytes but the last 8, which hold it.
uint64_t cacheChecksum(std::span<const std::byte> bytes);

}  // namespace lathe::fuzz
