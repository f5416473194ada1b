// SPDX-License-Identifier: Apache-2.0
// The library's own plugins for programs of the older API: to be made, added to networks, and written. What a network
// does with them goes to the library's plugin itself, which network and plan hold (behind()).
#include <mutex>
#include <set>

#include "compat/common/plugin_wrap.h"

namespace lathe::compat {
namespace {

class Unwrapped;
struct AllUnwrapped {
    std::mutex lock;
    std::set<const old::IPluginV2*> plugins;
    static AllUnwrapped& instance() {
        static auto& all = *new AllUnwrapped;
        return all;
    }
};

class Unwrapped final : public old::IPluginV2Ext {
  public:
    explicit Unwrapped(OwnedNew real) : real_(std::move(real)) {
        AllUnwrapped& all = AllUnwrapped::instance();
        std::lock_guard guard(all.lock);
        all.plugins.insert(this);
    }
    ~Unwrapped() TRTNOEXCEPT override {
        AllUnwrapped& all = AllUnwrapped::instance();
        std::lock_guard guard(all.lock);
        all.plugins.erase(this);
    }
    v10::IPluginV2* real() const { return real_.get(); }

    char const* getPluginType() const TRTNOEXCEPT override { return real_->getPluginType(); }
    char const* getPluginVersion() const TRTNOEXCEPT override { return real_->getPluginVersion(); }
    int32_t getNbOutputs() const TRTNOEXCEPT override { return real_->getNbOutputs(); }
    size_t getSerializationSize() const TRTNOEXCEPT override { return real_->getSerializationSize(); }
    void serialize(void* buffer) const TRTNOEXCEPT override { real_->serialize(buffer); }
    void destroy() TRTNOEXCEPT override { delete this; }
    old::IPluginV2Ext* clone() const TRTNOEXCEPT override {
        OwnedNew copy(real_->clone());
        return copy ? new Unwrapped(std::move(copy)) : nullptr;
    }
    void setPluginNamespace(char const* space) TRTNOEXCEPT override { real_->setPluginNamespace(space); }
    char const* getPluginNamespace() const TRTNOEXCEPT override { return real_->getPluginNamespace(); }

    // Shapes and work are the network's to ask for, of the plugin itself.
    old::Dims getOutputDimensions(int32_t, old::Dims const*, int32_t) TRTNOEXCEPT override {
        old::Dims d{};
        d.nbDims = -1;
        return refuse("getOutputDimensions"), d;
    }
    old::DataType getOutputDataType(int32_t, old::DataType const*, int32_t) const TRTNOEXCEPT override {
        return refuse("getOutputDataType"), old::DataType::kFLOAT;
    }
    bool supportsFormat(old::DataType type, old::PluginFormat format) const TRTNOEXCEPT override {
        return (type == old::DataType::kFLOAT || type == old::DataType::kHALF) &&
               format == static_cast<old::PluginFormat>(0);
    }
    bool isOutputBroadcastAcrossBatch(int32_t, bool const*, int32_t) const TRTNOEXCEPT override { return false; }
    bool canBroadcastInputAcrossBatch(int32_t) const TRTNOEXCEPT override { return false; }
    void configurePlugin(old::Dims const*, int32_t, old::Dims const*, int32_t, old::DataType const*,
                         old::DataType const*, bool const*, bool const*, old::PluginFormat,
                         int32_t) TRTNOEXCEPT override {
        refuse("configurePlugin");
    }
    int32_t initialize() TRTNOEXCEPT override { return real_->initialize(); }
    void terminate() TRTNOEXCEPT override { real_->terminate(); }
    size_t getWorkspaceSize(int32_t) const TRTNOEXCEPT override { return refuse("getWorkspaceSize"), 0; }
    int32_t enqueue(int32_t, void const* const*, LATHE_OUTPUTS, void*, cudaStream_t) TRTNOEXCEPT override {
        return refuse("enqueue"), -1;
    }

  private:
    void refuse(const char* what) const {
        PluginReport::current().error(
            std::string("IPluginV2Ext::") + what,
            std::string("plugin '") + real_->getPluginType() + "' of this library runs in a network only (addPluginV2)",
            old::ErrorCode::kUNSUPPORTED_STATE);
    }
    const OwnedNew real_;
};

}  // namespace

OwnedOld unwrap(OwnedNew plugin) {
    return OwnedOld(plugin ? static_cast<old::IPluginV2*>(new Unwrapped(std::move(plugin))) : nullptr);
}

v10::IPluginV2* behind(const old::IPluginV2* plugin) {
    AllUnwrapped& all = AllUnwrapped::instance();
    std::lock_guard guard(all.lock);
    return all.plugins.count(plugin) ? static_cast<const Unwrapped*>(plugin)->real() : nullptr;
}

}  // namespace lathe::compat
