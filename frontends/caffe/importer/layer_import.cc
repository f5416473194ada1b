// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/importer/layer_import.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/dtype.h"

namespace lathe::caffe {
namespace {

std::string countText(int least, int most) {
    if (least == most) return std::to_string(least);
    if (most == std::numeric_limits<int>::max()) return fmt::format("at least {}", least);
    return fmt::format("{} to {}", least, most);
}

std::string listText(const Ints& extents) { return fmt::format("[{}]", fmt::join(extents, ", ")); }

Ints withoutLeadingOnes(const Ints& extents) {
    const auto first = std::find_if(extents.begin(), extents.end(), [](int64_t e) { return e != 1; });
    return {first, extents.end()};
}

// Numbers between -1 and 1 that depend on the seed alone.
class Noise {
  public:
    explicit Noise(const std::string& seed) {
        for (const char c : seed) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    }
    double next() {
        state_ += 0x9e3779b97f4a7c15u;
        uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1;
    }

  private:
    uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace

Status LayerImport::expectBottoms(int least, int most) const {
    if (bottomCount() >= least && bottomCount() <= most) return {};
    return invalidArgument("it has {} bottoms; its type needs {}", bottomCount(), countText(least, most));
}

Status LayerImport::expectTops(int least, int most) const {
    if (topCount() >= least && topCount() <= most) return {};
    return invalidArgument("it has {} tops; its type needs {}", topCount(), countText(least, most));
}

Status LayerImport::expectOneToOne() const {
    TRY(expectBottoms(1, 1));
    return expectTops(1, 1);
}

Result<Value> LayerImport::bottom(int i) {
    if (i >= bottomCount()) return invalidArgument("it has {} bottoms; bottom {} is needed", bottomCount(), i);
    return session_.blobs.at(layer_.bottoms[static_cast<size_t>(i)]);  // run() has seen that it is there
}

std::vector<Value> LayerImport::allBottoms() {
    std::vector<Value> out;
    for (const std::string& name : layer_.bottoms) out.push_back(session_.blobs.at(name));
    return out;
}

Ints LayerImport::shape(const Value& value) const {
    const Dims d = dims(value.tensor);
    return {d.d, d.d + value.rank};
}

Result<Value> LayerImport::exact(const Value& value) {
    Ints extra;
    for (int axis = value.rank; axis < rank(value.tensor); ++axis) extra.push_back(axis);
    return Value{TRY(squeeze(value.tensor, extra)), value.rank};
}

Result<int> LayerImport::axis(int64_t axis, int rank) const {
    if (axis < -rank || axis >= rank) return invalidArgument("axis {} of data with {} dimensions", axis, rank);
    return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Params& LayerImport::params(const char* name) {
    const auto found = params_.find(name);
    if (found != params_.end()) return found->second;
    const TextField* field = layer_.message->find(name);
    return params_.emplace(name, Params(field ? field->message.get() : nullptr, name)).first->second;
}

int LayerImport::blobCount(int otherwise) const {
    if (!session_.model) return otherwise;
    const ModelLayer* layer = session_.model->find(layer_.name);
    return layer ? static_cast<int>(layer->blobs.size()) : 0;
}

Result<const ModelBlob*> LayerImport::blob(int i, const Ints& extents, const char* role) {
    blobsUsed_ = std::max(blobsUsed_, i + 1);
    const int64_t count = TRY(volume(extents));
    const ModelLayer* layer = session_.model->find(layer_.name);
    if (!layer) return invalidArgument("the model has no layer of this name, and so no {}", role);
    if (i >= static_cast<int>(layer->blobs.size())) {
        return invalidArgument("the model has {} blobs for it; blob {} is its {}", layer->blobs.size(), i, role);
    }
    const ModelBlob& blob = layer->blobs[static_cast<size_t>(i)];
    if (blob.count() != count) {
        return invalidArgument("blob {}, its {}, has {} elements in the model; {} needs {}", i, role, blob.count(),
                               listText(extents), count);
    }
    if (blob.hasShape && withoutLeadingOnes(blob.shape) != withoutLeadingOnes(extents)) {
        return invalidArgument("blob {}, its {}, has the shape {} in the model; {} is needed", i, role,
                               listText(blob.shape), listText(extents));
    }
    return &blob;
}

Result<std::vector<float>> LayerImport::values(int i, const Ints& extents, const char* role, Fill fill) {
    if (session_.model) {
        const ModelBlob* found = TRY(blob(i, extents, role));
        std::vector<float> out(static_cast<size_t>(found->count()));
        found->copyTo(out.data());
        return out;
    }
    const int64_t count = TRY(volume(extents));
    constexpr int64_t kMost = int64_t{1} << 31;
    if (count > kMost) {
        return unsupported("{} random numbers for its {} {}; at most {} are made up", count, role, listText(extents),
                           kMost);
    }
    std::vector<float> out(static_cast<size_t>(count));
    Noise noise(layer_.name + '/' + role);
    // The spread that keeps activations in range through many layers with ReLU.
    const double fanIn = extents.empty() || extents[0] < 1 ? 1 : static_cast<double>(count / extents[0]);
    const double scale = fill == Fill::kKernel ? std::sqrt(6 / std::max(fanIn, 1.0)) : 0.1;
    const double offset = fill == Fill::kPositive ? 1 : 0;
    for (float& value : out) value = static_cast<float>(offset + scale * noise.next());
    return out;
}

Weights LayerImport::keep(const std::vector<float>& values, const char* role) {
    const bool half = session_.options.weightType == ApiType::kHALF;
    const size_t count = values.size();
    std::byte* to = session_.allocate(count * (half ? sizeof(Half) : sizeof(float)));
    if (half) {
        size_t overflows = 0;
        auto* halves = reinterpret_cast<Half*>(to);
        for (size_t i = 0; i < count; ++i) {
            halves[i] = Half(values[i]);
            overflows += std::isfinite(values[i]) && !std::isfinite(static_cast<float>(halves[i]));
        }
        if (overflows) {
            session_.warn(
                fmt::format("{}: {} of the {} numbers of its {} are beyond the range of half and became infinite",
                            describe(layer_), overflows, count, role));
        }
    } else if (count) {
        std::memcpy(to, values.data(), count * sizeof(float));
    }
    return {session_.options.weightType, to, static_cast<int64_t>(count)};
}

Result<Weights> LayerImport::weights(int i, const Ints& extents, const char* role, Fill fill) {
    return keep(TRY(values(i, extents, role, fill)), role);
}

Result<std::vector<Weights>> LayerImport::allWeights() {
    std::vector<Weights> out;
    const ModelLayer* found = session_.model ? session_.model->find(layer_.name) : nullptr;
    if (!found) return out;
    for (const ModelBlob& blob : found->blobs) {
        std::vector<float> numbers(static_cast<size_t>(blob.count()));
        blob.copyTo(numbers.data());
        out.push_back(keep(numbers, "weights"));
    }
    blobsUsed_ = static_cast<int>(found->blobs.size());
    return out;
}

Result<ITensor*> LayerImport::constantOf(const Weights& weights, const Ints& extents) {
    return cast(TRY(Emitter::layer(network().addConstant(TRY(toDims(extents)), weights), "weights")), ApiType::kFLOAT);
}

Status LayerImport::top(int i, const Value& value) {
    if (i >= topCount()) return invalidArgument("it has {} tops; top {} is needed", topCount(), i);
    tops_[static_cast<size_t>(i)] = value;
    return {};
}

// A layer's own fields; those of its settings are judged by Params.
Status LayerImport::checkFields() const {
    static constexpr std::string_view kKnown[] = {
        "name",    "type",    "bottom", "top",      "loss_weight",  "param",          "propagate_down",
        "include", "exclude", "phase",  "blobs_lr", "weight_decay", "blob_share_mode"};
    for (const TextField& field : layer_.message->fields) {
        if (field.name == "blobs") return unsupported("{}: weights within the prototxt are not read", placeOf(field));
        if (field.name.ends_with("_param")) {
            TRY(toMessage(field));
            if (layer_.message->find(field.name) != &field) {
                return invalidArgument("{} is given more than once", placeOf(field));
            }
        } else if (std::find(std::begin(kKnown), std::end(kKnown), field.name) == std::end(kKnown)) {
            return invalidArgument("{} is not known in a layer", placeOf(field));
        }
    }
    return {};
}

Status LayerImport::finish() {
    for (const auto& [name, params] : params_) TRY(params.finish());
    for (const TextField& field : layer_.message->fields) {
        if (field.name.ends_with("_param") && !params_.contains(field.name)) {
            session_.warn(fmt::format("{}: {} has no meaning for it", describe(layer_), placeOf(field)));
        }
    }
    if (const int blobs = blobCount(blobsUsed_); blobs > blobsUsed_) {
        return invalidArgument("the model has {} blobs for it, but with these settings it uses {}", blobs, blobsUsed_);
    }
    for (int i = 0; i < topCount(); ++i) {
        const std::string& name = layer_.tops[static_cast<size_t>(i)];
        if (!tops_[static_cast<size_t>(i)].tensor) {
            return invalidArgument("top {} ({}) is more than its type makes", i, quoted(name));
        }
        session_.blobs[name] = tops_[static_cast<size_t>(i)];
    }
    nameLayers({});
    return {};
}

Status LayerImport::run(Status (*import)(LayerImport& layer)) {
    TRY(checkFields());
    for (const std::string& name : layer_.bottoms) {
        if (!session_.blobs.contains(name)) {
            return invalidArgument("its bottom {} is not the top of a layer before it", quoted(name));
        }
    }
    for (size_t i = 0; i < layer_.tops.size(); ++i) {
        const std::string& name = layer_.tops[i];
        const bool inPlace = std::find(layer_.bottoms.begin(), layer_.bottoms.end(), name) != layer_.bottoms.end();
        if (std::find(layer_.tops.begin(), layer_.tops.begin() + static_cast<std::ptrdiff_t>(i), name) !=
                layer_.tops.begin() + static_cast<std::ptrdiff_t>(i) ||
            (session_.blobs.contains(name) && !inPlace)) {
            return invalidArgument("its top {} is made by another layer already", quoted(name));
        }
    }
    TRY(import(*this));
    return finish();
}

}  // namespace lathe::caffe
