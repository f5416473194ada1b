// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine.h"

#include <algorithm>

#include "base/version.h"
#include "device/cuda/gpu.h"
#include "device/domain.h"
#include "exec/target.h"
#include "runtime/engine_impl.h"

namespace lathe::runtime {
namespace {

std::string describe(const tactics::Target& t) {
    return t.model.empty() ? t.name() : fmt::format("{} ({})", t.name(), t.model);
}

// Why code for `made` does not run on `machine`; empty where it does. Every instruction set contains those before it;
// tactics for a GPU are chosen for one architecture, or for it and all later ones.
std::string whyNot(const tactics::Target& made, const Machine& machine) {
    if (made.isa > machine.host.isa) {
        tactics::Target host;
        host.isa = made.isa;
        return fmt::format("it is for a host with the instructions of {}, this one is {}", host.name(),
                           describe(machine.host));
    }
    if (!made.isCuda()) return {};
    if (!machine.device) return fmt::format("this process has no GPU: {}", machine.whyNoGpu);
    bool later = made.reach == tactics::Target::Reach::kAmpereAndLater;
    if (later ? made.sm > machine.gpu.sm : made.sm != machine.gpu.sm)
        return fmt::format("this GPU is {}", describe(machine.gpu));
    if (made.sharedPerBlock > machine.gpu.sharedPerBlock)
        return fmt::format("its kernels may take {} bytes of shared memory, this GPU's blocks have {}",
                           made.sharedPerBlock, machine.gpu.sharedPerBlock);
    return {};
}

// The program of a profile that runs on `machine`.
Result<int> chooseProgram(const plan::Plan& plan, const plan::Profile& profile, const Machine& machine) {
    std::vector<int> list{profile.program};
    list.insert(list.end(), profile.others.begin(), profile.others.end());
    std::string reasons, names;
    // The GPU's own program before one for all later GPUs, and that before one for the CPU.
    auto rank = [](const tactics::Target& t) {
        return !t.isCuda() ? 1 : t.reach == tactics::Target::Reach::kAmpereAndLater ? 2 : 3;
    };
    int best = -1, bestRank = 0;
    for (int p : list) {
        const tactics::Target& made = plan.programs[static_cast<size_t>(p)]->target;
        std::string why = whyNot(made, machine);
        if (why.empty() && rank(made) > bestRank) {
            best = p;
            bestRank = rank(made);
        }
        names += (names.empty() ? "" : " and ") + describe(made);
        if (!why.empty()) reasons += (reasons.empty() ? "" : "; ") + why;
    }
    if (best >= 0) return best;
    const tactics::Target& here = machine.device ? machine.gpu : machine.host;
    return unsupported("the plan was built for {}, which {} cannot run ({}); build it on this machine, or for {}",
                       names, describe(here), reasons, here.name());
}

void warnOfModel(const tactics::Target& made, const Machine& machine,
                 const std::function<void(const std::string&)>& warn) {
    const tactics::Target& here = made.isCuda() ? machine.gpu : machine.host;
    bool foreseen = made.isCuda() && made.reach != tactics::Target::Reach::kNone;
    if (warn && !foreseen && made.model != here.model && !made.model.empty())
        warn(fmt::format("the plan was built on '{}', this is '{}': answers are the same, speed may not be the best",
                         made.model, here.model));
}

}  // namespace

Result<Machine> Machine::process() {
    Machine m;
    m.host = exec::localTarget();
    if (cuda::Gpu* gpu = TRY(device::domain())) {
        m.device = gpu;
        m.gpu = exec::gpuTarget(*gpu);
    } else {
        m.whyNoGpu = device::whyNoGpu();
    }
    return m;
}

Engine::Engine() : impl_(std::make_unique<Impl>()) {}
Engine::~Engine() = default;

Result<std::shared_ptr<Engine>> Engine::create(std::shared_ptr<const plan::Plan> plan,
                                               const std::function<void(const std::string&)>& warn) {
    return create(std::move(plan), warn, TRY(Machine::process()));
}

Result<std::shared_ptr<Engine>> Engine::create(std::shared_ptr<const plan::Plan> plan,
                                               const std::function<void(const std::string&)>& warn,
                                               const Machine& machine) {
    auto engine = std::shared_ptr<Engine>(new Engine);
    Impl& impl = *engine->impl_;
    for (const plan::IoTensor& t : plan->io) impl.inputs += t.isInput;
    impl.debugTensors = plan::debugTensors(*plan);
    impl.programs.resize(plan->programs.size());
    impl.stores.resize(plan->programs.size());
    impl.domain = machine.device;
    for (const plan::Profile& profile : plan->profiles) {
        int index = TRY(chooseProgram(*plan, profile, machine));
        size_t p = static_cast<size_t>(index);
        const plan::Program& program = *plan->programs[p];
        device::Accelerator* device = program.target.isCuda() ? machine.device : nullptr;
        if (!impl.chosen.empty() && device != impl.device)
            return unsupported("profile {} is for {}, but those before it are for another kind of device",
                               impl.chosen.size(), program.target.name());
        impl.device = device;
        impl.chosen.push_back(index);
        if (impl.programs[p]) continue;
        warnOfModel(program.target, machine, warn);
        // Kernels of the plan's instruction set; threads as there are here.
        tactics::Target target = program.target;
        target.threads = machine.host.threads;
        impl.programs[p] = TRY(exec::FlatProgram::create(program));
        impl.stores[p] = std::make_unique<exec::PackedStore>(target, plan->packed, device);
    }
    for (size_t i = 0; i < plan->profiles.size(); ++i) {
        const plan::Profile& p = plan->profiles[i];
        size_t index = static_cast<size_t>(impl.chosen[i]);
        const exec::FlatProgram& program = *impl.programs[index];
        ir::SymbolValues corners[2];
        for (int k = 0; k < 2; ++k) corners[k] = TRY(exec::profileSymbols(program.graph(), p, 2 * k));
        impl.largest.push_back(TRY(exec::MemoryPlan::forRange(program, corners)));
        int64_t workspace = 0;
        // A kernel's workspace is known when it is prepared; for the report it is prepared for the largest shapes.
        auto kernels = std::make_unique<exec::KernelCache>(program.steps().size());
        exec::Scratch hostScratch(exec::Allocator::system());
        exec::Scratch scratch(impl.device ? exec::Allocator::of(*impl.device) : exec::Allocator::system());
        exec::Prepared::Environment env{
            &program, impl.stores[index].get(), kernels.get(), &scratch, impl.device, &hostScratch, nullptr};
        auto prepared = exec::Prepared::create(env, corners[1]);
        // Other failures are told when somebody runs: an engine without its weights can still be inspected and
        // refitted.
        if (!prepared.ok() && prepared.status().code() == Code::kFailedAllocation) return prepared.status();
        if (prepared.ok()) workspace = (*prepared)->arenaBytes();
        if (impl.device) impl.warm.push_back(std::move(kernels));
        impl.bytes.push_back(std::max(workspace, impl.largest.back().arenaBytes));
    }
    engine->plan_ = std::move(plan);
    return engine;
}

device::Accelerator* Engine::device() const { return impl_->device; }

const plan::Program& Engine::program(int profile) const {
    return *plan_->programs[static_cast<size_t>(impl_->chosen[static_cast<size_t>(profile)])];
}

int Engine::auxStreams() const {
    int most = 1;
    for (int p : impl_->chosen) most = std::max(most, impl_->programs[static_cast<size_t>(p)]->streams());
    return most - 1;
}

int Engine::ioIndex(std::string_view name) const {
    for (size_t i = 0; i < plan_->io.size(); ++i)
        if (plan_->io[i].name == name) return static_cast<int>(i);
    return -1;
}

Result<int64_t> Engine::deviceMemoryBytes(int profile) const {
    if (profile < 0 || profile >= profileCount())
        return invalidArgument("there is no profile {}; the engine has {}", profile, profileCount());
    return impl_->bytes[static_cast<size_t>(profile)];
}

}  // namespace lathe::runtime
