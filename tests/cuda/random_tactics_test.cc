// SPDX-License-Identifier: Apache-2.0
// Random numbers on a GPU: of a seed they are the reference's, of seed 0 other ones in every run.
#include <cstring>

#include "cuda/cuda_testing.h"
#include "exec/exec_testing.h"
#include "ops/registry.h"

namespace lathe::cuda {
namespace {

const char* const kRandomOps[] = {"random_uniform", "random_normal", "bernoulli", "multinomial"};

bool hasSeed(const ir::SampleCase& c) {
    size_t at = c.attrs.find("seed=");
    return at != std::string::npos && c.attrs.compare(at, 7, "seed=0 ") != 0 && c.attrs.substr(at) != "seed=0";
}

TEST(GpuRandomTactics, GiveTheReferencesNumbersOfASeed) {
    NEEDS_GPU();
    Rig& rig = Rig::get();
    exec::testing::Machine machine{exec::gpuTarget(*rig.gpu), rig.gpu};
    for (const char* name : kRandomOps) {
        const ir::Op* op = ops::find(name);
        ASSERT_NE(op, nullptr) << name;
        int candidates = 0;
        for (const ir::SampleCase& c : op->samples()) {
            if (!hasSeed(c)) continue;
            auto sample = ops::makeSample(*op, c, 3);
            ASSERT_TRUE(sample.ok()) << sample.status().toString();
            for (const tactics::Tactic* t : tactics::forOp(name, tactics::Target::Backend::kCuda))
                candidates += exec::testing::compareTactic(*sample->graph, *t, sample->inputTensors(), {.factor = 4},
                                                           fmt::format("{}/{}", name, c.name), machine)
                                  .candidates;
        }
        EXPECT_GT(candidates, 0) << name;
    }
}

TEST(GpuRandomTactics, GiveOtherNumbersInEveryRunOfSeedZero) {
    NEEDS_GPU();
    Rig& rig = Rig::get();
    const ir::Op* op = ops::find("random_uniform");
    ASSERT_NE(op, nullptr);
    ir::SampleCase c{.name = "unseeded", .attrs = "shape=[64]"};
    auto sample = ops::makeSample(*op, c, 5);
    ASSERT_TRUE(sample.ok()) << sample.status().toString();
    exec::testing::FixedShapes shapes(*sample->graph, sample->inputTensors(), exec::gpuTarget(*rig.gpu));
    const tactics::Tactic* tactic = tactics::find("cuda.random_uniform.philox.v1");
    ASSERT_NE(tactic, nullptr);
    auto bound = tactic->bind(*sample->node, shapes);
    ASSERT_EQ(bound.candidates.size(), 1u);
    exec::PackedStore store(shapes.target(), {}, rig.gpu);
    auto alone = exec::Standalone::create(bound.candidates[0].binding, shapes, &store);
    ASSERT_TRUE(alone.ok()) << alone.status().toString();
    std::vector<float> runs[2];
    for (auto& run : runs) {
        ASSERT_TRUE((*alone)->run().ok());
        auto out = (*alone)->output(0);
        ASSERT_TRUE(out.ok()) << out.status().toString();
        const auto* at = out->tensor.as<float>();
        run.assign(at, at + 64);
        for (float v : run) {
            EXPECT_GE(v, 0.f);
            EXPECT_LT(v, 1.f);
        }
    }
    EXPECT_NE(runs[0], runs[1]);
}

}  // namespace
}  // namespace lathe::cuda
