// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// What is read at an index outside the axis: an error of the run; the index modulo the extent; the nearest element; the
// fill value; the element mirrored at the outermost ones, which aren't repeated.
enum class SampleMode : int64_t { kStrict, kWrap, kClamp, kFill, kReflect };
inline constexpr const char* kSampleModeNames[] = {"strict", "wrap", "clamp", "fill", "reflect"};

// strided_slice: along listed axis i, size[i] elements from start[i] on, stride[i] (any sign, or 0) apart. Inputs (x of
// any type of at least a byte, start?, size?, stride? i64 or i32 [n], fill? scalar of x's type); the attributes tell
// where an input is absent. Without axes, n is the rank; without a stride it is 1, without a fill value 0. Start, size
// and stride may be computed while running. Start never counts from the end: -1 lies before the axis.
struct StridedSliceAttrs : ir::AttrsOf<StridedSliceAttrs> {
    std::vector<int64_t> start, size, stride, axes;
    SampleMode mode = SampleMode::kStrict;
    void fields(ir::AttrVisitor& f) {
        f("start", start);
        f("size", size);
        f("stride", stride);
        f("axes", axes);
        f("mode", mode, kSampleModeNames);
    }
};

extern const ir::Op* const op_strided_slice;

}  // namespace lathe::ops
