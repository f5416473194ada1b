// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine.h"

#include <algorithm>

#include "base/version.h"
#include "exec/target.h"
#include "runtime/engine_impl.h"

namespace lathe::runtime {
namespace {

// Whether code for `made` runs on `here`: every instruction set contains those before it.
Status checkTarget(const tactics::Target& made, const tactics::Target& here,
                   const std::function<void(const std::string&)>& warn) {
    if (made.isa > here.isa)
        return unsupported(
            "the plan was built for {} ({}), which {} ({}) cannot run; build it on this machine, or for {}",
            made.name(), made.model, here.name(), here.model, here.name());
    if (warn && made.model != here.model)
        warn(fmt::format("the plan was built on '{}', this is '{}': answers are the same, speed may not be the best",
                         made.model, here.model));
    return {};
}

}  // namespace

Engine::Engine() : impl_(std::make_unique<Impl>()) {}
Engine::~Engine() = default;

Result<std::shared_ptr<Engine>> Engine::create(std::shared_ptr<const plan::Plan> plan,
                                               const std::function<void(const std::string&)>& warn) {
    auto engine = std::shared_ptr<Engine>(new Engine);
    Impl& impl = *engine->impl_;
    tactics::Target here = exec::localTarget();
    for (const plan::IoTensor& t : plan->io) impl.inputs += t.isInput;
    for (const auto& program : plan->programs) {
        TRY(checkTarget(program->target, here, warn));
        // Kernels of the plan's instruction set; threads as there are here.
        tactics::Target target = program->target;
        target.threads = here.threads;
        impl.programs.push_back(TRY(exec::FlatProgram::create(*program)));
        impl.stores.push_back(std::make_unique<exec::PackedStore>(target, plan->packed));
    }
    for (const plan::Profile& p : plan->profiles) {
        const exec::FlatProgram& program = *impl.programs[static_cast<size_t>(p.program)];
        ir::SymbolValues corners[2];
        for (int k = 0; k < 2; ++k) corners[k] = TRY(exec::profileSymbols(program.graph(), p, 2 * k));
        impl.largest.push_back(TRY(exec::MemoryPlan::forRange(program, corners)));
        int64_t workspace = 0;
        // A kernel's workspace is known when it is prepared; for the report it is prepared for the largest shapes.
        exec::KernelCache kernels(program.steps().size());
        exec::Scratch scratch(exec::Allocator::system());
        exec::Prepared::Environment env{&program, impl.stores[static_cast<size_t>(p.program)].get(), &kernels,
                                        &scratch};
        auto prepared = exec::Prepared::create(env, corners[1]);
        // Other failures are told when somebody runs: an engine without its weights can still be inspected and
        // refitted.
        if (!prepared.ok() && prepared.status().code() == Code::kFailedAllocation) return prepared.status();
        if (prepared.ok()) workspace = (*prepared)->arenaBytes();
        impl.bytes.push_back(std::max(workspace, impl.largest.back().arenaBytes));
    }
    engine->plan_ = std::move(plan);
    return engine;
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
