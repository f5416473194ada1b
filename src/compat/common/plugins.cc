// SPDX-License-Identifier: Apache-2.0
#include "compat/common/plugins.h"

#include <dlfcn.h>

#include <mutex>

#include "compat/common/network.h"

namespace lathe::compat {
namespace {

thread_local LivePlugins* live = nullptr;
thread_local old::IPluginFactory* currentFactory = nullptr;

std::string text(const char* s) { return s ? s : ""; }

template <class F>
std::string asked(F ask) {
    try {
        return text(ask());
    } catch (...) {
        return "";
    }
}

// What the library finds in its registry for a plugin of the older API. Never deleted, as the registry may be asked for
// it at any time.
class Creator final : public v10::IPluginCreator {
  public:
    Creator(std::string name, std::string version, std::string space)
        : name_(std::move(name)), version_(std::move(version)), space_(std::move(space)) {}
    void setOld(old::IPluginCreator* creator) { old_ = creator; }

    char const* getPluginName() const noexcept override { return name_.c_str(); }
    char const* getPluginVersion() const noexcept override { return version_.c_str(); }
    v10::PluginFieldCollection const* getFieldNames() noexcept override {
        if (!old_) return &none_;
        try {
            names_ = std::make_unique<NewFields>(old_->getFieldNames());
        } catch (...) {
            return &none_;
        }
        return names_->collection() ? names_->collection() : &none_;
    }
    v10::IPluginV2* createPlugin(char const* layer, v10::PluginFieldCollection const* fields) noexcept override {
        if (!old_) return nullptr;
        return made("createPlugin", layer, [&] {
            OldFields converted(fields);
            return old_->createPlugin(layer, converted.collection());
        });
    }
    v10::IPluginV2* deserializePlugin(char const* layer, void const* bytes, size_t size) noexcept override {
        if (OwnedNew found = LivePlugins::find(layer, name_, version_, space_, bytes, size)) return found.release();
        if (old_) return made("deserializePlugin", layer, [&] { return old_->deserializePlugin(layer, bytes, size); });
#if LATHE_TRT < 8
        if (name_ == kFirstType || name_ == kFirstExtType) return fromFactory(layer, bytes, size);
#endif
        return fail("deserializePlugin", layer, "no creator of it is registered");
    }
    void setPluginNamespace(char const*) noexcept override {}
    char const* getPluginNamespace() const noexcept override { return space_.c_str(); }

  private:
    v10::IPluginV2* fail(const char* what, const char* layer, const std::string& why) const noexcept {
        PluginReport::current().error(
            std::string("IPluginCreator::") + what,
            "layer '" + text(layer) + "', plugin '" + name_ + "', version '" + version_ + "': " + why,
            old::ErrorCode::kINVALID_STATE);
        return nullptr;
    }
    template <class F>
    v10::IPluginV2* made(const char* what, const char* layer, F make) const noexcept {
        try {
            std::string why;
            OwnedOld plugin(make());
            if (!plugin) return fail(what, layer, "the creator answers null");
            OwnedNew wrapped = wrap(std::move(plugin), why);
            if (!wrapped) return fail(what, layer, why);
            wrapped->setPluginNamespace(space_.c_str());
            return wrapped.release();
        } catch (const std::exception& e) {
            return fail(what, layer, std::string("the creator threw: ") + e.what());
        } catch (...) {
            return fail(what, layer, "the creator threw");
        }
    }
#if LATHE_TRT < 8
    v10::IPluginV2* fromFactory(const char* layer, void const* bytes, size_t size) const noexcept {
        old::IPluginFactory* factory = PluginSource::current();
        if (!factory)
            return fail("deserializePlugin", layer,
                        "it comes from an IPluginFactory, and deserializeCudaEngine() was given none");
        try {
            old::IPlugin* plugin = factory->createPlugin(layer, bytes, size);
            if (!plugin) return fail("deserializePlugin", layer, "the IPluginFactory answers null");
            return wrap(*plugin, name_ == kFirstExtType).release();
        } catch (...) {
            return fail("deserializePlugin", layer, "the IPluginFactory threw");
        }
    }
#endif

    const std::string name_, version_, space_;
    old::IPluginCreator* old_ = nullptr;
    std::unique_ptr<NewFields> names_;
    const v10::PluginFieldCollection none_{0, nullptr};
};

// A creator of the library's own plugins for programs of the older API.
class OwnCreator final : public old::IPluginCreator {
  public:
    explicit OwnCreator(v10::IPluginCreator& real) : real_(real), names_(real.getFieldNames()) {}
    char const* getPluginName() const TRTNOEXCEPT override { return real_.getPluginName(); }
    char const* getPluginVersion() const TRTNOEXCEPT override { return real_.getPluginVersion(); }
    old::PluginFieldCollection const* getFieldNames() TRTNOEXCEPT override { return names_.collection(); }
    old::IPluginV2* createPlugin(char const* name, old::PluginFieldCollection const* fields) TRTNOEXCEPT override {
        NewFields converted(fields);
        return unwrap(OwnedNew(real_.createPlugin(name, converted.collection()))).release();
    }
    old::IPluginV2* deserializePlugin(char const* name, void const* bytes, size_t size) TRTNOEXCEPT override {
        return unwrap(OwnedNew(real_.deserializePlugin(name, bytes, size))).release();
    }
    void setPluginNamespace(char const*) TRTNOEXCEPT override {}
    char const* getPluginNamespace() const TRTNOEXCEPT override { return real_.getPluginNamespace(); }

  private:
    v10::IPluginCreator& real_;
    OldFields names_;
};

class Registry final : public old::IPluginRegistry {
  public:
    bool registerCreator(old::IPluginCreator& creator, char const* nameSpace) noexcept override {
        const std::string space = text(nameSpace);
        const std::string name = asked([&] { return creator.getPluginName(); });
        const std::string version = asked([&] { return creator.getPluginVersion(); });
        if (name.empty()) return fail("registerCreator", "the creator has no name");
        std::lock_guard guard(lock_);
        Creator* known = expect(name, version, space);
        auto same = [&](const Entry& e) { return e.name == name && e.version == version && e.space == space; };
        if (!known || std::any_of(entries_.begin(), entries_.end(), same))
            return fail("registerCreator", "a creator of '" + name + "', version '" + version + "', namespace '" +
                                               space + "' is registered already");
        try {
            creator.setPluginNamespace(space.c_str());
        } catch (...) {
            return fail("registerCreator", "the creator of '" + name + "' threw");
        }
        known->setOld(&creator);
        entries_.push_back({name, version, space, &creator});
        return true;
    }
    old::IPluginCreator* const* getPluginCreatorList(int32_t* count) const noexcept override {
        std::lock_guard guard(lock_);
        list_.clear();
        for (const Entry& e : entries_) list_.push_back(e.creator);
        int32_t n = 0;
        v10::IPluginCreator* const* all = ::getPluginRegistry()->getPluginCreatorList(&n);
        for (int32_t i = 0; i < n; ++i)
            if (!isOurs(all[i])) list_.push_back(own(*all[i]));
        if (count) *count = static_cast<int32_t>(list_.size());
        return list_.data();
    }
    old::IPluginCreator* getPluginCreator(char const* name, char const* version,
                                          char const* nameSpace) noexcept override {
        if (!name || !version) return nullptr;
        std::lock_guard guard(lock_);
        for (const Entry& e : entries_)
            if (e.name == name && e.version == version && e.space == text(nameSpace)) return e.creator;
        v10::IPluginCreator* real = ::getPluginRegistry()->getPluginCreator(name, version, nameSpace ? nameSpace : "");
        return real && !isOurs(real) ? own(*real) : nullptr;
    }
    void setErrorRecorder(old::IErrorRecorder* recorder) noexcept override { recorder_ = recorder; }
    old::IErrorRecorder* getErrorRecorder() const noexcept override { return recorder_; }
#if LATHE_TRT >= 8
    bool deregisterCreator(old::IPluginCreator const& creator) noexcept override {
        std::lock_guard guard(lock_);
        return remove([&](const Entry& e) { return e.creator == &creator; });
    }
    bool isParentSearchEnabled() const noexcept override { return parentSearch_; }
    void setParentSearchEnabled(bool enabled) noexcept override { parentSearch_ = enabled; }
    PluginLibraryHandle loadLibrary(char const* path) noexcept override;
    void deregisterLibrary(PluginLibraryHandle handle) noexcept override;
#endif

    // The library's creator that stands for such plugins; null when another one is registered there.
    Creator* expect(const std::string& name, const std::string& version, const std::string& space) {
        std::lock_guard guard(lock_);
        for (const auto& c : creators_)
            if (c->getPluginName() == name && c->getPluginVersion() == version && c->getPluginNamespace() == space)
                return c.get();
        auto made = std::make_unique<Creator>(name, version, space);
        v10::IPluginRegistry& registry = *::getPluginRegistry();
        if (registry.getCreator(name.c_str(), version.c_str(), space.c_str())) return nullptr;
        if (!registry.registerCreator(static_cast<v10::IPluginCreatorInterface&>(*made), space.c_str())) return nullptr;
        creators_.push_back(std::move(made));
        return creators_.back().get();
    }

  private:
    struct Entry {
        std::string name, version, space;
        old::IPluginCreator* creator;
        void* library = nullptr;
    };
    bool fail(const char* what, const std::string& why) const {
        Report report = PluginReport::current();
        report.recorder = recorder_;
        report.error(std::string("IPluginRegistry::") + what, why);
        return false;
    }
    bool isOurs(const v10::IPluginCreator* c) const {
        return std::any_of(creators_.begin(), creators_.end(), [&](const auto& ours) { return ours.get() == c; });
    }
    old::IPluginCreator* own(v10::IPluginCreator& real) const {
        auto& slot = own_[&real];
        if (!slot) slot = std::make_unique<OwnCreator>(real);
        return slot.get();
    }
    // Plans with plugins of a creator that is gone are refused.
    template <class F>
    bool remove(F which) {
        size_t before = entries_.size();
        for (const Entry& e : entries_)
            if (which(e))
                if (Creator* c = expect(e.name, e.version, e.space)) c->setOld(nullptr);
        std::erase_if(entries_, which);
        return entries_.size() < before;
    }

    mutable std::recursive_mutex lock_;
    std::vector<Entry> entries_;
    std::vector<std::unique_ptr<Creator>> creators_;
    mutable std::map<v10::IPluginCreator*, std::unique_ptr<OwnCreator>> own_;
    mutable std::vector<old::IPluginCreator*> list_;
    old::IErrorRecorder* recorder_ = nullptr;
    [[maybe_unused]] bool parentSearch_ = true;
#if LATHE_TRT >= 8
    std::map<void*, int> libraries_;
#endif
};

#if LATHE_TRT >= 8
class LoggerFinder final : public old::ILoggerFinder {
  public:
    old::ILogger* findLogger() override { return firstLogger(); }
};

// Libraries of version 8.6 tell their creators by getPluginCreators() (or getCreators()).
old::IPluginRegistry::PluginLibraryHandle Registry::loadLibrary(char const* path) noexcept {
    std::lock_guard guard(lock_);
    auto refuse = [&](const std::string& why) {
        fail("loadLibrary", "'" + text(path) + "': " + why);
        return nullptr;
    };
    if (!path || !*path) return refuse("the path is empty");
    void* handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return refuse(text(dlerror()));
    if (libraries_.count(handle)) return ++libraries_[handle], handle;
    using GetCreators = old::IPluginCreator* const* (*)(int32_t&);
    auto creators = reinterpret_cast<GetCreators>(dlsym(handle, "getPluginCreators"));
    if (!creators) creators = reinterpret_cast<GetCreators>(dlsym(handle, "getCreators"));
    if (!creators) {
        dlclose(handle);
        return refuse("it has no function getPluginCreators");
    }
    if (auto setFinder = reinterpret_cast<void (*)(old::ILoggerFinder*)>(dlsym(handle, "setLoggerFinder"))) {
        static auto& finder = *new LoggerFinder;
        setFinder(&finder);
    }
    auto says = [&](const char* function) {
        auto f = reinterpret_cast<bool (*)()>(dlsym(handle, function));
        return f && f();
    };
    uint32_t traits = says("latheHostPointers") ? uint32_t{lathe::kHOST_POINTERS} : 0;
    if (says("latheDevicePointers") || !traits) traits |= lathe::kDEVICE_POINTERS;
    if (says("latheCapturable")) traits |= lathe::kCAPTURABLE;
    int32_t count = 0;
    old::IPluginCreator* const* list = creators(count);
    for (int32_t i = 0; list && i < count; ++i) {
        if (!list[i]) continue;
        if (!registerCreator(*list[i], list[i]->getPluginNamespace())) {
            remove([&](const Entry& e) { return e.library == handle; });
            dlclose(handle);
            return nullptr;
        }
        Entry& e = entries_.back();
        e.library = handle;
        ::latheSetPluginTraits(e.name.c_str(), e.version.c_str(), e.space.c_str(), traits);
    }
    libraries_[handle] = 1;
    return handle;
}

void Registry::deregisterLibrary(PluginLibraryHandle handle) noexcept {
    std::lock_guard guard(lock_);
    auto at = libraries_.find(handle);
    if (at == libraries_.end()) {
        fail("deregisterLibrary", "the handle is not one of loadLibrary");
        return;
    }
    if (--at->second == 0) {
        remove([&](const Entry& e) { return e.library == handle; });
        libraries_.erase(at);
    }
    dlclose(handle);
}
#endif

Registry& registry() {
    static auto& registry = *new Registry;
    return registry;
}

class PluginV2Layer final : public LayerOf<old::IPluginV2Layer, v10::IPluginV2Layer> {
  public:
    PluginV2Layer(Network& network, v10::IPluginV2Layer& real) : LayerOf(network, real) {
        if (!wrappedOf(&real.getPlugin())) own_ = unwrap(OwnedNew(real.getPlugin().clone()));
    }
    old::IPluginV2& getPlugin() noexcept override { return own_ ? *own_ : *wrappedOf(&in().getPlugin())->v2(); }

  private:
    OwnedOld own_;  // for a plugin of the library's
};

#if LATHE_TRT < 8
class FirstPluginLayer final : public LayerOf<old::IPluginLayer, v10::IPluginV2Layer> {
  public:
    using LayerOf::LayerOf;
    old::IPlugin& getPlugin() noexcept override { return *wrappedOf(&in().getPlugin())->first(); }
    old::LayerType type() const override { return old::LayerType::kPLUGIN; }
};
#endif

// The layer for a plugin that is wrapped; null, with an error, on failure.
v10::IPluginV2Layer* addWrapped(Network& network, const char* where, old::ITensor* const* inputs, int32_t count,
                                v10::IPluginV2& plugin) {
    std::vector<v10::ITensor*> real;
    for (int32_t i = 0; i < count; ++i) {
        if (!inputs || !inputs[i]) {
            network.report().error(where, "input " + std::to_string(i) + " is null");
            return nullptr;
        }
        real.push_back(&Tensor::of(*inputs[i]).real());
    }
    if (std::string why = expectPlugin(plugin); !why.empty()) {
        network.report().error(where, why);
        return nullptr;
    }
    return network.real().addPluginV2(real.data(), count, plugin);
}

}  // namespace

old::IPluginRegistry& pluginRegistry() { return registry(); }

std::string expectPlugin(const v10::IPluginV2& plugin) {
    const std::string type = text(plugin.getPluginType()), version = text(plugin.getPluginVersion()),
                      space = text(plugin.getPluginNamespace());
    if (!wrappedOf(&plugin) || registry().expect(type, version, space)) return {};
    return "plugin '" + type + "', version '" + version + "', namespace '" + space +
           "': a creator of another plugin is registered under that name, and plans would find it";
}

LivePlugins::LivePlugins([[maybe_unused]] Network& network) : before_(live) {
    live = this;
#if LATHE_TRT < 8
    for (int32_t i = 0; i < network.real().getNbLayers(); ++i) {
        v10::ILayer* layer = network.real().getLayer(i);
        if (layer->getType() != v10::LayerType::kPLUGIN_V2) continue;
        v10::IPluginV2& plugin = static_cast<v10::IPluginV2Layer*>(layer)->getPlugin();
        if (Wrapped* w = wrappedOf(&plugin); w && w->first())
            first_[layer->getName()] = {w->first(), text(plugin.getPluginType()) == kFirstExtType};
    }
#endif
}
LivePlugins::~LivePlugins() { live = before_; }

void LivePlugins::keep(const old::IPluginV2& plugin, const void* bytes, std::size_t size) {
    if (!live) return;
    live->kept_.push_back({text(plugin.getPluginType()), text(plugin.getPluginVersion()),
                           text(plugin.getPluginNamespace()), std::string(static_cast<const char*>(bytes), size),
                           OwnedOld(plugin.clone())});
}

OwnedNew LivePlugins::find([[maybe_unused]] const char* layer, const std::string& type, const std::string& version,
                           const std::string& space, const void* bytes, std::size_t size) {
    if (!live) return nullptr;
#if LATHE_TRT < 8
    if (type == kFirstType || type == kFirstExtType) {
        auto found = live->first_.find(text(layer));
        return found == live->first_.end() ? nullptr : wrap(*found->second.first, found->second.second);
    }
#endif
    const std::string written(static_cast<const char*>(bytes), size);
    for (const Kept& k : live->kept_) {
        if (k.type != type || k.version != version || k.space != space || k.bytes != written || !k.plugin) continue;
        try {
            std::string why;
            return wrap(OwnedOld(k.plugin->clone()), why);
        } catch (...) {
            return nullptr;
        }
    }
    return nullptr;
}

PluginSource::PluginSource(old::IPluginFactory* factory) : before_(currentFactory) { currentFactory = factory; }
PluginSource::~PluginSource() { currentFactory = before_; }
old::IPluginFactory* PluginSource::current() { return currentFactory; }

std::unique_ptr<Layer> wrapPluginLayer(Network& network, v10::ILayer& layer) {
    auto& real = static_cast<v10::IPluginV2Layer&>(layer);
#if LATHE_TRT < 8
    if (Wrapped* w = wrappedOf(&real.getPlugin()); w && w->first())
        return std::make_unique<FirstPluginLayer>(network, real);
#endif
    return std::make_unique<PluginV2Layer>(network, real);
}

old::IPluginV2Layer* Network::addPluginV2(old::ITensor* const* in, int32_t count, old::IPluginV2& plugin) noexcept {
    const char* where = "INetworkDefinition::addPluginV2";
    PluginReport reports(report());
    OwnedNew wrapped;
    std::string why;
    try {
        if (v10::IPluginV2* own = behind(&plugin))
            wrapped.reset(own->clone());
        else
            wrapped = wrap(OwnedOld(plugin.clone()), why);
    } catch (const std::exception& e) {
        why = std::string("the plugin's clone() threw: ") + e.what();
    } catch (...) {
        why = "the plugin's clone() threw";
    }
    if (!wrapped) {
        report().error(where, why.empty() ? "the plugin's clone() answers null" : why);
        return nullptr;
    }
    v10::IPluginV2Layer* real = addWrapped(*this, where, in, count, *wrapped);
    return real ? keep(std::make_unique<PluginV2Layer>(*this, *real)) : nullptr;
}

#if LATHE_TRT < 8
old::IPluginLayer* Network::addPlugin(old::ITensor* const* in, int32_t count, old::IPlugin& plugin) noexcept {
    PluginReport reports(report());
    v10::IPluginV2Layer* real = addWrapped(*this, "INetworkDefinition::addPlugin", in, count, *wrap(plugin, false));
    return real ? keep(std::make_unique<FirstPluginLayer>(*this, *real)) : nullptr;
}
old::IPluginLayer* Network::addPluginExt(old::ITensor* const* in, int32_t count, old::IPluginExt& plugin) noexcept {
    PluginReport reports(report());
    v10::IPluginV2Layer* real = addWrapped(*this, "INetworkDefinition::addPluginExt", in, count, *wrap(plugin, true));
    return real ? keep(std::make_unique<FirstPluginLayer>(*this, *real)) : nullptr;
}
#endif

}  // namespace lathe::compat
