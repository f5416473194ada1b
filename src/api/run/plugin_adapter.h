// SPDX-License-Identifier: Apache-2.0
// Plugins of the API as ops::Plugin: what executes and builds engines knows no nvinfer1.
#pragma once

#include <mutex>

#include "NvInferRuntime.h"
#include "api/common/convert.h"
#include "api/common/report.h"
#include "ops/plugin.h"

namespace lathe::api {

class AdaptedPlugin : public ops::Plugin, public std::enable_shared_from_this<AdaptedPlugin> {
  public:
    // Fills in type, version, namespace and kind.
    virtual Status identify(ops::PluginAttrs& attrs) = 0;
    virtual int outputCount() = 0;
    // What the plugin says of its outputs for these inputs: their types and shapes, size tensors, aliases. The shape
    // inputs are given by their elements.
    virtual Status describe(std::span<const ir::TensorType> inputs, std::span<const ir::Shape> shapeInputs,
                            ops::PluginAttrs& attrs) = 0;
    // Combinations of formats that the plugin takes for these types, at most `limit`, the row-major one first.
    std::vector<std::vector<int64_t>> combinations(std::span<const ops::PluginRange> inputs,
                                                   std::span<const ops::PluginRange> outputs, int limit);

    bool isCapturable() const override { return capturable_; }
    void setCapturable(bool capturable) { capturable_ = capturable; }
    // What plugins of an engine are told of as their context's error recorder; null while one is built.
    void setRecorder(nvinfer1::IErrorRecorder* recorder) { reporter_.setRecorder(recorder); }
    nvinfer1::IErrorRecorder* recorder() const { return reporter_.recorder(); }

    virtual nvinfer1::IPluginV2* v2() { return nullptr; }
    virtual nvinfer1::IPluginV3* v3() { return nullptr; }

  protected:
    // Whether tensors[pos] suits the plugin, which has accepted those before.
    virtual bool supports(int pos, std::span<const ops::PluginRange> tensors, int inputs) = 0;
    // All inputs and outputs have one format.
    virtual bool oneFormat() const { return false; }
    std::mutex mutex_;  // held while the plugin is called: applications need not make it thread-safe

  private:
    bool capturable_ = false;
    Reporter reporter_{nullptr};  // counts the recorder's users
};

// Takes over a plugin that is the library's own (a clone, or made by a creator). `fromPlan`: it was configured before.
// Errors: a kind of plugin that is not known, missing facets.
Result<std::shared_ptr<AdaptedPlugin>> adaptPlugin(nvinfer1::IPluginV2* owned, bool fromPlan);
Result<std::shared_ptr<AdaptedPlugin>> adaptPlugin(nvinfer1::IPluginV3* owned, bool fromPlan);

// What the adapters share.
nvinfer1::PluginTensorDesc toDesc(const ops::PluginTensor& t);
nvinfer1::PluginTensorDesc toDesc(const ops::PluginRange& r);
nvinfer1::DynamicPluginTensorDesc toDynamic(const ops::PluginRange& r);
nvinfer1::DynamicPluginTensorDesc toDynamic(const ops::PluginTensor& t);
// The types of these, as the API numbers them.
std::vector<nvinfer1::DataType> typesOf(std::span<const ir::TensorType> inputs);
// What plugins allocate from, and learn of their context; must outlive the clone that it is given to.
class PluginResources final : public nvinfer1::IGpuAllocator, public nvinfer1::IPluginResourceContext {
  public:
    // Null: the host's memory. Both must outlive this.
    PluginResources(ops::PluginMemory* memory, nvinfer1::IErrorRecorder* recorder)
        : memory_(memory), recorder_(recorder) {}
    void* allocate(uint64_t size, uint64_t alignment, nvinfer1::AllocatorFlags flags) noexcept override;
    bool deallocate(void* memory) noexcept override;
    nvinfer1::IGpuAllocator* getGpuAllocator() const noexcept override { return const_cast<PluginResources*>(this); }
    nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept override { return recorder_; }

  private:
    ops::PluginMemory* memory_;
    nvinfer1::IErrorRecorder* recorder_;
};
inline const char* textOf(const char* s) { return s ? s : ""; }

}  // namespace lathe::api
