// SPDX-License-Identifier: Apache-2.0
// Processes with a GPU each, by way of NCCL and the context's communicator.
#include "device/cuda/nccl.h"

#include "ops/dist_collective.h"
#include "tactics/common/operands.h"
#include "tactics/outside.h"

namespace lathe::tactics {
namespace {

using ops::Collective;

class NcclKernel final : public Kernel {
  public:
    cuda::Nccl::Call call;
    int64_t ranks = 1, bytes = 0;
    const Outside* outside = nullptr;
    const void* constant = nullptr;  // where x is one
    device::Device* device = nullptr;
    void* known = nullptr;  // the communicator that was found fit
    bool keepsOwn = false;  // this rank keeps what it gave

    Status run(const RunArgs& args) override {
        const void* from = constant ? constant : args.inputs[0];
        void* to = args.outputs[0];
        if (ranks == 1) return copy(from, to, args.stream);
        void* communicator = outside ? outside->communicator : nullptr;
        if (!communicator)
            return makeStatus(Code::kInvalidState,
                              "{} ranks take part, but the context has no communicator "
                              "(IExecutionContext::setCommunicator)",
                              ranks);
        const cuda::Nccl* nccl = TRY(cuda::Nccl::get());
        if (communicator != known) {
            if (int there = TRY(nccl->ranksOf(communicator)); there != ranks)
                return makeStatus(Code::kInvalidState, "the communicator has {} ranks, the network was built for {}",
                                  there, ranks);
            keepsOwn = call.kind == cuda::Nccl::Kind::kReduce && TRY(nccl->rankOf(communicator)) != call.root;
            known = communicator;
        }
        // The library leaves the memory of those as it was who are not the root.
        if (keepsOwn) TRY(copy(from, to, args.stream));
        return nccl->run(call, from, to, communicator, args.stream);
    }

  private:
    Status copy(const void* from, void* to, device::StreamHandle stream) {
        if (bytes == 0 || from == to) return {};
        if (!device) return internalError("a copy on the GPU, but there is none");
        return device->copy(to, from, bytes, stream);
    }
};

class CudaDistCollective final : public Tactic {
  public:
    constexpr CudaDistCollective() : Tactic("cuda.dist_collective.nccl.v1", "dist_collective") {}
    bool lastResort() const override { return true; }

    BindResult bind(const ir::Node& anchor, const BindContext&) const override {
        return {{{bindNode(*this, anchor), 1e-5, 0}}, {}};
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::DistCollectiveAttrs>();
        const ir::Value& x = *n.input(0);
        auto kernel = std::make_unique<NcclKernel>();
        kernel->ranks = a.ranks;
        kernel->bytes = bytesOf({x.dtype(), Layout::kLinear}, c.dims(x));
        kernel->device = c.device();
        kernel->outside = outsideOf(c);
        if (x.isConstant()) kernel->constant = TRY(c.residentWeights(x));
        cuda::Nccl::Call& call = kernel->call;
        call.kind = static_cast<cuda::Nccl::Kind>(a.kind);
        if (a.reduce != ops::CollectiveReduce::kNone)
            call.reduce = static_cast<cuda::Nccl::Reduce>(static_cast<int>(a.reduce) - 1);
        call.type = x.dtype();
        call.root = static_cast<int>(a.root);
        int64_t elements = ir::volume(c.dims(x));
        // Types that are only moved go as bytes.
        call.count = static_cast<size_t>(a.kind == Collective::kReduceScatter ? elements / a.ranks : elements);
        return std::unique_ptr<Kernel>(std::move(kernel));
    }
};

}  // namespace

LATHE_TACTIC(cuda_dist_collective_nccl, CudaDistCollective)

}  // namespace lathe::tactics
