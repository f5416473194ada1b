// SPDX-License-Identifier: Apache-2.0
// Helpers for ops' tests: build a one-node graph, infer it, run its reference kernel.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "ir/interpreter.h"
#include "ops/common.h"

namespace lathe::ops::testing {

using ir::HostTensor;

inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

HostTensor floats(Dims dims, const std::vector<double>& values);
HostTensor ints(Dims dims, const std::vector<double>& values);  // i64
HostTensor tensor(DType dtype, Dims dims, const std::vector<double>& values);
inline HostTensor boolean(bool v) { return tensor(DType::kBool, {}, {double(v)}); }
// An absent optional input.
HostTensor absent();
std::vector<double> valuesOf(const Tensor& tensor);

// Infers and runs a node of this op on the inputs; all inputs are parameters unless `constants` lists their index. On
// success also does checkInference.
Result<std::vector<HostTensor>> run(const char* op, const char* attrs, const std::vector<HostTensor>& inputs,
                                    int outputs = 1, const std::vector<int>& constants = {});
// Infers the node again from less and from more knowledge of the inputs (unknown extents, unknown, symbolic and
// constant elements), and expects each shape and element that inference claims to have the value that running gave.
// Inference may refuse where it knows less.
void checkInference(const char* op, const char* attrs, const std::vector<HostTensor>& inputs,
                    const std::vector<HostTensor>& results);
// The message of a run that must fail, "" when it succeeded.
std::string runError(const char* op, const char* attrs, const std::vector<HostTensor>& inputs, int outputs = 1,
                     const std::vector<int>& constants = {});
void expectNear(const HostTensor& got, const Dims& dims, const std::vector<double>& expected, double tolerance = 0);

// Inference alone, on symbolic types; a dtype/shape list stands for the inputs.
Result<std::vector<TensorType>> infer(const char* op, const char* attrs, const std::vector<TensorType>& inputs,
                                      int outputs = 1);
// Inference of inputs given as {dtype, shape} or {dtype, shape, known elements}.
struct Arg {
    DType dtype = DType::kFloat;
    Shape shape = {};
    std::optional<std::vector<Dim>> elements = {};
    bool absent = false;
};
// A 1-D i64 tensor with these elements.
Arg shapeTensor(std::vector<Dim> elements);
struct Inferred {
    Status status;
    std::vector<TensorType> types;
    std::vector<std::optional<std::vector<Dim>>> elements;
};
Inferred inferArgs(const char* op, const char* attrs, const std::vector<Arg>& inputs, int outputs = 1);
// Of output 0. Failures of inference, and unknown elements, are reported and give {}.
Shape inferShape(const char* op, const char* attrs, const std::vector<Arg>& inputs);
std::vector<Dim> inferElements(const char* op, const char* attrs, const std::vector<Arg>& inputs);
// The error's text, or "" when inference succeeds.
std::string inferError(const char* op, const char* attrs, const std::vector<Arg>& inputs);

}  // namespace lathe::ops::testing
