// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/registry.h"

#include <map>
#include <utility>

namespace lathe::onnx {

extern const OpRows* const* const opTable[];
extern const int opTableCount;

namespace {

using Table = std::map<std::pair<std::string_view, std::string_view>, OpImporter>;

const Table& table() {
    static const auto* all = [] {
        auto* out = new Table;
        for (int i = 0; i < opTableCount; ++i) {
            const OpRows& rows = **opTable[i];
            for (int r = 0; r < rows.count; ++r) {
                const OpRow& row = rows.rows[r];
                const bool fresh =
                    out->emplace(Table::key_type{row.domain, row.op}, OpImporter{&row, rows.file}).second;
                ASSERT(fresh && "two importers of one operator");
            }
        }
        return out;
    }();
    return *all;
}

}  // namespace

const OpImporter* findImporter(std::string_view domain, std::string_view op) {
    const auto found = table().find({domain, op});
    return found == table().end() ? nullptr : &found->second;
}

std::vector<const OpImporter*> allImporters() {
    std::vector<const OpImporter*> out;
    for (const auto& [key, importer] : table()) out.push_back(&importer);
    return out;
}

}  // namespace lathe::onnx
