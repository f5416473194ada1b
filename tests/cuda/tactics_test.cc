// SPDX-License-Identifier: Apache-2.0
// Every CUDA tactic on every sample case of the ops that it binds at, in fp32, fp16 and bf16: planned and compiled
// where there is no GPU, compared with the reference where there is one. A new tactic needs no line here.
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "cuda/cuda_testing.h"
#include "exec/exec_testing.h"
#include "ops/registry.h"

namespace lathe::cuda {
namespace {

namespace testing = exec::testing;

// Calls visit(tactic, sample, tolerance, where). Kernels may round what lies between two products, as the probabilities
// of attention, to the narrow type; reference kernels don't.
template <class F>
void forEachSample(F&& visit) {
    for (const ir::Op* op : ops::all()) {
        if (op->is(ir::Op::kNondeterministic)) continue;
        auto tactics = tactics::forOp(op->name(), tactics::Target::Backend::kCuda);
        if (tactics.empty()) continue;
        for (const ir::SampleCase& c : op->samples()) {
            std::string where = fmt::format("{}/{}", op->name(), c.name);
            auto sample = ops::makeSample(*op, c, 3);
            ASSERT_TRUE(sample.ok()) << where << ": " << sample.status().toString();
            exec::Tolerance tolerance{.reduction = c.reduction, .factor = 4};
            DType own = sample->node->output(0)->dtype();
            if (isFloating(own) && own != DType::kFloat) tolerance.ofLargest = 2 * exec::epsilonOf(own);
            for (const tactics::Tactic* t : tactics) visit(*t, *sample, tolerance, where);
            for (DType dtype : {DType::kHalf, DType::kBf16})
                if (auto other = testing::sampleIn(dtype, *op, c, 3)) {
                    tolerance.ofLargest = 2 * exec::epsilonOf(dtype);
                    for (const tactics::Tactic* t : tactics)
                        visit(*t, *other, tolerance, fmt::format("{} in {}", where, toString(dtype)));
                }
        }
    }
}

std::vector<KernelPlan> allPlans(const tactics::Target& target) {
    std::vector<KernelPlan> plans;
    std::map<std::string, int> candidates;
    forEachSample(
        [&](const tactics::Tactic& t, const ops::Sample& s, const exec::Tolerance&, const std::string& where) {
            candidates[t.id()] += testing::planTactic(*s.graph, t, s.inputTensors(), where, target, plans).candidates;
        });
    for (const tactics::Tactic* t : tactics::all())
        if (tactics::backendOf(*t) == tactics::Target::Backend::kCuda)
            ::testing::Test::RecordProperty(t->id(), candidates[t->id()]);
    return plans;
}

// `few`: the first instance of each kernel's text.
void compilePlans(int sm, bool few) {
    auto target = exec::absentGpuTarget(sm);
    ASSERT_TRUE(target.ok()) << target.status().toString();
    std::vector<KernelPlan> plans = allPlans(*target);
    Result<const Nvrtc*> nvrtc = Nvrtc::get();
    if (!nvrtc.ok()) GTEST_SKIP() << nvrtc.status().message();
    std::vector<CompileRequest> requests;
    std::set<std::string> seen;
    for (const KernelPlan& p : plans)
        for (const KernelSource& k : p.sources) {
            EXPECT_TRUE(k.minSm <= sm && sm <= k.maxSm)
                << k.name << " is for sm_" << k.minSm << " to sm_" << k.maxSm << ", and planned for sm_" << sm;
            std::string key = few ? k.name.substr(0, k.name.find('.')) + (k.archSpecific ? "a" : "") : k.text;
            if (!few)
                for (const std::string& d : k.defines) key += d + "\n";
            if (seen.insert(key).second) requests.push_back(compileRequest(k, sm));
        }
    std::atomic<size_t> next = 0;
    std::mutex mutex;
    auto work = [&] {
        for (size_t i; (i = next++) < requests.size();) {
            auto code = (*nvrtc)->compile(requests[i]);
            if (code.ok()) continue;
            std::lock_guard lock(mutex);
            ADD_FAILURE() << code.status().toString();
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
    for (std::thread& t : threads) t.join();
    ::testing::Test::RecordProperty("compiled", static_cast<int>(requests.size()));
}

TEST(CudaTacticPlans, AreMadeWithoutAGpu) { compilePlans(90, true); }

class SlowCudaTacticPlans : public ::testing::TestWithParam<int> {};
TEST_P(SlowCudaTacticPlans, Compile) { compilePlans(GetParam(), false); }
INSTANTIATE_TEST_SUITE_P(Architectures, SlowCudaTacticPlans, ::testing::Values(75, 80, 86, 89, 90, 100, 120));

TEST(GpuTactics, GiveWhatTheReferenceGives) {
    NEEDS_GPU();
    Rig& rig = Rig::get();
    testing::Machine machine{exec::gpuTarget(*rig.gpu), rig.gpu};
    compileAhead(allPlans(machine.target), rig.gpu->info().sm);
    int candidates = 0;
    for (bool relaxed : {false, true}) {
        machine.relaxed = relaxed;
        forEachSample([&](const tactics::Tactic& t, const ops::Sample& s, const exec::Tolerance& tolerance,
                          const std::string& where) {
            if (!rig.gpu->usable("").ok()) return;  // after a kernel's bad access nothing works any more
            exec::Tolerance allowed = tolerance;
            // TF32 has f16's fraction.
            if (relaxed)
                allowed.ofLargest = std::max(allowed.ofLargest, 0x1p-10 * static_cast<double>(allowed.reduction));
            candidates += testing::compareTactic(*s.graph, t, s.inputTensors(), allowed, where, machine).candidates;
        });
    }
    EXPECT_TRUE(rig.gpu->usable("the tactics").ok()) << rig.gpu->usable("the tactics").message();
    RecordProperty("candidates", candidates);
}

// A weighty step alone: its clock and its guards.
TEST(GpuTactics, AreTimedByTheGpusClock) {
    NEEDS_GPU();
    Rig& rig = Rig::get();
    const ir::Op* op = ops::find("softmax");
    ASSERT_NE(op, nullptr);
    ir::SampleCase c{.name = "large", .attrs = "axis=1", .inputs = {{.dtype = DType::kFloat, .dims = {4096, 4096}}}};
    auto sample = ops::makeSample(*op, c, 5);
    ASSERT_TRUE(sample.ok()) << sample.status().toString();
    exec::testing::FixedShapes shapes(*sample->graph, sample->inputTensors(), exec::gpuTarget(*rig.gpu));
    const tactics::Tactic* tactic = tactics::find("cuda.softmax.rows.v1");
    ASSERT_NE(tactic, nullptr);
    auto bound = tactic->bind(*sample->node, shapes);
    ASSERT_EQ(bound.candidates.size(), 1u);
    exec::PackedStore store(shapes.target(), {}, rig.gpu);
    auto alone = exec::Standalone::create(bound.candidates[0].binding, shapes, &store);
    ASSERT_TRUE(alone.ok()) << alone.status().toString();
    for (int k = 0; k < 3; ++k) {
        auto seconds = (*alone)->seconds();
        ASSERT_TRUE(seconds.ok()) << seconds.status().toString();
        EXPECT_GT(*seconds, 1e-6);
        EXPECT_LT(*seconds, 0.1);
        RecordProperty("microseconds", static_cast<int>(*seconds * 1e6));
    }
    EXPECT_TRUE((*alone)->guardsIntact().ok());
}

}  // namespace
}  // namespace lathe::cuda
