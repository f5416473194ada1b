// SPDX-License-Identifier: Apache-2.0
// Transposed convolution by oneDNN. params: {how it is cut, parts, the input's extents}.
#include "ops/deconv.h"
#include "tactics/cpu/onednn_parts.h"

namespace lathe::tactics {
namespace {

class OneDnnDeconv final : public OneDnnWindows {
  public:
    constexpr OneDnnDeconv() : OneDnnWindows("cpu.deconv.onednn.v1", "deconv") {}

  private:
    Result<cpu::onednn::Conv> describe(const ir::Node& n, const ir::Dims& x, const ir::Dims& w) const override {
        const auto& a = n.attrs<ops::DeconvAttrs>();
        if (x.size() < 3 || x.size() > 5) return unsupported("{} dimensions; kernels take 3 to 5", x.size());
        ir::Shape spatial(x.begin() + 2, x.end());
        auto axes = TRY(ops::deconvAxes(a, spatial, std::span(w).subspan(2)));
        cpu::onednn::Conv c;
        c.transposed = true;
        c.axes = static_cast<int>(axes.size());
        c.n = x[0];
        c.ic = x[1];
        c.groups = a.group;
        c.oc = w[1] * a.group;
        for (size_t i = 0; i < axes.size(); ++i) {
            size_t d = 3 - axes.size() + i;
            c.in[d] = x[2 + i];
            c.out[d] = TRY(axes[i].out.eval(ir::SymbolValues()));
            c.kernel[d] = axes[i].kernel;
            c.stride[d] = axes[i].stride;
            c.dilation[d] = axes[i].dilation;
            c.padBefore[d] = TRY(axes[i].padBegin.eval(ir::SymbolValues()));
            int64_t whole = (c.in[d] - 1) * c.stride[d] + c.dilation[d] * (c.kernel[d] - 1) + 1;
            c.padAfter[d] = whole - c.padBefore[d] - c.out[d];
        }
        return c;
    }
};

}  // namespace

LATHE_TACTIC(cpu_deconv_onednn, OneDnnDeconv)

}  // namespace lathe::tactics
