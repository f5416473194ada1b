// SPDX-License-Identifier: Apache-2.0
// The conformance suite: every factory of INetworkDefinition through the public API, against references that are
// written out in the tests. A case is a function that adds to a network. It runs with the shapes known at build time
// and with some extents left open, on the CPU and, where there is one, on the GPU.
#pragma once

#include <cmath>
#include <functional>
#include <limits>

#include "device_testing.h"

namespace lathe_test {

using Index = std::vector<int64_t>;

// A tensor of a test. Elements are held as doubles, which are exact for all that the tests use.
struct Value {
    Index shape;
    std::vector<double> v;
    DataType type = DataType::kFLOAT;

    int64_t size() const;
    int64_t offset(const Index& at) const;
    double& operator()(const Index& at) { return v[static_cast<size_t>(offset(at))]; }
    double operator()(const Index& at) const { return v[static_cast<size_t>(offset(at))]; }
    Value as(DataType t) const {
        Value out = *this;
        out.type = t;
        return out;
    }
};

// Every index of a shape, in row-major order.
void forEach(const Index& shape, const std::function<void(const Index&)>& f);
Value filled(const Index& shape, const std::function<double(const Index&)>& f, DataType type = DataType::kFLOAT);
// Multiples of 1/16 between lo and hi, the same for the same seed; exact in half precision.
Value numbers(const Index& shape, double lo = -2, double hi = 2, unsigned seed = 1);
Value integers(const Index& shape, std::vector<double> v, DataType type = DataType::kINT32);
Value mapped(const Value& x, const std::function<double(double)>& f);
// With broadcasting of extents of 1; equal ranks.
Value zipped(const Value& a, const Value& b, const std::function<double(double, double)>& f);

// The elements as the API wants them in memory, and back.
std::vector<char> encode(const Value& x);
Value decode(const std::vector<char>& bytes, const Index& shape, DataType type);

class Conformance : public ::testing::Test {
  protected:
    // A network under construction.
    class Net {
      public:
        INetworkDefinition* operator->() { return network.get(); }
        INetworkDefinition& operator*() { return *network; }
        // An input that is fed this value. `open`: the axes that the second run leaves open.
        ITensor& in(const Value& x, std::vector<int> open = {0});
        // An input whose elements the engine needs to know shapes.
        ITensor& shapeIn(const Value& x);
        ITensor& constant(const Value& x);
        Weights weights(const Value& x);
        static Weights none() { return {DataType::kFLOAT, nullptr, 0}; }
        void out(ITensor* t);
        void out(ILayer* layer, int i = 0) { out(layer ? layer->getOutput(i) : nullptr); }

        std::unique_ptr<INetworkDefinition> network;
        IOptimizationProfile* profile = nullptr;  // null: shapes are known
        std::vector<std::pair<std::string, Value>> fed;
        int outputs = 0;
        // Extents of the profile: how much may be larger than what is fed.
        int64_t room = 2;

      private:
        std::string name(const char* kind);
        Pool pool_;
        std::vector<std::shared_ptr<void>> kept_;
    };
    using Define = std::function<void(Net&)>;

    void SetUp() override;
    void TearDown() override { EXPECT_EQ(logger.errors, ""); }

    // The network's outputs (in the order of Net::out) are these; NaN stands for NaN. `tolerance`: of the largest
    // expected magnitude, or 1.
    void gives(const Define& define, const std::vector<Value>& expected, double tolerance = 2e-6);
    // Defining, or else building, fails with an error of a type, whose text has this part. The builder goes on.
    void refuses(const Define& define, const char* part);
    // The calls since the last look were refused: errors of a type, one of which has this part.
    void refused(const char* part);
    // Defining and building works, running fails so.
    void failsToRun(const Define& define, const char* part);

    enum class Ended { kDefining, kBuilding, kRunning, kWell };
    // The outputs, or where it ended.
    Ended run(const Define& define, bool open, const char* target, std::vector<Value>& outputs);

    Logger logger;
    Recorder recorder;
    std::unique_ptr<IBuilder> builder;
    NetworkDefinitionCreationFlags flags = 0;
    std::vector<BuilderFlag> configFlags;

  private:
    Net start(bool open);
    // Without a GPU it is planned for one, and no step of it stays on the host.
    void plansForGpu(const Define& define);
};

// A test that a use is refused: REFUSES(Fixture, Name, "part of the message", statements over `n`).
#define REFUSES(fixture, name, part, ...)            \
    TEST_F(fixture, name) {                          \
        refuses([&](Net& n) { __VA_ARGS__; }, part); \
    }

}  // namespace lathe_test
