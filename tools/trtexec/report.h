// SPDX-License-Identifier: Apache-2.0
// What the measurements say, in the words and JSON forms that scripts around TensorRT's program read.
#pragma once

#include "trtexec/inference.h"

namespace lathe::trtexec {

void reportPerformance(const Options& options, const Measurement& m, Log& log);
void reportLayers(const Options& options, const Measurement& m, Log& log);
void reportTensors(const Options& options, const Measurement& m, Log& log);
void reportProfiles(const nvinfer1::ICudaEngine& engine, Log& log);

// [{"startEnqMs": …}, …]
std::string timesJson(const std::vector<Run>& runs);
// [{"count": N}, {"name": …, "timeMs": …, "averageMs": …, "medianMs": …, "percentage": …}, …]
std::string profileJson(const std::vector<LayerTime>& layers);
// [{"name": …, "dimensions": …, "values": […]}, …]
std::string outputJson(const std::vector<Tensor>& tensors);

struct Statistics {
    double min = 0, max = 0, mean = 0, median = 0;
    std::vector<double> percentiles;
};
Statistics statisticsOf(std::vector<double> values, const std::vector<double>& percentiles);

}  // namespace lathe::trtexec
