// SPDX-License-Identifier: Apache-2.0
#include "compat/common/plugins.h"

#include <mutex>
#include <string>
#include <vector>

#include "compat/common/network.h"

namespace lathe::compat {
namespace {

thread_local int32_t currentBatch = 1;
thread_local old::IPluginFactory* currentFactory = nullptr;

class Registry final : public old::IPluginRegistry {
  public:
    bool registerCreator(old::IPluginCreator& creator, char const* nameSpace) noexcept override {
        std::lock_guard guard(lock_);
        std::string space = nameSpace ? nameSpace : "";
        for (const Entry& e : entries_)
            if (e.space == space && e.creator->getPluginName() == std::string(creator.getPluginName()) &&
                e.creator->getPluginVersion() == std::string(creator.getPluginVersion()))
                return false;
        creator.setPluginNamespace(nameSpace ? nameSpace : "");
        entries_.push_back({space, &creator});
        list_.push_back(&creator);
        return true;
    }
    old::IPluginCreator* const* getPluginCreatorList(int32_t* count) const noexcept override {
        std::lock_guard guard(lock_);
        if (count) *count = static_cast<int32_t>(list_.size());
        return list_.data();
    }
    old::IPluginCreator* getPluginCreator(char const* name, char const* version,
                                          char const* nameSpace) noexcept override {
        std::lock_guard guard(lock_);
        for (const Entry& e : entries_)
            if (name && version && e.space == (nameSpace ? nameSpace : "") &&
                e.creator->getPluginName() == std::string(name) &&
                e.creator->getPluginVersion() == std::string(version))
                return e.creator;
        return nullptr;
    }
    void setErrorRecorder(old::IErrorRecorder* recorder) noexcept override { recorder_ = recorder; }
    old::IErrorRecorder* getErrorRecorder() const noexcept override { return recorder_; }
#if LATHE_TRT >= 8
    bool deregisterCreator(old::IPluginCreator const& creator) noexcept override {
        std::lock_guard guard(lock_);
        size_t before = entries_.size();
        std::erase_if(entries_, [&](const Entry& e) { return e.creator == &creator; });
        std::erase(list_, const_cast<old::IPluginCreator*>(&creator));
        return entries_.size() < before;
    }
    bool isParentSearchEnabled() const noexcept override { return parentSearch_; }
    void setParentSearchEnabled(bool enabled) noexcept override { parentSearch_ = enabled; }
    PluginLibraryHandle loadLibrary(char const* path) noexcept override {
        Report{firstLogger(), recorder_}.error(
            "IPluginRegistry::loadLibrary",
            std::string("'") + (path ? path : "") + "': libraries of plugins for this version cannot be loaded yet",
            old::ErrorCode::kUNSUPPORTED_STATE);
        return nullptr;
    }
    void deregisterLibrary(PluginLibraryHandle) noexcept override {}
#endif

  private:
    struct Entry {
        std::string space;
        old::IPluginCreator* creator;
    };
    mutable std::mutex lock_;
    std::vector<Entry> entries_;
    std::vector<old::IPluginCreator*> list_;
    old::IErrorRecorder* recorder_ = nullptr;
    [[maybe_unused]] bool parentSearch_ = true;
};

}  // namespace

old::IPluginRegistry& pluginRegistry() {
    static auto& registry = *new Registry;
    return registry;
}

PluginBatch::PluginBatch(int32_t batch) : before_(currentBatch) { currentBatch = batch; }
PluginBatch::~PluginBatch() { currentBatch = before_; }
int32_t PluginBatch::current() { return currentBatch; }

PluginSource::PluginSource(old::IPluginFactory* factory) : before_(currentFactory) { currentFactory = factory; }
PluginSource::~PluginSource() { currentFactory = before_; }
old::IPluginFactory* PluginSource::current() { return currentFactory; }

old::IPluginV2Layer* Network::addPluginV2(old::ITensor* const*, int32_t, old::IPluginV2& plugin) noexcept {
    report().error("INetworkDefinition::addPluginV2",
                   std::string("'") + plugin.getPluginType() + "': plugins of this version are not supported yet",
                   old::ErrorCode::kUNSUPPORTED_STATE);
    return nullptr;
}

#if LATHE_TRT < 8
old::IPluginLayer* Network::addPlugin(old::ITensor* const*, int32_t, old::IPlugin&) noexcept {
    report().error("INetworkDefinition::addPlugin", "plugins of this version are not supported yet",
                   old::ErrorCode::kUNSUPPORTED_STATE);
    return nullptr;
}
old::IPluginLayer* Network::addPluginExt(old::ITensor* const* in, int32_t count, old::IPluginExt& plugin) noexcept {
    return addPlugin(in, count, plugin);
}
#endif

}  // namespace lathe::compat
