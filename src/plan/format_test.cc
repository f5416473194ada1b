// SPDX-License-Identifier: Apache-2.0
#include "plan/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "base/version.h"
#include "ir/text.h"
#include "ops/registry.h"
#include "plan/plan_testing.h"
#include "plan/sections.h"

namespace lathe::plan {
namespace {

using Bytes = std::vector<std::byte>;
using testing::fixChecksums;
using testing::makePlan;
using testing::randomGraph;

Result<std::unique_ptr<Plan>> readCopy(const Bytes& bytes, bool verifyAll = true) {
    auto copy = std::make_shared<Bytes>(bytes);
    return read(*copy, copy, {.verifyAll = verifyAll});
}

Bytes sample(uint32_t seed) {
    auto plan = makePlan(randomGraph(seed), seed);
    plan->fates = {{"source a", "fused", "step 1"}};
    plan->io[0].dimNames = {"batch", ""};
    auto packed = std::make_shared<Bytes>(100, std::byte{7});
    plan->packed.push_back({"kind/0123", packed, *packed});
    auto bytes = write(*plan);
    EXPECT_TRUE(bytes.ok()) << bytes.status().toString();
    return bytes.ok() ? *bytes : Bytes();
}

TEST(Format, RoundTripsToTheSameBytes) {
    for (uint32_t seed = 0; seed < 40; ++seed) {
        SCOPED_TRACE(seed);
        Bytes bytes = sample(seed);
        auto plan = readCopy(bytes);
        ASSERT_TRUE(plan.ok()) << plan.status().toString();
        auto again = write(**plan);
        ASSERT_TRUE(again.ok()) << again.status().toString();
        EXPECT_EQ(bytes, *again);
        auto original = makePlan(randomGraph(seed), seed);
        EXPECT_EQ(ir::print(*(*plan)->programs[0]->graph), ir::print(*original->programs[0]->graph));
        ASSERT_EQ((*plan)->programs[0]->steps.size(), original->programs[0]->steps.size());
        for (size_t i = 0; i < original->programs[0]->steps.size(); ++i) {
            const Step &a = (*plan)->programs[0]->steps[i], &b = original->programs[0]->steps[i];
            EXPECT_EQ(a.name, b.name);
            EXPECT_EQ(a.binding.tactic, b.binding.tactic);
            EXPECT_EQ(a.binding.params, b.binding.params);
            EXPECT_EQ(a.workspaceBytes, b.workspaceBytes);
        }
    }
}

TEST(Format, KeepsWhatIsNotTheGraph) {
    auto plan = readCopy(sample(3));
    ASSERT_TRUE(plan.ok());
    const Plan& p = **plan;
    EXPECT_EQ(p.name, "random 3");
    EXPECT_EQ(p.libraryVersion, kVersion);
    ASSERT_EQ(p.fates.size(), 1u);
    EXPECT_EQ(p.fates[0].detail, "step 1");
    EXPECT_EQ(p.io[0].dimNames, (std::vector<std::string>{"batch", ""}));
    EXPECT_EQ(p.io[1].shape, ir::Shape{8});
    EXPECT_EQ(p.profiles[0].inputs[0].max, (ir::Dims{64, 8}));
    ASSERT_EQ(p.packed.size(), 1u);
    EXPECT_EQ(p.packed[0].key, "kind/0123");
    EXPECT_EQ(p.packed[0].bytes.size(), 100u);
    EXPECT_EQ(p.packed[0].bytes[99], std::byte{7});
}

TEST(Format, FormatsOfInputsAndOutputsAreAFeature) {
    auto graph = ir::parse("graph \"g\" (%x: f16[1, 3, 4, 4]) {\n  %y = unary(%x) kind=neg\n  return %y\n}", ops::find);
    ASSERT_TRUE(graph.ok()) << graph.status().toString();
    auto plan = makePlan(graph.take());
    // kHWC8: the one step reads row-major, so an engine cannot be made of it, but it reads back.
    plan->io[0].format = 2;
    auto bytes = write(*plan);
    ASSERT_TRUE(bytes.ok()) << bytes.status().toString();
    auto read = readCopy(*bytes);
    ASSERT_TRUE(read.ok()) << read.status().toString();
    EXPECT_EQ((*read)->io[0].format, 2);
    EXPECT_EQ((*read)->programs[0]->parameterLayouts, std::vector<tactics::Layout>{tactics::Layout::kHwc8});
    // One that the type does not allow, and one that does not exist.
    for (int64_t wrong : {8, 9, 77}) {
        plan->io[0].format = wrong;
        auto refused = readCopy(*write(*plan));
        ASSERT_FALSE(refused.ok()) << wrong;
        EXPECT_THAT(refused.status().message(), ::testing::HasSubstr("format")) << wrong;
    }
}

TEST(Format, UnalignedBytesAreCopied) {
    Bytes bytes = sample(4), shifted(bytes.size() + 1);
    std::memcpy(shifted.data() + 1, bytes.data(), bytes.size());
    auto plan = read(std::span(shifted).subspan(1), nullptr);
    ASSERT_TRUE(plan.ok());
    std::fill(shifted.begin(), shifted.end(), std::byte{0});
    EXPECT_EQ(*write(**plan), bytes);
}

TEST(Format, CutOffAnywhereIsRefused) {
    Bytes bytes = sample(5);
    for (size_t k = 0; k < 200; ++k) {
        Bytes cut(bytes.begin(), bytes.begin() + static_cast<long>(bytes.size() * k / 200));
        EXPECT_FALSE(readCopy(cut).ok()) << cut.size();
        fixChecksums(cut);
        if (cut.size() >= 24) {
            uint64_t size = cut.size();
            std::memcpy(cut.data() + 16, &size, 8);
            fixChecksums(cut);
            EXPECT_FALSE(readCopy(cut).ok()) << cut.size();
        }
    }
    bytes.push_back(std::byte{0});
    EXPECT_FALSE(readCopy(bytes).ok());
}

TEST(Format, EveryFlippedBitIsNoticed) {
    Bytes bytes = sample(6);
    auto sections = readTable(bytes);
    ASSERT_TRUE(sections.ok());
    // Only the zeros between sections mean nothing.
    std::vector<bool> matters(bytes.size(), false);
    std::fill_n(matters.begin(), kHeaderBytes + sections->size() * kEntryBytes, true);
    for (const Section& s : *sections) std::fill_n(matters.begin() + static_cast<long>(s.offset), s.size, true);
    std::mt19937 random(1);
    for (int i = 0; i < 3000; ++i) {
        size_t at = random() % bytes.size();
        Bytes bad = bytes;
        bad[at] ^= std::byte{1} << (random() % 8);
        EXPECT_EQ(readCopy(bad).ok(), !matters[at]) << at;
    }
}

TEST(Format, DamagedWeightsAreFoundWhenTheyAreUsed) {
    Bytes bytes = sample(7);
    auto sections = readTable(bytes);
    for (const Section& s : *sections)
        if (s.kind == SectionKind::kWeights) bytes[s.offset + s.size - 1] ^= std::byte{1};
    EXPECT_FALSE(readCopy(bytes, true).ok());
    auto plan = readCopy(bytes, false);
    ASSERT_TRUE(plan.ok()) << plan.status().toString();
    int damaged = 0;
    for (const auto& v : (*plan)->programs[0]->graph->values())
        if (v && v->isConstant()) {
            auto b = v->constant()->bytes();
            if (b.ok()) continue;
            ++damaged;
            EXPECT_NE(b.status().message().find("checksum"), std::string::npos) << b.status().message();
        }
    EXPECT_GT(damaged, 0);
}

TEST(Format, ForeignAndNewerFilesAreNamed) {
    Bytes bytes = sample(8);
    auto message = [](const Bytes& b) { return readCopy(b).status().message(); };
    EXPECT_NE(message(Bytes(100, std::byte{65})).find("not a Lathe plan"), std::string::npos);
    Bytes newer = bytes;
    newer[8] = std::byte{9};
    EXPECT_NE(message(newer).find("format version 9"), std::string::npos);
    EXPECT_EQ(*formatVersion(newer), 9u);
}

TEST(Format, StrippedPlansSayWhatIsMissing) {
    auto plan = makePlan(randomGraph(9), 9);
    auto full = write(*plan), stripped = write(*plan, {.withWeights = false});
    ASSERT_TRUE(full.ok() && stripped.ok());
    EXPECT_LT(stripped->size(), full->size());
    auto read = readCopy(*stripped);
    ASSERT_TRUE(read.ok()) << read.status().toString();
    EXPECT_TRUE((*read)->stripped);
    int missing = 0;
    for (const auto& v : (*read)->programs[0]->graph->values()) {
        if (!v || !v->isConstant() || !v->constant()->isMissing()) continue;
        ++missing;
        EXPECT_NE(v->constant()->bytes().status().message().find("dense.weight"), std::string::npos);
    }
    EXPECT_GT(missing, 0);
    EXPECT_EQ(*write(**read, {.withWeights = false}), *stripped);
}

// Whatever a tampered structure says, with right checksums: it is refused, or it reads as a consistent plan.
TEST(Format, TamperedStructuresAreRefusedOrConsistent) {
    std::mt19937 random(11);
    int refused = 0, accepted = 0;
    for (uint32_t seed = 20; seed < 24; ++seed) {
        Bytes bytes = sample(seed);
        auto sections = readTable(bytes);
        const Section& s = (*sections)[0];
        ASSERT_EQ(s.kind, SectionKind::kStructure);
        for (int i = 0; i < 1500; ++i) {
            Bytes bad = bytes;
            for (uint32_t flips = 1 + random() % 3; flips > 0; --flips) {
                size_t at = s.offset + random() % s.size;
                if (random() % 2)
                    bad[at] ^= std::byte{1} << (random() % 8);
                else
                    bad[at] = static_cast<std::byte>(random());
            }
            fixChecksums(bad);
            auto plan = readCopy(bad, false);
            (plan.ok() ? accepted : refused) += 1;
            if (plan.ok()) {
                auto again = write(**plan);
                EXPECT_TRUE(again.ok()) << again.status().toString();
            }
        }
        // The same for the table.
        for (int i = 0; i < 300; ++i) {
            Bytes bad = bytes;
            bad[8 + random() % (kHeaderBytes - 8 + sections->size() * kEntryBytes)] ^= std::byte{1} << (random() % 8);
            fixChecksums(bad);
            (readCopy(bad, false).ok() ? accepted : refused) += 1;
        }
    }
    EXPECT_GT(refused, 1000);
    EXPECT_GT(accepted, 100);  // names and other harmless text
}

}  // namespace
}  // namespace lathe::plan
