// SPDX-License-Identifier: Apache-2.0
// nvonnxparser over the library's parser.
#include <deque>

#include "compat/common/builder.h"
#include "compat/common/network.h"
#include "compat/common/plugin_wrap.h"

namespace lathe::compat {
namespace {

namespace onnx = ::nvonnxparser;
namespace onnx10 = ::nvonnxparser10;

class OnnxError final : public onnx::IParserError {
  public:
    explicit OnnxError(const onnx10::IParserError& real) : real_(real) {}
    // Codes that the older version lacks tell what was unsupported about a node.
    onnx::ErrorCode code() const override {
        int32_t v = static_cast<int32_t>(real_.code());
        return v <= static_cast<int32_t>(onnx::ErrorCode::kUNSUPPORTED_NODE) ? static_cast<onnx::ErrorCode>(v)
                                                                             : onnx::ErrorCode::kUNSUPPORTED_NODE;
    }
    char const* desc() const override { return real_.desc(); }
    char const* file() const override { return real_.file(); }
    int line() const override { return real_.line(); }
    char const* func() const override { return real_.func(); }
    int node() const override { return real_.node(); }

  private:
    const onnx10::IParserError& real_;
};

class OnnxRefusal final : public onnx::IParserError {
  public:
    explicit OnnxRefusal(std::string text) : text_(std::move(text)) {}
    onnx::ErrorCode code() const override { return onnx::ErrorCode::kINVALID_VALUE; }
    char const* desc() const override { return text_.c_str(); }
    char const* file() const override { return ""; }
    int line() const override { return 0; }
    char const* func() const override { return ""; }
    int node() const override { return -1; }

  private:
    std::string text_;
};

class OnnxParser final : public onnx::IParser {
  public:
    OnnxParser(Network& network, onnx10::IParser* real) : network_(network), real_(real) {}

    bool parse(void const* model, size_t size, char const* path) override {
        return parsed([&] { return real_->parse(model, size, path); });
    }
    bool parseFromFile(char const* file, int verbosity) override {
        return parsed([&] { return real_->parseFromFile(file, verbosity); });
    }
#if LATHE_TRT >= 7
    bool supportsModel(void const* model, size_t size, onnx::SubGraphCollection_t& graphs, char const* path) override {
        return real_->supportsModel(model, size, graphs, path);
    }
#else
    bool supportsModel(void const* model, size_t size) override {
        onnx::SubGraphCollection_t graphs;
        return real_->supportsModel(model, size, graphs, nullptr);
    }
#endif
#if LATHE_TRT >= 8
    bool parseWithWeightDescriptors(void const* model, size_t size) override { return parse(model, size, nullptr); }
    char const* const* getUsedVCPluginLibraries(int64_t& count) const noexcept override {
        return real_->getUsedVCPluginLibraries(count);
    }
    void setFlags(onnx::OnnxParserFlags flags) noexcept override { real_->setFlags(flags); }
    onnx::OnnxParserFlags getFlags() const noexcept override { return real_->getFlags(); }
    void clearFlag(onnx::OnnxParserFlag flag) noexcept override {
        real_->clearFlag(static_cast<onnx10::OnnxParserFlag>(flag));
    }
    void setFlag(onnx::OnnxParserFlag flag) noexcept override {
        real_->setFlag(static_cast<onnx10::OnnxParserFlag>(flag));
    }
    bool getFlag(onnx::OnnxParserFlag flag) const noexcept override {
        return real_->getFlag(static_cast<onnx10::OnnxParserFlag>(flag));
    }
#else
    bool parseWithWeightDescriptors(void const* model, size_t size, uint32_t count,
                                    onnxTensorDescriptorV1 const*) override {
        if (count == 0) return parse(model, size, nullptr);
        refuse("weights apart from the model cannot be given");
        return false;
    }
#endif
#if LATHE_TRT == 7
    // Weights go by the names of initializers; the library refits by layer.
    int getRefitMap(char const**, char const**, old::WeightsRole*) override { return 0; }
#endif
    bool supportsOperator(char const* op) const override { return real_->supportsOperator(op); }
    void destroy() override { delete this; }
    int getNbErrors() const override { return static_cast<int>(refusals_.size()) + real_->getNbErrors(); }
    onnx::IParserError const* getError(int i) const override {
        int own = static_cast<int>(refusals_.size());
        if (i < own) return i >= 0 ? &refusals_[i] : nullptr;
        const onnx10::IParserError* error = real_->getError(i - own);
        if (!error) return nullptr;
        errors_.emplace_back(*error);
        return &errors_.back();
    }
    void clearErrors() override {
        refusals_.clear();
        real_->clearErrors();
    }

  private:
    void refuse(const std::string& what) {
        network_.report().error("IParser::parse", what);
        refusals_.emplace_back(what);
    }

    template <class F>
    bool parsed(F parse) {
#if LATHE_TRT >= 7
        if (network_.implicit()) {
            refuse(
                "the network has an implicit batch; ONNX models need one that is explicit "
                "(NetworkDefinitionCreationFlag::kEXPLICIT_BATCH)");
            return false;
        }
#endif
        PluginReport reports(network_.report());
        bool good = parse();
        if (good) network_.narrowInterface();
        if (good && network_.implicit()) network_.openBatch();
        network_.adopt();
        return good;
    }

    Network& network_;
    std::unique_ptr<onnx10::IParser> real_;
    std::deque<OnnxRefusal> refusals_;
    mutable std::deque<OnnxError> errors_;
};

#if LATHE_TRT < 8
class OnnxPluginFactory final : public onnx::IPluginFactory {
  public:
    old::IPlugin* createPlugin(char const*, void const*, size_t) override { return nullptr; }
    void destroy() override { delete this; }
};
#endif

class OnnxConfig final : public onnx::IOnnxConfig {
  public:
    void setModelDtype(old::DataType const type) noexcept override { type_ = type; }
    old::DataType getModelDtype() const noexcept override { return type_; }
    char const* getModelFileName() const noexcept override { return model_.c_str(); }
    void setModelFileName(char const* name) noexcept override { model_ = name ? name : ""; }
    Verbosity getVerbosityLevel() const noexcept override { return verbosity_; }
    void addVerbosity() noexcept override { ++verbosity_; }
    void reduceVerbosity() noexcept override { --verbosity_; }
    void setVerbosityLevel(Verbosity v) noexcept override { verbosity_ = v; }
    char const* getTextFileName() const noexcept override { return text_.c_str(); }
    void setTextFileName(char const* name) noexcept override { text_ = name ? name : ""; }
    char const* getFullTextFileName() const noexcept override { return fullText_.c_str(); }
    void setFullTextFileName(char const* name) noexcept override { fullText_ = name ? name : ""; }
    bool getPrintLayerInfo() const noexcept override { return print_; }
    void setPrintLayerInfo(bool print) noexcept override { print_ = print; }
    void destroy() noexcept override { delete this; }

  private:
    old::DataType type_ = old::DataType::kFLOAT;
    std::string model_, text_, fullText_;
    Verbosity verbosity_ = static_cast<Verbosity>(old::ILogger::Severity::kWARNING);
    bool print_ = false;
};

}  // namespace

#if LATHE_TRT < 8
void* makeOnnxPluginFactory() noexcept { return static_cast<onnx::IPluginFactory*>(new OnnxPluginFactory); }
#endif

void* makeOnnxParser(void* network, void* logger) noexcept {
    if (!network || !logger) return nullptr;
    Network& n = Network::of(*static_cast<old::INetworkDefinition*>(network));
    auto* real = static_cast<onnx10::IParser*>(
        ::createNvOnnxParser_INTERNAL(&n.real(), adapt(static_cast<old::ILogger*>(logger)), NV_ONNX_PARSER_VERSION));
    return real ? static_cast<onnx::IParser*>(new OnnxParser(n, real)) : nullptr;
}

}  // namespace lathe::compat

namespace nvonnxparser {
inline namespace LATHE_TRT_NAMESPACE {
IOnnxConfig* createONNXConfig() { return new lathe::compat::OnnxConfig; }
}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvonnxparser
