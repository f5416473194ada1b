// SPDX-License-Identifier: Apache-2.0
// Turns an op's SampleCase into a one-node graph with seeded data.
#pragma once

#include "ir/interpreter.h"

namespace lathe::ops {

struct Sample {
    std::unique_ptr<ir::Graph> graph;
    ir::Node* node = nullptr;
    std::vector<ir::HostTensor> inputs;  // one a parameter
    std::vector<ir::Tensor> inputTensors() const {
        std::vector<ir::Tensor> out;
        for (const ir::HostTensor& t : inputs) out.push_back(t.tensor);
        return out;
    }
};

Result<Sample> makeSample(const ir::Op& op, const ir::SampleCase& c, uint64_t seed);
// Uniform values from [low, high] (integers inclusive), the same on every machine.
Status fillRandom(const ir::Tensor& tensor, double low, double high, uint64_t seed);

}  // namespace lathe::ops
