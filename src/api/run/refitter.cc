// SPDX-License-Identifier: Apache-2.0
#include "api/run/refitter.h"

#include <algorithm>
#include <limits>
#include <set>

#include "api/common/convert.h"
#include "api/run/execution_context.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

std::string textOrEmpty(const char* s) { return s ? s : ""; }

}  // namespace

Result<IRefitter*> makeRefitter(CudaEngine& engine, ILogger& logger) {
    if (!engine.isRefittable())
        return makeStatus(Code::kInvalidState, "the engine was not built to be refitted (BuilderFlag::kREFIT)");
    auto known = TRY(runtime::refittableWeights(engine.plan()));
    return new Refitter(engine, logger, std::move(known));
}

Refitter::Refitter(CudaEngine& engine, ILogger& logger, std::map<std::string, runtime::Refittable> known)
    : engine_(engine), reporter_(&logger), known_(std::move(known)) {
    mImpl = this;
    std::set<std::pair<std::string, Role>> seen;
    std::set<std::string> named;
    for (const plan::Plan::Role& r : engine.facts().roles) {
        auto role = static_cast<Role>(r.role);
        if (!known_.count(r.weights)) continue;
        if (seen.insert({r.layer, role}).second) places_.push_back({r.layer, role, r.weights});
        if (r.named && named.insert(r.weights).second) names_.push_back(r.weights);
    }
}

Status Refitter::set(const std::string& name, const Weights& weights, Location location) {
    auto at = known_.find(name);
    if (at == known_.end()) {
        const auto& fixed = engine_.facts().fixedWeights;
        if (std::find(fixed.begin(), fixed.end(), name) != fixed.end())
            return unsupported("the value of weights '{}' decided how the engine was built; it cannot be changed",
                               name);
        return invalidArgument("the engine has no weights '{}' that can be refitted", name);
    }
    const runtime::Refittable& r = at->second;
    if (weights.type != toApi(r.dtype) || weights.count != r.count)
        return invalidArgument("weights '{}' are {} values of type {}; {} of type {} were given", name, r.count,
                               toString(r.dtype), weights.count, static_cast<int>(weights.type));
    if (!weights.values && weights.count > 0) return invalidArgument("weights '{}' have a null pointer", name);
    given_[name] = {weights, location};
    return {};
}

bool Refitter::setWeights(char const* layerName, Role role, Weights const weights) noexcept {
    return guardedStatus(reporter_, "IRefitter::setWeights", [&]() -> Status {
        if (!layerName) return invalidArgument("the layer's name is null");
        for (const Place& p : places_)
            if (p.layer == layerName && p.role == role) return set(p.weights, weights, Location::kHOST);
        return invalidArgument("layer '{}' has no weights of role {} that can be refitted", layerName,
                               static_cast<int>(role));
    });
}

bool Refitter::setNamedWeightsWithLocation(char const* name, Weights weights, Location location) noexcept {
    return guardedStatus(reporter_, "IRefitter::setNamedWeights", [&]() -> Status {
        if (!name) return invalidArgument("the name is null");
        TRY(mustExist(location, "location"));
        return set(name, weights, location);
    });
}
bool Refitter::setNamedWeights(char const* name, Weights weights) noexcept {
    return setNamedWeightsWithLocation(name, weights, Location::kHOST);
}

// The device of an engine for the CPU is the host.
Status Refitter::refit() {
    std::map<std::string, std::span<const std::byte>> values;
    for (const auto& [name, g] : given_) {
        const runtime::Refittable& r = known_.at(name);
        values[name] = {static_cast<const std::byte*>(g.weights.values),
                        static_cast<size_t>(bytesOf(r.dtype, r.count))};
    }
    engine_.setEngine(TRY(runtime::refit(*engine_.engine(), values)));
    for (auto& [name, r] : known_) r.missing = false;
    return {};
}

bool Refitter::refitCudaEngine() noexcept {
    return guardedStatus(reporter_, "IRefitter::refitCudaEngine", [&] { return refit(); });
}

bool Refitter::refitCudaEngineAsync(cudaStream_t stream) noexcept {
    return guardedStatus(reporter_, "IRefitter::refitCudaEngineAsync", [&]() -> Status {
        waitForStream(stream);
        return refit();
    });
}

bool Refitter::isMissing(const std::string& weights) const {
    return known_.at(weights).missing && !given_.count(weights);
}

int32_t Refitter::listPlaces(const char* where, bool missing, int32_t size, char const** layers, Role* roles) noexcept {
    return guarded<int32_t>(reporter_, where, 0, [&]() -> Result<int32_t> {
        if (size < 0) return invalidArgument("a size of {}", size);
        int32_t count = 0;
        for (const Place& p : places_) {
            if (missing && !isMissing(p.weights)) continue;
            if (count < size && layers) layers[count] = p.layer.c_str();
            if (count < size && roles) roles[count] = p.role;
            ++count;
        }
        return count;
    });
}
int32_t Refitter::getMissing(int32_t size, char const** layerNames, Role* roles) noexcept {
    return listPlaces("IRefitter::getMissing", true, size, layerNames, roles);
}
int32_t Refitter::getAll(int32_t size, char const** layerNames, Role* roles) noexcept {
    return listPlaces("IRefitter::getAll", false, size, layerNames, roles);
}

int32_t Refitter::listNames(const char* where, bool missing, int32_t size, char const** names) noexcept {
    return guarded<int32_t>(reporter_, where, 0, [&]() -> Result<int32_t> {
        if (size < 0) return invalidArgument("a size of {}", size);
        int32_t count = 0;
        for (const std::string& name : names_) {
            if (missing && !isMissing(name)) continue;
            if (count < size && names) names[count] = name.c_str();
            ++count;
        }
        return count;
    });
}
int32_t Refitter::getMissingWeights(int32_t size, char const** weightsNames) noexcept {
    return listNames("IRefitter::getMissingWeights", true, size, weightsNames);
}
int32_t Refitter::getAllWeights(int32_t size, char const** weightsNames) noexcept {
    return listNames("IRefitter::getAllWeights", false, size, weightsNames);
}

// No tensor of an engine has a range: calibration is not part of it.
bool Refitter::setDynamicRange(char const* tensorName, float, float) noexcept {
    return guardedStatus(reporter_, "IRefitter::setDynamicRange", [&]() -> Status {
        return invalidArgument("tensor '{}' has no dynamic range", textOrEmpty(tensorName));
    });
}
float Refitter::getDynamicRangeMin(char const*) const noexcept { return std::numeric_limits<float>::quiet_NaN(); }
float Refitter::getDynamicRangeMax(char const*) const noexcept { return std::numeric_limits<float>::quiet_NaN(); }
int32_t Refitter::getTensorsWithDynamicRange(int32_t, char const**) const noexcept { return 0; }

bool Refitter::setMaxThreads(int32_t maxThreads) noexcept {
    return guardedStatus(reporter_, "IRefitter::setMaxThreads", [&]() -> Status {
        if (maxThreads < 1) return invalidArgument("{} threads", maxThreads);
        maxThreads_ = maxThreads;
        return {};
    });
}

Weights Refitter::getNamedWeights(char const* weightsName) const noexcept {
    Weights none{DataType::kFLOAT, nullptr, 0};
    return guarded<Weights>(reporter_, "IRefitter::getNamedWeights", none, [&]() -> Result<Weights> {
        auto at = given_.find(textOrEmpty(weightsName));
        if (at == given_.end()) return invalidArgument("no weights '{}' were set", textOrEmpty(weightsName));
        return at->second.weights;
    });
}

TensorLocation Refitter::getWeightsLocation(char const* weightsName) const noexcept {
    return guarded<Location>(reporter_, "IRefitter::getWeightsLocation", Location::kHOST, [&]() -> Result<Location> {
        auto at = given_.find(textOrEmpty(weightsName));
        if (at == given_.end()) return invalidArgument("no weights '{}' were set", textOrEmpty(weightsName));
        return at->second.location;
    });
}

bool Refitter::unsetNamedWeights(char const* weightsName) noexcept {
    return guardedStatus(reporter_, "IRefitter::unsetNamedWeights", [&]() -> Status {
        if (!given_.erase(textOrEmpty(weightsName)))
            return invalidArgument("no weights '{}' were set", textOrEmpty(weightsName));
        return {};
    });
}

Weights Refitter::getWeightsPrototype(char const* weightsName) const noexcept {
    Weights none{DataType::kFLOAT, nullptr, -1};
    return guarded<Weights>(reporter_, "IRefitter::getWeightsPrototype", none, [&]() -> Result<Weights> {
        auto at = known_.find(textOrEmpty(weightsName));
        if (at == known_.end())
            return invalidArgument("the engine has no weights '{}' that can be refitted", textOrEmpty(weightsName));
        return Weights{toApi(at->second.dtype), nullptr, at->second.count};
    });
}

}  // namespace lathe::api
