// SPDX-License-Identifier: Apache-2.0
// What the ops with regions share: types that leave a region, values carried from one run of a region to the next, and
// results of all runs stacked into one tensor.
#pragma once

#include "ops/common.h"

namespace lathe::ops {

// Whether the extent depends on symbols that live in the node's regions, so that it means nothing outside of them.
bool isInner(const InferContext& c, const Dim& d);
// What the extent never exceeds, in symbols that mean something outside; kMaxExtent when nothing is known.
Dim outerBound(const InferContext& c, const Dim& d);
// The larger of two bounds; kMaxExtent when either has none.
Dim largerBound(const Dim& a, const Dim& b);

// How often a loop's body runs.
struct Trips {
    std::optional<Dim> exact;  // the number, when it is known before the loop runs
    std::optional<Dim> bound;  // what it never exceeds, when that is known
};

// Types of values that region 0 takes as parameters [firstParameter, firstParameter + count) and gives back as results
// [firstResult, …), and of outputs [0, count), which are their last values. `parameters` holds the types of all of the
// region's parameters, those of the carried ones being their initial values'; extents that the body changes become
// symbols there and, unless they grow by the same amount each time and the number of trips is known, data-dependent
// outside. Infers the region. Errors: a type or rank that changes.
Status inferCarried(InferContext& c, std::vector<TensorType> parameters, int firstParameter, int firstResult, int count,
                    const Trips& trips);

// The type of output `output`: region 0's result `result` of every trip, stacked along `axis` of the output.
Status inferStacked(InferContext& c, int output, int result, int64_t axis, const Trips& trips);

// Collects a region's result of every trip.
class Stack {
  public:
    // Copies the tensor. Errors: another shape than the trips before.
    Status add(const Tensor& t);
    // Allocates output `output` and writes the tensors along `axis` of it, the last one first when `reverse`.
    Status store(RefContext& c, int output, int64_t axis, bool reverse) const;

  private:
    DType dtype_ = DType::kFloat;
    Dims dims_;
    int64_t count_ = 0;
    std::vector<std::byte> data_;
};

// Allocates output `output` and copies the tensor there.
Status storeOutput(RefContext& c, int output, const Tensor& t);

// list[i], or `otherwise` for an empty list.
inline int64_t entryOr(const std::vector<int64_t>& list, size_t i, int64_t otherwise) {
    return list.empty() ? otherwise : list[i];
}
// The list must be empty or have `count` entries, each between `low` and `high`.
Status checkList(const char* name, const std::vector<int64_t>& list, size_t count, int64_t low, int64_t high);

}  // namespace lathe::ops
