// SPDX-License-Identifier: Apache-2.0
#include "exec/standalone.h"

#include <gtest/gtest.h>

#include "exec/exec_testing.h"
#include "exec/fake_device_testing.h"
#include "ir/text.h"
#include "ops/registry.h"

namespace lathe::exec {
namespace {

// A large input of a device is a random pattern again and again, to its very end.
TEST(Standalone, LargeInputsOfADeviceAreFilledThere) {
    constexpr int64_t kCount = (3 << 18) + 5;  // f32: three patterns and a little
    auto graph = ir::parse(
        fmt::format("graph \"g\" (%x: f32[{}]) {{\n  %y = unary(%x) kind=neg\n  return %y\n}}", kCount), ops::find);
    ASSERT_TRUE(graph.ok()) << graph.status().toString();
    auto inputs = testing::randomInputs(**graph, 1);
    testing::FixedShapes shapes(**graph, testing::tensorsOf(inputs));
    testing::FakeDevice device;
    const tactics::Tactic* there = testing::disguise(*tactics::find("cpu.any.reference.v1"), device);
    tactics::Binding b = tactics::bindNode(*there, *(*graph)->body().nodes()[0]);
    PackedStore store(shapes.target(), {}, &device);
    auto alone = Standalone::create(b, shapes, &store);
    ASSERT_TRUE(alone.ok()) << alone.status().toString();
    ASSERT_TRUE((*alone)->run().ok());
    auto y = (*alone)->output(0);
    ASSERT_TRUE(y.ok()) << y.status().toString();
    const float* v = y->tensor.as<float>();
    std::set<float> values(v, v + 1000);
    EXPECT_GT(values.size(), 900u);
    for (int64_t i = 1 << 18; i < kCount; ++i) ASSERT_EQ(v[i], v[i - (1 << 18)]) << i;
    EXPECT_TRUE((*alone)->guardsIntact().ok());
}

}  // namespace
}  // namespace lathe::exec
