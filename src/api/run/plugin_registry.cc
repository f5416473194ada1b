// SPDX-License-Identifier: Apache-2.0
#include "api/run/plugin_registry.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "NvInferRuntime.h"
#include "api/run/library.h"
#include "impl/NvInferPythonPlugin.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class LoggerFinder final : public ILoggerFinder {
  public:
    ILogger* findLogger() override { return firstLogger(); }
};

const char* orEmpty(const char* s) { return s ? s : ""; }

// A creator's name and version: where they are depends on its kind.
struct Identity {
    const char *name = nullptr, *version = nullptr, *space = nullptr;
    IPluginCreator* v1 = nullptr;
};
Result<Identity> identify(IPluginCreatorInterface& creator) {
    const char* kind = orEmpty(creator.getInterfaceInfo().kind);
    if (!std::strcmp(kind, "PLUGIN CREATOR_V1")) {
        auto& c = static_cast<IPluginCreator&>(creator);
        return Identity{c.getPluginName(), c.getPluginVersion(), c.getPluginNamespace(), &c};
    }
    if (!std::strcmp(kind, "PLUGIN CREATOR_V3ONE")) {
        auto& c = static_cast<IPluginCreatorV3One&>(creator);
        return Identity{c.getPluginName(), c.getPluginVersion(), c.getPluginNamespace(), nullptr};
    }
    if (!std::strcmp(kind, "PLUGIN CREATOR_V3QUICK")) {
        auto& c = static_cast<IPluginCreatorV3Quick&>(creator);
        return Identity{c.getPluginName(), c.getPluginVersion(), c.getPluginNamespace(), nullptr};
    }
    return unsupported("plugin creators of the kind '{}' are not known", kind);
}

}  // namespace

PluginRegistry::PluginRegistry(IPluginRegistry* parent, ILogger* logger) : reporter_(logger), parent_(parent) {}

PluginRegistry::~PluginRegistry() noexcept {
    for (auto& [key, r] : resources_) {
        r.clone->release();
        delete r.clone;
    }
}

Status PluginRegistry::add(Creator& creator, const char* space, void* library) {
    Identity id = TRY(identify(creator));
    if (!id.name || !*id.name) return invalidArgument("the creator has no name");
    Entry e{&creator, id.v1, id.name, orEmpty(id.version), orEmpty(space), library};
    if (has(e.name, e.version, e.space))
        return invalidArgument("a creator of '{}', version '{}', namespace '{}' is registered already", e.name,
                               e.version, e.space);
    if (id.v1 && space) id.v1->setPluginNamespace(space);
    entries_.push_back(std::move(e));
    rebuildLists();
    return {};
}

void PluginRegistry::forgetLibrary(void* handle) {
    for (const Entry& e : entries_)  // its code goes
        if (e.library == handle) setPluginExpansion(e.name, e.version, e.space, nullptr);
    std::erase_if(entries_, [&](const Entry& e) { return e.library == handle; });
    rebuildLists();
}

bool PluginRegistry::has(const std::string& name, const std::string& version, const std::string& space) const {
    std::lock_guard lock(mutex_);
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const Entry& e) { return e.name == name && e.version == version && e.space == space; });
}

bool PluginRegistry::remove(const Creator& creator) {
    size_t before = entries_.size();
    std::erase_if(entries_, [&](const Entry& e) { return e.creator == &creator; });
    rebuildLists();
    return entries_.size() != before;
}

void PluginRegistry::rebuildLists() {
    creators_.clear();
    v1_.clear();
    for (const Entry& e : entries_) {
        creators_.push_back(e.creator);
        if (e.v1) v1_.push_back(e.v1);
    }
}

bool PluginRegistry::registerCreator(Creator& creator, char const* const space) noexcept {
    std::lock_guard lock(mutex_);
    return guardedStatus(reporter_, "IPluginRegistry::registerCreator", [&] { return add(creator, space, nullptr); });
}

bool PluginRegistry::registerCreator(IPluginCreator& creator, char const* const space) noexcept {
    return registerCreator(static_cast<Creator&>(creator), space);
}

bool PluginRegistry::deregisterCreator(Creator const& creator) noexcept {
    std::lock_guard lock(mutex_);
    return guarded(reporter_, "IPluginRegistry::deregisterCreator", false,
                   [&]() -> Result<bool> { return remove(creator); });
}

bool PluginRegistry::deregisterCreator(IPluginCreator const& creator) noexcept {
    return deregisterCreator(static_cast<const Creator&>(creator));
}

IPluginCreator* const* PluginRegistry::getPluginCreatorList(int32_t* const count) const noexcept {
    std::lock_guard lock(mutex_);
    if (count) *count = static_cast<int32_t>(v1_.size());
    return v1_.empty() ? nullptr : v1_.data();
}

PluginRegistry::Creator* const* PluginRegistry::getAllCreators(int32_t* const count) const noexcept {
    std::lock_guard lock(mutex_);
    if (count) *count = static_cast<int32_t>(creators_.size());
    return creators_.empty() ? nullptr : creators_.data();
}

PluginRegistry::Creator* const* PluginRegistry::getAllCreatorsRecursive(int32_t* const count) noexcept {
    std::lock_guard lock(mutex_);
    bool ok = guardedStatus(reporter_, "IPluginRegistry::getAllCreatorsRecursive", [&]() -> Status {
        recursive_ = creators_;
        if (parent_ && searchParent_) {
            int32_t more = 0;
            Creator* const* theirs = parent_->getAllCreatorsRecursive(&more);
            if (theirs) recursive_.insert(recursive_.end(), theirs, theirs + more);
        }
        return {};
    });
    if (count) *count = ok ? static_cast<int32_t>(recursive_.size()) : 0;
    return ok && !recursive_.empty() ? recursive_.data() : nullptr;
}

PluginRegistry::Creator* PluginRegistry::getCreator(char const* const name, char const* const version,
                                                    char const* const space) noexcept {
    {
        std::lock_guard lock(mutex_);
        for (const Entry& e : entries_)
            if (e.name == orEmpty(name) && e.version == orEmpty(version) && e.space == orEmpty(space)) return e.creator;
        if (!parent_ || !searchParent_) return nullptr;
    }
    return parent_->getCreator(name, version, space);
}

IPluginCreator* PluginRegistry::getPluginCreator(char const* const name, char const* const version,
                                                 char const* const space) noexcept {
    Creator* c = getCreator(name, version, space);
    return c && !std::strcmp(orEmpty(c->getInterfaceInfo().kind), "PLUGIN CREATOR_V1") ? static_cast<IPluginCreator*>(c)
                                                                                       : nullptr;
}

bool PluginRegistry::isParentSearchEnabled() const {
    std::lock_guard lock(mutex_);
    return searchParent_;
}

void PluginRegistry::setParentSearchEnabled(bool const enabled) {
    std::lock_guard lock(mutex_);
    searchParent_ = enabled;
}

IPluginRegistry::PluginLibraryHandle PluginRegistry::loadLibrary(char const* path) noexcept {
    return guarded<void*>(reporter_, "IPluginRegistry::loadLibrary", nullptr, [&] { return load(path); });
}

Result<IPluginRegistry::PluginLibraryHandle> PluginRegistry::load(char const* path, bool keepFirst) {
    std::lock_guard lock(mutex_);
    if (!path || !*path) return invalidArgument("the path is empty");
    void* handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return makeStatus(Code::kFailedInitialization, "{}", orEmpty(dlerror()));
    auto fail = [&](Status s) {
        forgetLibrary(handle);
        dlclose(handle);
        return s;
    };
    // Loaded before: its creators are here.
    if (libraries_.count(handle)) {
        ++libraries_[handle];
        return handle;
    }
    if (auto setFinder = reinterpret_cast<void (*)(ILoggerFinder*)>(dlsym(handle, "setLoggerFinder"))) {
        static LoggerFinder* finder = new LoggerFinder;
        setFinder(finder);
    }
    auto getCreators = reinterpret_cast<IPluginCreatorInterface* const* (*)(int32_t&)>(dlsym(handle, "getCreators"));
    if (!getCreators) return fail(makeStatus(Code::kFailedInitialization, "'{}' has no function getCreators", path));
    const uint32_t traits = libraryTraits(handle);
    const auto expand = reinterpret_cast<PluginExpansion>(dlsym(handle, "latheExpandPlugin"));
    int32_t count = 0;
    IPluginCreatorInterface* const* creators = getCreators(count);
    for (int32_t i = 0; creators && i < count; ++i) {
        if (!creators[i]) continue;
        Result<Identity> id = identify(*creators[i]);
        if (keepFirst && id.ok() && has(orEmpty(id->name), orEmpty(id->version), orEmpty(id->space))) continue;
        Status s = id.ok() ? add(*creators[i], id->space, handle) : id.status();
        if (!s.ok()) return fail(s);
        setPluginTraits(orEmpty(id->name), orEmpty(id->version), orEmpty(id->space), traits);
        setPluginExpansion(orEmpty(id->name), orEmpty(id->version), orEmpty(id->space), expand);
    }
    libraries_[handle] = 1;
    return handle;
}

void PluginRegistry::deregisterLibrary(PluginLibraryHandle handle) noexcept {
    std::lock_guard lock(mutex_);
    guardedStatus(reporter_, "IPluginRegistry::deregisterLibrary", [&]() -> Status {
        auto at = libraries_.find(handle);
        if (at == libraries_.end()) return invalidArgument("the handle is not one of loadLibrary");
        if (--at->second == 0) {
            forgetLibrary(handle);
            libraries_.erase(at);
        }
        dlclose(handle);
        return {};
    });
}

IPluginResource* PluginRegistry::acquirePluginResource(char const* key, IPluginResource* resource) noexcept {
    std::lock_guard lock(mutex_);
    return guarded<IPluginResource*>(
        reporter_, "IPluginRegistry::acquirePluginResource", nullptr, [&]() -> Result<IPluginResource*> {
            if (!key) return invalidArgument("the key is null");
            auto at = resources_.find(key);
            if (at == resources_.end()) {
                if (!resource) return invalidArgument("resource '{}' is not registered, and none is given", key);
                IPluginResource* clone = resource->clone();
                if (!clone) return makeStatus(Code::kFailedInitialization, "resource '{}' could not be cloned", key);
                at = resources_.emplace(key, Resource{clone, 0}).first;
            }
            ++at->second.users;
            return at->second.clone;
        });
}

int32_t PluginRegistry::releasePluginResource(char const* key) noexcept {
    std::lock_guard lock(mutex_);
    auto at = key ? resources_.find(key) : resources_.end();
    if (at == resources_.end()) return -1;
    if (--at->second.users > 0) return 0;
    IPluginResource* clone = at->second.clone;
    resources_.erase(at);
    int32_t result = clone->release();
    delete clone;
    return result;
}

namespace {

struct Traits {
    std::mutex mutex;
    std::map<std::array<std::string, 3>, uint32_t> known;
    std::map<std::array<std::string, 3>, PluginExpansion> expansions;
    static Traits& instance() {
        static Traits* traits = new Traits;
        return *traits;
    }
};

}  // namespace

void setPluginTraits(const std::string& name, const std::string& version, const std::string& space, uint32_t traits) {
    Traits& t = Traits::instance();
    std::lock_guard lock(t.mutex);
    if (traits == kDevicePointers)
        t.known.erase({name, version, space});
    else
        t.known[{name, version, space}] = traits;
}

uint32_t pluginTraits(const std::string& name, const std::string& version, const std::string& space) {
    Traits& t = Traits::instance();
    std::lock_guard lock(t.mutex);
    auto at = t.known.find({name, version, space});
    return at == t.known.end() ? kDevicePointers : at->second;
}

void setPluginExpansion(const std::string& name, const std::string& version, const std::string& space,
                        PluginExpansion expand) {
    Traits& t = Traits::instance();
    std::lock_guard lock(t.mutex);
    if (expand)
        t.expansions[{name, version, space}] = expand;
    else
        t.expansions.erase({name, version, space});
}

PluginExpansion pluginExpansion(const std::string& name, const std::string& version, const std::string& space) {
    Traits& t = Traits::instance();
    std::lock_guard lock(t.mutex);
    auto at = t.expansions.find({name, version, space});
    return at == t.expansions.end() ? nullptr : at->second;
}

uint32_t libraryTraits(void* library) {
    auto says = [&](const char* function) {
        auto f = reinterpret_cast<bool (*)()>(dlsym(library, function));
        return f && f();
    };
    uint32_t traits = says("latheHostPointers") ? kHostPointers : 0;
    if (says("latheDevicePointers") || !traits) traits |= kDevicePointers;
    if (says("latheCapturable")) traits |= kCapturable;
    return traits;
}

IPluginRegistry& globalPluginRegistry() {
    static PluginRegistry* registry = new PluginRegistry(nullptr);
    return *registry;
}

}  // namespace lathe::api
