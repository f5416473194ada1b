// SPDX-License-Identifier: Apache-2.0
// Runs an engine again and again, and keeps the times.
#pragma once

#include "trtexec/engine.h"

namespace lathe::trtexec {

// Milliseconds since measuring began.
struct Run {
    float enqueueStart = 0, enqueueEnd = 0, inStart = 0, inEnd = 0, computeStart = 0, computeEnd = 0, outStart = 0,
          outEnd = 0;
    float in() const { return inEnd - inStart; }
    float compute() const { return computeEnd - computeStart; }
    float out() const { return outEnd - outStart; }
    float latency() const { return in() + compute() + out(); }
    float enqueue() const { return enqueueEnd - enqueueStart; }
};

struct LayerTime {
    std::string name;
    std::vector<float> ms;
};

struct Tensor {
    std::string name;
    bool isInput = false;
    nvinfer1::DataType type{};
    nvinfer1::Dims dims{};
    std::vector<char> bytes;
};

struct Measurement {
    std::vector<Run> runs;  // of all streams, by the end of the run
    double wallSeconds = 0;
    std::vector<LayerTime> layers;
    std::vector<Tensor> tensors;  // of the first stream's last run
    std::string layerInfo;        // JSON, with the shapes of inference
    std::string layerText;        // one line each
};

Measurement measure(const Options& options, Engine& engine, Log& log);

}  // namespace lathe::trtexec
