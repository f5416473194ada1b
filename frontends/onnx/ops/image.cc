// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importGridSample(NodeImport& c) {
    static constexpr const char* kModes[] = {"linear", "nearest", "cubic", "linear", "cubic"};
    static constexpr const char* kPaddings[] = {"zeros", "border", "reflection"};
    // Version 16 spoke of images only.
    const int mode = TRY(c.choiceAttr("mode", c.opset() < 20 ? "bilinear" : "linear",
                                      {"linear", "nearest", "cubic", "bilinear", "bicubic"}));
    const int padding = TRY(c.choiceAttr("padding_mode", "zeros", {"zeros", "border", "reflection"}));
    Fields fields;
    fields("mode", kModes[mode])("padding", kPaddings[padding]);
    fields("align_corners", TRY(c.boolAttr("align_corners", false)));
    return c.done(TRY(c.op("grid_sample", {TRY(c.input(0)), TRY(c.input(1))}, fields)));
}

Status importAffineGrid(NodeImport& c) {
    return c.done(TRY(c.op("affine_grid", {TRY(c.input(0)), TRY(c.input(1))},
                           Fields()("align_corners", TRY(c.boolAttr("align_corners", false))))));
}

Status importRoiAlign(NodeImport& c) {
    static constexpr const char* kModes[] = {"avg", "max"};
    const int mode = TRY(c.choiceAttr("mode", "avg", {"avg", "max"}));
    // Before version 16, coordinates were not moved by half a pixel.
    static constexpr const char* kCoordinates[] = {"half_pixel", "output_half_pixel"};
    const int coordinates =
        c.opset() < 16
            ? 1
            : TRY(c.choiceAttr("coordinate_transformation_mode", "half_pixel", {"half_pixel", "output_half_pixel"}));
    Fields fields;
    fields("mode", kModes[mode])("coord", kCoordinates[coordinates]);
    fields("output_height", TRY(c.intAttr("output_height", 1)))("output_width", TRY(c.intAttr("output_width", 1)));
    fields("sampling_ratio", TRY(c.intAttr("sampling_ratio", 0)));
    fields("spatial_scale", TRY(c.floatAttr("spatial_scale", 1)));
    return c.done(TRY(c.op("roi_align", {TRY(c.input(0)), TRY(c.input(1)), TRY(c.input(2))}, fields)));
}

Status importDeformConv(NodeImport& c) {
    Fields fields;
    fields("kernel", TRY(c.intsAttr("kernel_shape")))("strides", TRY(c.intsAttr("strides")));
    fields("dilations", TRY(c.intsAttr("dilations")))("pads", TRY(c.intsAttr("pads")));
    fields("group", TRY(c.intAttr("group", 1)))("offset_group", TRY(c.intAttr("offset_group", 1)));
    return c.done(
        TRY(c.op("deform_conv",
                 {TRY(c.input(0)), TRY(c.input(1)), TRY(c.input(2)), TRY(c.optionalInput(3)), TRY(c.optionalInput(4))},
                 fields)));
}

Status importMaxUnpool(NodeImport& c) {
    Fields fields;
    fields("kernel", TRY(c.intsAttr("kernel_shape")))("strides", TRY(c.intsAttr("strides")));
    fields("pads", TRY(c.intsAttr("pads")));
    return c.done(TRY(c.op("max_unpool", {TRY(c.input(0)), TRY(c.input(1)), TRY(c.optionalInput(2))}, fields)));
}

Status importMaxRoiPool(NodeImport& c) {
    const Ints pooled = TRY(c.intsAttr("pooled_shape"));
    if (pooled.size() != 2) return c.invalid("attribute 'pooled_shape' has {} values", pooled.size());
    return c.done(TRY(c.op("max_roi_pool", {TRY(c.input(0)), TRY(c.input(1))},
                           Fields()("pooled_height", pooled[0])("pooled_width", pooled[1])(
                               "spatial_scale", TRY(c.floatAttr("spatial_scale", 1))))));
}

Status importNonMaxSuppression(NodeImport& c) {
    TensorList inputs;
    for (int i = 0; i < 5; ++i) {
        ITensor* one = TRY(i < 2 ? c.input(i) : c.optionalInput(i));
        // Limits are scalars; some exporters write vectors of one element.
        if (i >= 2 && one && c.rank(one) == 1) one = TRY(c.squeeze(one, {0}));
        inputs.push_back(one);
    }
    return c.done(TRY(c.op("nms", inputs, Fields()("center_point_box", TRY(c.boolAttr("center_point_box", false))))));
}

}  // namespace

LATHE_ONNX_OPS(image,                                 //
               {"", "GridSample", importGridSample},  //
               {"", "AffineGrid", importAffineGrid},  //
               {"", "RoiAlign", importRoiAlign},      //
               {"", "DeformConv", importDeformConv},  //
               {"", "MaxUnpool", importMaxUnpool},    //
               {"", "MaxRoiPool", importMaxRoiPool},  //
               {"", "NonMaxSuppression", importNonMaxSuppression})

}  // namespace lathe::onnx
