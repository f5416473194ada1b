// SPDX-License-Identifier: Apache-2.0
#include "compat/common/network.h"

namespace nvuffparser {
inline namespace LATHE_TRT_NAMESPACE {

FieldMap::FieldMap(char const* name_, void const* data_, FieldType const type_, int32_t length_) TRTNOEXCEPT
    : name(name_),
      data(data_),
      type(type_),
      length(length_) {}

namespace {

class UffParser final : public IUffParser {
  public:
    bool registerInput(char const* name, nvinfer1::Dims, UffInputOrder) TRTNOEXCEPT override { return name && *name; }
    bool registerOutput(char const* name) TRTNOEXCEPT override { return name && *name; }
    bool parse(char const* file, nvinfer1::INetworkDefinition& network, nvinfer1::DataType) TRTNOEXCEPT override {
        return refuse(network, std::string("'") + (file ? file : "") + "'");
    }
    bool parseBuffer(char const*, std::size_t size, nvinfer1::INetworkDefinition& network,
                     nvinfer1::DataType) TRTNOEXCEPT override {
        return refuse(network, "a model of " + std::to_string(size) + " bytes");
    }
    void destroy() TRTNOEXCEPT override { delete this; }
    int32_t getUffRequiredVersionMajor() TRTNOEXCEPT override { return UFF_REQUIRED_VERSION_MAJOR; }
    int32_t getUffRequiredVersionMinor() TRTNOEXCEPT override { return UFF_REQUIRED_VERSION_MINOR; }
    int32_t getUffRequiredVersionPatch() TRTNOEXCEPT override { return UFF_REQUIRED_VERSION_PATCH; }
#if LATHE_TRT < 8
    void setPluginFactory(IPluginFactory*) TRTNOEXCEPT override {}
    void setPluginFactoryExt(IPluginFactoryExt*) TRTNOEXCEPT override {}
#endif
    void setPluginNamespace(char const*) TRTNOEXCEPT override {}
    void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) TRTNOEXCEPT override { recorder_ = recorder; }
    nvinfer1::IErrorRecorder* getErrorRecorder() const TRTNOEXCEPT override { return recorder_; }

  private:
    bool refuse(nvinfer1::INetworkDefinition& network, const std::string& what) {
        lathe::compat::Report report = lathe::compat::Network::of(network).report();
        if (recorder_) report.recorder = recorder_;
        report.error("IUffParser::parse",
                     what +
                         " cannot be read: the UFF format was never published. Export the model to ONNX from its "
                         "source (tf2onnx for TensorFlow) and parse that with nvonnxparser",
                     nvinfer1::ErrorCode::kUNSUPPORTED_STATE);
        return false;
    }
    nvinfer1::IErrorRecorder* recorder_ = nullptr;
};

}  // namespace

IUffParser* createUffParser() TRTNOEXCEPT { return new UffParser; }
void shutdownProtobufLibrary() TRTNOEXCEPT {}

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvuffparser
