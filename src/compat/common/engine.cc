// SPDX-License-Identifier: Apache-2.0
#include "compat/common/engine.h"

#include "compat/common/context.h"

namespace lathe::compat {
namespace {

class RealMemory final : public old::IHostMemory {
  public:
    explicit RealMemory(v10::IHostMemory* real) : real_(real) {}
    void* data() const noexcept override { return real_->data(); }
    std::size_t size() const noexcept override { return real_->size(); }
    old::DataType type() const noexcept override { return toOld<old::DataType>(real_->type()); }
    void destroy() noexcept override { delete this; }

  private:
    std::unique_ptr<v10::IHostMemory> real_;
};

class OwnMemory final : public old::IHostMemory {
  public:
    explicit OwnMemory(std::vector<char> bytes) : bytes_(std::move(bytes)) {}
    void* data() const noexcept override { return const_cast<char*>(bytes_.data()); }
    std::size_t size() const noexcept override { return bytes_.size(); }
    old::DataType type() const noexcept override { return old::DataType::kINT8; }
    void destroy() noexcept override { delete this; }

  private:
    std::vector<char> bytes_;
};

#if LATHE_TRT >= 8
class Inspector final : public old::IEngineInspector {
  public:
    explicit Inspector(v10::IEngineInspector* real) : real_(real) {}
    bool setExecutionContext(old::IExecutionContext const* context) noexcept override {
        context_ = context;
        return real_->setExecutionContext(context ? &static_cast<const Context*>(context)->real() : nullptr);
    }
    old::IExecutionContext const* getExecutionContext() const noexcept override { return context_; }
    char const* getLayerInformation(int32_t i, old::LayerInformationFormat format) const noexcept override {
        return real_->getLayerInformation(i, toNew(format));
    }
    char const* getEngineInformation(old::LayerInformationFormat format) const noexcept override {
        return real_->getEngineInformation(toNew(format));
    }
    void setErrorRecorder(old::IErrorRecorder* recorder) noexcept override { real_->setErrorRecorder(adapt(recorder)); }
    old::IErrorRecorder* getErrorRecorder() const noexcept override { return original(real_->getErrorRecorder()); }

  private:
    std::unique_ptr<v10::IEngineInspector> real_;
    const old::IExecutionContext* context_ = nullptr;
};
#endif

}  // namespace

old::IHostMemory* makeMemory(v10::IHostMemory* real) { return real ? new RealMemory(real) : nullptr; }

old::IHostMemory* makeMemory(int32_t maxBatch, const v10::IHostMemory& plan) {
    std::vector<char> bytes = writeHead(maxBatch, plan.size());
    const char* data = static_cast<const char*>(plan.data());
    bytes.insert(bytes.end(), data, data + plan.size());
    return new OwnMemory(std::move(bytes));
}

std::unique_ptr<Engine> loadEngine(v10::IRuntime& runtime, old::ILogger* logger, const void* data, std::size_t size,
                                   Head head) {
    std::unique_ptr<v10::ICudaEngine> real(runtime.deserializeCudaEngine(data, size));
    if (!real) return nullptr;
    for (int32_t i = 0; head.present && i < real->getNbIOTensors(); ++i) {
        char const* name = real->getIOTensorName(i);
        v10::Dims dims = real->getTensorShape(name);
        bool good = dims.nbDims >= 1 && (dims.d[0] == -1 || (dims.d[0] == 1 && head.maxBatch == 1));
        if (good && dims.d[0] == -1 && real->getTensorIOMode(name) == v10::TensorIOMode::kINPUT) {
            v10::Dims most = real->getProfileShape(name, 0, v10::OptProfileSelector::kMAX);
            good = most.nbDims >= 1 && most.d[0] == head.maxBatch;
        }
        if (good) continue;
        Report{logger, original(runtime.getErrorRecorder())}.error(
            "IRuntime::deserializeCudaEngine", std::string("the plan says that its batch is implicit and at most ") +
                                                   std::to_string(head.maxBatch) + ", but that of '" + name +
                                                   "' is not");
        return nullptr;
    }
    return std::make_unique<Engine>(std::move(real), head, logger);
}

std::unique_ptr<Engine> loadEngine(old::ILogger* logger, old::IErrorRecorder* recorder, old::IGpuAllocator* allocator,
                                   const void* data, std::size_t size, Head head) {
    std::unique_ptr<v10::IRuntime> runtime(
        static_cast<v10::IRuntime*>(::createInferRuntime_INTERNAL(adapt(logger), kNewVersion)));
    if (!runtime) return nullptr;
    if (recorder) runtime->setErrorRecorder(adapt(recorder));
    if (allocator) runtime->setGpuAllocator(adapt(allocator));
    return loadEngine(*runtime, logger, data, size, head);
}

Engine::Engine(std::unique_ptr<v10::ICudaEngine> real, Head head, old::ILogger* logger)
    : real_(std::move(real)), head_(head), logger_(logger) {
    for (bool inputs : {true, false})
        for (int32_t i = 0; i < real_->getNbIOTensors(); ++i) {
            char const* name = real_->getIOTensorName(i);
            if ((real_->getTensorIOMode(name) == v10::TensorIOMode::kINPUT) == inputs) names_.push_back(name);
        }
    for (int32_t p = 0; p < std::max(1, real_->getNbOptimizationProfiles()); ++p)
        for (const std::string& name : names_)
            bindings_.push_back(p == 0 ? name : name + " [profile " + std::to_string(p) + "]");
}

bool Engine::isInput(int32_t tensor) const {
    return real_->getTensorIOMode(names_[tensor].c_str()) == v10::TensorIOMode::kINPUT;
}

char const* Engine::tensorOf(int32_t binding, const char* where) const {
    if (binding >= 0 && binding < getNbBindings()) return names_[binding % tensors()].c_str();
    report().error(where, "binding " + std::to_string(binding) + "; there are " + std::to_string(getNbBindings()));
    return nullptr;
}

int32_t Engine::getBindingIndex(char const* name) const noexcept {
    for (size_t i = 0; name && i < bindings_.size(); ++i)
        if (bindings_[i] == name) return static_cast<int32_t>(i);
    return -1;
}

char const* Engine::getBindingName(int32_t i) const noexcept {
    return tensorOf(i, "ICudaEngine::getBindingName") ? bindings_[i].c_str() : nullptr;
}

bool Engine::bindingIsInput(int32_t i) const noexcept {
    return tensorOf(i, "ICudaEngine::bindingIsInput") && isInput(i % tensors());
}

old::Dims Engine::getBindingDimensions(int32_t i) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::getBindingDimensions");
    return name ? shown(real_->getTensorShape(name)) : toOld<old::Dims>(v10::Dims{-1, {}});
}

old::DataType Engine::getBindingDataType(int32_t i) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::getBindingDataType");
    return name ? toOld<old::DataType>(real_->getTensorDataType(name)) : old::DataType::kFLOAT;
}

old::IHostMemory* Engine::serialize() const noexcept {
    std::unique_ptr<v10::IHostMemory> plan(real_->serialize());
    if (!plan) return nullptr;
    return implicit() ? makeMemory(head_.maxBatch, *plan) : makeMemory(plan.release());
}

old::IExecutionContext* Engine::createExecutionContext() noexcept {
    std::unique_ptr<v10::IExecutionContext> made(real_->createExecutionContext());
    return made ? new Context(*this, std::move(made)) : nullptr;
}

old::IExecutionContext* Engine::createExecutionContextWithoutDeviceMemory() noexcept {
    std::unique_ptr<v10::IExecutionContext> made(real_->createExecutionContextWithoutDeviceMemory());
    return made ? new Context(*this, std::move(made)) : nullptr;
}

old::TensorLocation Engine::getLocation(int32_t i) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::getLocation");
    return name ? toOld<old::TensorLocation>(real_->getTensorLocation(name)) : old::TensorLocation::kDEVICE;
}

int32_t Engine::getBindingBytesPerComponent(int32_t i) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::getBindingBytesPerComponent");
    return name ? real_->getTensorBytesPerComponent(name) : -1;
}

int32_t Engine::getBindingComponentsPerElement(int32_t i) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::getBindingComponentsPerElement");
    return name ? real_->getTensorComponentsPerElement(name) : -1;
}

old::TensorFormat Engine::getBindingFormat(int32_t i) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::getBindingFormat");
    return name ? toOld<old::TensorFormat>(real_->getTensorFormat(name)) : old::TensorFormat::kLINEAR;
}

char const* Engine::getBindingFormatDesc(int32_t i) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::getBindingFormatDesc");
    return name ? real_->getTensorFormatDesc(name) : nullptr;
}

int32_t Engine::getBindingVectorizedDim(int32_t i) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::getBindingVectorizedDim");
    return name ? shownDim(real_->getTensorVectorizedDim(name)) : -1;
}

// With an implicit batch there are no profiles that an application could see.
old::Dims Engine::getProfileDimensions(int32_t i, int32_t profile, old::OptProfileSelector select) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::getProfileDimensions");
    if (!name) return toOld<old::Dims>(v10::Dims{-1, {}});
    return shown(real_->getProfileShape(name, profile, toNew(select)));
}

int32_t const* Engine::getProfileShapeValues(int32_t profile, int32_t input,
                                             old::OptProfileSelector select) const noexcept {
    char const* name = tensorOf(input, "ICudaEngine::getProfileShapeValues");
    return name ? real_->getProfileTensorValues(name, profile, toNew(select)) : nullptr;
}

bool Engine::isShapeBinding(int32_t i) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::isShapeBinding");
    return name && real_->isShapeInferenceIO(name);
}

// On the host, a tensor serves shapes alone.
bool Engine::isExecutionBinding(int32_t i) const noexcept {
    char const* name = tensorOf(i, "ICudaEngine::isExecutionBinding");
    return name && !(real_->isShapeInferenceIO(name) && real_->getTensorLocation(name) == v10::TensorLocation::kHOST);
}

#if LATHE_TRT >= 8
old::IEngineInspector* Engine::createEngineInspector() const noexcept {
    v10::IEngineInspector* made = real_->createEngineInspector();
    return made ? new Inspector(made) : nullptr;
}
#endif

}  // namespace lathe::compat
