// SPDX-License-Identifier: Apache-2.0
// Convolution by oneDNN. params: {how it is cut, parts, the input's extents}.
#include "ops/conv.h"

#include <algorithm>

#include "tactics/cpu/image.h"
#include "tactics/cpu/onednn_parts.h"

namespace lathe::tactics {
namespace {

class OneDnnConv final : public OneDnnWindows {
  public:
    constexpr OneDnnConv() : OneDnnWindows("cpu.conv.onednn.v1", "conv") {}

  private:
    Result<cpu::onednn::Conv> describe(const ir::Node& n, const ir::Dims& x, const ir::Dims& w) const override {
        const auto& a = n.attrs<ops::ConvAttrs>();
        WindowNumbers window = TRY(windowNumbers(a, x, std::span(w).subspan(2)));
        cpu::onednn::Conv c;
        c.axes = static_cast<int>(x.size()) - 2;
        c.n = x[0];
        c.ic = x[1];
        c.oc = w[0];
        c.groups = a.group;
        for (int d = 0; d < 3; ++d) {
            c.in[d] = window.in[d];
            c.out[d] = window.out[d];
            c.kernel[d] = window.kernel[d];
            c.stride[d] = window.stride[d];
            c.dilation[d] = window.dilation[d];
            c.padBefore[d] = window.padBegin[d];
            // As much as the last window needs: less where strides leave a rest, more in ceiling mode.
            int64_t reach = (c.out[d] - 1) * c.stride[d] + c.dilation[d] * (c.kernel[d] - 1) + 1;
            c.padAfter[d] = reach - c.in[d] - c.padBefore[d];
        }
        return c;
    }
};

}  // namespace

LATHE_TACTIC(cpu_conv_onednn, OneDnnConv)

}  // namespace lathe::tactics
