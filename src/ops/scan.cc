// SPDX-License-Identifier: Apache-2.0
#include "ops/scan.h"

#include "ir/interpreter.h"
#include "ops/elements.h"
#include "ops/regions.h"

namespace lathe::ops {
namespace {

// Copies entry `at` along `axis`, without the axis.
void copySlice(const Tensor& from, int axis, int64_t at, const Tensor& to) {
    int64_t outer = 1, inner = bytesOf(from.dtype, 1);
    for (int d = 0; d < from.rank(); ++d)
        if (d != axis) (d < axis ? outer : inner) *= from.dims[d];
    for (int64_t o = 0; o < outer && inner; ++o)
        std::memcpy(static_cast<std::byte*>(to.data) + o * inner,
                    static_cast<const std::byte*>(from.data) + (o * from.dims[axis] + at) * inner,
                    static_cast<size_t>(inner));
}

class ScanOp final : public ir::OpWith<ScanAttrs> {
  public:
    constexpr ScanOp() : OpWith("scan", kRegions) {}

    Status infer(InferContext& c) const override {
        const ScanAttrs& a = attrs(c);
        if (c.node().regions().size() != 1)
            return invalidArgument("there are {} regions; expected one", c.node().regions().size());
        TRY(requireInputs(c, c.inputCount()));
        const ir::Region& body = c.node().region(0);
        if (a.numScanInputs < 1 || a.numScanInputs > c.inputCount())
            return invalidArgument("num_scan_inputs is {} with {} inputs", a.numScanInputs, c.inputCount());
        int scanned = static_cast<int>(a.numScanInputs), carried = c.inputCount() - scanned;
        if (static_cast<int>(body.parameters().size()) != c.inputCount())
            return invalidArgument("the body has {} parameters for {} inputs", body.parameters().size(),
                                   c.inputCount());
        int stacked = static_cast<int>(body.results().size()) - carried;
        if (stacked < 0 || c.outputCount() != carried + stacked)
            return invalidArgument("the body has {} results for {} carried values and {} outputs",
                                   body.results().size(), carried, c.outputCount());
        TRY(checkList("scan_input_axes", a.scanInputAxes, static_cast<size_t>(scanned), -ir::kMaxRank, ir::kMaxRank));
        TRY(checkList("scan_input_directions", a.scanInputDirections, static_cast<size_t>(scanned), 0, 1));
        TRY(checkList("scan_output_axes", a.scanOutputAxes, static_cast<size_t>(stacked), -ir::kMaxRank, ir::kMaxRank));
        TRY(checkList("scan_output_directions", a.scanOutputDirections, static_cast<size_t>(stacked), 0, 1));
        std::vector<TensorType> parameters;
        for (int i = 0; i < carried; ++i) parameters.push_back(c.input(i));
        Dim trips;
        for (int i = 0; i < scanned; ++i) {
            TensorType t = c.input(carried + i);
            if (bitsOf(t.dtype) % 8 != 0)
                return unsupported("an input of type {} cannot be cut into slices", toString(t.dtype));
            int axis = TRY(normalizeAxis(entryOr(a.scanInputAxes, i, 0), c.rank(carried + i)));
            trips = i == 0 ? t.shape[axis] : TRY(sameExtent(trips, t.shape[axis], "the scanned axes' extents"));
            t.shape.erase(t.shape.begin() + axis);
            parameters.push_back(std::move(t));
        }
        Trips known{trips, trips};
        TRY(inferCarried(c, parameters, 0, 0, carried, known));
        for (int k = 0; k < stacked; ++k)
            TRY_IN(fmt::format("stacked value {}", k),
                   inferStacked(c, carried + k, carried + k, entryOr(a.scanOutputAxes, k, 0), known));
        return {};
    }

    Status reference(RefContext& c) const override {
        const ScanAttrs& a = attrs(c);
        int scanned = static_cast<int>(a.numScanInputs), carried = c.inputCount() - scanned;
        int stacked = c.node().outputCount() - carried;
        std::vector<Tensor> parameters(c.inputCount());
        for (int i = 0; i < carried; ++i) parameters[i] = c.input(i);
        std::vector<int> axes(scanned);
        std::vector<ir::HostTensor> slices(scanned);
        int64_t trips = 0;
        for (int i = 0; i < scanned; ++i) {
            const Tensor& x = c.input(carried + i);
            axes[i] = TRY(normalizeAxis(entryOr(a.scanInputAxes, i, 0), x.rank()));
            int64_t extent = x.dims[axes[i]];
            if (i > 0 && extent != trips)
                return invalidArgument("the scanned axes' extents are {} and {}", trips, extent);
            trips = extent;
            Dims dims = x.dims;
            dims.erase(dims.begin() + axes[i]);
            slices[i] = TRY(ir::allocateTensor(x.dtype, dims));
            parameters[carried + i] = slices[i].tensor;
        }
        std::vector<Stack> stacks(stacked);
        for (int64_t k = 0; k < trips; ++k) {
            for (int i = 0; i < scanned; ++i)
                copySlice(c.input(carried + i), axes[i], entryOr(a.scanInputDirections, i, 0) ? trips - 1 - k : k,
                          slices[i].tensor);
            auto results = TRY_IN(fmt::format("iteration {}", k), c.runRegion(0, parameters));
            for (int i = 0; i < carried; ++i) parameters[i] = results[i];
            for (int s = 0; s < stacked; ++s) TRY(stacks[s].add(results[carried + s]));
        }
        for (int i = 0; i < carried; ++i) TRY(storeOutput(c, i, parameters[i]));
        for (int s = 0; s < stacked; ++s)
            TRY(stacks[s].store(c, carried + s, entryOr(a.scanOutputAxes, s, 0),
                                entryOr(a.scanOutputDirections, s, 0) != 0));
        return {};
    }
};

}  // namespace

LATHE_OP(scan, ScanOp)

}  // namespace lathe::ops
