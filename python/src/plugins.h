// SPDX-License-Identifier: Apache-2.0
// Plugins as Python sees them, and plugins written in Python as the library sees them (python_plugins.cc).
#pragma once

#include <deque>
#include <memory>

#include "common.h"

namespace lathe::python {

// A field that owns what the library's structure points to.
struct PyField {
    std::string name;
    nvinfer1::PluginFieldType type = nvinfer1::PluginFieldType::kUNKNOWN;
    int32_t length = 0;
    nb::object data;  // an array, bytes, or None
};

// PluginField objects of a collection, as a PluginFieldCollection; copies.
nb::object fieldsOf(const nvinfer1::PluginFieldCollection* c);

// A list of PluginField objects as the library wants it, while this lives. Errors: TypeError.
class FieldList {
  public:
    explicit FieldList(nb::handle list);
    const nvinfer1::PluginFieldCollection* collection() const { return &collection_; }

  private:
    std::deque<PyField> kept_;
    std::vector<nvinfer1::PluginField> fields_;
    nvinfer1::PluginFieldCollection collection_{};
};

// Plugins that a creator of the library's made.
struct PluginV2Handle {
    struct Destroy {
        void operator()(nvinfer1::IPluginV2* p) const { p->destroy(); }
    };
    std::unique_ptr<nvinfer1::IPluginV2, Destroy> plugin;
};
struct PluginV3Handle {
    std::unique_ptr<nvinfer1::IPluginV3> plugin;
};

// The library's view of a plugin in Python. Errors: what is no plugin.
std::unique_ptr<nvinfer1::IPluginV3> wrapPlugin(nb::object plugin);
// The same of a creator; it is kept until forgetCreator(). Null from forgetCreator() where there is none.
nvinfer1::IPluginCreatorInterface& wrapCreator(nb::object creator);
nvinfer1::IPluginCreatorInterface* findCreator(nb::handle creator);
void forgetCreator(nb::handle creator);
// A creator as an object of its kind, or the one in Python that is behind it. None for null.
nb::object toCreator(nvinfer1::IPluginCreatorInterface* creator);

void bindPythonPlugins(nb::module_& m);

}  // namespace lathe::python
