// SPDX-License-Identifier: Apache-2.0
// Imports the nodes of a graph, one after another. A node that fails is reported, and those that need it are left out;
// the others are still imported, so that every error of a model is told at once.
#pragma once

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {

class GraphImport {
  public:
    explicit GraphImport(Session& session, Scope* outer = nullptr, Scope::Border border = nullptr)
        : session_(session), scope_(outer, std::move(border)) {}

    // The main graph: its inputs become network inputs, its outputs are marked. Errors go to the session.
    void main(const Graph& graph);
    // A body of a control-flow node. Fails when anything in it failed, which has then been reported.
    Result<TensorList> body(const Graph& graph, const TensorList& inputs);
    // Whether body() failed because of one of its nodes.
    bool nodeFailed() const { return nodeFailed_; }

  private:
    Session::Fate importNode(const Node& node);
    void addInput(const ValueInfo& input);
    void markOutput(const ValueInfo& output);
    Status bindInitializers(const Graph& graph);
    void graphError(ErrorCode code, std::string text, int line);
    Result<ITensor*> valueOf(const std::string& name);

    Session& session_;
    Scope scope_;
    bool nodeFailed_ = false;
};

}  // namespace lathe::onnx
