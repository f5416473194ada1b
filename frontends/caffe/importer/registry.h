// SPDX-License-Identifier: Apache-2.0
// Which function imports which layer type. Each file of frontends/caffe/layers brings its own rows; the table of all of
// them is generated from the file names (cmake/LatheComponents.cmake), so no list is edited for a new type.
#pragma once

#include <iterator>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace lathe::caffe {

class LayerImport;

struct LayerRow {
    const char* type;                      // as "type" has it
    const char* oldType;                   // the enumerator before 2014, null for types that came later
    Status (*import)(LayerImport& layer);  // null for types that cannot be imported at all
    const char* refusal = nullptr;         // why not
};

struct LayerRows {
    const LayerRow* rows;
    int count;
};

// Null when the type is not known.
const LayerRow* findLayer(std::string_view type);
const LayerRow* findOldLayer(std::string_view oldType);
std::vector<const LayerRow*> allLayers();

}  // namespace lathe::caffe

// Defines the rows of layers/<id>.cc: `LATHE_CAFFE_LAYERS(activation, {"ReLU", "RELU", importRelu}, …)`.
#define LATHE_CAFFE_LAYERS(id, ...)                                                                       \
    namespace {                                                                                           \
    constexpr ::lathe::caffe::LayerRow id##Rows[] = {__VA_ARGS__};                                        \
    constinit const ::lathe::caffe::LayerRows id##Table{id##Rows, static_cast<int>(std::size(id##Rows))}; \
    }                                                                                                     \
    extern const ::lathe::caffe::LayerRows* const caffe_##id;                                             \
    constinit const ::lathe::caffe::LayerRows* const caffe_##id = &id##Table;
