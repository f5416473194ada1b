// SPDX-License-Identifier: Apache-2.0
// The older API's plugins with a name of their own, as the library calls them.
#include "compat/common/plugin_wrap.h"

#include <map>
#include <mutex>

#include "compat/common/plugin_calls.h"
#include "compat/common/plugins.h"

namespace lathe::compat {
namespace {

struct Known {
    std::mutex lock;
    std::map<const v10::IPluginV2*, Wrapped*> plugins;
    static Known& instance() {
        static auto& known = *new Known;
        return known;
    }
};

thread_local Report currentReport;

// The library's allocator as a plugin sees it.
class PluginAllocator final : public old::IGpuAllocator {
  public:
    v10::IGpuAllocator* real = nullptr;
#if LATHE_TRT >= 8
    void* allocate(uint64_t const size, uint64_t const alignment, old::AllocatorFlags const flags) noexcept override {
        return real ? real->allocate(size, alignment, flags) : nullptr;
    }
    void free(void* const memory) noexcept override { give(memory); }
#else
    void* allocate(uint64_t size, uint64_t alignment, uint32_t flags) override {
        return real ? real->allocate(size, alignment, flags) : nullptr;
    }
    void free(void* memory) override { give(memory); }
#endif

  private:
    void give(void* memory) {
        if (real) real->deallocate(memory);
    }
};

// What all kinds with a name have in common. D is the class itself, Old and New the interfaces.
template <class D, class Old, class New>
class V2Wrapper : public New, public Wrapped {
  public:
    explicit V2Wrapper(OwnedOld plugin) : owned_(std::move(plugin)), of_(static_cast<Old&>(*owned_)) {
        isKnownAs(this);
    }
    old::IPluginV2* v2() override { return owned_.get(); }

    char const* getPluginType() const noexcept override {
        return guarded(report_, "IPluginV2::getPluginType", "", [&] { return of_.getPluginType(); });
    }
    char const* getPluginVersion() const noexcept override {
        return guarded(report_, "IPluginV2::getPluginVersion", "", [&] { return of_.getPluginVersion(); });
    }
    int32_t getNbOutputs() const noexcept override {
        return guarded(report_, "IPluginV2::getNbOutputs", -1, [&] { return of_.getNbOutputs(); });
    }
    int32_t initialize() noexcept override {
        return guarded(report_, "IPluginV2::initialize", -1, [&] { return of_.initialize(); });
    }
    void terminate() noexcept override {
        guardedCall(report_, "IPluginV2::terminate", [&] { of_.terminate(); });
    }
    size_t getSerializationSize() const noexcept override {
        return guarded(report_, "IPluginV2::getSerializationSize", size_t{0},
                       [&] { return of_.getSerializationSize(); });
    }
    void serialize(void* buffer) const noexcept override {
        guardedCall(report_, "IPluginV2::serialize", [&] {
            of_.serialize(buffer);
            LivePlugins::keep(*owned_, buffer, of_.getSerializationSize());
        });
    }
    void destroy() noexcept override { delete static_cast<D*>(this); }
    New* clone() const noexcept override {
        return guarded(report_, "IPluginV2::clone", static_cast<New*>(nullptr), [&]() -> New* {
            OwnedOld copy(of_.clone());
            if (!copy) return nullptr;
            auto* made = new D(std::move(copy));
            made->reportTo(report_);
            return made;
        });
    }
    void setPluginNamespace(char const* space) noexcept override {
        guardedCall(report_, "IPluginV2::setPluginNamespace", [&] { of_.setPluginNamespace(space); });
    }
    char const* getPluginNamespace() const noexcept override {
        return guarded(report_, "IPluginV2::getPluginNamespace", "", [&] { return of_.getPluginNamespace(); });
    }

  protected:
    const OwnedOld owned_;
    Old& of_;
};

// The kinds whose shapes do not count the batch.
template <class D, class Old, class New>
class StaticWrapper : public V2Wrapper<D, Old, New> {
  public:
    using V2Wrapper<D, Old, New>::V2Wrapper;
    v10::Dims getOutputDimensions(int32_t index, v10::Dims const* inputs, int32_t n) noexcept override {
        return guarded(report_, "IPluginV2::getOutputDimensions", noDims(),
                       [&] { return newDims(of_.getOutputDimensions(index, oldList(inputs, n).data(), n)); });
    }
    size_t getWorkspaceSize(int32_t batch) const noexcept override {
        return guarded(report_, "IPluginV2::getWorkspaceSize", size_t{0}, [&] { return of_.getWorkspaceSize(batch); });
    }
    int32_t enqueue(int32_t batch, void const* const* in, void* const* out, void* workspace,
                    cudaStream_t stream) noexcept override {
        return guarded(report_, "IPluginV2::enqueue", -1,
                       [&] { return of_.enqueue(batch, in, const_cast<void**>(out), workspace, stream); });
    }

  protected:
    using V2Wrapper<D, Old, New>::of_;
    using Wrapped::report_;
};

class V2Of final : public StaticWrapper<V2Of, old::IPluginV2, v10::IPluginV2> {
  public:
    using StaticWrapper::StaticWrapper;
    bool supportsFormat(v10::DataType type, v10::PluginFormat format) const noexcept override {
        return guarded(report_, "IPluginV2::supportsFormat", false, [&] {
            return of_.supportsFormat(toOld<old::DataType>(type), toOld<old::TensorFormat>(format));
        });
    }
    void configureWithFormat(v10::Dims const* in, int32_t n, v10::Dims const* out, int32_t m, v10::DataType type,
                             v10::PluginFormat format, int32_t batch) noexcept override {
        guardedCall(report_, "IPluginV2::configureWithFormat", [&] {
            of_.configureWithFormat(oldList(in, n).data(), n, oldList(out, m).data(), m, toOld<old::DataType>(type),
                                    toOld<old::TensorFormat>(format), batch);
        });
    }
};

template <class Base>
class ExtWrapper : public Base {
  public:
    explicit ExtWrapper(OwnedOld plugin) : Base(std::move(plugin)), ext_(static_cast<old::IPluginV2Ext&>(this->of_)) {}
    v10::DataType getOutputDataType(int32_t index, v10::DataType const* in, int32_t n) const noexcept override {
        return guarded(report_, "IPluginV2Ext::getOutputDataType", v10::DataType::kFLOAT,
                       [&] { return toNew(ext_.getOutputDataType(index, oldList(in, n).data(), n)); });
    }
    void attachToContext(cudnnContext* cudnn, cublasContext* cublas, v10::IGpuAllocator* a) noexcept override {
        allocator_.real = a;
        guardedCall(report_, "IPluginV2Ext::attachToContext",
                    [&] { ext_.attachToContext(cudnn, cublas, a ? &allocator_ : nullptr); });
    }
    void detachFromContext() noexcept override {
        guardedCall(report_, "IPluginV2Ext::detachFromContext", [&] { ext_.detachFromContext(); });
    }

  protected:
    using Wrapped::report_;
    old::IPluginV2Ext& ext_;
    PluginAllocator allocator_;
};

// Of those whose batch is implicit.
template <class D, class Old, class New>
class StaticExtWrapper : public ExtWrapper<StaticWrapper<D, Old, New>> {
  public:
    using ExtWrapper<StaticWrapper<D, Old, New>>::ExtWrapper;
    bool isOutputBroadcastAcrossBatch(int32_t index, bool const* in, int32_t n) const noexcept override {
        return guarded(report_, "IPluginV2Ext::isOutputBroadcastAcrossBatch", false,
                       [&] { return ext_.isOutputBroadcastAcrossBatch(index, in, n); });
    }
    bool canBroadcastInputAcrossBatch(int32_t index) const noexcept override {
        return guarded(report_, "IPluginV2Ext::canBroadcastInputAcrossBatch", false,
                       [&] { return ext_.canBroadcastInputAcrossBatch(index); });
    }

  protected:
    using ExtWrapper<StaticWrapper<D, Old, New>>::ext_;
    using Wrapped::report_;
};

class ExtOf final : public StaticExtWrapper<ExtOf, old::IPluginV2Ext, v10::IPluginV2Ext> {
  public:
    using StaticExtWrapper::StaticExtWrapper;
    bool supportsFormat(v10::DataType type, v10::PluginFormat format) const noexcept override {
        return guarded(report_, "IPluginV2Ext::supportsFormat", false, [&] {
            return ext_.supportsFormat(toOld<old::DataType>(type), toOld<old::TensorFormat>(format));
        });
    }
    void configurePlugin(v10::Dims const* in, int32_t n, v10::Dims const* out, int32_t m, v10::DataType const* types,
                         v10::DataType const* made, bool const* a, bool const* b, v10::PluginFormat format,
                         int32_t batch) noexcept override {
        guardedCall(report_, "IPluginV2Ext::configurePlugin", [&] {
            ext_.configurePlugin(oldList(in, n).data(), n, oldList(out, m).data(), m, oldList(types, n).data(),
                                 oldList(made, m).data(), a, b, toOld<old::TensorFormat>(format), batch);
        });
    }
};

class IoOf final : public StaticExtWrapper<IoOf, old::IPluginV2IOExt, v10::IPluginV2IOExt> {
  public:
    using StaticExtWrapper::StaticExtWrapper;
    void configurePlugin(v10::PluginTensorDesc const* in, int32_t n, v10::PluginTensorDesc const* out,
                         int32_t m) noexcept override {
        guardedCall(report_, "IPluginV2IOExt::configurePlugin",
                    [&] { of_.configurePlugin(oldList(in, n).data(), n, oldList(out, m).data(), m); });
    }
    bool supportsFormatCombination(int32_t pos, v10::PluginTensorDesc const* io, int32_t n,
                                   int32_t m) const noexcept override {
        return guarded(report_, "IPluginV2IOExt::supportsFormatCombination", false,
                       [&] { return of_.supportsFormatCombination(pos, oldList(io, n + m).data(), n, m); });
    }
};

// The expressions of shapes, for as long as a call takes.
class OldExpr final : public old::IDimensionExpr {
  public:
    explicit OldExpr(const v10::IDimensionExpr* real) : real(real) {}
    bool isConstant() const noexcept override { return real->isConstant(); }
    int32_t getConstantValue() const noexcept override {
        int64_t v = isConstant() ? real->getConstantValue() : INT32_MIN;
        return static_cast<int32_t>(std::clamp<int64_t>(v, INT32_MIN, INT32_MAX));
    }
    const v10::IDimensionExpr* const real;
};

class OldExprBuilder final : public old::IExprBuilder {
  public:
    explicit OldExprBuilder(v10::IExprBuilder& real) : real_(real) {}
    old::IDimensionExpr const* constant(int32_t value) noexcept override { return make(real_.constant(value)); }
    old::IDimensionExpr const* operation(old::DimensionOperation op, old::IDimensionExpr const& a,
                                         old::IDimensionExpr const& b) noexcept override {
        return make(
            real_.operation(toNew(op), *static_cast<const OldExpr&>(a).real, *static_cast<const OldExpr&>(b).real));
    }
    old::IDimensionExpr const* make(const v10::IDimensionExpr* real) {
        return real ? &exprs_.emplace_back(real) : nullptr;
    }

  private:
    v10::IExprBuilder& real_;
    std::deque<OldExpr> exprs_;
};

class DynamicOf final : public ExtWrapper<V2Wrapper<DynamicOf, old::IPluginV2DynamicExt, v10::IPluginV2DynamicExt>> {
  public:
    using ExtWrapper::ExtWrapper;
    v10::DimsExprs getOutputDimensions(int32_t index, v10::DimsExprs const* in, int32_t n,
                                       v10::IExprBuilder& exprs) noexcept override {
        v10::DimsExprs failed{};
        failed.nbDims = -1;
        return guarded(report_, "IPluginV2DynamicExt::getOutputDimensions", failed, [&] {
            OldExprBuilder builder(exprs);
            std::vector<old::DimsExprs> shapes;
            for (int32_t i = 0; i < n; ++i) {
                old::DimsExprs& s = shapes.emplace_back();
                s.nbDims = in[i].nbDims;
                for (int32_t d = 0; d < s.nbDims; ++d) s.d[d] = builder.make(in[i].d[d]);
            }
            old::DimsExprs made = of_.getOutputDimensions(index, shapes.data(), n, builder);
            v10::DimsExprs out{};
            out.nbDims = made.nbDims;
            for (int32_t d = 0; d < std::min<int32_t>(made.nbDims, v10::Dims::MAX_DIMS); ++d)
                out.d[d] = made.d[d] ? static_cast<const OldExpr*>(made.d[d])->real : nullptr;
            return out;
        });
    }
    bool supportsFormatCombination(int32_t pos, v10::PluginTensorDesc const* io, int32_t n,
                                   int32_t m) noexcept override {
        return guarded(report_, "IPluginV2DynamicExt::supportsFormatCombination", false,
                       [&] { return of_.supportsFormatCombination(pos, oldList(io, n + m).data(), n, m); });
    }
    void configurePlugin(v10::DynamicPluginTensorDesc const* in, int32_t n, v10::DynamicPluginTensorDesc const* out,
                         int32_t m) noexcept override {
        in_.count = n;
        out_.count = m;
        guardedCall(report_, "IPluginV2DynamicExt::configurePlugin",
                    [&] { of_.configurePlugin(oldList(in, n).data(), n, oldList(out, m).data(), m); });
    }
    size_t getWorkspaceSize(v10::PluginTensorDesc const* in, int32_t n, v10::PluginTensorDesc const* out,
                            int32_t m) const noexcept override {
        return guarded(report_, "IPluginV2DynamicExt::getWorkspaceSize", size_t{0},
                       [&] { return of_.getWorkspaceSize(oldList(in, n).data(), n, oldList(out, m).data(), m); });
    }
    int32_t enqueue(v10::PluginTensorDesc const* in, v10::PluginTensorDesc const* out, void const* const* x,
                    void* const* y, void* workspace, cudaStream_t stream) noexcept override {
        return guarded(report_, "IPluginV2DynamicExt::enqueue", -1,
                       [&] { return of_.enqueue(in_.get(in, x), out_.get(out, y), x, y, workspace, stream); });
    }

  private:
    // The library says nothing of how many there are: as many as were configured.
    struct Descs {
        template <class P>
        const old::PluginTensorDesc* get(const v10::PluginTensorDesc* descs, P) {
            list.clear();
            for (int32_t i = 0; i < count; ++i) list.push_back(oldDesc(descs[i]));
            return list.data();
        }
        int32_t count = 0;
        std::vector<old::PluginTensorDesc> list;
    };
    Descs in_, out_;
};

}  // namespace

PluginReport::PluginReport(Report report) : before_(currentReport) { currentReport = report; }
PluginReport::~PluginReport() { currentReport = before_; }
Report PluginReport::current() { return currentReport; }

Wrapped::Wrapped() : report_(currentReport) {}
Wrapped::~Wrapped() {
    Known& k = Known::instance();
    std::lock_guard guard(k.lock);
    k.plugins.erase(known_);
}
void Wrapped::isKnownAs(const v10::IPluginV2* plugin) {
    Known& k = Known::instance();
    std::lock_guard guard(k.lock);
    k.plugins[known_ = plugin] = this;
}
Wrapped* wrappedOf(const v10::IPluginV2* plugin) {
    Known& k = Known::instance();
    std::lock_guard guard(k.lock);
    auto found = k.plugins.find(plugin);
    return found == k.plugins.end() ? nullptr : found->second;
}

OwnedNew wrap(OwnedOld plugin, std::string& why) {
    why.clear();
    if (!plugin) return nullptr;
    if (v10::IPluginV2* own = behind(plugin.get())) return OwnedNew(own->clone());
    auto kind = static_cast<uint32_t>(guarded(currentReport, "IPluginV2::getTensorRTVersion", -1,
                                              [&] { return plugin->getTensorRTVersion(); })) >>
                24;
    switch (kind) {
        case static_cast<uint32_t>(old::PluginVersion::kV2): return OwnedNew(new V2Of(std::move(plugin)));
        case static_cast<uint32_t>(old::PluginVersion::kV2_EXT): return OwnedNew(new ExtOf(std::move(plugin)));
        case static_cast<uint32_t>(old::PluginVersion::kV2_IOEXT): return OwnedNew(new IoOf(std::move(plugin)));
        case static_cast<uint32_t>(old::PluginVersion::kV2_DYNAMICEXT):
            return OwnedNew(new DynamicOf(std::move(plugin)));
    }
    why = "plugins of kind " + std::to_string(kind) + " are not known";
    return nullptr;
}

}  // namespace lathe::compat
