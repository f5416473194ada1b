// SPDX-License-Identifier: Apache-2.0
// New weights for an engine. Folded and packed weights are recomputed from the new sources by the recipes that the plan
// keeps; the result is an engine of its own, so that whoever runs the old one sees none of it.
#pragma once

#include <map>
#include <set>

#include "runtime/engine.h"

namespace lathe::runtime {

// Source weights that an engine can be refitted with.
struct Refittable {
    DType dtype = DType::kFloat;
    int64_t count = 0;
    bool missing = false;  // the plan has none: it is stripped
    uint64_t hash = 0;     // of what the engine was built with
    ir::Dims dims;
};
// By name. Not listed: weights without a name, weights whose values decided how the engine was built
// (plan::Plan::fixedWeights), integers that shapes may depend on, and with Plan::Refit::kIndividual those not marked.
Result<std::map<std::string, Refittable>> refittableWeights(const plan::Plan& plan);

// The engine with these weights in place of its own, and the packed weights of its kernels made. `values`: by name,
// of the sizes that refittableWeights() tells; copied. Errors: no such weights, a wrong size, missing weights (all are
// listed), with Plan::Refit::kIdentical other values than the engine was built with.
Result<std::shared_ptr<const Engine>> refit(const Engine& engine,
                                            const std::map<std::string, std::span<const std::byte>>& values);

}  // namespace lathe::runtime
