// SPDX-License-Identifier: Apache-2.0
// nvcaffeparser1 over the library's parser.
#include <deque>
#include <map>

#include "compat/common/builder.h"
#include "compat/common/network.h"
#include "compat/common/plugins.h"

namespace lathe::compat {
namespace {

namespace caffe = ::nvcaffeparser1;
namespace caffe10 = ::nvcaffeparser10;

class Blobs final : public caffe::IBlobNameToTensor {
  public:
    Blobs(Network& network, const caffe10::IBlobNameToTensor& real) : network_(network), real_(real) {}
    old::ITensor* find(char const* name) const noexcept override { return network_.of(real_.find(name)); }

  private:
    Network& network_;
    const caffe10::IBlobNameToTensor& real_;
};

class Blob final : public caffe::IBinaryProtoBlob {
  public:
    explicit Blob(caffe10::IBinaryProtoBlob* real) : real_(real) {}
    void const* getData() noexcept override { return real_->getData(); }
    caffe::BlobDims getDimensions() noexcept override {
        v10::Dims4 d = real_->getDimensions();
        auto at = [&](int i) { return static_cast<int32_t>(d.d[i]); };
        return {at(0), at(1), at(2), at(3)};
    }
    old::DataType getDataType() noexcept override { return toOld<old::DataType>(real_->getDataType()); }
    void destroy() noexcept override { delete this; }

  private:
    std::unique_ptr<caffe10::IBinaryProtoBlob> real_;
};

// The application's factories as one for the library's parser. What they make lives as long as this.
class Factory final : public caffe10::IPluginFactoryV2 {
  public:
    bool any() const {
#if LATHE_TRT < 8
        if (first || ext) return true;
#endif
        return v2 != nullptr;
    }
    bool isPluginV2(char const* layer) noexcept override {
        try {
#if LATHE_TRT < 8
            if ((ext && ext->isPluginExt(layer)) || (first && first->isPlugin(layer))) return true;
#endif
            return v2 && v2->isPluginV2(layer);
        } catch (...) {
            return false;
        }
    }
    v10::IPluginV2* createPlugin(char const* layer, v10::Weights const* weights, int32_t count,
                                 char const* space) noexcept override {
        std::vector<old::Weights> given;
        for (int32_t i = 0; i < count; ++i)
            given.push_back({toOld<old::DataType>(weights[i].type), weights[i].values, weights[i].count});
        std::string why;
        OwnedNew made;
        try {
            if (v2 && v2->isPluginV2(layer))
                made = wrap(OwnedOld(v2->createPlugin(layer, given.data(), count, space)), why);
#if LATHE_TRT < 8
            else if (ext && ext->isPluginExt(layer))
                made = ofFirst(ext->createPlugin(layer, given.data(), count), true);
            else if (first && first->isPlugin(layer))
                made = ofFirst(first->createPlugin(layer, given.data(), count), false);
#endif
        } catch (...) {
            why = "the plugin factory threw";
        }
        if (made && why.empty()) why = expectPlugin(*made);
        if (!why.empty()) PluginReport::current().error("ICaffeParser::parse", why);
        if (!made || !why.empty()) return nullptr;
        made_.push_back(std::move(made));
        return made_.back().get();
    }
    caffe::IPluginFactoryV2* v2 = nullptr;
#if LATHE_TRT < 8
    caffe::IPluginFactory* first = nullptr;
    caffe::IPluginFactoryExt* ext = nullptr;
#endif

  private:
#if LATHE_TRT < 8
    static OwnedNew ofFirst(old::IPlugin* plugin, bool ext) { return plugin ? wrap(*plugin, ext) : nullptr; }
#endif
    std::deque<OwnedNew> made_;
};

class CaffeParser final : public caffe::ICaffeParser {
  public:
    explicit CaffeParser(caffe10::ICaffeParser* real) : real_(real) {}

    caffe::IBlobNameToTensor const* parse(char const* deploy, char const* model, old::INetworkDefinition& network,
                                          old::DataType type) noexcept override {
        return parsed(network, [&](v10::INetworkDefinition& n) { return real_->parse(deploy, model, n, toNew(type)); });
    }
#if LATHE_TRT >= 8
    using Byte = uint8_t;
#else
    using Byte = char;
    void setPluginFactory(caffe::IPluginFactory* f) noexcept override { factory_.first = f; }
    void setPluginFactoryExt(caffe::IPluginFactoryExt* f) noexcept override { factory_.ext = f; }
#endif
    caffe::IBlobNameToTensor const* parseBuffers(Byte const* deploy, std::size_t deploySize, Byte const* model,
                                                 std::size_t modelSize, old::INetworkDefinition& network,
                                                 old::DataType type) noexcept override {
        return parsed(network, [&](v10::INetworkDefinition& n) {
            return real_->parseBuffers(reinterpret_cast<const uint8_t*>(deploy), deploySize,
                                       reinterpret_cast<const uint8_t*>(model), modelSize, n, toNew(type));
        });
    }
    caffe::IBinaryProtoBlob* parseBinaryProto(char const* file) noexcept override {
        caffe10::IBinaryProtoBlob* blob = real_->parseBinaryProto(file);
        return blob ? new Blob(blob) : nullptr;
    }
    void setProtobufBufferSize(size_t size) noexcept override { real_->setProtobufBufferSize(size); }
    void destroy() noexcept override { delete this; }
    void setPluginFactoryV2(caffe::IPluginFactoryV2* f) noexcept override { factory_.v2 = f; }
    void setPluginNamespace(char const* space) noexcept override { real_->setPluginNamespace(space); }
    void setErrorRecorder(old::IErrorRecorder* recorder) noexcept override { real_->setErrorRecorder(adapt(recorder)); }
    old::IErrorRecorder* getErrorRecorder() const noexcept override { return original(real_->getErrorRecorder()); }

  private:
    template <class F>
    caffe::IBlobNameToTensor const* parsed(old::INetworkDefinition& api, F parse) {
        Network& network = Network::of(api);
        PluginReport reports(network.report());
        real_->setPluginFactoryV2(factory_.any() ? &factory_ : nullptr);
        ::latheCaffeFreeBatch(real_.get(), network.implicit());
        const caffe10::IBlobNameToTensor* found = parse(network.real());
        network.adopt();
        if (!found) return nullptr;
        blobs_.emplace_back(network, *found);
        return &blobs_.back();
    }

    Factory factory_;
    std::unique_ptr<caffe10::ICaffeParser> real_;
    std::deque<Blobs> blobs_;
};

}  // namespace

void* makeCaffeParser() noexcept {
    auto* real = static_cast<caffe10::ICaffeParser*>(::createNvCaffeParser_INTERNAL());
    return real ? static_cast<caffe::ICaffeParser*>(new CaffeParser(real)) : nullptr;
}

}  // namespace lathe::compat

namespace nvcaffeparser1 {
inline namespace LATHE_TRT_NAMESPACE {

ICaffeParser* createCaffeParser() TRTNOEXCEPT { return static_cast<ICaffeParser*>(lathe::compat::makeCaffeParser()); }
void shutdownProtobufLibrary() TRTNOEXCEPT {}

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvcaffeparser1
