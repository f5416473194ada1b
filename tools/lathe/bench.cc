// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "lathe/common.h"

namespace lathe::tool {

using namespace nvinfer1;

int benchCommand(const BuildOptions& options, const std::string& file, double seconds, bool json, Logger& logger) {
    std::vector<char> bytes = readFile(file);
    if (!isPlan(bytes)) {
        BuildOptions o = options;
        o.model = file;
        bytes = buildPlan(o, logger);
    }
    Engine e = loadEngine(bytes, file, logger);
    std::unique_ptr<IExecutionContext> context(e.engine->createExecutionContext());
    if (!context) throw Failure(logger.lastError(), file);
    std::vector<std::vector<char>> buffers;
    for (int i = 0; i < e.engine->getNbIOTensors(); ++i) {
        const char* name = e.engine->getIOTensorName(i);
        if (e.engine->getTensorIOMode(name) != TensorIOMode::kINPUT) continue;
        Dims d = e.engine->getTensorShape(name);
        bool varies = std::any_of(d.d, d.d + d.nbDims, [](int64_t x) { return x < 0; });
        if (varies && !context->setInputShape(name, e.engine->getProfileShape(name, 0, OptProfileSelector::kOPT)))
            throw Failure(logger.lastError(), name);
    }
    uint32_t state = 1;
    for (int i = 0; i < e.engine->getNbIOTensors(); ++i) {
        const char* name = e.engine->getIOTensorName(i);
        DataType type = e.engine->getTensorDataType(name);
        int64_t size = volume(context->getTensorShape(name)) * elementBytes(type);
        if (size < 0) size = context->getMaxOutputSize(name);
        buffers.emplace_back(static_cast<size_t>(size) + 64);
        char* p = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(buffers.back().data()) + 63) / 64 * 64);
        // Numbers around zero for floats; small ones, which are valid indices almost everywhere, for integers.
        bool input = e.engine->getTensorIOMode(name) == TensorIOMode::kINPUT;
        if (input && type == DataType::kFLOAT)
            for (int64_t k = 0; k < size / 4; ++k)
                reinterpret_cast<float*>(p)[k] =
                    static_cast<float>((state = state * 1664525u + 1013904223u) >> 8) * 0x1p-23f - 1.f;
        if (input && type == DataType::kINT64)
            for (int64_t k = 0; k < size / 8; ++k) reinterpret_cast<int64_t*>(p)[k] = 1;
        if (input && (type == DataType::kINT32))
            for (int64_t k = 0; k < size / 4; ++k) reinterpret_cast<int32_t*>(p)[k] = 1;
        if (!context->setTensorAddress(name, p)) throw Failure(logger.lastError(), name);
    }
    using Clock = std::chrono::steady_clock;
    auto once = [&] {
        auto start = Clock::now();
        if (!context->enqueueV3(nullptr)) throw Failure(logger.lastError(), file);
        return std::chrono::duration<double>(Clock::now() - start).count();
    };
    for (int i = 0; i < 3; ++i) once();
    std::vector<double> times;
    auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (times.size() < 15 || Clock::now() < end) times.push_back(once() * 1e3);
    std::sort(times.begin(), times.end());
    double sum = 0;
    for (double t : times) sum += t;
    double mean = sum / static_cast<double>(times.size()), median = times[times.size() / 2];
    double p99 = times[std::min(times.size() - 1, times.size() * 99 / 100)];
    if (json) {
        nlohmann::json j = {
            {"runs", times.size()}, {"min_ms", times.front()}, {"median_ms", median},         {"mean_ms", mean},
            {"p99_ms", p99},        {"max_ms", times.back()},  {"throughput_qps", 1e3 / mean}};
        fmt::print("{}\n", j.dump());
    } else {
        fmt::print(
            "{}: {} runs, min {:.3f} ms, median {:.3f} ms, mean {:.3f} ms, 99 % {:.3f} ms, {:.1f} runs a second\n",
            file, times.size(), times.front(), median, mean, p99, 1e3 / mean);
    }
    return 0;
}

}  // namespace lathe::tool
