// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInfer.h"

//! What Lathe offers beyond the TensorRT API. All of it is inline over a few exported C functions, so a program that
//! includes this header needs no other library than libnvinfer.
extern "C" {

//! See lathe::addOp(). `network` is an nvinfer1::INetworkDefinition*; answers an nvinfer1::ILayer*.
TENSORRTAPI void* latheAddOp(void* network, char const* op, nvinfer1::ITensor* const* inputs, int32_t nbInputs,
                             int32_t nbOutputs, nvinfer1::PluginFieldCollection const* fields) noexcept;

//! See lathe::hasOp().
TENSORRTAPI bool latheHasOp(char const* op) noexcept;

//! See lathe::setTarget(). `config` is an nvinfer1::IBuilderConfig*.
TENSORRTAPI bool latheSetTarget(void* config, char const* target) noexcept;

//! See lathe::noteSource(). `network` is an nvinfer1::INetworkDefinition*.
TENSORRTAPI bool latheNoteSource(void* network, char const* name) noexcept;

//! See lathe::explain(). `engine` is an nvinfer1::ICudaEngine const*; answers an nvinfer1::IHostMemory*.
TENSORRTAPI void* latheExplain(void const* engine, int32_t profile) noexcept;

}  // extern "C"

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

//! Chooses what to build for, instead of the process's own device: "cpu", "cpu:avx2", "cpu:avx512", "cpu:base" (no
//! vector extensions), "cpu:reference" (the slow kernels that define what each op means, to compare with), "cuda" or
//! "cuda:sm_90" and the like. nullptr or "" goes back to the default. False, with an error, for a name that is not one
//! of these or a target that cannot be built for here.
inline bool setTarget(nvinfer1::IBuilderConfig& config, char const* target) noexcept {
    return latheSetTarget(&config, target);
}

//! Tells a network of a node of the model that it was made from which became no layer, such as a constant: explain()
//! then names it among those that were removed. Layers name their node by ILayer::setMetadata().
inline bool noteSource(nvinfer1::INetworkDefinition& network, char const* name) noexcept {
    return latheNoteSource(&network, name);
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
