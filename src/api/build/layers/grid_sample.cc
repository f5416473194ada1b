// SPDX-License-Identifier: Apache-2.0
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class GridSample final : public LayerBase<IGridSampleLayer, apiv::VGridSampleLayer> {
  public:
    GridSample(Network& network, ITensor& input, ITensor& grid)
        : LayerBase(network, LayerType::kGRID_SAMPLE, tensorList({&input, &grid})) {}

    void setInterpolationMode(InterpolationMode value) noexcept override {
        mode_ = value;
        changed();
    }
    InterpolationMode getInterpolationMode() const noexcept override { return mode_; }
    void setAlignCorners(bool value) noexcept override {
        align_ = value;
        changed();
    }
    bool getAlignCorners() const noexcept override { return align_; }
    bool setSampleMode(SampleMode mode) noexcept override {
        if (mode != SampleMode::kFILL && mode != SampleMode::kCLAMP && mode != SampleMode::kREFLECT) {
            refuse("IGridSampleLayer::setSampleMode",
                   invalidArgument("mode {}; kFILL, kCLAMP and kREFLECT are possible", static_cast<int>(mode)));
            return false;
        }
        sample_ = mode;
        changed();
        return true;
    }
    SampleMode getSampleMode() const noexcept override { return sample_; }

    Status lower(Lowering& l) override {
        TRY(mustExist(mode_, "interpolation mode"));
        static constexpr const char* kModes[] = {"nearest", "linear", "cubic"};
        const char* padding = sample_ == SampleMode::kFILL    ? "zeros"
                              : sample_ == SampleMode::kCLAMP ? "border"
                                                              : "reflection";
        l.setOutput(0, TRY(l.emit("grid_sample",
                                  fmt::format("mode={} padding={} align_corners={}", kModes[static_cast<int>(mode_)],
                                              padding, align_),
                                  {l.valueOf(*input(0)), l.valueOf(*input(1))})));
        return {};
    }

  private:
    InterpolationMode mode_ = InterpolationMode::kLINEAR;
    bool align_ = false;
    SampleMode sample_ = SampleMode::kFILL;
};

}  // namespace

IGridSampleLayer* Network::addGridSample(ITensor& input, ITensor& grid) noexcept {
    if (!owns("INetworkDefinition::addGridSample", {&input, &grid})) return nullptr;
    return add<GridSample>(input, grid);
}

}  // namespace lathe::api
