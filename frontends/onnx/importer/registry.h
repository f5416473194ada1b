// SPDX-License-Identifier: Apache-2.0
// Which function imports which ONNX operator. Each file of frontends/onnx/ops brings its own rows; the table of all of
// them is generated from the file names (cmake/LatheComponents.cmake), so no list is edited for a new operator.
#pragma once

#include <iterator>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace lathe::onnx {

class NodeImport;

struct OpRow {
    const char* domain;  // "" for ONNX's own operators
    const char* op;
    Status (*import)(NodeImport& node);  // null for operators that cannot be imported at all
    const char* refusal = nullptr;       // why not
};

struct OpRows {
    const OpRow* rows;
    int count;
    const char* file;
};

struct OpImporter {
    const OpRow* row;
    const char* file;
};

// Null when the operator is not known.
const OpImporter* findImporter(std::string_view domain, std::string_view op);
std::vector<const OpImporter*> allImporters();

}  // namespace lathe::onnx

// Defines the rows of ops/<id>.cc: `LATHE_ONNX_OPS(unary, {"", "Exp", importExp}, {"", "Log", importLog})`. In a
// subfolder the id is <folder>_<file>.
#define LATHE_ONNX_OPS(id, ...)                                                                                 \
    namespace {                                                                                                 \
    constexpr ::lathe::onnx::OpRow id##Rows[] = {__VA_ARGS__};                                                  \
    constinit const ::lathe::onnx::OpRows id##Table{id##Rows, static_cast<int>(std::size(id##Rows)), __FILE__}; \
    }                                                                                                           \
    extern const ::lathe::onnx::OpRows* const onnx_##id;                                                        \
    constinit const ::lathe::onnx::OpRows* const onnx_##id = &id##Table;

// The usual case: one operator of ONNX's own domain.
#define LATHE_ONNX_OP(id, name, function) LATHE_ONNX_OPS(id, {"", name, function})
