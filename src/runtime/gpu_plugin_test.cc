// SPDX-License-Identifier: Apache-2.0
// Plugins in programs for a GPU, on a device whose memory the host cannot touch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "exec/fake_device_testing.h"
#include "exec/target.h"
#include "ir/text.h"
#include "ops/plugin.h"
#include "ops/registry.h"
#include "plan/plan_testing.h"
#include "plan/shape_range.h"
#include "runtime/engine.h"

namespace lathe::runtime {
namespace {

using exec::testing::FakeDevice;
using ops::PluginTensor;
using ::testing::HasSubstr;

struct Seen {
    int enqueued = 0, attached = 0, shapeChanges = 0;
    bool allOnDevice = true, memory = false, recording = false;
    device::StreamHandle stream = nullptr;
};

// What a plugin does with its tensors in the device's memory.
using Work = std::function<Status(std::span<const PluginTensor> in, const void* const* x, void* const* y)>;

class FakePlugin final : public ops::Plugin {
  public:
    FakePlugin(FakeDevice& device, Work work) : device_(device), work_(std::move(work)) {}
    Result<std::vector<ops::PluginChoice>> choices(std::span<const ops::PluginRange> in,
                                                   std::span<const ops::PluginRange> out) override {
        ops::PluginChoice c;
        c.formats.assign(in.size() + out.size(), 0);
        c.workspaceBytes = 1000;
        return std::vector{c};
    }
    int64_t workspaceBytes(std::span<const PluginTensor>, std::span<const PluginTensor>) override { return 1000; }
    std::optional<std::string> timingText() override { return std::nullopt; }
    bool isCapturable() const override { return capturable; }
    Result<std::unique_ptr<ops::PluginContext>> attach(const std::string&, int64_t,
                                                       ops::PluginMemory* memory) override {
        ++seen.attached;
        if (memory) {
            void* p = memory->allocate(100, 256);
            seen.memory = p && device_.placeOf(p).take() == device::Place::kDevice && !memory->allocate(1, 4096);
            memory->free(p);
        }
        return std::unique_ptr<ops::PluginContext>(std::make_unique<Context>(*this));
    }
    bool capturable = false, refuseCapture = false;
    Seen seen;

  private:
    class Context final : public ops::PluginContext {
      public:
        explicit Context(FakePlugin& owner) : owner_(owner) {}
        Status setShapes(std::span<const PluginTensor>, std::span<const PluginTensor>) override {
            ++owner_.seen.shapeChanges;
            return {};
        }
        Status enqueue(std::span<const PluginTensor> in, std::span<const PluginTensor> out, const void* const* x,
                       void* const* y, void* workspace, void* stream) override {
            Seen& seen = owner_.seen;
            FakeDevice& device = owner_.device_;
            ++seen.enqueued;
            seen.stream = stream;
            auto there = [&](const void* p) { return device.placeOf(p).take() == device::Place::kDevice; };
            for (size_t i = 0; i < in.size(); ++i) seen.allOnDevice = seen.allOnDevice && there(x[i]);
            for (size_t o = 0; o < out.size(); ++o) seen.allOnDevice = seen.allOnDevice && there(y[o]);
            seen.allOnDevice = seen.allOnDevice && there(workspace);
            seen.recording = seen.recording || device.isRecording();
            if (device.isRecording())
                return owner_.refuseCapture ? makeStatus(Code::kFailedExecution, "not in a capture") : Status();
            FakeDevice::Open open(device);
            std::memset(workspace, 0, 1000);
            return owner_.work_(in, x, y);
        }

      private:
        FakePlugin& owner_;
    };
    FakeDevice& device_;
    Work work_;
};

struct PluginRig {
    // `attrs`: of the plugin of `network`, without its name.
    PluginRig(const char* network, Work work) : plugin(std::make_shared<FakePlugin>(device, std::move(work))) {
        auto graph = ir::parse(network, ops::find);
        EXPECT_TRUE(graph.ok()) << graph.status().toString();
        auto size = [](int64_t open) {
            return [open](const ir::Value& v) {
                ir::Dims d;
                for (const ir::Dim& e : v.shape()) d.push_back(e.valueOr(open));
                return d;
            };
        };
        (*graph)->forEachNode([&](ir::Node& n) {
            if (&n.op() == ops::op_plugin) n.attrs<ops::PluginAttrs>().object = plugin;
        });
        Status s = ops::settlePlugins(**graph, {size(1), size(4), size(64)});
        EXPECT_TRUE(s.ok()) << s.toString();
        plan = plan::testing::makePlan(graph.take(), 1);
        plan::Program& program = *plan->programs[0];
        program.target = exec::absentGpuTarget(90).take();
        program.target.model = "Fake GPU";
        auto shapes = plan::ShapeRange::create(*program.graph, plan->io, plan->profiles[0], program.target, false);
        EXPECT_TRUE(shapes.ok()) << shapes.status().toString();
        for (plan::Step& step : program.steps) {
            const ir::Node& n = *step.binding.nodes[0];
            if (&n.op() == ops::op_plugin) {
                auto bound = tactics::find("cuda.plugin.enqueue.v1")->bind(n, **shapes);
                EXPECT_EQ(bound.candidates.size(), 1u);
                step.binding = bound.candidates.at(0).binding;
            } else {
                step.binding.tactic = exec::testing::disguise(*step.binding.tactic, device);
            }
        }
        plan::placeIo(program, plan->io);
        Machine m;
        m.host = exec::localTarget();
        m.device = &device;
        m.gpu = program.target;
        auto made = Engine::create(std::move(plan), {}, m);
        EXPECT_TRUE(made.ok()) << made.status().toString();
        engine = made.take();
        context = Context::create(engine, Context::Memory::kStatic).take();
        stream = device.makeStream().take();
    }
    ~PluginRig() {
        context.reset();
        for (void* p : buffers) device.free(p);
    }
    void* place(const std::vector<float>& v) {
        buffers.push_back(device.allocate(static_cast<int64_t>(v.size() * sizeof(float))).take());
        EXPECT_TRUE(
            device.copy(buffers.back(), v.data(), static_cast<int64_t>(v.size() * sizeof(float)), nullptr).ok());
        return buffers.back();
    }
    std::vector<float> read(const void* p, size_t n) {
        std::vector<float> v(n);
        EXPECT_TRUE(device.copy(v.data(), p, static_cast<int64_t>(n * sizeof(float)), nullptr).ok());
        return v;
    }
    Status run() { return context->run(stream->handle()); }

    FakeDevice device;
    std::shared_ptr<FakePlugin> plugin;
    std::unique_ptr<plan::Plan> plan;
    std::shared_ptr<Engine> engine;
    std::unique_ptr<Context> context;
    std::unique_ptr<device::Stream> stream;
    std::vector<void*> buffers;
};

constexpr const char* kChain = R"(symbol s0 "n" input %x 0 range 1 64
graph "g" (%x: f32[s0, 3]) {
  %a = unary(%x) kind=neg
  const %k = f32[3] [10, 20, 30]
  %b = plugin(%a, %k) type="P" version="1" host=true device=true ranks=[2,1] output_types=[0] shapes="s0|s1" @"special"
  %c = unary(%b) kind=abs
  return %c
})";

// x + k, with k along the rows.
Status addRow(std::span<const PluginTensor> in, const void* const* x, void* const* y) {
    for (int64_t i = 0; i < ir::volume(in[0].dims); ++i)
        static_cast<float*>(y[0])[i] = static_cast<const float*>(x[0])[i] + static_cast<const float*>(x[1])[i % 3];
    return {};
}

TEST(GpuPlugin, GetsDevicePointersAndTheStreamAtEveryRun) {
    PluginRig rig(kChain, addRow);
    void *x = rig.place({1, 2, 3, 40, 50, 60}), *out = rig.place(std::vector<float>(6));
    ASSERT_TRUE(rig.context->setInputShape(0, {2, 3}).ok());
    ASSERT_TRUE(rig.context->setAddress(0, x).ok() && rig.context->setAddress(1, out).ok());
    for (int i = 0; i < 5; ++i) {
        Status s = rig.run();
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(rig.read(out, 6), (std::vector<float>{9, 18, 27, 30, 30, 30}));
    }
    const Seen& seen = rig.plugin->seen;
    EXPECT_EQ(seen.enqueued, 5);  // nothing is known of it, so it is called each time
    EXPECT_EQ(rig.device.launches, 0);
    EXPECT_EQ(seen.attached, 1);
    EXPECT_EQ(seen.shapeChanges, 1);
    EXPECT_TRUE(seen.allOnDevice);
    EXPECT_TRUE(seen.memory);
    EXPECT_EQ(seen.stream, rig.stream->handle());
}

TEST(GpuPlugin, ThatIsCapturableIsRecordedWithTheRest) {
    PluginRig rig(kChain, addRow);
    rig.plugin->capturable = true;
    void *x = rig.place({1, 2, 3}), *out = rig.place(std::vector<float>(3));
    ASSERT_TRUE(rig.context->setInputShape(0, {1, 3}).ok());
    ASSERT_TRUE(rig.context->setAddress(0, x).ok() && rig.context->setAddress(1, out).ok());
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(rig.run().ok());
    EXPECT_EQ(rig.device.launches, 3);
    EXPECT_TRUE(rig.plugin->seen.recording);
    EXPECT_EQ(rig.read(out, 3), (std::vector<float>{9, 18, 27}));
}

TEST(GpuPlugin, ThatCannotBeRecordedAfterAllIsLaunchedPlainly) {
    PluginRig rig(kChain, addRow);
    rig.plugin->capturable = rig.plugin->refuseCapture = true;
    void *x = rig.place({1, 2, 3}), *out = rig.place(std::vector<float>(3));
    ASSERT_TRUE(rig.context->setInputShape(0, {1, 3}).ok());
    ASSERT_TRUE(rig.context->setAddress(0, x).ok() && rig.context->setAddress(1, out).ok());
    for (int i = 0; i < 4; ++i) {
        Status s = rig.run();
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(rig.read(out, 3), (std::vector<float>{9, 18, 27}));
    }
    EXPECT_EQ(rig.device.launches, 0);
    EXPECT_EQ(rig.plugin->seen.enqueued, 5);  // one of them was in the recording that failed
}

TEST(GpuPlugin, GoesIntoTheProgramsOwnCapture) {
    PluginRig rig(kChain, addRow);
    void *x = rig.place({1, 2, 3}), *out = rig.place(std::vector<float>(3));
    ASSERT_TRUE(rig.context->setInputShape(0, {1, 3}).ok());
    ASSERT_TRUE(rig.context->setAddress(0, x).ok() && rig.context->setAddress(1, out).ok());
    ASSERT_TRUE(rig.run().ok());
    rig.device.setCapturing(rig.stream->handle());
    EXPECT_TRUE(rig.run().ok());
    EXPECT_EQ(rig.plugin->seen.enqueued, 2);
}

TEST(GpuPlugin, ErrorsNameStepAndPlugin) {
    bool fail = true;
    PluginRig rig(kChain, [&](auto in, auto x, auto y) -> Status {
        if (fail) return makeStatus(Code::kFailedExecution, "enqueue() answers 5");
        return addRow(in, x, y);
    });
    void *x = rig.place({1, 2, 3}), *out = rig.place(std::vector<float>(3));
    ASSERT_TRUE(rig.context->setInputShape(0, {1, 3}).ok());
    ASSERT_TRUE(rig.context->setAddress(0, x).ok() && rig.context->setAddress(1, out).ok());
    Status s = rig.run();
    EXPECT_EQ(s.code(), Code::kFailedExecution);
    for (const char* part : {"special", "plugin 'P', version '1'", "enqueue() answers 5"})
        EXPECT_THAT(s.message(), HasSubstr(part));
    fail = false;
    EXPECT_TRUE(rig.run().ok());
}

constexpr const char* kFinds = R"(symbol s0 "n" input %x 0 range 1 64
graph "g" (%x: f32[s0]) {
  %b, %n = plugin(%x) type="P" version="1" host=true device=true ranks=[1] output_types=[0,3] shapes="s1;" bounds="s0" sizes=[1] @"positive"
  %c = unary(%b) kind=neg
  return %c
})";

TEST(GpuPlugin, TellsAnExtentThatIsReadBack) {
    int32_t tell = -1;  // in the place of the true number
    PluginRig rig(kFinds, [&](std::span<const PluginTensor> in, const void* const* x, void* const* y) -> Status {
        int32_t n = 0;
        for (int64_t i = 0; i < in[0].dims[0]; ++i)
            if (float v = static_cast<const float*>(x[0])[i]; v > 0) static_cast<float*>(y[0])[n++] = v;
        *static_cast<int32_t*>(y[1]) = tell >= 0 ? tell : n;
        return {};
    });
    void *x = rig.place({1, -2, 3, -4}), *out = rig.place(std::vector<float>(4));
    ASSERT_TRUE(rig.context->setInputShape(0, {4}).ok());
    ASSERT_TRUE(rig.context->setAddress(0, x).ok() && rig.context->setAddress(1, out).ok());
    for (int i = 0; i < 3; ++i) {
        Status s = rig.run();
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(rig.context->shape(1), (ir::Dims{2}));
        EXPECT_EQ(rig.read(out, 2), (std::vector<float>{-1, -3}));
    }
    tell = 5;
    Status s = rig.run();
    EXPECT_THAT(s.message(), HasSubstr("tells the size 5, its bound is 4"));
    tell = -1;
    rig.device.setCapturing(rig.stream->handle());
    s = rig.run();
    EXPECT_THAT(s.message(), HasSubstr("'positive' waits"));
    EXPECT_THAT(s.message(), HasSubstr("cannot be captured"));
}

constexpr const char* kInPlace = R"(graph "g" (%x: f32[3]) {
  %a = unary(%x) kind=neg
  %b = plugin(%a) type="P" version="1" host=true device=true ranks=[1] output_types=[0] shapes="s0" aliases=[0] @"p"
  %c = unary(%a) kind=abs
  return %b, %c
})";

TEST(GpuPlugin, SharesItsInputsMemory) {
    PluginRig rig(kInPlace, [](std::span<const PluginTensor>, const void* const* x, void* const* y) -> Status {
        if (x[0] != y[0]) return internalError("two addresses");
        for (int i = 0; i < 3; ++i) static_cast<float*>(y[0])[i] += 10;
        return {};
    });
    void *x = rig.place({1, 2, 3}), *out = rig.place({0, 0, 0}), *other = rig.place({0, 0, 0});
    ASSERT_TRUE(rig.context->setAddress(0, x).ok());
    ASSERT_TRUE(rig.context->setAddress(1, out).ok() && rig.context->setAddress(2, other).ok());
    for (int i = 0; i < 2; ++i) {
        Status s = rig.run();
        ASSERT_TRUE(s.ok()) << s.toString();
        EXPECT_EQ(rig.read(out, 3), (std::vector<float>{9, 8, 7}));
        EXPECT_EQ(rig.read(other, 3), (std::vector<float>{1, 2, 3}));
        EXPECT_EQ(rig.read(x, 3), (std::vector<float>{1, 2, 3}));
    }
}

}  // namespace
}  // namespace lathe::runtime
