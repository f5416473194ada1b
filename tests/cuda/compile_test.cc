// SPDX-License-Identifier: Apache-2.0
// Every kernel's text through NVRTC; needs no GPU.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "cuda/samples.h"
#include "tactics/cuda/launcher.h"

namespace lathe::cuda {
namespace {

KernelTarget targetOf(int sm) {
    int shared = sm == 75 ? 64 : sm == 80 ? 163 : sm == 90 || sm == 100 ? 227 : 99;
    return {sm, 100, shared << 10};
}

// Compiles what differs; `few`: the first instance of each file of text alone.
void compileAll(int sm, bool few) {
    Result<const Nvrtc*> nvrtc = Nvrtc::get();
    if (!nvrtc.ok()) GTEST_SKIP() << nvrtc.status().message();
    std::vector<CompileRequest> requests;
    std::set<std::string> seen;
    for (SamplePlan& s : samplePlans(targetOf(sm))) {
        ASSERT_TRUE(s.plan.ok()) << s.name << ": " << s.plan.status().toString();
        ASSERT_FALSE(s.plan->sources.empty()) << s.name;
        for (const KernelSource& k : s.plan->sources) {
            ASSERT_LE(k.minSm, sm) << s.name;
            std::string key = few ? k.name.substr(0, k.name.find('.')) + (k.archSpecific ? "a" : "") : k.text;
            if (!few)
                for (const std::string& d : k.defines) key += d + "\n";
            if (!seen.insert(key).second) continue;
            requests.push_back(compileRequest(k, sm));
            requests.back().name = s.name;
        }
    }
    std::atomic<size_t> next = 0;
    std::mutex mutex;
    auto work = [&] {
        for (size_t i; (i = next++) < requests.size();) {
            Result<std::vector<std::byte>> code = (*nvrtc)->compile(requests[i]);
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

TEST(CudaCompile, OneOfEachKernel) { compileAll(90, true); }

class SlowCudaCompile : public ::testing::TestWithParam<int> {};
TEST_P(SlowCudaCompile, EveryKernel) { compileAll(GetParam(), false); }
INSTANTIATE_TEST_SUITE_P(Architectures, SlowCudaCompile, ::testing::Values(75, 80, 86, 89, 90, 100, 120));

}  // namespace
}  // namespace lathe::cuda
