// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/choices.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "Lathe.h"
#include "frontends/onnx/importer/graph_import.h"

namespace lathe::onnx {
namespace {

// Each trial imports everything; a graph that needs more is refused.
constexpr int kMostTrials = 64;

class Silent final : public nvinfer1::ILogger {
    void log(Severity, const char*) noexcept override {}
};

bool hasIf(const Graph& graph) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
        if (node.domain.empty() && node.opType == "If") return true;
        return std::any_of(node.attributes.begin(), node.attributes.end(), [](const Attribute& attribute) {
            return std::any_of(attribute.graphs.begin(), attribute.graphs.end(), hasIf);
        });
    });
}

struct Search {
    const Graph& graph;
    nvinfer1::INetworkDefinition& like;
    Storage& storage;
    nvonnxparser::OnnxParserFlags flags;
    Silent logger;
    int trials = 0;

    std::vector<Session::Choices> found = {};

    // Appends to `found`, two at most.
    void from(const Session::Choices& made) {
        if (++trials > kMostTrials || found.size() > 1) return;
        const Node* open = nullptr;
        {
            std::unique_ptr<nvinfer1::INetworkDefinition> network(createSimilarNetwork(like, logger));
            if (!network) return;
            Session session(*network, logger, storage, flags);
            session.choices = &made;
            session.seeking = true;
            GraphImport(session).main(graph);
            if (!session.errors.empty()) return;
            open = session.open;
        }
        if (!open) return found.push_back(made);
        for (int branch = 0; branch < 2; ++branch) {
            Session::Choices more = made;
            more[open] = branch;
            from(more);
        }
    }
};

}  // namespace

Session::Choices findChoices(const Graph& graph, nvinfer1::INetworkDefinition& like, Storage& storage,
                             nvonnxparser::OnnxParserFlags flags) {
    if (!hasIf(graph)) return {};
    Search search{.graph = graph, .like = like, .storage = storage, .flags = flags, .logger = {}};
    search.from({});
    return search.found.size() == 1 ? search.found[0] : Session::Choices();
}

}  // namespace lathe::onnx
