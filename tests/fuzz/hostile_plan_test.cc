// SPDX-License-Identifier: Apache-2.0
// The digits plan, cut and with flipped bits: it is refused, or answers. With checksums as they were, an answer must be
// the right one; with checksums made right after the flip it may be any, but nothing is read or written out of bounds
// (the sanitizers' builds watch), and nothing takes forever or all memory.
#include <cstring>
#include <random>

#include "fuzz_testing.h"

namespace lathe::fuzz {
namespace {

const Bytes& digits() {
    static const Bytes plan = [] {
        Log log;
        Bytes bytes = buildDigits(log, 0);
        EXPECT_FALSE(bytes.empty()) << log.last;
        return bytes;
    }();
    return plan;
}

const Outcome& right() {
    static const Outcome answer = runPlan(digits());
    EXPECT_TRUE(answer.done()) << answer.error;
    return answer;
}

void cut(int places) {
    const Bytes& plan = digits();
    ASSERT_TRUE(right().done());
    for (int i = 0; i < places; ++i) {
        size_t size = plan.size() * static_cast<size_t>(i) / static_cast<size_t>(places);
        Watch watch("cut at byte " + std::to_string(size));
        Bytes bad(plan.begin(), plan.begin() + static_cast<long>(size));
        Outcome o = runPlan(bad);
        EXPECT_EQ(o.stage, Outcome::Stage::kLoad) << size;
        EXPECT_FALSE(o.error.empty()) << size;
    }
}

void flip(int flips, bool fixed, uint32_t seed) {
    const Bytes& plan = digits();
    ASSERT_TRUE(right().done());
    ChecksumFixer fixer(plan);
    std::mt19937_64 random(seed);
    std::map<Outcome::Stage, int> counts;
    for (int i = 0; i < flips; ++i) {
        // A good part goes to the beginning, where what describes the rest is.
        size_t at = random() % (i % 2 ? plan.size() : std::min<size_t>(plan.size(), 16384));
        int bit = static_cast<int>(random() % 8);
        Watch watch("flip " + std::to_string(i) + ": bit " + std::to_string(bit) + " of byte " + std::to_string(at));
        Bytes bad = plan;
        bad[at] ^= std::byte{1} << bit;
        if (fixed) fixer.fix(bad);
        Outcome o = runPlan(bad);
        ++counts[o.stage];
        if (!o.done() && o.stage != Outcome::Stage::kTooLarge)
            EXPECT_FALSE(o.error.empty()) << "byte " << at << " bit " << bit;
        // Zeros between sections mean nothing, and damaged packed weights may be packed anew; nothing else may pass.
        if (o.done() && !fixed) EXPECT_EQ(o.outputs, right().outputs) << "byte " << at << " bit " << bit;
    }
    for (auto [stage, n] : counts)
        ::testing::Test::RecordProperty("stage" + std::to_string(static_cast<int>(stage)), n);
    // With right checksums only the structure's flips can be noticed while loading, not those in weights.
    EXPECT_GT(counts[Outcome::Stage::kLoad], fixed ? flips / 10 : flips / 4);
    if (fixed) EXPECT_GT(counts[Outcome::Stage::kDone], 0);
}

TEST(HostilePlan, CutAnywhereIsRefused) { cut(200); }
TEST(HostilePlan, FlippedBitsAreNoticed) { flip(400, false, 1); }
TEST(HostilePlan, FlippedBitsWithRightChecksumsDoNoHarm) { flip(400, true, 2); }
TEST(SlowHostilePlan, FlippedBitsAreNoticed) { flip(10'000, false, 3); }
TEST(SlowHostilePlan, FlippedBitsWithRightChecksumsDoNoHarm) { flip(10'000, true, 4); }

// Several bytes at once, anywhere in what describes the network.
void scramble(int cases, uint32_t seed) {
    const Bytes& plan = digits();
    ChecksumFixer fixer(plan);
    std::mt19937_64 random(seed);
    for (int i = 0; i < cases; ++i) {
        Watch watch("scramble " + std::to_string(i));
        Bytes bad = plan;
        for (uint64_t n = 1 + random() % 4; n > 0; --n)
            bad[random() % std::min<size_t>(plan.size(), 16384)] =
                random() % 4 ? static_cast<std::byte>(random()) : std::byte{0xff};
        fixer.fix(bad);
        Outcome o = runPlan(bad);
        if (!o.done() && o.stage != Outcome::Stage::kTooLarge) EXPECT_FALSE(o.error.empty()) << i;
    }
}

TEST(HostilePlan, ScrambledBytesDoNoHarm) { scramble(300, 5); }
TEST(SlowHostilePlan, ScrambledBytesDoNoHarm) { scramble(10'000, 6); }

// Timing caches: damaged ones are refused; with a right checksum they are refused or do no harm.
TEST(HostileTimingCache, IsRefusedOrHarmless) {
    Log log;
    std::unique_ptr<nvinfer1::IBuilder> builder(nvinfer1::createInferBuilder(log));
    std::unique_ptr<nvinfer1::IBuilderConfig> config(builder->createBuilderConfig());
    std::unique_ptr<nvinfer1::ITimingCache> cache(config->createTimingCache(nullptr, 0));
    ASSERT_TRUE(cache);
    ASSERT_FALSE(buildDigits(log, 1, cache.get()).empty()) << log.last;
    std::unique_ptr<nvinfer1::IHostMemory> memory(cache->serialize());
    const auto* p = static_cast<const std::byte*>(memory->data());
    const Bytes good(p, p + memory->size());
    ASSERT_GT(good.size(), 100u);
    auto load = [&](const Bytes& b) {
        return std::unique_ptr<nvinfer1::ITimingCache>(config->createTimingCache(b.data(), b.size()));
    };
    EXPECT_TRUE(load(good));
    for (int i = 1; i < 200; ++i) {
        Watch watch("cache cut " + std::to_string(i));
        Bytes bad(good.begin(), good.begin() + static_cast<long>(good.size() * static_cast<size_t>(i) / 200));
        EXPECT_FALSE(load(bad)) << bad.size();
    }
    std::mt19937_64 random(7);
    int loaded = 0;
    for (int i = 0; i < 2000; ++i) {
        Watch watch("cache flip " + std::to_string(i));
        Bytes bad = good;
        size_t at = random() % (i % 2 ? bad.size() : 64);
        bad[at] ^= std::byte{1} << (random() % 8);
        EXPECT_FALSE(load(bad)) << at;
        uint64_t sum = cacheChecksum(std::span(bad).first(bad.size() - 8));
        std::memcpy(bad.data() + bad.size() - 8, &sum, 8);
        auto tampered = load(bad);
        if (!tampered) continue;
        ++loaded;
        std::vector<nvinfer1::TimingCacheKey> keys(64);
        int64_t n = tampered->queryKeys(keys.data(), 64);
        EXPECT_GE(n, 0);
        if (n > 0) tampered->query(keys[0]);
        EXPECT_TRUE(tampered->combine(*cache, false));
        // Any times are as good as others for what is built.
        if (i % 100 == 0) EXPECT_FALSE(buildDigits(log, 1, tampered.get()).empty()) << log.last;
    }
    EXPECT_GT(loaded, 100);
}

}  // namespace
}  // namespace lathe::fuzz
