// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>

#include "lathe/common.h"

namespace lathe::tool {

using namespace nvinfer1;

namespace {

using Clock = std::chrono::steady_clock;

struct Times {
    std::vector<double> ms;  // sorted
    double mean = 0;
    double at(double part) const {
        return ms[std::min(ms.size() - 1, static_cast<size_t>(part * static_cast<double>(ms.size())))];
    }
};

Times measure(Session& session, double seconds, const char* what) {
    ProgressLine line;
    auto once = [&] {
        auto start = Clock::now();
        session.run();
        return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    };
    for (int i = 0; i < 3; ++i) once();
    Times t;
    auto start = Clock::now();
    double elapsed = 0;
    while (t.ms.size() < 15 || elapsed < seconds) {
        t.ms.push_back(once());
        elapsed = std::chrono::duration<double>(Clock::now() - start).count();
        line.show(fmt::format("{} {:.0f} %", what, 100 * std::min(1.0, elapsed / std::max(seconds, 1e-9))));
    }
    std::sort(t.ms.begin(), t.ms.end());
    t.mean = std::accumulate(t.ms.begin(), t.ms.end(), 0.0) / static_cast<double>(t.ms.size());
    return t;
}

// Least time of each layer, in the order in which they run.
class LayerTimes : public IProfiler {
  public:
    void reportLayerTime(char const* name, float ms) noexcept override {
        try {
            auto [at, isNew] = index_.emplace(name, list.size());
            if (isNew) list.emplace_back(name, ms);
            list[at->second].second = std::min(list[at->second].second, static_cast<double>(ms));
        } catch (...) {
        }
    }
    std::vector<std::pair<std::string, double>> list;

  private:
    std::map<std::string, size_t> index_;
};

struct Row {
    std::string name, tactic, limit;
    double ms = 0, gflop = 0, mbytes = 0, part = 0;  // part: of what the machine could do
};

std::vector<Row> roofline(ICudaEngine& engine, Session& session, const Peaks& peaks, Logger& logger) {
    auto json = nlohmann::json::parse(explanation(engine, logger));
    LayerTimes times;
    session.context().setProfiler(&times);
    for (int i = 0; i < 10; ++i) session.run();
    session.context().setProfiler(nullptr);
    std::map<std::string, const nlohmann::json*> steps;
    std::function<void(const nlohmann::json&)> visit = [&](const nlohmann::json& list) {
        for (const auto& s : list) {
            steps.emplace(s.value("name", ""), &s);
            for (const auto& r : s["regions"]) visit(r);
        }
    };
    visit(json["steps"]);
    std::vector<Row> rows;
    for (const auto& [name, ms] : times.list) {
        Row r;
        r.name = name;
        r.ms = ms;
        if (auto at = steps.find(name); at != steps.end()) {
            r.tactic = at->second->value("tactic", "");
            r.gflop = at->second->value("flops", 0.0) * 1e-9;
            r.mbytes = at->second->value("bytes", 0.0) * 1e-6;
        }
        double compute = r.gflop / peaks.gflops * 1e3, memory = r.mbytes / peaks.gbytes;  // ms at best
        r.limit = compute >= memory ? "compute" : "memory";
        r.part = ms > 0 ? std::max(compute, memory) / ms : 0;
        rows.push_back(std::move(r));
    }
    return rows;
}

}  // namespace

int benchCommand(const BuildOptions& options, const std::string& file, const BenchOptions& how, Logger& logger) {
    Engine e = loadEngine(planOf(options, file, logger), file, logger);
    Session session(*e.engine, {}, parseShapes(options.shapes, "--shapes"), logger);
    Times t = measure(session, how.seconds, "measuring");
    nlohmann::json j = {
        {"file", file},      {"runs", t.ms.size()},  {"min_ms", t.ms.front()}, {"median_ms", t.at(0.5)},
        {"mean_ms", t.mean}, {"p99_ms", t.at(0.99)}, {"max_ms", t.ms.back()},  {"throughput_qps", 1e3 / t.mean}};
    if (!how.json)
        fmt::print(
            "{}: {} runs, min {:.3f} ms, median {:.3f} ms, mean {:.3f} ms, 99 % {:.3f} ms, {:.1f} runs a second\n",
            file, t.ms.size(), t.ms.front(), t.at(0.5), t.mean, t.at(0.99), 1e3 / t.mean);
    if (how.roofline) {
        const char* text = std::getenv("LATHE_THREADS");
        int threads = text && std::atoi(text) > 0 ? std::atoi(text)
                                                  : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
        Peaks peaks = measurePeaks(threads);
        std::vector<Row> rows = roofline(*e.engine, session, peaks, logger);
        j["peak_gflops"] = peaks.gflops;
        j["peak_gbytes"] = peaks.gbytes;
        double total = 0, ideal = 0;
        for (const Row& r : rows) {
            total += r.ms;
            ideal += r.ms * r.part;
            j["layers"].push_back({{"name", r.name},
                                   {"tactic", r.tactic},
                                   {"ms", r.ms},
                                   {"gflop", r.gflop},
                                   {"mbytes", r.mbytes},
                                   {"limit", r.limit},
                                   {"part", r.part}});
        }
        if (!how.json) {
            fmt::print(
                "\n{} threads here reach {:.0f} GFLOP/s (fp32) and {:.1f} GB/s; what a layer could reach is the lower "
                "of both roofs\n",
                threads, peaks.gflops, peaks.gbytes);
            fmt::print("{:>9} {:>9} {:>9} {:>9} {:>8} {:>7}  {}\n", "ms", "GFLOP", "GFLOP/s", "GB/s", "limit", "of it",
                       "layer");
            for (const Row& r : rows)
                fmt::print("{:9.4f} {:9.4f} {:9.1f} {:9.1f} {:>8} {:6.0f}%  {} [{}]\n", r.ms, r.gflop,
                           r.ms > 0 ? r.gflop / r.ms * 1e3 : 0, r.ms > 0 ? r.mbytes / r.ms : 0, r.limit, r.part * 100,
                           r.name, r.tactic);
            fmt::print("{:9.4f} ms in layers, {:.4f} ms at the roofs ({:.0f} %)\n", total, ideal,
                       total > 0 ? ideal / total * 100 : 0);
        }
    }
    if (how.json) fmt::print("{}\n", j.dump());
    return 0;
}

}  // namespace lathe::tool
