// SPDX-License-Identifier: Apache-2.0
#include "tactics/common/window_numbers.h"

namespace lathe::tactics {

Result<WindowNumbers> windowNumbers(const ops::WindowFields& fields, const ir::Dims& dims,
                                    std::span<const int64_t> kernel) {
    if (dims.size() < 3 || dims.size() > 5) return unsupported("{} dimensions; kernels take 3 to 5", dims.size());
    ir::Shape spatial(dims.begin() + 2, dims.end());
    auto axes = TRY(ops::resolveWindow(fields, spatial, kernel));
    WindowNumbers w;
    size_t offset = 3 - axes.size();
    for (size_t i = 0; i < axes.size(); ++i) {
        const ops::WindowAxis& a = axes[i];
        w.in[offset + i] = TRY(a.in.eval(ir::SymbolValues()));
        w.out[offset + i] = TRY(a.out.eval(ir::SymbolValues()));
        w.padBegin[offset + i] = TRY(a.padBegin.eval(ir::SymbolValues()));
        w.padEnd[offset + i] = TRY(a.padEnd.eval(ir::SymbolValues()));
        w.kernel[offset + i] = a.kernel;
        w.stride[offset + i] = a.stride;
        w.dilation[offset + i] = a.dilation;
    }
    return w;
}

}  // namespace lathe::tactics
