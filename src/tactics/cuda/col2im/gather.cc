// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/epilogue.h"
#include "ops/col2im.h"
#include "tactics/cuda/alone.h"

namespace lathe::tactics {
namespace {

class CudaCol2im final : public Tactic {
  public:
    constexpr CudaCol2im() : Tactic("cuda.col2im.gather.v1", "col2im") {}

    BindResult bind(const ir::Node& anchor, const BindContext& c) const override {
        if (std::string why = cudaFloatRefusal(*anchor.input(0)); !why.empty()) return BindResult::refuse(why);
        return bindCudaAlone(*this, anchor, c, {0});
    }

    Result<std::unique_ptr<Kernel>> prepare(const Binding& binding, const PrepareContext& c) const override {
        const ir::Node& n = *binding.nodes[0];
        const auto& a = n.attrs<ops::Col2imAttrs>();
        const ir::Dims &x = c.dims(*n.input(0)), &y = c.dims(*n.output());
        size_t axes = y.size() - 2;
        std::vector<int64_t> block = knownIntegers(inputOf(n, 2)).value_or(std::vector<int64_t>());
        if (axes < 1 || axes > 3 || block.size() != axes) return unsupported("blocks of {} axes", axes);
        cuda::SmallKernel k{.file = "image.cu", .entry = "foldColumns"};
        k.middle = "#define CONV 0\n#define SPLIT 0\n" + cuda::epilogueText({});
        k.store = true;
        k.defines = {cudaDefine("T", n.input(0)->dtype()), cudaDefine("OUT", n.input(0)->dtype()),
                     cudaDefine("COL", n.input(0)->dtype()), "BY_GROUP=0", "CHANNELS_LAST=0"};
        k.items = ir::volume(y);
        k.operands = {0, cuda::kOutput};
        int64_t numbers[6][3], columns = 1;
        for (size_t d = 0; d < 3; ++d) {
            bool there = d >= 3 - axes;
            size_t i = there ? d - (3 - axes) : 0;
            int64_t dilation = there && !a.dilations.empty() ? a.dilations[i] : 1;
            int64_t stride = there && !a.strides.empty() ? a.strides[i] : 1;
            int64_t before = there && !a.pads.empty() ? a.pads[i] : 0,
                    after = there && !a.pads.empty() ? a.pads[i + axes] : 0;
            int64_t extent = there ? y[2 + i] : 1, each = there ? block[i] : 1;
            int64_t reach = extent + before + after - dilation * (each - 1) - 1;
            int64_t count = reach < 0 ? 0 : reach / stride + 1;
            int64_t mine[] = {extent, count, each, stride, dilation, before};
            for (size_t q = 0; q < 6; ++q) numbers[q][d] = mine[q];
            columns *= count;
        }
        if (columns != x[2]) return invalidArgument("{} columns for an image of {}", x[2], ir::toString(y));
        k.n = {y[1]};
        for (const auto& list : numbers) k.n.insert(k.n.end(), std::begin(list), std::end(list));
        k.n.push_back(y[0]);
        k.n.push_back(y[1]);
        CudaOperands operands;
        TRY(cudaInputs(operands, binding, c, {0}));
        operands.output(cuda::kOutput, 0);
        return cudaKernel(c, TRY(cuda::smallPlan(k)), operands);
    }
};

}  // namespace

LATHE_TACTIC(cuda_col2im_gather, CudaCol2im)

}  // namespace lathe::tactics
