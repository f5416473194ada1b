// SPDX-License-Identifier: Apache-2.0
#include "compat/common/context.h"

#include <cuda_runtime_api.h>

namespace lathe::compat {

bool Context::explicitOnly(const char* what) const {
    if (!engine_.implicit()) return true;
    engine_.report().error(std::string("IExecutionContext::") + what,
                           "the engine has an implicit batch: execute() or enqueue() with a batch runs it",
                           old::ErrorCode::kINVALID_STATE);
    return false;
}

bool Context::setBatch(int32_t batch, const char* where) {
    if (!engine_.implicit()) {
#if LATHE_TRT >= 8
        engine_.report().error(where, "the engine has an explicit batch: executeV2() or enqueueV2() runs it",
                               old::ErrorCode::kINVALID_STATE);
        return false;
#else
        if (!warned_)
            engine_.report().warning(where,
                                     "the engine has an explicit batch, so that the batch given here is not used");
        warned_ = true;
        return true;
#endif
    }
    if (batch < 1 || batch > engine_.getMaxBatchSize()) {
        engine_.report().error(where, "a batch of " + std::to_string(batch) + "; the engine was built for 1 to " +
                                          std::to_string(engine_.getMaxBatchSize()));
        return false;
    }
    for (int32_t i = 0; i < engine_.tensors() && engine_.isInput(i); ++i) {
        char const* name = engine_.name(i).c_str();
        v10::Dims dims = engine_.real().getTensorShape(name);
        dims.d[0] = batch;
        v10::Dims now = real_->getTensorShape(name);
        if (now.nbDims == dims.nbDims && now.d[0] == batch) continue;
        if (!real_->setInputShape(name, dims)) return false;
    }
    return true;
}

bool Context::bind(Bindings bindings, const char* where) {
    if (!bindings) return engine_.report().error(where, "the bindings are null"), false;
    int32_t first = std::max(0, real_->getOptimizationProfile()) * engine_.tensors();
    for (int32_t i = 0; i < engine_.tensors(); ++i) {
        const std::string& name = engine_.name(i);
        auto values = shapeValues_.find(name);
        void* address = values != shapeValues_.end() ? values->second.data() : bindings[first + i];
        if (!real_->setTensorAddress(name.c_str(), address)) return false;
    }
    return true;
}

bool Context::run(Bindings bindings, cudaStream_t stream, cudaEvent_t* consumed, const char* where) {
    if (!bind(bindings, where)) return false;
    if (consumed && !real_->setInputConsumedEvent(*consumed)) return false;
    bool good = real_->enqueueV3(stream);
    if (consumed) real_->setInputConsumedEvent(nullptr);
    return good;
}

bool Context::executeV2(Bindings bindings) noexcept {
    const char* where = "IExecutionContext::executeV2";
    if (!explicitOnly("executeV2") || !bindings) return false;
    // By position in the library's order, which is its own.
    if (!bind(bindings, where)) return false;
    std::vector<void*> list;
    for (int32_t i = 0; i < engine_.real().getNbIOTensors(); ++i)
        list.push_back(const_cast<void*>(real_->getTensorAddress(engine_.real().getIOTensorName(i))));
    return real_->executeV2(list.data());
}

bool Context::execute(int32_t batch, Bindings bindings) noexcept {
    const char* where = "IExecutionContext::execute";
    if (!setBatch(batch, where)) return false;
    if (!engine_.implicit()) return executeV2(bindings);
    if (!bind(bindings, where)) return false;
    std::vector<void*> list;
    for (int32_t i = 0; i < engine_.real().getNbIOTensors(); ++i)
        list.push_back(const_cast<void*>(real_->getTensorAddress(engine_.real().getIOTensorName(i))));
    return real_->executeV2(list.data());
}

bool Context::enqueueV2(Bindings bindings, cudaStream_t stream, cudaEvent_t* consumed) noexcept {
    return explicitOnly("enqueueV2") && run(bindings, stream, consumed, "IExecutionContext::enqueueV2");
}

bool Context::enqueue(int32_t batch, Bindings bindings, cudaStream_t stream, cudaEvent_t* consumed) noexcept {
    const char* where = "IExecutionContext::enqueue";
    return setBatch(batch, where) && run(bindings, stream, consumed, where);
}

old::Dims Context::getStrides(int32_t i) const noexcept {
    char const* name = engine_.tensorOf(i, "IExecutionContext::getStrides");
    return name ? stridesOf(name) : toOld<old::Dims>(v10::Dims{-1, {}});
}

old::Dims Context::stridesOf(char const* name) const {
    if (!engine_.implicit()) return toOld<old::Dims>(real_->getTensorStrides(name));
    v10::Dims dims = withoutFront(engine_.real().getTensorShape(name)), strides = dims;
    int64_t stride = 1;
    for (int i = dims.nbDims - 1; i >= 0; --i) {
        strides.d[i] = stride;
        stride *= dims.d[i];
    }
    return toOld<old::Dims>(strides);
}

bool Context::setBindingDimensions(int32_t i, old::Dims dims) noexcept {
    const char* where = "IExecutionContext::setBindingDimensions";
    if (!explicitOnly("setBindingDimensions")) return false;
    char const* name = engine_.tensorOf(i, where);
    if (!name) return false;
    if (int32_t profile = std::max(0, real_->getOptimizationProfile()); i / engine_.tensors() != profile) {
        engine_.report().error(where, std::string("binding '") + engine_.getBindingName(i) +
                                          "' does not belong to the context's optimization profile " +
                                          std::to_string(profile));
        return false;
    }
    return real_->setInputShape(name, toNew(dims));
}

old::Dims Context::getBindingDimensions(int32_t i) const noexcept {
    char const* name = engine_.tensorOf(i, "IExecutionContext::getBindingDimensions");
    if (!name) return toOld<old::Dims>(v10::Dims{-1, {}});
    // The batch is none of the shape; what remains is known at any time.
    return engine_.implicit() ? engine_.getBindingDimensions(i) : toOld<old::Dims>(real_->getTensorShape(name));
}

bool Context::setInputShapeBinding(int32_t i, int32_t const* data) noexcept {
    const char* where = "IExecutionContext::setInputShapeBinding";
    char const* name = engine_.tensorOf(i, where);
    if (!name) return false;
    if (!engine_.isInput(i % engine_.tensors()) || !engine_.real().isShapeInferenceIO(name) || !data)
        return engine_.report().error(where, std::string("'") + name + "' is no shape input, or its values are null"),
               false;
    int64_t count = volume(real_->getTensorShape(name));
    if (count < 0 || count > 64) return engine_.report().error(where, "the shape of the values is not known"), false;
    auto& values = shapeValues_[name];
    values.assign(data, data + count);
    return real_->setInputTensorAddress(name, values.data());
}

bool Context::getShapeBinding(int32_t i, int32_t* data) const noexcept {
    const char* where = "IExecutionContext::getShapeBinding";
    char const* name = engine_.tensorOf(i, where);
    if (!name || !data) return false;
    if (auto found = shapeValues_.find(name); found != shapeValues_.end())
        return std::copy(found->second.begin(), found->second.end(), data), true;
    if (engine_.isInput(i % engine_.tensors()) || !engine_.real().isShapeInferenceIO(name))
        return engine_.report().error(where, std::string("'") + name + "' is no shape tensor, or has no values yet"),
               false;
    int64_t count = volume(real_->getTensorShape(name));
    if (count < 0 || count > 64) return engine_.report().error(where, "the shape of the values is not known"), false;
    void* before = real_->getOutputTensorAddress(name);
    std::vector<int32_t> values(std::max<int64_t>(count, 1));
    bool good = real_->setTensorAddress(name, values.data()) && real_->inferShapes(0, nullptr) == 0;
    real_->setTensorAddress(name, before);
    if (good) std::copy_n(values.begin(), count, data);
    return good;
}

bool Context::allInputShapesSpecified() const noexcept {
    for (int32_t i = 0; i < engine_.tensors() && engine_.isInput(i); ++i)
        if (engine_.real().isShapeInferenceIO(engine_.name(i).c_str()) && !shapeValues_.count(engine_.name(i)) &&
            !real_->getTensorAddress(engine_.name(i).c_str()))
            return false;
    return true;
}

}  // namespace lathe::compat
