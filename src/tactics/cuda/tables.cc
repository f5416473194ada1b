// SPDX-License-Identifier: Apache-2.0
#include "tactics/cuda/tables.h"

#include <algorithm>
#include <unordered_map>

#include "device/cuda/memory.h"
#include "tactics/cuda/preparation.h"

namespace lathe::tactics {
namespace {

// Keeps what the kernel reads.
class OwningKernel final : public Kernel {
  public:
    OwningKernel(std::unique_ptr<Kernel> kernel, std::vector<std::shared_ptr<void>> owned)
        : kernel_(std::move(kernel)), owned_(std::move(owned)) {}
    int64_t workspaceBytes() const override { return kernel_->workspaceBytes(); }
    Status run(const RunArgs& args) override { return kernel_->run(args); }
    bool waits() const override { return kernel_->waits(); }

  private:
    std::unique_ptr<Kernel> kernel_;
    std::vector<std::shared_ptr<void>> owned_;
};

class CountedKernel final : public Kernel {
  public:
    CountedKernel(cuda::Gpu& gpu, std::unique_ptr<Kernel> kernel, cuda::PinnedBuffer buffer,
                  std::vector<CudaCounted> outputs)
        : gpu_(gpu), kernel_(std::move(kernel)), buffer_(std::move(buffer)), outputs_(std::move(outputs)) {}
    int64_t workspaceBytes() const override { return kernel_->workspaceBytes(); }
    bool waits() const override { return true; }

    Status run(const RunArgs& args) override {
        TRY(kernel_->run(args));
        TRY(gpu_.copy(buffer_.data(), args.workspace, buffer_.bytes(), args.stream));
        TRY(gpu_.synchronize(args.stream));
        const auto* at = static_cast<const int64_t*>(buffer_.data());
        for (const CudaCounted& o : outputs_) {
            args.outputDims[o.output].assign(at, at + o.rank);
            at += o.rank;
        }
        return {};
    }

  private:
    cuda::Gpu& gpu_;
    std::unique_ptr<Kernel> kernel_;
    cuda::PinnedBuffer buffer_;
    std::vector<CudaCounted> outputs_;
};

// Addresses of weights that are never read.
const void* madeUpAddress() { return reinterpret_cast<const void*>(uintptr_t{1} << 20); }

// Asks for plans alone, at shapes of the profile.
class WorkspaceContext final : public PrepareContext, public CudaPreparation {
  public:
    WorkspaceContext(const BindContext& c, bool largest) : context_(c), largest_(largest) {}
    const Target& target() const override { return context_.target(); }
    const ir::Dims& dims(const ir::Value& v) const override {
        auto [at, fresh] = dims_.try_emplace(&v);
        if (fresh) at->second = largest_ ? context_.maxDims(v) : context_.optDims(v);
        return at->second;
    }
    Result<std::span<const std::byte>> weights(const ir::Value& constant) const override {
        return constant.constant()->bytes();
    }
    Result<std::span<const std::byte>> packed(int) const override { return std::span<const std::byte>(); }
    Result<const void*> resident(int) const override { return madeUpAddress(); }
    Result<const void*> residentWeights(const ir::Value&) const override { return madeUpAddress(); }
    bool takePlan(const cuda::KernelPlan&) const override { return true; }

  private:
    const BindContext& context_;
    bool largest_;
    mutable std::unordered_map<const ir::Value*, ir::Dims> dims_;
};

}  // namespace

Result<const void*> CudaTables::add(const void* data, int64_t bytes) {
    if (!context_.device()) return madeUpAddress();
    auto& gpu = static_cast<cuda::Gpu&>(*context_.device());
    auto buffer =
        std::make_shared<cuda::DeviceBuffer>(TRY(cuda::DeviceBuffer::create(gpu, std::max<int64_t>(bytes, 1))));
    if (bytes > 0) TRY(gpu.copy(buffer->data(), data, bytes, nullptr));
    TRY(gpu.synchronize(nullptr));
    const void* at = buffer->data();
    owned_.push_back(std::move(buffer));
    return at;
}

Result<std::unique_ptr<Kernel>> CudaTables::into(std::unique_ptr<Kernel> kernel) {
    return std::unique_ptr<Kernel>(std::make_unique<OwningKernel>(std::move(kernel), std::move(owned_)));
}

Result<std::unique_ptr<Kernel>> cudaCountedKernel(const PrepareContext& c, std::vector<CudaStage> stages,
                                                  int64_t scratchBytes, std::vector<CudaCounted> outputs) {
    std::unique_ptr<Kernel> kernel = TRY(cudaKernels(c, std::move(stages), scratchBytes));
    if (!c.device()) return kernel;  // planned, not to run
    auto& gpu = static_cast<cuda::Gpu&>(*c.device());
    int64_t numbers = 0;
    for (const CudaCounted& o : outputs) numbers += o.rank;
    auto buffer = TRY(cuda::PinnedBuffer::create(gpu, std::max<int64_t>(numbers, 1) * int64_t{sizeof(int64_t)}));
    return std::unique_ptr<Kernel>(
        std::make_unique<CountedKernel>(gpu, std::move(kernel), std::move(buffer), std::move(outputs)));
}

int64_t cudaWorkspaceOf(const Binding& binding, const BindContext& c) {
    int64_t bytes = 0;
    bool differ = false;
    for (const auto* list : {&binding.inputs, &binding.outputs})
        for (const ir::Value* v : *list) differ = differ || c.optDims(*v) != c.maxDims(*v);
    for (bool largest : {false, true})
        if (largest && !differ)
            break;
        else if (auto kernel = binding.tactic->prepare(binding, WorkspaceContext(c, largest)); kernel.ok())
            bytes = std::max(bytes, (*kernel)->workspaceBytes());
    return bytes;
}

}  // namespace lathe::tactics
