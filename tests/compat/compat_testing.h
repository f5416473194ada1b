// SPDX-License-Identifier: Apache-2.0
// What the tests of the older APIs share. They are compiled once for each version, against its headers alone.
#pragma once

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "NvInfer.h"

namespace compat_testing {

using namespace nvinfer1;

// As code of version 6 and 7 has it: not noexcept.
class Logger : public ILogger {
  public:
#if LATHE_TRT >= 8
    void log(Severity severity, AsciiChar const* text) noexcept override {
#else
    void log(Severity severity, const char* text) override {
#endif
        if (severity <= Severity::kERROR) errors.push_back(text);
    }
    bool saw(const std::string& part) const {
        for (const std::string& e : errors)
            if (e.find(part) != std::string::npos) return true;
        return false;
    }
    std::vector<std::string> errors;
};

struct Destroy {
    template <class T>
    void operator()(T* t) const {
        t->destroy();
    }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

inline Weights weights(const std::vector<float>& v) {
    return {DataType::kFLOAT, v.data(), static_cast<int64_t>(v.size())};
}

// Numbers between -1 and 1, always the same for a seed.
inline std::vector<float> numbers(std::size_t count, uint32_t seed = 1) {
    std::vector<float> v(count);
    for (float& x : v) {
        seed = seed * 1664525u + 1013904223u;
        x = static_cast<float>(static_cast<int32_t>(seed >> 8) - (1 << 23)) / static_cast<float>(1 << 23);
    }
    return v;
}

inline uint32_t explicitBatch() { return 1u << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kEXPLICIT_BATCH); }

inline Dims dims(std::initializer_list<int32_t> extents) {
    Dims d{};
    for (int32_t e : extents) d.d[d.nbDims++] = e;
    return d;
}

inline std::vector<int32_t> list(const Dims& d) {
    return d.nbDims < 0 ? std::vector<int32_t>{-1} : std::vector<int32_t>(d.d, d.d + d.nbDims);
}

inline void expectNear(const std::vector<float>& got, const std::vector<float>& want, float tolerance) {
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t i = 0; i < got.size(); ++i)
        ASSERT_NEAR(got[i], want[i], tolerance * (1 + std::fabs(want[i]))) << "element " << i;
}

// A builder and a network; the batch is implicit unless asked otherwise.
struct Network {
    explicit Network(bool implicit = true) : builder(createInferBuilder(logger)) {
        network.reset(builder->createNetworkV2(implicit ? 0 : explicitBatch()));
        config.reset(builder->createBuilderConfig());
    }
    Owned<ICudaEngine> build() { return Owned<ICudaEngine>(builder->buildEngineWithConfig(*network, *config)); }

    Logger logger;
    Owned<IBuilder> builder;
    Owned<INetworkDefinition> network;
    Owned<IBuilderConfig> config;
};

// Runs with one input and one output of floats.
inline std::vector<float> run(ICudaEngine& engine, std::vector<float> in, std::size_t outCount, int32_t batch = 1,
                              bool implicit = true) {
    Owned<IExecutionContext> context(engine.createExecutionContext());
    std::vector<float> out(outCount, -1.f);
    void* bindings[2] = {in.data(), out.data()};
    bool good = implicit ? context->execute(batch, bindings) : context->executeV2(bindings);
    EXPECT_TRUE(good);
    return good ? out : std::vector<float>();
}

}  // namespace compat_testing
