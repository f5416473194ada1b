// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importTrilu(NodeImport& c) {
    ITensor* k = TRY(c.optionalInput(1));
    if (k && c.rank(k) == 1) k = TRY(c.squeeze(k, {0}));
    return c.done(TRY(c.op("trilu", {TRY(c.input(0)), k}, Fields()("upper", TRY(c.boolAttr("upper", true))))));
}

Status importReverseSequence(NodeImport& c) {
    ITensor *x = TRY(c.input(0)), *lengths = TRY(c.input(1));
    Fields fields;
    fields("batch_axis", TRY(c.intAttr("batch_axis", 1)))("time_axis", TRY(c.intAttr("time_axis", 0)));
    return c.done(TRY(c.op("reverse_sequence", {x, lengths}, fields)));
}

Status importCenterCropPad(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const Ints axes = TRY(c.axes(TRY(c.intsAttr("axes")), c.rank(x)));
    return c.done(TRY(c.op("center_crop_pad", {x, TRY(c.input(1))}, Fields()("axes", axes))));
}

Status importCol2Im(NodeImport& c) {
    Fields fields;
    fields("dilations", TRY(c.intsAttr("dilations")))("pads", TRY(c.intsAttr("pads")));
    fields("strides", TRY(c.intsAttr("strides")));
    return c.done(TRY(c.op("col2im", {TRY(c.input(0)), TRY(c.input(1)), TRY(c.input(2))}, fields)));
}

}  // namespace

LATHE_ONNX_OPS(move,                                            //
               {"", "Trilu", importTrilu},                      //
               {"com.microsoft", "Trilu", importTrilu},         //
               {"", "ReverseSequence", importReverseSequence},  //
               {"", "CenterCropPad", importCenterCropPad},      //
               {"", "Col2Im", importCol2Im})

}  // namespace lathe::onnx
