// SPDX-License-Identifier: Apache-2.0
// A prototxt as a network: which layers there are when it is run (Caffe's phase TEST), in their order, and its inputs.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "frontends/caffe/model/caffe_model.h"
#include "frontends/caffe/text/text_message.h"

namespace lathe::caffe {

struct Layer {
    std::string name, type;  // type as the newer format has it
    std::vector<std::string> bottoms, tops;
    const TextMessage* message = nullptr;
    int line = 0;
};

// An input that is declared beside the layers, in the older way.
struct NetInput {
    std::string name;
    Ints extents;
    int line = 0;
};

struct Net {
    TextMessage text;
    std::string name;
    std::vector<NetInput> inputs;
    std::vector<Layer> layers;
};

// "layer 'conv1' (Convolution, line 12)", for errors.
std::string describe(const Layer& layer);

// The extents in a message `shape { dim: … }`, each at least 1.
Result<Ints> readShape(const TextMessage& shape);

Result<Net> readNet(TextMessage text);

}  // namespace lathe::caffe
