// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// Whether an input is there and may have elements: older models leave optional inputs out by an empty constant.
Result<ITensor*> unlessEmpty(NodeImport& c, int i) {
    if (!c.has(i)) return static_cast<ITensor*>(nullptr);
    const Tensor* constant = c.constant(i);
    if (constant && TRY(constant->elementCount()) == 0) {
        c.ignoreInput(i);
        return static_cast<ITensor*>(nullptr);
    }
    return c.input(i);
}

Status importResize(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    static constexpr const char* kModes[] = {"nearest", "linear", "cubic"};
    const int mode = TRY(c.choiceAttr("mode", "nearest", {"nearest", "linear", "cubic"}));
    Fields fields;
    fields("mode", kModes[mode]);
    if (c.opset() < 11) {
        // Version 10 knows scales and the plain transformation only.
        fields("coord", "asymmetric")("nearest_mode", "floor");
        return c.done(TRY(c.op("resize", {x, nullptr, TRY(c.input(1))}, fields)));
    }
    static constexpr const char* kCoordinates[] = {"half_pixel",    "half_pixel_symmetric", "pytorch_half_pixel",
                                                   "align_corners", "asymmetric",           "tf_crop_and_resize",
                                                   "half_pixel"};
    const int coordinates =
        TRY(c.choiceAttr("coordinate_transformation_mode", "half_pixel",
                         {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
                          "tf_crop_and_resize", "tf_half_pixel_for_nn"}));
    if (coordinates == 6) {
        // Version 11 only: half_pixel without the half of an input pixel at the end.
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR,
                      "attribute 'coordinate_transformation_mode' is 'tf_half_pixel_for_nn', which is not supported");
    }
    static constexpr const char* kRoundings[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
    const int rounding = TRY(c.choiceAttr("nearest_mode", "round_prefer_floor",
                                          {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}));
    static constexpr const char* kKeep[] = {"stretch", "not_larger", "not_smaller"};
    const int keep = TRY(c.choiceAttr("keep_aspect_ratio_policy", "stretch", {"stretch", "not_larger", "not_smaller"}));
    fields("coord", kCoordinates[coordinates])("nearest_mode", kRoundings[rounding])("keep_aspect", kKeep[keep]);
    fields("cubic_coeff_a", TRY(c.floatAttr("cubic_coeff_a", -0.75)));
    fields("exclude_outside", TRY(c.boolAttr("exclude_outside", false)));
    fields("extrapolation_value", TRY(c.floatAttr("extrapolation_value", 0)));
    fields("antialias", TRY(c.boolAttr("antialias", false)));
    fields("axes", TRY(c.axes(TRY(c.intsAttr("axes")), c.rank(x))));
    ITensor* scales = TRY(unlessEmpty(c, 2));
    ITensor* sizes = TRY(unlessEmpty(c, 3));
    // The region is read by one mode only; others often carry a meaningless one.
    ITensor* region = nullptr;
    if (coordinates == 5) {
        region = TRY(unlessEmpty(c, 1));
    } else {
        c.ignoreInput(1);
    }
    if (!scales == !sizes) return c.invalid("one of inputs 2 (scales) and 3 (sizes) must be given");
    return c.done(TRY(c.op("resize", {x, region, scales, sizes}, fields)));
}

// Upsample is the Resize of versions before 10.
Status importUpsample(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int mode = TRY(c.choiceAttr("mode", "nearest", {"nearest", "linear", "bilinear"}));
    ITensor* scales = nullptr;
    if (c.opset() >= 9) {
        scales = TRY(c.input(1));
    } else {
        std::vector<double> given;
        if (c.opset() >= 7) {
            given = TRY(c.floatsAttr("scales"));
        } else {
            given = {1, 1, TRY(c.floatAttr("height_scale")), TRY(c.floatAttr("width_scale"))};
        }
        scales = TRY(c.floats({static_cast<int64_t>(given.size())}, {given.begin(), given.end()}));
    }
    return c.done(
        TRY(c.op("resize", {x, nullptr, scales},
                 Fields()("mode", mode ? "linear" : "nearest")("coord", "asymmetric")("nearest_mode", "floor"))));
}

}  // namespace

LATHE_ONNX_OPS(resize,                        //
               {"", "Resize", importResize},  //
               {"", "Upsample", importUpsample})

}  // namespace lathe::onnx
