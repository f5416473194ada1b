// SPDX-License-Identifier: Apache-2.0
// What tests that build engines share.
#pragma once

#include <gtest/gtest.h>

#include "builder/builder.h"
#include "plan/format.h"

namespace lathe::builder::testing {

// A perceptron with a residual connection over a batch of unknown size.
constexpr const char* kPerceptron = R"(symbol s0 "batch" input %x 0 range 0 1000
graph "mlp" (%x: f32[s0, 24]) {
  const %w1 = f32[24, 40] random 1
  const %b1 = f32[40] random 2
  const %w2 = f32[40, 24] random 3
  %h = matmul(%x, %w1) @"fc1"
  %hb = binary(%h, %b1) kind=add @"bias1"
  %hr = unary(%hb) kind=gelu_erf @"gelu"
  %o = matmul(%hr, %w2) @"fc2"
  %r = binary(%o, %x) kind=add @"residual"
  %n = layer_norm(%r) @"norm"
  %p = softmax(%n) @"prob"
  return %p, %r
})";

// Inputs in0, in1, … and outputs out0, out1, … of a graph.
inline IoNames numberedIo(const ir::Graph& graph) {
    IoNames io;
    auto name = [&](const std::vector<ir::Value*>& list, bool input) {
        int i = 0;
        for (const ir::Value* v : list) {
            plan::IoTensor t;
            t.name = fmt::format("{}{}", input ? "in" : "out", i);
            t.isInput = input;
            t.dtype = v->dtype();
            t.shape = v->shape();
            t.index = i++;
            io.io.push_back(t);
        }
    };
    name(graph.body().parameters(), true);
    name(graph.body().results(), false);
    return io;
}

// The plan by way of its bytes, as everybody gets it; null, with a failure, where that goes wrong.
inline std::unique_ptr<plan::Plan> readBack(const plan::Plan& plan) {
    auto bytes = plan::writeBlock(plan);
    EXPECT_TRUE(bytes.ok()) << bytes.status().toString();
    if (!bytes.ok()) return nullptr;
    auto read = plan::read((*bytes)->bytes(), *bytes);
    EXPECT_TRUE(read.ok()) << read.status().toString();
    return read.ok() ? read.take() : nullptr;
}

}  // namespace lathe::builder::testing
