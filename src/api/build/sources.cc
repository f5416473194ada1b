// SPDX-License-Identifier: Apache-2.0
#include "api/build/sources.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "api/build/network.h"

namespace lathe::api {
namespace {

struct Notes {
    std::mutex mutex;
    std::map<const Network*, std::vector<std::string>> byNetwork;
    static Notes& instance() {
        static auto* notes = new Notes;
        return *notes;
    }
};

}  // namespace

std::vector<std::string> notedSources(const Network& network) {
    Notes& notes = Notes::instance();
    std::lock_guard lock(notes.mutex);
    auto at = notes.byNetwork.find(&network);
    return at == notes.byNetwork.end() ? std::vector<std::string>() : at->second;
}

void forgetSources(const Network& network) noexcept {
    Notes& notes = Notes::instance();
    std::lock_guard lock(notes.mutex);
    notes.byNetwork.erase(&network);
}

}  // namespace lathe::api

extern "C" __attribute__((visibility("default"))) bool latheNoteSource(void* network, char const* name) noexcept {
    if (!network) return false;
    auto& n = lathe::api::Network::of(*static_cast<nvinfer1::INetworkDefinition*>(network));
    return lathe::api::guardedStatus(n.reporter(), "lathe::noteSource", [&]() -> lathe::Status {
        if (!name || !*name) return lathe::invalidArgument("the node has no name");
        auto& notes = lathe::api::Notes::instance();
        std::lock_guard lock(notes.mutex);
        auto& list = notes.byNetwork[&n];
        if (std::find(list.begin(), list.end(), name) == list.end()) list.emplace_back(name);
        return {};
    });
}
