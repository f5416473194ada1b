// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"

namespace lathe {
struct PluginToExpand;
}

//! What Lathe offers beyond the TensorRT API. All of it is inline over a few exported C functions, so a program that
//! includes this header needs no other library than libnvinfer, unless a function says so.
extern "C" {

//! See lathe::addOp(). `network` is an nvinfer1::INetworkDefinition*; answers an nvinfer1::ILayer*.
TENSORRTAPI void* latheAddOp(void* network, char const* op, nvinfer1::ITensor* const* inputs, int32_t nbInputs,
                             int32_t nbOutputs, nvinfer1::PluginFieldCollection const* fields) noexcept;

//! See lathe::hasOp().
TENSORRTAPI bool latheHasOp(char const* op) noexcept;

//! See lathe::knownIntegers().
TENSORRTAPI int32_t latheKnownIntegers(nvinfer1::ITensor const* tensor, int64_t* values, int32_t capacity) noexcept;

//! See lathe::createSimilarNetwork().
TENSORRTAPI void* latheCreateSimilarNetwork(void* network, void* logger) noexcept;

//! See lathe::setTarget(). `config` is an nvinfer1::IBuilderConfig*.
TENSORRTAPI bool latheSetTarget(void* config, char const* target) noexcept;

//! See lathe::loadEngine(). `runtime` is an nvinfer1::IRuntime*; the answer is an nvinfer1::ICudaEngine*.
TENSORRTAPI void* latheLoadEngineFile(void* runtime, char const* path) noexcept;
TENSORRTAPI void* latheLoadEngineShared(void* runtime, void const* data, std::size_t size, void (*release)(void*),
                                        void* context) noexcept;

//! See lathe::setFreeBatch(). In libnvcaffeparser; `parser` is an nvcaffeparser1::ICaffeParser*.
TENSORRTAPI void latheCaffeFreeBatch(void* parser, bool free) noexcept;

//! See lathe::noteSource(). `network` is an nvinfer1::INetworkDefinition*.
TENSORRTAPI bool latheNoteSource(void* network, char const* name) noexcept;

//! See lathe::explain(). `engine` is an nvinfer1::ICudaEngine const*; answers an nvinfer1::IHostMemory*.
TENSORRTAPI void* latheExplain(void const* engine, int32_t profile) noexcept;

//! See lathe::deviceName() and those after it.
TENSORRTAPI char const* latheDeviceName() noexcept;
TENSORRTAPI void* latheDeviceAllocate(std::size_t bytes) noexcept;
TENSORRTAPI void latheDeviceFree(void* memory) noexcept;
TENSORRTAPI bool latheDeviceCopy(void* to, void const* from, std::size_t bytes) noexcept;
TENSORRTAPI bool latheDeviceSynchronize() noexcept;
TENSORRTAPI bool latheRunsOnGpu(void const* engine) noexcept;

//! See lathe::setHostPlugin().
TENSORRTAPI bool latheSetHostPlugin(char const* name, char const* version, char const* pluginNamespace,
                                    bool host) noexcept;

//! See lathe::setPluginTraits().
TENSORRTAPI bool latheSetPluginTraits(char const* name, char const* version, char const* pluginNamespace,
                                      uint32_t traits) noexcept;

//! See lathe::setPluginExpansion().
TENSORRTAPI bool latheSetPluginExpansion(char const* name, char const* version, char const* pluginNamespace,
                                         bool (*expand)(lathe::PluginToExpand*)) noexcept;

//! See lathe::keepWeights(). `network` is an nvinfer1::INetworkDefinition*.
TENSORRTAPI void const* latheKeepWeights(void* network, nvinfer1::Weights const* weights) noexcept;

}  // extern "C"

namespace nvcaffeparser1 {
class ICaffeParser;
}

namespace lathe {

//! Adds an op of the library's own catalogue (docs/ops.md) to a network: what the factories of INetworkDefinition have
//! no layer for, such as recurrent cells or ONNX's Attention.
//!
//! \param op        Name in the catalogue, such as "lstm" or "gemm".
//! \param inputs    nbInputs tensors of the network. A null entry is an optional input that is absent; trailing ones
//! may
//!                  be left out.
//! \param nbOutputs How many of the op's outputs to make, at least 1; optional outputs at the end may be left out.
//! \param fields    The op's attributes by name, copied; nullptr when all have their defaults. By the attribute's kind:
//!                  - integer: kINT64 or kINT32, length 1; list of integers: the same, any length;
//!                  - real: kFLOAT32, kFLOAT64, kINT64 or kINT32, length 1; list of reals: the same, any length;
//!                  - string: kCHAR, `length` characters without a terminator (one at the end is dropped);
//!                  - enumeration: kCHAR with one of its names, such as "linear";
//!                  - bool: kCHAR with "true" or "false", or an integer that is 0 or 1;
//!                  - element type: kCHAR with "f32", "f16", "bf16", "f8e4m3", "f4e2m1", "e8m0", "i4", "i8", "u8",
//!                  "i32",
//!                    "i64" or "bool", or an integer with the value of an nvinfer1::DataType.
//!
//! \return A layer of type LayerType::kPLUGIN that takes setInput() for every input of the op. nullptr, with an error
//! that names it, for an unknown op or attribute or a value that does not suit. What inputs an op accepts is checked
//! when a shape is asked for or the engine is built, as for every layer. Ops with bodies ("if", "loop", "scan") are
//! made with INetworkDefinition::addIfConditional() and addLoop().
inline nvinfer1::ILayer* addOp(nvinfer1::INetworkDefinition& network, char const* op, nvinfer1::ITensor* const* inputs,
                               int32_t nbInputs, int32_t nbOutputs = 1,
                               nvinfer1::PluginFieldCollection const* fields = nullptr) noexcept {
    return static_cast<nvinfer1::ILayer*>(latheAddOp(&network, op, inputs, nbInputs, nbOutputs, fields));
}

//! Whether addOp() knows this name.
inline bool hasOp(char const* op) noexcept { return latheHasOp(op); }

//! The elements of an integer or bool tensor, in row-major order, where the network's layers already fix them: a chain
//! of shape arithmetic over constant extents, for example. `values` takes up to `capacity` of them.
//!
//! \return How many elements the tensor has; -1 when they are not known (or, for null, ever).
inline int32_t knownIntegers(nvinfer1::ITensor const& tensor, int64_t* values, int32_t capacity) noexcept {
    return latheKnownIntegers(&tensor, values, capacity);
}

//! An empty network with the flags and the builder of this one, which reports errors to `logger` only. To try something
//! out; the caller deletes it. nullptr, with an error, on failure.
inline nvinfer1::INetworkDefinition* createSimilarNetwork(nvinfer1::INetworkDefinition& network,
                                                          nvinfer1::ILogger& logger) noexcept {
    return static_cast<nvinfer1::INetworkDefinition*>(latheCreateSimilarNetwork(&network, &logger));
}

//! Chooses what to build for, instead of the process's own device: "cpu", "cpu:avx2", "cpu:avx512", "cpu:base" (no
//! vector extensions), "cpu:reference" (the slow kernels that define what each op means, to compare with), "cuda" or
//! "cuda:sm_90" and the like, "cuda:sm_80+" for every GPU from sm_80 on (as HardwareCompatibilityLevel::kAMPERE_PLUS);
//! several with commas between them ("cuda:sm_90,cpu") for an engine that runs on each. A GPU that is not here is built
//! for by a cost model and what the timing cache knows of it. nullptr or "" goes back to the default. False, with an
//! error, for a name that is not one of these or a target that cannot be built for here.
inline bool setTarget(nvinfer1::IBuilderConfig& config, char const* target) noexcept {
    return latheSetTarget(&config, target);
}

//! Loads an engine from a plan file, which is mapped rather than read: weights that nothing needs are never looked at,
//! and processes that load the same file share its pages. Where IRuntime::deserializeCudaEngine() needs memory for the
//! caller's bytes and for its own copy, this needs neither.
//!
//! The file must not be written to while the engine lives. Replacing it is fine: write the new plan under another name
//! in the same folder, then rename it.
//!
//! \return The engine, or nullptr with an error that names the path.
inline nvinfer1::ICudaEngine* loadEngine(nvinfer1::IRuntime& runtime, char const* path) noexcept {
    return static_cast<nvinfer1::ICudaEngine*>(latheLoadEngineFile(&runtime, path));
}

//! Loads an engine from a plan in memory without a copy.
//!
//! \param data     The plan. It must stay as it is until `release` is called. At an address that is a multiple of 16
//!                 nothing is copied (64, as of an IHostMemory's data, may be faster); at others all of it is.
//! \param release  Called with `context` once nothing refers to the plan any more: when the engine and its contexts are
//!                 gone, or before this function returns when it fails. On any thread. nullptr: the plan outlives them.
//!
//! \return The engine, or nullptr with an error.
inline nvinfer1::ICudaEngine* loadEngine(nvinfer1::IRuntime& runtime, void const* data, std::size_t size,
                                         void (*release)(void*) = nullptr, void* context = nullptr) noexcept {
    return static_cast<nvinfer1::ICudaEngine*>(latheLoadEngineShared(&runtime, data, size, release, context));
}

//! Whether a Caffe parser leaves the first dimension of inputs open (-1) from the next parse on, instead of giving it
//! the prototxt's extent. Layers that need to know the batch are then refused. Needs libnvcaffeparser.
inline void setFreeBatch(nvcaffeparser1::ICaffeParser& parser, bool free) noexcept {
    latheCaffeFreeBatch(&parser, free);
}

//! Tells a network of a node of the model that it was made from which became no layer, such as a constant: explain()
//! then names it among those that were removed. Layers name their node by ILayer::setMetadata().
inline bool noteSource(nvinfer1::INetworkDefinition& network, char const* name) noexcept {
    return latheNoteSource(&network, name);
}

//! The process's device: "cpu", or a GPU's architecture and name as "cuda:sm_90 (NVIDIA H100 80GB HBM3)". It is the GPU
//! where one can be used, unless the environment variable LATHE_TARGET says "cpu"; fixed at the first call of anything
//! that depends on it.
inline char const* deviceName() noexcept { return latheDeviceName(); }

//! Whether an engine runs on the process's GPU: then its inputs and outputs, but for shape tensors, are in the GPU's
//! memory. Else they are in the host's.
inline bool runsOnGpu(nvinfer1::ICudaEngine const& engine) noexcept { return latheRunsOnGpu(&engine); }

//! Memory of the process's device, for programs that have no CUDA of their own; the host's where that is the CPU.
//! Aligned to 256 bytes; nullptr, with an error, when there is not enough.
inline void* deviceAllocate(std::size_t bytes) noexcept { return latheDeviceAllocate(bytes); }
inline void deviceFree(void* memory) noexcept { latheDeviceFree(memory); }
//! Copies between host and device memory or within either, behind the work of the default stream; done when it returns.
inline bool deviceCopy(void* to, void const* from, std::size_t bytes) noexcept {
    return latheDeviceCopy(to, from, bytes);
}
//! Waits for the default stream, in which IExecutionContext::enqueueV3(nullptr) puts its work.
inline bool deviceSynchronize() noexcept { return latheDeviceSynchronize(); }

//! Says that plugins made by the creator of this name, version and namespace work on host memory: their enqueue() takes
//! pointers that the CPU may follow, and has done its work when it returns. Only such plugins run in engines for the
//! CPU; in an engine for a GPU they run on the host, with copies from the GPU and back. With `host` false the plugin is
//! like others of which nothing is known. The same as setPluginTraits() with kHOST_POINTERS or kDEVICE_POINTERS.
//!
//! \return False when the name is null or empty.
inline bool setHostPlugin(char const* name, char const* version, char const* pluginNamespace = "",
                          bool host = true) noexcept {
    return latheSetHostPlugin(name, version, pluginNamespace, host);
}

//! What a plugin can do that nothing in the plugin interfaces tells.
enum PluginTrait : uint32_t {
    kHOST_POINTERS = 1,    //!< enqueue() takes pointers that the CPU may follow, and is done when it returns.
    kDEVICE_POINTERS = 2,  //!< enqueue() takes pointers to a GPU's memory, and puts its work into the stream.
    kCAPTURABLE = 4        //!< What it puts there may be captured once into a CUDA graph and launched again and again
                           //!< without calling enqueue(); else enqueue() is called at every execution.
};

//! Says what plugins made by the creator of this name, version and namespace can do; without it kDEVICE_POINTERS alone,
//! which is what TensorRT's plugins expect. One that takes pointers of either kind runs where the engine's tensors are,
//! and may tell them apart by cudaPointerGetAttributes(). To be said in every process that builds or loads an
//! engine with the plugin, before it does. A plugin library says it of all its creators by exporting functions
//! `extern "C" bool latheHostPointers()`, `latheDevicePointers()` and `latheCapturable()`, which answer true:
//! IPluginRegistry::loadLibrary() asks for them.
//!
//! \return False when the name is null or empty, or the traits are none, unknown, or without pointers of any kind.
inline bool setPluginTraits(char const* name, char const* version, char const* pluginNamespace,
                            uint32_t traits) noexcept {
    return latheSetPluginTraits(name, version, pluginNamespace, traits);
}

//! A plugin of a network that is built, which is to become layers: see setPluginExpansion().
struct PluginToExpand {
    //! Where the layers go: a network of its own, with the flags of the plugin's, that holds nothing but `inputs`.
    nvinfer1::INetworkDefinition* network;
    //! The plugin, a clone of what was added; one of these is null.
    nvinfer1::IPluginV2* v2;
    nvinfer1::IPluginV3* v3;
    //! What the plugin would read, then its shape inputs. Types and extents are those of the plugin's inputs; -1 stands
    //! for an extent that varies, and extents that are equal then have the same ITensor::getDimensionName(). Integers
    //! that are known already are told by knownIntegers().
    nvinfer1::ITensor* const* inputs;
    int32_t nbInputs;
    //! To be filled with tensors of `network` that have the types and shapes of the plugin's outputs.
    nvinfer1::ITensor** outputs;
    int32_t nbOutputs;
};

//! Makes plugins of this name, version and namespace layers when an engine is built: `expand` adds to a network what
//! computes the same by layers (those of INetworkDefinition, or addOp()), which take the plugin's place. They then run
//! wherever the library's layers do, a GPU among them, are fused, timed and lowered in precision as others are, and
//! the engine neither has the plugin nor needs it when it is loaded. Nothing else changes: a network still has the
//! plugin's layer, and its shapes are the plugin's.
//!
//! `expand` answers false for a plugin that is to stay one: in a case that layers don't cover, or because the plugin is
//! not the one that it knows, as names may be taken twice. It must not throw. A plugin also stays one, with a warning,
//! when a layer is refused or its shapes cannot be proven to be the plugin's; types or extents that are known to differ
//! are an error of the build. Layers whose precision is set to kFLOAT are never lowered. Loops, conditionals, and
//! plugins with aliased outputs or size tensors are not expanded. Weights must stay as long as the network that has the
//! plugin (the plugin's own do), or be kept by keepWeights().
//!
//! A plugin library says it of all its creators by exporting `extern "C" bool
//! latheExpandPlugin(lathe::PluginToExpand*)`, which IPluginRegistry::loadLibrary() asks for. nullptr takes it back;
//! the environment variable LATHE_EXPAND_PLUGINS=0 switches all of them off.
//!
//! \return False when the name is null or empty.
inline bool setPluginExpansion(char const* name, char const* version, char const* pluginNamespace,
                               bool (*expand)(PluginToExpand*)) noexcept {
    return latheSetPluginExpansion(name, version, pluginNamespace, expand);
}

//! A copy of weights that lives as long as anything needs it: the network, or what is built of it.
//!
//! \return The copy, or nothing (a count of 0) with an error.
inline nvinfer1::Weights keepWeights(nvinfer1::INetworkDefinition& network, nvinfer1::Weights const& weights) noexcept {
    void const* kept = latheKeepWeights(&network, &weights);
    return nvinfer1::Weights{weights.type, kept, kept ? weights.count : 0};
}

//! What became of a network, as JSON text, which the caller deletes; nullptr, with an error, for a profile that does
//! not exist. It tells no weights, and more than an IEngineInspector whatever the engine's ProfilingVerbosity:
//!
//!     {"name", "library", "target": "cpu:avx512", "profile", "refittable", "stripped",
//!      "nodes": [{"name", "fate": "executed" | "fused" | "removed", "detail"}],
//!      "steps": [{"name", "op", "tactic", "params", "nodes", "ms", "flops", "bytes", "workspace", "inputs",
//!                 "outputs", "regions"}]}
//!
//! `nodes` holds each node of the network's source once: `detail` is the step that it is part of, or why it is gone.
//! `ms` is the time measured when the tactic was chosen (0: it was not measured), `flops` and `bytes` what a step
//! computes and moves at the profile's optimum shapes (0: known only while it runs); inputs and outputs are
//! {"name", "type", "shape", "format"}, with text for extents that vary.
inline nvinfer1::IHostMemory* explain(nvinfer1::ICudaEngine const& engine, int32_t profile = 0) noexcept {
    return static_cast<nvinfer1::IHostMemory*>(latheExplain(&engine, profile));
}

}  // namespace lathe
