// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/common/report.h"

namespace lathe {
struct PluginToExpand;
}

namespace lathe::api {

// Thread-safe. Creators belong to whoever registered them.
class PluginRegistry final : public nvinfer1::IPluginRegistry {
  public:
    using Creator = nvinfer1::IPluginCreatorInterface;

    // The parent, which may be null, is searched after this one. Errors go to the logger, if any, and the recorder.
    explicit PluginRegistry(nvinfer1::IPluginRegistry* parent, nvinfer1::ILogger* logger = nullptr);
    ~PluginRegistry() noexcept override;

    bool registerCreator(nvinfer1::IPluginCreator& creator, char const* const pluginNamespace) noexcept override;
    nvinfer1::IPluginCreator* const* getPluginCreatorList(int32_t* const count) const noexcept override;
    nvinfer1::IPluginCreator* getPluginCreator(char const* const name, char const* const version,
                                               char const* const pluginNamespace) noexcept override;
    void setErrorRecorder(nvinfer1::IErrorRecorder* const recorder) noexcept override {
        reporter_.setRecorder(recorder);
    }
    nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept override { return reporter_.recorder(); }
    bool deregisterCreator(nvinfer1::IPluginCreator const& creator) noexcept override;
    bool isParentSearchEnabled() const override;
    void setParentSearchEnabled(bool const enabled) override;
    PluginLibraryHandle loadLibrary(char const* path) noexcept override;
    // The same, with the error. `keepFirst`: creators whose names are taken here are passed over, not refused.
    Result<PluginLibraryHandle> load(char const* path, bool keepFirst = false);
    bool has(const std::string& name, const std::string& version, const std::string& space) const;
    void deregisterLibrary(PluginLibraryHandle handle) noexcept override;
    bool registerCreator(Creator& creator, char const* const pluginNamespace) noexcept override;
    Creator* const* getAllCreators(int32_t* const count) const noexcept override;
    Creator* getCreator(char const* const name, char const* const version,
                        char const* const pluginNamespace) noexcept override;
    bool deregisterCreator(Creator const& creator) noexcept override;
    nvinfer1::IPluginResource* acquirePluginResource(char const* key,
                                                     nvinfer1::IPluginResource* resource) noexcept override;
    int32_t releasePluginResource(char const* key) noexcept override;
    Creator* const* getAllCreatorsRecursive(int32_t* const count) noexcept override;

  private:
    struct Entry {
        Creator* creator;
        nvinfer1::IPluginCreator* v1;  // null for other kinds
        std::string name, version, space;
        void* library;  // handle, or null
    };
    struct Resource {
        nvinfer1::IPluginResource* clone;
        int users;
    };
    Status add(Creator& creator, const char* space, void* library);
    bool remove(const Creator& creator);
    void rebuildLists();
    void forgetLibrary(void* handle);

    Reporter reporter_;
    nvinfer1::IPluginRegistry* parent_;
    mutable std::recursive_mutex mutex_;  // a library's static initializers may register while it is loaded
    bool searchParent_ = true;
    std::vector<Entry> entries_;
    std::vector<Creator*> creators_, recursive_;
    std::vector<nvinfer1::IPluginCreator*> v1_;
    std::map<std::string, Resource> resources_;
    std::map<void*, int> libraries_;  // how often each is loaded
};

// One for the process; never destroyed, usable before main.
nvinfer1::IPluginRegistry& globalPluginRegistry();

// What lathe::setPluginTraits(), lathe::setHostPlugin() and libraries say of plugins, as bits of lathe::PluginTrait; of
// others nothing is known but what TensorRT expects of all: that they take pointers to a GPU's memory. Thread-safe.
constexpr uint32_t kHostPointers = 1, kDevicePointers = 2, kCapturable = 4;
void setPluginTraits(const std::string& name, const std::string& version, const std::string& space, uint32_t traits);
uint32_t pluginTraits(const std::string& name, const std::string& version, const std::string& space);
// What makes layers of such plugins (lathe::setPluginExpansion); null: nothing does.
using PluginExpansion = bool (*)(PluginToExpand*);
void setPluginExpansion(const std::string& name, const std::string& version, const std::string& space,
                        PluginExpansion expand);
PluginExpansion pluginExpansion(const std::string& name, const std::string& version, const std::string& space);
// What a library's functions latheHostPointers(), latheDevicePointers() and latheCapturable() say.
uint32_t libraryTraits(void* library);

}  // namespace lathe::api
