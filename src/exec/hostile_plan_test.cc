// SPDX-License-Identifier: Apache-2.0
// A tampered plan with right checksums is refused somewhere on the way, or runs without harm (ASan watches).
#include <gtest/gtest.h>

#include <random>

#include "exec/exec_testing.h"
#include "plan/plan_testing.h"
#include "plan/sections.h"

namespace lathe::exec {
namespace {

TEST(HostilePlan, IsRefusedOrRuns) {
    std::mt19937 random(3);
    int ran = 0, refused = 0;
    for (uint32_t seed = 50; seed < 56; ++seed) {
        auto bytes = plan::write(*plan::testing::makePlan(plan::testing::randomGraph(seed), seed));
        ASSERT_TRUE(bytes.ok()) << bytes.status().toString();
        auto sections = plan::readTable(*bytes);
        ASSERT_TRUE(sections.ok());
        const plan::Section& structure = (*sections)[0];
        for (int i = 0; i < 700; ++i) {
            auto bad = std::make_shared<std::vector<std::byte>>(*bytes);
            for (uint32_t flips = 1 + random() % 3; flips > 0; --flips)
                (*bad)[structure.offset + random() % structure.size] ^= std::byte{1} << (random() % 8);
            plan::testing::fixChecksums(*bad);
            auto read = plan::read(*bad, bad);
            if (!read.ok()) {
                ++refused;
                continue;
            }
            const plan::Program& program = *(*read)->programs[0];
            auto flat = FlatProgram::create(program);
            if (!flat.ok()) {
                ++refused;
                continue;
            }
            testing::Session session(program);
            ir::SymbolValues symbols(program.graph->symbols().size());
            for (size_t s = 0; s < program.graph->symbols().size(); ++s) symbols.set(static_cast<ir::SymbolId>(s), 3);
            bool large = false;
            for (const ir::Value* v : program.graph->body().parameters()) {
                auto dims = ir::evalShape(v->shape(), symbols);
                large = large || !dims.ok() || !ir::checkedVolume(*dims).ok() || ir::volume(*dims) > (1 << 20);
            }
            if (large) continue;
            auto inputs = testing::randomInputs(*program.graph, seed, symbols);
            (session.run(testing::tensorsOf(inputs)).ok() ? ran : refused) += 1;
        }
    }
    EXPECT_GT(ran, 200);
    EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace lathe::exec
