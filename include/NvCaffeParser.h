// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include "NvInfer.h"

// Deprecated names are still declared, so these headers must not warn about their own use of them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

//! The parser of Caffe networks, as TensorRT had it up to version 8. Networks are those of this version: the batch is
//! the first dimension of every tensor, with the extent that the prototxt gives it. A program that wants other batches
//! changes the input's dimensions after parsing (ITensor::setDimensions()), or asks for an open one
//! (lathe::setFreeBatch()).
namespace nvcaffeparser1 {

//! The tensors that a parse made, by the names of Caffe's blobs. Lives as long as the parser.
class IBlobNameToTensor {
  public:
    //! The tensor of a blob; after layers that work in place, what the last of them made. nullptr when there is none
    //! of this name.
    virtual nvinfer1::ITensor* find(char const* name) const noexcept = 0;

  protected:
    virtual ~IBlobNameToTensor() {}
};

//! A blob of numbers read from a file, such as the mean of pictures. The application deletes it.
class IBinaryProtoBlob {
  public:
    //! The numbers, in the order of the dimensions.
    virtual void const* getData() noexcept = 0;

    //! Extents; those that the file does not have are 1, in front.
    virtual nvinfer1::Dims4 getDimensions() noexcept = 0;

    //! Type of the numbers: kFLOAT, whatever the file has.
    virtual nvinfer1::DataType getDataType() noexcept = 0;

    //! Deprecated (8.0): delete.
    TRT_DEPRECATED virtual void destroy() noexcept = 0;
    virtual ~IBinaryProtoBlob() noexcept = default;
};

//! Makes plugins for layers that an application wants to implement itself.
class IPluginFactoryV2 {
  public:
    //! Whether the layer of this name is to become a plugin. Asked for every layer, of whichever type.
    virtual bool isPluginV2(char const* layerName) noexcept = 0;

    //! Makes it. `weights` are the `nbWeights` blobs that the model has for the layer, in the type that the parser was
    //! asked for; they live as long as the parser. nullptr fails the parse.
    virtual nvinfer1::IPluginV2* createPlugin(char const* layerName, nvinfer1::Weights const* weights,
                                              int32_t nbWeights, char const* libNamespace = "") noexcept = 0;

    virtual ~IPluginFactoryV2() noexcept = default;
};

//! Turns Caffe networks into layers of a network. Made by createCaffeParser(); the application deletes it, after the
//! build, as the network uses weights that it holds.
//!
//! A layer becomes a plugin when the plugin factory claims its name, or when its type is not known here but a plugin
//! creator is registered as that type, or as type + "_TRT", in version "1"; the creator's fields are filled from the
//! layer's settings. Everything else that is not known is an error that names the layer and its line.
class ICaffeParser {
  public:
    //! Imports the network of the prototxt file `deploy`, as it is when it is run (phase TEST), with the weights of the
    //! file `model`. A `model` of nullptr or "" stands for pseudo-random weights, for measuring. Weights are kept as
    //! `weightType`, kFLOAT or kHALF; inputs are kFLOAT. Outputs are still to be marked.
    //!
    //! \return The tensors by name; nullptr, with an error, when something cannot be imported; the network is then
    //! incomplete.
    virtual IBlobNameToTensor const* parse(char const* deploy, char const* model, nvinfer1::INetworkDefinition& network,
                                           nvinfer1::DataType weightType) noexcept = 0;

    //! parse() of files that are in memory. The buffers may go once it has returned.
    virtual IBlobNameToTensor const* parseBuffers(uint8_t const* deployBuffer, std::size_t deployLength,
                                                  uint8_t const* modelBuffer, std::size_t modelLength,
                                                  nvinfer1::INetworkDefinition& network,
                                                  nvinfer1::DataType weightType) noexcept = 0;

    //! Reads a file that holds one blob. nullptr, with an error, when it cannot be read.
    virtual IBinaryProtoBlob* parseBinaryProto(char const* fileName) noexcept = 0;

    //! The most bytes that a model may have. No limit by default.
    virtual void setProtobufBufferSize(size_t size) noexcept = 0;

    //! Deprecated (8.0): delete.
    TRT_DEPRECATED virtual void destroy() noexcept = 0;

    //! The factory that is asked for plugins; nullptr for none. It must live while networks are parsed.
    virtual void setPluginFactoryV2(IPluginFactoryV2* factory) noexcept = 0;

    //! The namespace that plugins are sought in, before that without a name.
    virtual void setPluginNamespace(char const* libNamespace) noexcept = 0;

    virtual ~ICaffeParser() noexcept = default;

  public:
    //! Where errors are reported, besides the logger; nullptr for nowhere. The parser counts its reference.
    virtual void setErrorRecorder(nvinfer1::IErrorRecorder* recorder) noexcept = 0;

    //! What setErrorRecorder() was given; nullptr by default.
    virtual nvinfer1::IErrorRecorder* getErrorRecorder() const noexcept = 0;
};

//! Makes a parser. nullptr when there is no memory.
TENSORRTAPI ICaffeParser* createCaffeParser() noexcept;

//! Frees what the protobuf library holds, for programs that call it at their end. Does nothing here.
TENSORRTAPI void shutdownProtobufLibrary() noexcept;

}  // namespace nvcaffeparser1

//! What createCaffeParser() calls; answers an ICaffeParser*.
extern "C" TENSORRTAPI void* createNvCaffeParser_INTERNAL() noexcept;

#pragma GCC diagnostic pop
