// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/importer/layer_import.h"

namespace lathe::caffe {
namespace {

Status importLayer(Session& session, const Layer& layer) {
    LayerImport one(session, layer);
    nvcaffeparser1::IPluginFactoryV2* factory = session.options.plugins;
    if (factory && factory->isPluginV2(layer.name.c_str())) return one.run(importByFactory);
    const LayerRow* row = findLayer(layer.type);
    return one.run(row && row->import ? row->import : importByRegistry);
}

// In the network a tensor has one name, which is that of the last layer that works in place on it; inputs keep theirs.
void nameTensors(Session& session) {
    for (const auto& [name, value] : session.blobs) {
        if (!session.inputs.contains(name) && !value.tensor->isNetworkInput()) value.tensor->setName(name.c_str());
    }
}

}  // namespace

Status importNet(Session& session, const Net& net) {
    for (const NetInput& input : net.inputs) {
        if (session.blobs.contains(input.name)) {
            return invalidArgument("line {}: a second input {}", input.line, quoted(input.name));
        }
        session.blobs[input.name] =
            TRY_IN(fmt::format("line {}", input.line), session.addInput(input.name, input.extents));
    }
    for (const Layer& layer : net.layers) TRY_IN(describe(layer), importLayer(session, layer));
    nameTensors(session);
    if (!net.name.empty()) session.network.setName(net.name.c_str());
    return session.networkErrors.take();
}

}  // namespace lathe::caffe
