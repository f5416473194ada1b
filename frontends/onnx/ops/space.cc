// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

Status importDepthToSpace(NodeImport& c) {
    static constexpr const char* kModes[] = {"dcr", "crd"};
    const int mode = TRY(c.choiceAttr("mode", "DCR", {"DCR", "CRD"}));
    return c.done(TRY(c.op("depth_to_space", {TRY(c.input(0))},
                           Fields()("block_size", TRY(c.intAttr("blocksize")))("mode", kModes[mode]))));
}

Status importSpaceToDepth(NodeImport& c) {
    // Version 28 added the order of channels; the first one is what earlier versions did.
    static constexpr const char* kModes[] = {"dcr", "crd"};
    const int mode = TRY(c.choiceAttr("mode", "DCR", {"DCR", "CRD"}));
    return c.done(TRY(c.op("space_to_depth", {TRY(c.input(0))},
                           Fields()("block_size", TRY(c.intAttr("blocksize")))("mode", kModes[mode]))));
}

}  // namespace

LATHE_ONNX_OPS(space,                                     //
               {"", "DepthToSpace", importDepthToSpace},  //
               {"", "SpaceToDepth", importSpaceToDepth})

}  // namespace lathe::onnx
