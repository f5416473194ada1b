// SPDX-License-Identifier: Apache-2.0
// What an importer sees of its layer: bottoms, settings, weights, and where its tops go.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "frontends/caffe/importer/net.h"
#include "frontends/caffe/importer/params.h"
#include "frontends/caffe/importer/registry.h"
#include "frontends/caffe/importer/session.h"
#include "frontends/common/emitter.h"

namespace lathe::caffe {

using frontends::ApiType;
using frontends::Fields;
using frontends::ITensor;
using frontends::TensorList;
using frontends::toDims;
using frontends::toString;
using nvinfer1::Dims;
using nvinfer1::Weights;

class LayerImport final : public frontends::Emitter {
  public:
    LayerImport(Session& session, const Layer& layer)
        : Emitter(session, layer.name.empty() ? layer.type : layer.name),
          session_(session),
          layer_(layer),
          tops_(layer.tops.size()) {}

    const Layer& spec() const { return layer_; }
    Session& session() { return session_; }

    // --- Bottoms
    int bottomCount() const { return static_cast<int>(layer_.bottoms.size()); }
    int topCount() const { return static_cast<int>(layer_.tops.size()); }
    Status expectBottoms(int least, int most) const;
    Status expectTops(int least, int most) const;
    Status expectOneToOne() const;  // one of each
    Result<Value> bottom(int i);
    std::vector<Value> allBottoms();
    // Caffe's shape of it; -1 for an extent that varies, which only the first one can be.
    Ints shape(const Value& value) const;
    // The same value without the dimensions that only the tensor has.
    Result<Value> exact(const Value& value);
    // A negative axis counts from the end. Fails out of range.
    Result<int> axis(int64_t axis, int rank) const;

    // --- Settings. `name` outlives this object.
    Params& params(const char* name);

    // --- Weights: blob `i` of the model's layer, which must have these extents. Extents of 1 in front don't count, as
    // older files write all shapes with four.
    enum class Fill { kKernel, kSmall, kPositive };  // what to make up where there is no model
    Result<std::vector<float>> values(int i, const Ints& extents, const char* role, Fill fill);
    Result<Weights> weights(int i, const Ints& extents, const char* role, Fill fill);
    // How many blobs the model has for this layer; `otherwise` without a model.
    int blobCount(int otherwise) const;
    // Every blob there is, in the network's type of weights, for a plugin.
    Result<std::vector<Weights>> allWeights();
    // Numbers computed from the above, in the type that the parser was asked for.
    Weights keep(const std::vector<float>& values, const char* role);
    // Weights as a constant of the data's type.
    Result<ITensor*> constantOf(const Weights& weights, const Ints& extents);

    // --- Tops
    Status top(int i, const Value& value);
    // Top 0, of a tensor with the rank that Caffe gives it.
    Status done(ITensor* tensor) { return top(0, {tensor, rank(tensor)}); }
    Status done(ITensor* tensor, int rank) { return top(0, {tensor, rank}); }

    // Runs `import` and checks that nothing was left over; the tops then take their names.
    Status run(Status (*import)(LayerImport& layer));

  private:
    Result<const ModelBlob*> blob(int i, const Ints& extents, const char* role);
    Status checkFields() const;
    Status finish();

    Session& session_;
    const Layer& layer_;
    std::vector<Value> tops_;
    std::map<std::string, Params, std::less<>> params_;
    int blobsUsed_ = 0;
};

// Imports all of it into the session's network. Errors name layer, type and line.
Status importNet(Session& session, const Net& net);

// A layer that the user's factory makes a plugin for.
Status importByFactory(LayerImport& layer);
// A layer of a type that has no importer: a plugin of this name in the registry, or a refusal with its reason.
Status importByRegistry(LayerImport& layer);

}  // namespace lathe::caffe
