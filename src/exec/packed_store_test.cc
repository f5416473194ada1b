// SPDX-License-Identifier: Apache-2.0
#include "exec/packed_store.h"

#include <cstring>

#include "exec/exec_testing.h"
#include "exec/fake_device_testing.h"

namespace lathe::exec {
namespace {

// Packs its one constant by doubling each element.
class Doubling final : public tactics::Tactic {
  public:
    Doubling() : Tactic("cuda.test.doubling", "relu") {}
    tactics::BindResult bind(const ir::Node&, const tactics::BindContext&) const override { return {}; }
    Status pack(const tactics::Binding&, int, std::span<const std::span<const std::byte>> sources,
                std::span<std::byte> out, const tactics::Target&) const override {
        ++packs;
        const auto* from = reinterpret_cast<const float*>(sources[0].data());
        for (size_t i = 0; i < out.size() / sizeof(float); ++i) reinterpret_cast<float*>(out.data())[i] = 2 * from[i];
        return {};
    }
    Result<std::unique_ptr<tactics::Kernel>> prepare(const tactics::Binding&,
                                                     const tactics::PrepareContext&) const override {
        return internalError("not prepared in this test");
    }
    mutable int packs = 0;
};

ir::WeightsRef weightsOf(std::vector<float> values) {
    auto owner = std::make_shared<std::vector<float>>(std::move(values));
    std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(owner->data()), owner->size() * sizeof(float));
    return std::make_shared<ir::Weights>(DType::kFloat, ir::Dims{static_cast<int64_t>(owner->size())}, bytes, owner,
                                         "w");
}

std::vector<float> readBack(testing::FakeDevice& device, const void* p, size_t count) {
    std::vector<float> out(count);
    EXPECT_TRUE(device.copy(out.data(), p, static_cast<int64_t>(count * sizeof(float)), nullptr).ok());
    return out;
}

TEST(PackedStore, UploadsEachContentOnceToItsDevice) {
    testing::FakeDevice device;
    ir::Graph graph;
    const ir::Value* w = graph.addConstant(weightsOf({1, 2, 3}), "w");
    const ir::Value* same = graph.addConstant(weightsOf({1, 2, 3}), "same");
    const ir::Value* other = graph.addConstant(weightsOf({4, 5, 6}), "other");
    Doubling tactic;
    auto bindingOf = [&](const ir::Value* v) {
        tactics::Binding b;
        b.tactic = &tactic;
        b.packed = {{{v}, "doubled.v1", 12}};
        return b;
    };
    {
        PackedStore store(buildTarget(), {}, &device);
        auto p = store.resident(bindingOf(w), 0), q = store.resident(bindingOf(same), 0),
             r = store.resident(bindingOf(other), 0);
        ASSERT_TRUE(p.ok() && q.ok() && r.ok());
        EXPECT_EQ(*p, *q);
        EXPECT_NE(*p, *r);
        EXPECT_EQ(tactic.packs, 2);
        EXPECT_EQ(readBack(device, *p, 3), (std::vector<float>{2, 4, 6}));
        EXPECT_EQ(readBack(device, *r, 3), (std::vector<float>{8, 10, 12}));

        auto raw = store.residentWeights(*w->constant()), again = store.residentWeights(*same->constant());
        ASSERT_TRUE(raw.ok() && again.ok());
        EXPECT_EQ(*raw, *again);
        EXPECT_EQ(readBack(device, *raw, 3), (std::vector<float>{1, 2, 3}));
        EXPECT_EQ(device.allocated(), 3);
        EXPECT_EQ(store.residentBytes(), 36);
        // Raw bytes are no packed weights of the plan.
        EXPECT_EQ(store.blobs().size(), 2u);
    }
    EXPECT_EQ(device.allocated(), 0);
}

TEST(PackedStore, HasNoDeviceMemoryOnTheCpu) {
    PackedStore store(buildTarget());
    auto p = store.residentWeights(*weightsOf({1}));
    ASSERT_FALSE(p.ok());
    EXPECT_THAT(p.status().message(), ::testing::HasSubstr("there is none"));
}

}  // namespace
}  // namespace lathe::exec
