// SPDX-License-Identifier: Apache-2.0
// The first kinds of plugins, IPlugin and IPluginExt of versions 6 and 7, as the library calls them.
#include "compat/common/plugin_calls.h"
#include "compat/common/plugin_wrap.h"

#if LATHE_TRT < 8
namespace lathe::compat {
namespace {

// An IPlugin belongs to the application and is used by all that stand for it.
class FirstOf final : public v10::IPluginV2, public Wrapped {
  public:
    FirstOf(old::IPlugin& of, bool ext) : of_(of), ext_(ext ? static_cast<old::IPluginExt*>(&of) : nullptr) {
        isKnownAs(this);
    }
    old::IPlugin* first() override { return &of_; }

    char const* getPluginType() const noexcept override { return ext_ ? kFirstExtType : kFirstType; }
    char const* getPluginVersion() const noexcept override { return kFirstVersion; }
    int32_t getNbOutputs() const noexcept override {
        return guarded(report_, "IPlugin::getNbOutputs", -1, [&] { return of_.getNbOutputs(); });
    }
    v10::Dims getOutputDimensions(int32_t index, v10::Dims const* in, int32_t n) noexcept override {
        return guarded(report_, "IPlugin::getOutputDimensions", noDims(),
                       [&] { return newDims(of_.getOutputDimensions(index, oldList(in, n).data(), n)); });
    }
    bool supportsFormat(v10::DataType type, v10::PluginFormat format) const noexcept override {
        return guarded(report_, "IPluginExt::supportsFormat", false, [&] {
            return ext_ ? ext_->supportsFormat(toOld<old::DataType>(type), toOld<old::TensorFormat>(format))
                        : type == v10::DataType::kFLOAT && format == v10::PluginFormat::kLINEAR;
        });
    }
    void configureWithFormat(v10::Dims const* in, int32_t n, v10::Dims const* out, int32_t m, v10::DataType type,
                             v10::PluginFormat format, int32_t batch) noexcept override {
        guardedCall(report_, "IPlugin::configure", [&] {
            auto inputs = oldList(in, n), outputs = oldList(out, m);
            if (ext_)
                ext_->configureWithFormat(inputs.data(), n, outputs.data(), m, toOld<old::DataType>(type),
                                          toOld<old::TensorFormat>(format), batch);
            else
                of_.configure(inputs.data(), n, outputs.data(), m, batch);
        });
    }
    int32_t initialize() noexcept override {
        return guarded(report_, "IPlugin::initialize", -1, [&] { return of_.initialize(); });
    }
    void terminate() noexcept override {
        guardedCall(report_, "IPlugin::terminate", [&] { of_.terminate(); });
    }
    size_t getWorkspaceSize(int32_t batch) const noexcept override {
        return guarded(report_, "IPlugin::getWorkspaceSize", size_t{0}, [&] { return of_.getWorkspaceSize(batch); });
    }
    int32_t enqueue(int32_t batch, void const* const* in, void* const* out, void* workspace,
                    cudaStream_t stream) noexcept override {
        return guarded(report_, "IPlugin::enqueue", -1,
                       [&] { return of_.enqueue(batch, in, const_cast<void**>(out), workspace, stream); });
    }
    size_t getSerializationSize() const noexcept override {
        return guarded(report_, "IPlugin::getSerializationSize", size_t{0}, [&] { return of_.getSerializationSize(); });
    }
    void serialize(void* buffer) const noexcept override {
        guardedCall(report_, "IPlugin::serialize", [&] { of_.serialize(buffer); });
    }
    void destroy() noexcept override { delete this; }
    v10::IPluginV2* clone() const noexcept override {
        auto* made = new FirstOf(of_, ext_ != nullptr);
        made->reportTo(report_);
        return made;
    }
    void setPluginNamespace(char const*) noexcept override {}
    char const* getPluginNamespace() const noexcept override { return ""; }

  private:
    old::IPlugin& of_;
    old::IPluginExt* const ext_;
};

}  // namespace

OwnedNew wrap(old::IPlugin& plugin, bool ext) { return OwnedNew(new FirstOf(plugin, ext)); }

}  // namespace lathe::compat
#endif
