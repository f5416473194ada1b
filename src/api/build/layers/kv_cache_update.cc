// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class KVCacheUpdate final : public LayerBase<IKVCacheUpdateLayer, apiv::VKVCacheUpdateLayer> {
  public:
    KVCacheUpdate(Network& network, ITensor& cache, ITensor& update, ITensor& writeIndices, KVCacheMode mode)
        : LayerBase(network, LayerType::kKVCACHE_UPDATE, tensorList({&cache, &update, &writeIndices})), mode_(mode) {}

    bool setCacheMode(KVCacheMode mode) noexcept override {
        if (Status s = mustExist(mode, "cache mode"); !s.ok()) {
            refuse("IKVCacheUpdateLayer::setCacheMode", s);
            return false;
        }
        mode_ = mode;
        return true;
    }
    KVCacheMode getCacheMode() const noexcept override { return mode_; }

    // The output is the cache's own memory: the caller's on both sides, and nobody may see it half written.
    Status checkUse() const override {
        const Tensor &cache = *input(0), &written = *outputs()[0];
        if (cache.producer())
            return invalidArgument("the cache '{}' is made by layer '{}'; it must be an input of the network",
                                   cache.name(), cache.producer()->name());
        if (!network_.isOutput(written))
            return invalidArgument(
                "its output '{}' shares the memory of the input '{}', so it must be an output of the network",
                written.name(), cache.name());
        if (network_.isOutput(cache))
            return invalidArgument("the cache '{}' is an output of the network as it was before the update",
                                   cache.name());
        for (const auto& layer : network_.layers())
            for (int i = 0; i < layer->getNbInputs(); ++i)
                if (layer->input(i) == &cache && !(layer.get() == this && i == 0))
                    return invalidArgument(
                        "layer '{}' reads the cache '{}' too, whose memory the update changes; it can read the "
                        "update's output '{}'",
                        layer->name(), cache.name(), written.name());
        return {};
    }

    Status lower(Lowering& l) override {
        if (&l.region() != &l.graph().body())
            return unsupported("a cache cannot be updated inside of a loop or a conditional");
        l.setOutput(
            0, TRY(l.emit("kv_cache_update", "", {l.valueOf(*input(0)), l.valueOf(*input(1)), l.valueOf(*input(2))})));
        return {};
    }

  private:
    KVCacheMode mode_;
};

}  // namespace

IKVCacheUpdateLayer* Network::addKVCacheUpdate(ITensor& cache, ITensor& update, ITensor& writeIndices,
                                               KVCacheMode cacheMode) noexcept {
    const char* where = "INetworkDefinition::addKVCacheUpdate";
    if (!owns(where, {&cache, &update, &writeIndices})) return nullptr;
    if (!guardedStatus(reporter_, where, [&] { return mustExist(cacheMode, "cache mode"); })) return nullptr;
    return add<KVCacheUpdate>(cache, update, writeIndices, cacheMode);
}

}  // namespace lathe::api
