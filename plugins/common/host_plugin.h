// SPDX-License-Identifier: Apache-2.0
// A kind of plugin as the interfaces want it.
#pragma once

#include <functional>

#include "Lathe.h"
#include "plugins/common/kind.h"

namespace lathe::plugins {

// A kind's creator. `setSpace` tells it the namespace that it is registered with.
struct Shipped {
    const Kind* kind;
    nvinfer1::IPluginCreatorInterface* creator;
    std::function<void(const char* space)> setSpace;
};
// Of IPluginV2DynamicExt, and of plugins with facets. The kind must outlive the creator, which is never deleted.
Shipped makeCreator(const Kind& kind);
Shipped makeFacetCreator(const Kind& kind);
// Every kind in this library, for the life of the process.
const std::vector<Shipped>& allShipped();

// What the interfaces share. `wrong` is empty on success.
std::string readValues(const Kind& kind, const nvinfer1::PluginFieldCollection* fields, Values& out);
std::string checkShapes(const Kind& kind, const Values& v, const DimsExprs* in, int32_t n);
DataType outputType(const Kind& kind, const Values& v, int32_t o, const DataType* in, int32_t n);
bool supports(const Kind& kind, const Values& v, int32_t pos, const nvinfer1::PluginTensorDesc* io, int32_t inputs);
// 0 on success.
int32_t runKind(const Kind& kind, const Values& v, const nvinfer1::PluginTensorDesc* inDesc, int32_t inputs,
                const nvinfer1::PluginTensorDesc* outDesc, void const* const* in, void* const* out);
// A plugin of this library, for as long as it lives: others may have the same names, and must not be taken for ours.
class Alive {
  public:
    // `plugin`: as an IPluginV2 or IPluginV3.
    Alive(const void* plugin, const Kind& kind, const Values& values);
    ~Alive();
    Alive(const Alive&) = delete;
    Alive& operator=(const Alive&) = delete;

  private:
    const void* plugin_;
};
// For lathe::setPluginExpansion().
bool expandPlugin(PluginToExpand& call);
bool isRealField(PluginFieldType t);
// The fields that a creator tells of.
std::vector<nvinfer1::PluginField> fieldNames(const Kind& kind);

// Where messages go; may be null.
void setLogger(nvinfer1::ILogger* logger);
void report(const std::string& text);

}  // namespace lathe::plugins
