// SPDX-License-Identifier: Apache-2.0
// What the tests through the public API share: a logger and a recorder that remember, and short ways to make things.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "Lathe.h"
#include "NvInfer.h"

namespace lathe_test {

using namespace nvinfer1;

class Logger final : public ILogger {
  public:
    void log(Severity severity, char const* message) noexcept override {
        if (severity <= Severity::kERROR) errors += std::string(message) + "\n";
        if (severity == Severity::kWARNING) warnings += std::string(message) + "\n";
        all += std::string(message) + "\n";
    }
    // The errors since the last call.
    std::string takeErrors() { return std::exchange(errors, {}); }
    std::string errors, warnings, all;
};

class Recorder final : public IErrorRecorder {
  public:
    int32_t getNbErrors() const noexcept override { return static_cast<int32_t>(errors.size()); }
    ErrorCode getErrorCode(int32_t i) const noexcept override { return errors[i].first; }
    ErrorDesc getErrorDesc(int32_t i) const noexcept override { return errors[i].second.c_str(); }
    bool hasOverflowed() const noexcept override { return false; }
    void clear() noexcept override { errors.clear(); }
    bool reportError(ErrorCode code, ErrorDesc text) noexcept override {
        errors.emplace_back(code, text);
        return false;
    }
    RefCount incRefCount() noexcept override { return ++references; }
    RefCount decRefCount() noexcept override { return --references; }
    std::vector<std::pair<ErrorCode, std::string>> errors;
    RefCount references = 0;
};

inline Dims dims(std::initializer_list<int64_t> d) {
    Dims out{};
    for (int64_t v : d) out.d[out.nbDims++] = v;
    return out;
}
inline std::vector<int64_t> list(const Dims& d) {
    if (d.nbDims < 0) return {-1000};  // no shape at all
    return {d.d, d.d + d.nbDims};
}

template <class T>
constexpr DataType typeOf() {
    if constexpr (std::is_same_v<T, float>) return DataType::kFLOAT;
    if constexpr (std::is_same_v<T, int32_t>) return DataType::kINT32;
    if constexpr (std::is_same_v<T, int64_t>) return DataType::kINT64;
    if constexpr (std::is_same_v<T, int8_t>) return DataType::kINT8;
    if constexpr (std::is_same_v<T, bool>) return DataType::kBOOL;
}

// Of one element; types of less than a byte are not asked for.
size_t bytesOf(DataType type);

// Memory that lives as long as the test.
class Pool {
  public:
    template <class T>
    Weights weights(std::vector<T> values) {
        auto kept = std::make_shared<std::vector<T>>(std::move(values));
        kept_.push_back(kept);
        return {typeOf<T>(), kept->data(), static_cast<int64_t>(kept->size())};
    }

  private:
    std::vector<std::shared_ptr<void>> kept_;
};
inline Weights none() { return {DataType::kFLOAT, nullptr, 0}; }

class NetworkTest : public ::testing::Test {
  protected:
    void SetUp() override {
        builder.reset(createInferBuilder(logger));
        ASSERT_TRUE(builder);
        network.reset(builder->createNetworkV2(0));
        ASSERT_TRUE(network);
    }
    // Every error must have been expected: tests of errors take them.
    void TearDown() override { EXPECT_EQ(logger.errors, ""); }

    ITensor& input(const char* name, std::initializer_list<int64_t> shape, DataType type = DataType::kFLOAT) {
        ITensor* t = network->addInput(name, type, dims(shape));
        EXPECT_TRUE(t) << logger.errors;
        return *t;
    }
    template <class T>
    ITensor& constant(std::initializer_list<int64_t> shape, std::vector<T> values) {
        return *network->addConstant(dims(shape), pool.weights(std::move(values)))->getOutput(0);
    }
    static std::vector<int64_t> shape(ITensor& t) { return list(t.getDimensions()); }
    static std::vector<int64_t> shape(ILayer* layer, int i = 0) {
        if (!layer) return {-2000};
        return list(layer->getOutput(i)->getDimensions());
    }

    // Builds the network, loads the plan and runs it once; the outputs by name.
    struct Answer {
        Dims dims{};
        std::vector<char> bytes;
        template <class T>
        std::vector<T> as() const {
            return {reinterpret_cast<const T*>(bytes.data()), reinterpret_cast<const T*>(bytes.data() + bytes.size())};
        }
    };
    template <class T>
    void feed(const char* name, std::initializer_list<int64_t> shape, std::vector<T> values) {
        Answer a;
        a.dims = dims(shape);
        a.bytes.assign(reinterpret_cast<const char*>(values.data()),
                       reinterpret_cast<const char*>(values.data() + values.size()));
        fed[name] = std::move(a);
    }
    std::map<std::string, Answer> run(IBuilderConfig* config = nullptr);
    // The error of a build that must fail.
    std::string buildError() {
        std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
        config->setBuilderOptimizationLevel(0);
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
        EXPECT_FALSE(plan);
        return logger.takeErrors();
    }
    // As the answer to `run` for a network of one output.
    template <class T>
    std::vector<T> result() {
        auto answers = run();
        return answers.empty() ? std::vector<T>{} : answers.begin()->second.template as<T>();
    }

    Logger logger;
    Pool pool;
    std::unique_ptr<IBuilder> builder;
    std::unique_ptr<INetworkDefinition> network;
    std::map<std::string, Answer> fed;
};

}  // namespace lathe_test
