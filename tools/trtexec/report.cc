// SPDX-License-Identifier: Apache-2.0
#include "trtexec/report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace lathe::trtexec {

using namespace nvinfer1;

Statistics statisticsOf(std::vector<double> v, const std::vector<double>& percentiles) {
    Statistics s;
    s.percentiles.assign(percentiles.size(), 0);
    if (v.empty()) return s;
    std::sort(v.begin(), v.end());
    s.min = v.front();
    s.max = v.back();
    s.mean = std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
    size_t half = v.size() / 2;
    s.median = v.size() % 2 ? v[half] : (v[half - 1] + v[half]) / 2;
    // The smallest value that so many percent of all do not exceed.
    for (size_t i = 0; i < percentiles.size(); ++i) {
        auto rank = static_cast<size_t>(std::ceil(percentiles[i] / 100 * static_cast<double>(v.size())));
        s.percentiles[i] = v[std::clamp<size_t>(rank, 1, v.size()) - 1];
    }
    return s;
}

namespace {

std::vector<double> all(const std::vector<Run>& runs, float (Run::*f)() const) {
    std::vector<double> v;
    for (const Run& r : runs) v.push_back((r.*f)());
    return v;
}

void line(const Options& o, const char* what, const std::vector<double>& values, Log& log) {
    Statistics s = statisticsOf(values, o.percentiles);
    std::string text = fmt::format("{}: min = {:.6g} ms, max = {:.6g} ms, mean = {:.6g} ms, median = {:.6g} ms", what,
                                   s.min, s.max, s.mean, s.median);
    for (size_t i = 0; i < o.percentiles.size(); ++i)
        text += fmt::format(", percentile({:g}%) = {:.6g} ms", o.percentiles[i], s.percentiles[i]);
    log.info(text);
}

double sum(const std::vector<float>& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

}  // namespace

void reportPerformance(const Options& o, const Measurement& m, Log& log) {
    const auto& runs = m.runs;
    if (o.avgRuns > 0) {
        log.info("");
        log.info("=== Trace details ===");
        log.info(fmt::format("Trace averages of {} runs:", o.avgRuns));
        auto group = static_cast<size_t>(o.avgRuns);
        for (size_t i = 0; i + group <= runs.size(); i += group) {
            double compute = 0, latency = 0, enqueue = 0;
            for (size_t k = i; k < i + group; ++k) {
                compute += runs[k].compute();
                latency += runs[k].latency();
                enqueue += runs[k].enqueue();
            }
            double n = static_cast<double>(group);
            log.info(
                fmt::format("Average on {} runs - GPU latency: {:.6g} ms - Host latency: {:.6g} ms (enqueue {:.6g} ms)",
                            group, compute / n, latency / n, enqueue / n));
        }
    }
    auto compute = all(runs, &Run::compute);
    double total = std::accumulate(compute.begin(), compute.end(), 0.0);
    log.info("");
    log.info("=== Performance summary ===");
    log.info(fmt::format("Throughput: {:.6g} qps",
                         m.wallSeconds > 0 ? static_cast<double>(runs.size()) / m.wallSeconds : 0));
    line(o, "Latency", all(runs, &Run::latency), log);
    line(o, "Enqueue Time", all(runs, &Run::enqueue), log);
    line(o, "H2D Latency", all(runs, &Run::in), log);
    line(o, "GPU Compute Time", compute, log);
    line(o, "D2H Latency", all(runs, &Run::out), log);
    log.info(fmt::format("Total Host Walltime: {:.6g} s", m.wallSeconds));
    log.info(fmt::format("Total GPU Compute Time: {:.6g} s", total / 1e3));
    if (!o.exportTimes.empty()) tool::writeFile(o.exportTimes, timesJson(runs));
}

std::string timesJson(const std::vector<Run>& runs) {
    std::string out = "[\n";
    for (size_t i = 0; i < runs.size(); ++i) {
        const Run& r = runs[i];
        out += fmt::format(
            "{}{{ \"startEnqMs\" : {}, \"endEnqMs\" : {}, \"startH2dMs\" : {}, \"endH2dMs\" : {}, \"startComputeMs\" : "
            "{}, \"endComputeMs\" : {}, "
            "\"startD2hMs\" : {}, \"endD2hMs\" : {}, \"h2dMs\" : {}, \"computeMs\" : {}, \"d2hMs\" : {}, \"latencyMs\" "
            ": {} }}\n",
            i ? ", " : "  ", r.enqueueStart, r.enqueueEnd, r.inStart, r.inEnd, r.computeStart, r.computeEnd, r.outStart,
            r.outEnd, r.in(), r.compute(), r.out(), r.latency());
    }
    return out + "]\n";
}

std::string profileJson(const std::vector<LayerTime>& layers) {
    double total = 0;
    size_t count = 0;
    for (const LayerTime& l : layers) {
        total += sum(l.ms);
        count = std::max(count, l.ms.size());
    }
    std::string out = fmt::format("[\n  {{ \"count\" : {} }}\n", count);
    for (const LayerTime& l : layers) {
        double time = sum(l.ms);
        Statistics s = statisticsOf({l.ms.begin(), l.ms.end()}, {});
        out += fmt::format(
            ", {{ \"name\" : {}, \"timeMs\" : {:.6g}, \"averageMs\" : {:.6g}, \"medianMs\" : {:.6g}, \"percentage\" : "
            "{:.6g} }}\n",
            tool::quoted(l.name), time, s.mean, s.median, total > 0 ? time / total * 100 : 0);
    }
    return out + "]\n";
}

void reportLayers(const Options& o, const Measurement& m, Log& log) {
    if (o.dumpLayers) log.info("Layer Information:\n" + m.layerText);
    if (!o.exportLayers.empty()) tool::writeFile(o.exportLayers, m.layerInfo);
    if (!o.exportProfile.empty()) tool::writeFile(o.exportProfile, profileJson(m.layers));
    if (!o.dumpProfile) return;
    double total = 0, averages = 0, medians = 0;
    size_t count = 0;
    for (const LayerTime& l : m.layers) {
        total += sum(l.ms);
        count = std::max(count, l.ms.size());
    }
    log.info("");
    log.info(fmt::format("=== Profile ({} iterations ) ===", count));
    log.info(fmt::format("{:>12} {:>12} {:>12} {:>8}   {}", "Time(ms)", "Avg.(ms)", "Median(ms)", "Time(%)", "Layer"));
    for (const LayerTime& l : m.layers) {
        double time = sum(l.ms);
        Statistics s = statisticsOf({l.ms.begin(), l.ms.end()}, {});
        averages += s.mean;
        medians += s.median;
        log.info(fmt::format("{:>12.2f} {:>12.4f} {:>12.4f} {:>8.1f}   {}", time, s.mean, s.median,
                             total > 0 ? time / total * 100 : 0, l.name));
    }
    log.info(fmt::format("{:>12.2f} {:>12.4f} {:>12.4f} {:>8.1f}   {}", total, averages, medians, 100.0, "Total"));
}

namespace {

std::string numberText(double v) { return std::isfinite(v) ? fmt::format("{:.9g}", v) : "null"; }

// Values in the order of memory, nested by dimension for people.
std::string valuesText(const Tensor& t) {
    std::vector<double> v = tool::toNumbers(t.type, t.bytes.data(), tool::volume(t.dims));
    std::string out;
    int64_t row = t.dims.nbDims ? std::max<int64_t>(t.dims.d[t.dims.nbDims - 1], 1) : 1;
    for (size_t i = 0; i < v.size(); ++i) {
        out += fmt::format("{:g}", v[i]);
        out += static_cast<int64_t>(i + 1) % row == 0 ? "\n" : " ";
    }
    return out;
}

}  // namespace

std::string outputJson(const std::vector<Tensor>& tensors) {
    std::string out = "[\n";
    bool first = true;
    for (const Tensor& t : tensors) {
        if (t.isInput) continue;
        out += fmt::format("{}{{ \"name\" : {}\n, \"dimensions\" : \"{}\"\n, \"values\" : [", first ? "  " : ", ",
                           tool::quoted(t.name), tool::toString(t.dims));
        first = false;
        std::vector<double> v = tool::toNumbers(t.type, t.bytes.data(), tool::volume(t.dims));
        for (size_t i = 0; i < v.size(); ++i) out += (i ? ", " : " ") + numberText(v[i]);
        out += " ] }\n";
    }
    return out + "]\n";
}

void reportTensors(const Options& o, const Measurement& m, Log& log) {
    if (o.dumpOutput)
        for (const Tensor& t : m.tensors)
            if (!t.isInput) log.info(fmt::format("{}: ({})\n{}", t.name, tool::toString(t.dims), valuesText(t)));
    if (!o.exportOutput.empty()) tool::writeFile(o.exportOutput, outputJson(m.tensors));
    if (o.dumpRaw)
        for (const Tensor& t : m.tensors) {
            std::string file = t.name;
            std::replace(file.begin(), file.end(), '/', '_');
            std::string dims = tool::toString(t.dims);
            std::replace(dims.begin(), dims.end(), 'x', '.');
            file = fmt::format("{}.{}.{}.{}.raw", file, t.isInput ? "input" : "output", dims.empty() ? "scalar" : dims,
                               tool::nameOf(t.type));
            tool::writeFile(file, t.bytes.data(), t.bytes.size());
            log.info("Wrote " + file);
        }
}

void reportProfiles(const ICudaEngine& engine, Log& log) {
    for (int p = 0; p < engine.getNbOptimizationProfiles(); ++p) {
        log.info(fmt::format("Optimization Profile {}:", p));
        for (int i = 0; i < engine.getNbIOTensors(); ++i) {
            const char* name = engine.getIOTensorName(i);
            if (engine.getTensorIOMode(name) != TensorIOMode::kINPUT) continue;
            auto of = [&](OptProfileSelector s) { return tool::toString(engine.getProfileShape(name, p, s)); };
            log.info(fmt::format("  {}: Minimum shape = {}, Optimal shape = {}, Maximum shape = {}", name,
                                 of(OptProfileSelector::kMIN), of(OptProfileSelector::kOPT),
                                 of(OptProfileSelector::kMAX)));
        }
    }
}

}  // namespace lathe::trtexec
