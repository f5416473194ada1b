// SPDX-License-Identifier: Apache-2.0
// Factories of layers that this version cannot build: each says so and answers nullptr.
#include "api/build/network.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

template <class T>
T* notYet(const Reporter& reporter, const char* call, const char* why) noexcept {
    notSupported(reporter, call, why);
    return nullptr;
}

}  // namespace

IAssertionLayer* Network::addAssertion(ITensor&, char const*) noexcept {
    return notYet<IAssertionLayer>(reporter_, "INetworkDefinition::addAssertion", "assertions are not supported yet");
}
IDynamicQuantizeLayer* Network::addDynamicQuantize(ITensor&, int32_t, int32_t, DataType, DataType) noexcept {
    return notYet<IDynamicQuantizeLayer>(reporter_, "INetworkDefinition::addDynamicQuantize",
                                         "dynamic quantization is not supported yet");
}
IDynamicQuantizeLayer* Network::addDynamicQuantizeV2(ITensor&, Dims const&, DataType, DataType) noexcept {
    return notYet<IDynamicQuantizeLayer>(reporter_, "INetworkDefinition::addDynamicQuantizeV2",
                                         "dynamic quantization is not supported yet");
}
IKVCacheUpdateLayer* Network::addKVCacheUpdate(ITensor&, ITensor&, ITensor&, KVCacheMode) noexcept {
    return notYet<IKVCacheUpdateLayer>(reporter_, "INetworkDefinition::addKVCacheUpdate",
                                       "key-value caches are not supported yet");
}
IMoELayer* Network::addMoE(ITensor&, ITensor&, ITensor&) noexcept {
    return notYet<IMoELayer>(reporter_, "INetworkDefinition::addMoE", "mixtures of experts are not supported yet");
}
IDistCollectiveLayer* Network::addDistCollective(ITensor&, CollectiveOperation, ReduceOperation, int64_t, int64_t*,
                                                 int64_t) noexcept {
    return notYet<IDistCollectiveLayer>(reporter_, "INetworkDefinition::addDistCollective",
                                        "communication between processes is not supported");
}

}  // namespace lathe::api
