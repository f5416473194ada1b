// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/importer/registry.h"

#include <map>

namespace lathe::caffe {

extern const LayerRows* const* const layerTable[];
extern const int layerTableCount;

namespace {

struct Tables {
    std::map<std::string_view, const LayerRow*> byType, byOldType;
};

const Tables& tables() {
    static const auto* all = [] {
        auto* out = new Tables;
        for (int i = 0; i < layerTableCount; ++i) {
            const LayerRows& rows = **layerTable[i];
            for (int r = 0; r < rows.count; ++r) {
                const LayerRow& row = rows.rows[r];
                const bool fresh = out->byType.emplace(row.type, &row).second;
                ASSERT(fresh && "two importers of one layer type");
                if (row.oldType) out->byOldType.emplace(row.oldType, &row);
            }
        }
        return out;
    }();
    return *all;
}

const LayerRow* lookUp(const std::map<std::string_view, const LayerRow*>& table, std::string_view key) {
    const auto found = table.find(key);
    return found == table.end() ? nullptr : found->second;
}

}  // namespace

const LayerRow* findLayer(std::string_view type) { return lookUp(tables().byType, type); }
const LayerRow* findOldLayer(std::string_view oldType) { return lookUp(tables().byOldType, oldType); }

std::vector<const LayerRow*> allLayers() {
    std::vector<const LayerRow*> out;
    for (const auto& [type, row] : tables().byType) out.push_back(row);
    return out;
}

}  // namespace lathe::caffe
