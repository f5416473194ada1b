// SPDX-License-Identifier: Apache-2.0
// Attention's operands read where they lie: transposes, reshapes, slices and splits before queries, keys and values
// become strides (three parts of one projection, for example), and so does the transpose after the result.
#pragma once

#include "ops/attention.h"
#include "ops/movement.h"
#include "tactics/tactic.h"

namespace lathe::tactics::attention {

struct Shapes {
    int64_t batch, heads, kvHeads, queries, keys, size, valueSize;
};
Shapes shapesOf(const ir::Node& n, const std::function<ir::Dims(const ir::Value&)>& dims);

// Why a kernel that keeps no scores, and knows of no past, cannot compute the node; empty where one can.
std::string flashRefusal(const ir::Node& anchor);

// What the node covers when everything that can be is read in place (without `movements`: the node alone), its inputs
// and outputs, all linear; or which input cannot be cut into heads. REQUIRES: none of q, k and v is a constant.
Result<Binding> bindInPlace(const Tactic& tactic, const ir::Node& anchor, const BindContext& c, bool movements = true);
const ir::Node& anchorOf(const Binding& binding);

// Where q, k and v, and the output, are: elements from one batch entry, head and row to the next.
struct Strides {
    int64_t batch = 0, head = 0, row = 0;
};
struct Places {
    Strides inputs[3], output;
    int64_t offsets[3] = {};                                  // elements past the input's first
    const ir::Value* bases[3] = {nullptr, nullptr, nullptr};  // inputs of the binding
    ir::Dims mask;                                            // strides over [batch, head, query, key]; empty: none
    bool empty = false;                                       // the result has no elements
};
Result<Places> placesOf(const Binding& binding, const std::function<ir::Dims(const ir::Value&)>& dims);

}  // namespace lathe::tactics::attention
