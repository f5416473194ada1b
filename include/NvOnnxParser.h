// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>
#include "NvInfer.h"

// Deprecated names are still declared, so these headers must not warn about their own use of them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define NV_ONNX_PARSER_MAJOR 0
#define NV_ONNX_PARSER_MINOR 1
#define NV_ONNX_PARSER_PATCH 0

//! Version of the parser's interface; createParser() passes it to the library.
static constexpr int32_t NV_ONNX_PARSER_VERSION =
    ((NV_ONNX_PARSER_MAJOR * 10000) + (NV_ONNX_PARSER_MINOR * 100) + NV_ONNX_PARSER_PATCH);

//! Indices of some nodes of the model, and whether the parser can take them.
typedef std::pair<std::vector<size_t>, bool> SubGraph_t;

//! The partition of a model that IParser::supportsModel() fills in.
typedef std::vector<SubGraph_t> SubGraphCollection_t;

namespace nvonnxparser {

//! A bound on the values of an enum of this namespace: the highest value for ErrorCode, the number of flags for
//! OnnxParserFlag.
template <typename T>
constexpr int32_t EnumMax() noexcept = delete;

//! What kind of error a parser reports.
enum class ErrorCode : int {
    kSUCCESS = 0,                     //!< No error.
    kINTERNAL_ERROR = 1,              //!< A defect of the parser.
    kMEM_ALLOC_FAILED = 2,            //!< Memory could not be had.
    kMODEL_DESERIALIZE_FAILED = 3,    //!< The bytes are not an ONNX model.
    kINVALID_VALUE = 4,               //!< An argument of a call is wrong.
    kINVALID_GRAPH = 5,               //!< The model's graph breaks the rules of ONNX.
    kINVALID_NODE = 6,                //!< A node breaks the rules of its operator.
    kUNSUPPORTED_GRAPH = 7,           //!< The graph has a property that cannot be imported.
    kUNSUPPORTED_NODE = 8,            //!< The operator, or this use of it, cannot be imported.
    kUNSUPPORTED_NODE_ATTR = 9,       //!< An attribute has a value that cannot be imported.
    kUNSUPPORTED_NODE_INPUT = 10,     //!< An input cannot be imported, for example because it should be constant.
    kUNSUPPORTED_NODE_DATATYPE = 11,  //!< An element type cannot be imported.
    kUNSUPPORTED_NODE_DYNAMIC = 12,   //!< The operator cannot be imported with shapes that vary.
    kUNSUPPORTED_NODE_SHAPE = 13,     //!< The operator cannot be imported with these shapes.
    kREFIT_FAILED = 14,               //!< Weights could not be refitted.
};

template <>
constexpr int32_t EnumMax<ErrorCode>() noexcept {
    return 14;
}

//! Bit set: 1U << OnnxParserFlag.
using OnnxParserFlags = uint32_t;

//! Options of the parser.
enum class OnnxParserFlag : int32_t {
    //! InstanceNormalization becomes a layer, not a plugin. On by default.
    kNATIVE_INSTANCENORM = 0,
    //! Quantization to uint8 and with zero points other than 0 is accepted, for DLA.
    kENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA = 1,
    //! What DLA cannot run counts as not supported. Needs setBuilderConfig().
    kREPORT_CAPABILITY_DLA = 2,
    //! A plugin named as an operator takes its place.
    kENABLE_PLUGIN_OVERRIDE = 3,
    //! Layers are rewritten to suit DLA where possible.
    kADJUST_FOR_DLA = 4,
};

template <>
constexpr int32_t EnumMax<OnnxParserFlag>() noexcept {
    return 5;
}

//! An error with its place in the model. Belongs to the parser; valid until its errors are cleared or it is deleted.
class IParserError {
  public:
    //! Kind of the error.
    virtual ErrorCode code() const = 0;

    //! The error in words.
    virtual char const* desc() const = 0;

    //! Source file of the parser that reported it.
    virtual char const* file() const = 0;

    //! Line in that file.
    virtual int line() const = 0;

    //! Function in that file.
    virtual char const* func() const = 0;

    //! Index of the node in the graph, -1 when none is concerned.
    virtual int node() const = 0;

    //! Name of the node.
    virtual char const* nodeName() const = 0;

    //! Operator of the node.
    virtual char const* nodeOperator() const = 0;

    //! Names of the local functions around the node, outermost first; nullptr when there are none.
    virtual char const* const* localFunctionStack() const = 0;

    //! Number of those functions.
    virtual int32_t localFunctionStackSize() const = 0;

  protected:
    virtual ~IParserError() {}
};

//! Turns an ONNX model into layers of a network. Made by createParser(); the application deletes it, after the build,
//! as the network may use weights that it holds. One parser is for one model.
//!
//! A model output named as a model input is called "__" + name.
class IParser {
  public:
    //! Imports a model of `serialized_onnx_model_size` bytes. `model_path` is the model's file, beside which files of
    //! external weights are sought. Returns false, with errors to ask for, when something cannot be imported; the
    //! network is then incomplete.
    virtual bool parse(void const* serialized_onnx_model, size_t serialized_onnx_model_size,
                       const char* model_path = nullptr) noexcept = 0;

    //! parse() of a file. Messages of `verbosity` (an ILogger::Severity) and more important ones are logged.
    virtual bool parseFromFile(const char* onnxModelFile, int verbosity) noexcept = 0;

    //! Deprecated (10.1): supportsModelV2().
    TRT_DEPRECATED virtual bool supportsModel(void const* serialized_onnx_model, size_t serialized_onnx_model_size,
                                              SubGraphCollection_t& sub_graph_collection,
                                              const char* model_path = nullptr) noexcept = 0;

    //! Deprecated (10.13): loadModelProto() and loadInitializer(). parse() without external weights.
    TRT_DEPRECATED virtual bool parseWithWeightDescriptors(void const* serialized_onnx_model,
                                                           size_t serialized_onnx_model_size) noexcept = 0;

    //! Whether the operator is known. Particular uses of it may still not be.
    virtual bool supportsOperator(const char* op_name) const noexcept = 0;

    //! Number of errors.
    virtual int getNbErrors() const noexcept = 0;

    //! Error `index`, oldest first; nullptr when out of range.
    virtual IParserError const* getError(int index) const noexcept = 0;

    //! Forgets the errors.
    virtual void clearErrors() noexcept = 0;
    virtual ~IParser() noexcept = default;

    //! Paths of the plugin libraries that the network needs in a version-compatible plan, `nbPluginLibs` of them (-1
    //! on error); for IBuilderConfig::setPluginsToSerialize(). nullptr when there are none. Valid until the next
    //! model is parsed.
    virtual char const* const* getUsedVCPluginLibraries(int64_t& nbPluginLibs) const noexcept = 0;

    //! Sets exactly these flags.
    virtual void setFlags(OnnxParserFlags onnxParserFlags) noexcept = 0;

    //! The flags that are set.
    virtual OnnxParserFlags getFlags() const noexcept = 0;

    //! Clears one flag.
    virtual void clearFlag(OnnxParserFlag onnxParserFlag) noexcept = 0;

    //! Sets one flag more.
    virtual void setFlag(OnnxParserFlag onnxParserFlag) noexcept = 0;

    //! Whether the flag is set.
    virtual bool getFlag(OnnxParserFlag onnxParserFlag) const noexcept = 0;

    //! Tensor of output `i` of the first node called `name`; nullptr when there is none.
    virtual nvinfer1::ITensor const* getLayerOutputTensor(char const* name, int64_t i) noexcept = 0;

    //! Whether the whole model can be imported. Which parts can is told by the three functions that follow.
    virtual bool supportsModelV2(void const* serializedOnnxModel, size_t serializedOnnxModelSize,
                                 char const* modelPath = nullptr) noexcept = 0;

    //! Number of parts that supportsModelV2() found.
    virtual int64_t getNbSubgraphs() noexcept = 0;

    //! Whether part `index` can be imported.
    virtual bool isSubgraphSupported(int64_t const index) noexcept = 0;

    //! Indices of the nodes of part `index`, `subgraphLength` of them. Belongs to the parser.
    virtual int64_t* getSubgraphNodes(int64_t const index, int64_t& subgraphLength) noexcept = 0;

    //! Reads a model without importing it, so that loadInitializer() can replace weights first. Once only; arguments
    //! are those of supportsModelV2().
    virtual bool loadModelProto(void const* serializedOnnxModel, size_t serializedOnnxModelSize,
                                char const* modelPath = nullptr) noexcept = 0;

    //! Values of an initializer of the loaded model, `size` bytes, instead of those in the model. They must stay
    //! until the parser is deleted. Returns false when there is no such initializer or it has another size.
    virtual bool loadInitializer(char const* name, void const* data, size_t size) noexcept = 0;

    //! Imports the loaded model. Returns false when something cannot be imported.
    virtual bool parseModelProto() noexcept = 0;

    //! Configuration to judge DLA support by. Returns whether it succeeded.
    virtual bool setBuilderConfig(const nvinfer1::IBuilderConfig* const builderConfig) noexcept = 0;
};

//! Gives the weights of an ONNX model to a refitter. Made by createParserRefitter(); the application deletes it. The
//! model must be the one that the engine was built from, but for the weights' values.
class IParserRefitter {
  public:
    //! Sets all weights of a model of `serializedOnnxModelSize` bytes. `modelPath` is the model's file, beside which
    //! files of external weights are sought. Returns whether it succeeded. IRefitter::refitCudaEngine() is still to
    //! be called.
    virtual bool refitFromBytes(void const* serializedOnnxModel, size_t serializedOnnxModelSize,
                                char const* modelPath = nullptr) noexcept = 0;

    //! refitFromBytes() of a file.
    virtual bool refitFromFile(char const* onnxModelFile) noexcept = 0;

    //! Number of errors.
    virtual int32_t getNbErrors() const noexcept = 0;

    //! Error `index`, oldest first; nullptr when out of range.
    virtual IParserError const* getError(int32_t index) const noexcept = 0;

    //! Forgets the errors.
    virtual void clearErrors() = 0;
    virtual ~IParserRefitter() noexcept = default;

    //! Reads a model without setting weights, so that loadInitializer() can replace some first. Once only.
    virtual bool loadModelProto(void const* serializedOnnxModel, size_t serializedOnnxModelSize,
                                char const* modelPath = nullptr) noexcept = 0;

    //! Values of an initializer of the loaded model, `size` bytes, instead of those in the model. They must stay
    //! until the refitter is deleted. Returns false when there is no such initializer or it has another size.
    virtual bool loadInitializer(char const* name, void const* data, size_t size) noexcept = 0;

    //! Sets all weights of the loaded model. Returns whether it succeeded.
    virtual bool refitModelProto() noexcept = 0;
};

}  // namespace nvonnxparser

//! What createParser() calls. `network` is an INetworkDefinition*, `logger` an ILogger*.
extern "C" TENSORRTAPI void* createNvOnnxParser_INTERNAL(void* network, void* logger, int version) noexcept;

//! What createParserRefitter() calls. `refitter` is an IRefitter*, `logger` an ILogger*.
extern "C" TENSORRTAPI void* createNvOnnxParserRefitter_INTERNAL(void* refitter, void* logger,
                                                                 int32_t version) noexcept;

//! Version of the linked parser's interface, in the form of NV_ONNX_PARSER_VERSION.
extern "C" TENSORRTAPI int getNvOnnxParserVersion() noexcept;

namespace nvonnxparser {

namespace {
//! Makes a parser that adds layers to `network`. Constant dimensions of inputs must not be changed afterwards.
//! nullptr on failure.
inline IParser* createParser(nvinfer1::INetworkDefinition& network, nvinfer1::ILogger& logger) noexcept {
    return static_cast<IParser*>(createNvOnnxParser_INTERNAL(&network, &logger, NV_ONNX_PARSER_VERSION));
}

//! Makes a source of weights for `refitter`. nullptr on failure.
inline IParserRefitter* createParserRefitter(nvinfer1::IRefitter& refitter, nvinfer1::ILogger& logger) noexcept {
    return static_cast<IParserRefitter*>(
        createNvOnnxParserRefitter_INTERNAL(&refitter, &logger, NV_ONNX_PARSER_VERSION));
}

}  // namespace

}  // namespace nvonnxparser

#pragma GCC diagnostic pop
