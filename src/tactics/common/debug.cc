// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/debug.h"

#include <cstring>

#include "ops/debug.h"
#include "tactics/outside.h"

namespace lathe::tactics {
namespace {

class DebugKernel final : public Kernel {
  public:
    std::string name;
    DType dtype = DType::kFloat;
    ir::Dims dims;
    const Outside* outside = nullptr;
    const void* constant = nullptr;  // what the output is a copy of, where it is not the input itself
    size_t bytes = 0;
    device::Device* device = nullptr;

    Status run(const RunArgs& args) override {
        if (constant && bytes && device)
            TRY(device->copy(args.outputs[0], constant, static_cast<int64_t>(bytes), args.stream));
        else if (constant && bytes)
            std::memcpy(args.outputs[0], constant, bytes);
        if (!outside || !outside->debug) return {};
        return outside->debug({name, dtype, dims, args.outputs[0], device != nullptr, args.stream});
    }
};

}  // namespace

BindResult bindDebug(const Tactic& tactic, const ir::Node& anchor) {
    Candidate candidate{bindNode(tactic, anchor), 0, 0};
    if (!anchor.input(0)->isConstant()) candidate.binding.aliases = {{0, 0}};
    return {{std::move(candidate)}, {}};
}

Result<std::unique_ptr<Kernel>> prepareDebug(const Binding& binding, const PrepareContext& c) {
    const ir::Node& n = *binding.nodes[0];
    const ir::Value& x = *n.input(0);
    auto kernel = std::make_unique<DebugKernel>();
    kernel->name = n.attrs<ops::DebugAttrs>().name;
    kernel->dtype = x.dtype();
    kernel->dims = c.dims(x);
    kernel->outside = outsideOf(c);
    kernel->device = backendOf(*binding.tactic) == Target::Backend::kCuda ? c.device() : nullptr;
    if (x.isConstant()) {
        if (kernel->device)
            kernel->constant = TRY(c.residentWeights(x));
        else
            kernel->constant = TRY(c.weights(x)).data();
        kernel->bytes = x.constant()->byteSize();
    }
    return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace lathe::tactics
