// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/op.h"

namespace lathe::ops {

// scan: runs region 0 once for each slice of its scanned inputs. Inputs: the initial carried values, then
// num_scan_inputs tensors, which are cut along scan_input_axes (default 0), from the end where scan_input_directions
// has 1. The region's parameters: the carried values, then one slice of each scanned input, without the axis; its
// results: the next carried values, then values to stack. Outputs: the last carried values, then the stacks along
// scan_output_axes (default 0), in order or, where scan_output_directions has 1, reversed. All scanned axes have the
// same extent, the number of trips.
struct ScanAttrs : ir::AttrsOf<ScanAttrs> {
    int64_t numScanInputs = 1;
    std::vector<int64_t> scanInputAxes, scanInputDirections;
    std::vector<int64_t> scanOutputAxes, scanOutputDirections;
    void fields(ir::AttrVisitor& f) {
        f("num_scan_inputs", numScanInputs);
        f("scan_input_axes", scanInputAxes);
        f("scan_input_directions", scanInputDirections);
        f("scan_output_axes", scanOutputAxes);
        f("scan_output_directions", scanOutputDirections);
    }
};

extern const ir::Op* const op_scan;

}  // namespace lathe::ops
