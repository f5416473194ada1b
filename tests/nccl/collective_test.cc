// SPDX-License-Identifier: Apache-2.0
// Collective layers on a device that is a fake, over a library that is one too.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "device/cuda/nccl.h"
#include "exec/fake_device_testing.h"
#include "exec/packed_store.h"
#include "exec/preparation.h"
#include "exec/target.h"
#include "ir/text.h"
#include "ops/registry.h"
#include "tactics/outside.h"

namespace lathe {
namespace {

using ::testing::HasSubstr;

// The only library of its name that is looked at.
[[maybe_unused]] const bool placed = setenv("LATHE_CUDA_LIBS", LATHE_FAKE_NCCL, 1) == 0;

std::string takeCalls() {
    void* library = dlopen(LATHE_FAKE_NCCL "/libnccl.so.2", RTLD_NOW | RTLD_NOLOAD);
    if (!library) return "not loaded";
    std::string text = reinterpret_cast<const char* (*)()>(dlsym(library, "fakeNcclCalls"))();
    reinterpret_cast<void (*)()>(dlsym(library, "fakeNcclClear"))();
    return text;
}

// One node, prepared for the device.
class Step {
  public:
    Step(const std::string& shape, const std::string& attrs) {
        auto graph = ir::parse(
            "graph \"g\" (%x: " + shape + ") {\n  %y = dist_collective(%x) " + attrs + "\n  return %y\n}", ops::find);
        EXPECT_TRUE(graph.ok()) << graph.status().toString();
        graph_ = graph.take();
        const tactics::Tactic* tactic = tactics::find("cuda.dist_collective.nccl.v1");
        binding_ = tactics::bindNode(*tactic, *graph_->body().nodes()[0]);
        auto kernel =
            tactic->prepare(binding_, exec::Preparation(
                                          binding_, [this](const ir::Value& v) -> const ir::Dims& { return dimsOf(v); },
                                          store_, nullptr, nullptr, &outside));
        EXPECT_TRUE(kernel.ok()) << kernel.status().toString();
        kernel_ = kernel.take();
        for (int i = 0; i < 2; ++i) memory_[i] = device_.allocate(1024).take();
    }
    ~Step() {
        for (void* p : memory_) device_.free(p);
    }
    Status run() {
        const void* in[] = {memory_[0]};
        void* out[] = {memory_[1]};
        tactics::RunArgs args;
        args.inputs = in;
        args.outputs = out;
        args.stream = reinterpret_cast<void*>(uintptr_t{7});
        return kernel_->run(args);
    }
    int copies() const { return device_.copies; }
    tactics::Outside outside;

  private:
    const ir::Dims& dimsOf(const ir::Value& v) { return dims_[&v] = ir::constantDims(v.shape()); }

    exec::testing::FakeDevice device_;
    std::unique_ptr<ir::Graph> graph_;
    tactics::Binding binding_;
    exec::PackedStore store_{exec::absentGpuTarget(90).take(), {}, &device_};
    std::map<const ir::Value*, ir::Dims> dims_;
    std::unique_ptr<tactics::Kernel> kernel_;
    void* memory_[2] = {};
};

TEST(Collective, CallsTheLibraryInTheStream) {
    int communicator[] = {2, 1};
    struct Case {
        const char *shape, *attrs, *call;
    };
    for (const Case& c : {
             Case{"f32[4, 2]", "reduce=max ranks=2", "all_reduce count=8 type=7 op=2 ranks=2 stream=7\n"},
             Case{"f16[4, 2]", "kind=all_gather ranks=2", "all_gather count=8 type=6 op=-1 ranks=2 stream=7\n"},
             Case{"bool[5]", "kind=broadcast root=1 ranks=2", "broadcast count=5 type=1 op=1 ranks=2 stream=7\n"},
             Case{"i64[5]", "kind=reduce reduce=sum root=1 ranks=2", "reduce count=5 type=4 op=1 ranks=2 stream=7\n"},
             Case{"bf16[4, 3]", "kind=reduce_scatter reduce=avg ranks=2",
                  "reduce_scatter count=6 type=9 op=4 ranks=2 stream=7\n"},
         }) {
        Step step(c.shape, c.attrs);
        step.outside.communicator = communicator;
        Status s = step.run();
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(takeCalls(), c.call);
        EXPECT_EQ(step.copies(), 0);
    }
}

// Who is not the root keeps what it gave.
TEST(Collective, ReduceLeavesTheOthersTheirOwn) {
    int communicator[] = {2, 0};
    Step step("f32[4]", "kind=reduce reduce=sum root=1 ranks=2");
    step.outside.communicator = communicator;
    ASSERT_TRUE(step.run().ok());
    EXPECT_EQ(step.copies(), 1);
    EXPECT_THAT(takeCalls(), HasSubstr("reduce count=4"));
}

TEST(Collective, SaysWhatIsWrong) {
    Step step("f32[4]", "reduce=sum ranks=2");
    EXPECT_THAT(step.run().message(), HasSubstr("the context has no communicator"));
    int three[] = {3, 0}, bad[] = {-1, 0}, two[] = {2, 0};
    step.outside.communicator = three;
    EXPECT_THAT(step.run().message(), HasSubstr("the communicator has 3 ranks, the network was built for 2"));
    step.outside.communicator = bad;
    EXPECT_THAT(step.run().message(), HasSubstr("ncclCommCount answers 4 (the fake says no)"));
    step.outside.communicator = two;
    EXPECT_TRUE(step.run().ok());
    takeCalls();
    Step parts("f32[4]", "kind=reduce_scatter reduce=sum ranks=2");
    int failing[] = {2, 99};
    parts.outside.communicator = failing;
    EXPECT_THAT(parts.run().message(), HasSubstr("ncclReduceScatter answers 5"));
    takeCalls();
    EXPECT_EQ((*cuda::Nccl::get())->version(), "2.28.9");
}

TEST(Collective, AloneItIsACopy) {
    Step step("f32[4]", "reduce=sum");
    ASSERT_TRUE(step.run().ok());
    EXPECT_EQ(step.copies(), 1);
}

}  // namespace
}  // namespace lathe
