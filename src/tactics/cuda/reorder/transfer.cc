// SPDX-License-Identifier: Apache-2.0
// Between host memory and the device's. What goes up is staged by the driver, so the host's buffer may be used again at
// once; what goes down is waited for.
#include "device/device.h"
#include "ops/reorder.h"
#include "tactics/tactic.h"

namespace lathe::tactics {
namespace {

class TransferKernel final : public Kernel {
  public:
    TransferKernel(device::Device* device, int64_t bytes, bool down) : device_(device), bytes_(bytes), down_(down) {}
    Status run(const RunArgs& args) override {
        if (!device_) return internalError("a transfer was prepared without a device");
        TRY(device_->copy(args.outputs[0], args.inputs[0], bytes_, args.stream));
        return down_ ? device_->synchronize(args.stream) : Status();
    }
    bool waits() const override { return down_; }

  private:
    device::Device* device_;  // null where kernels are only planned
    int64_t bytes_;
    bool down_;
};

class Transfer final : public Tactic {
  public:
    constexpr Transfer() : Tactic("cuda.reorder.transfer.v1", "reorder") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        const auto& a = anchor.attrs<ops::ReorderAttrs>();
        Layout from = static_cast<Layout>(a.from), to = static_cast<Layout>(a.to);
        bool up = from == Layout::kHost && to == Layout::kLinear, down = from == Layout::kLinear && to == Layout::kHost;
        if (!up && !down) return {};
        const ir::Value& x = *anchor.input(0);
        if (x.isConstant()) return BindResult::refuse("its input is a constant");
        Candidate candidate{bindNode(*this, anchor), 0, 0};
        candidate.binding.inputLayouts = {from};
        candidate.binding.outputLayouts = {to};
        // A copy's start; going down also the wait for what is under way, and that no graph can hold it.
        double bytes = static_cast<double>(lathe::bytesOf(x.dtype(), ir::volume(c.optDims(x))));
        candidate.estimate = (up ? 10e-6 : 70e-6) + bytes / 10e9;
        return {{candidate}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Value& v = *binding.outputs[0];
        return std::unique_ptr<Kernel>(std::make_unique<TransferKernel>(
            c.device(), lathe::bytesOf(v.dtype(), ir::volume(c.dims(v))), binding.outputLayouts[0] == Layout::kHost));
    }
};

}  // namespace

LATHE_TACTIC(cuda_reorder_transfer, Transfer)

}  // namespace lathe::tactics
