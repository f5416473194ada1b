// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <nlohmann/json.hpp>

#include "lathe/common.h"

namespace lathe::tool {

using namespace nvinfer1;
using Json = nlohmann::json;

namespace {

Json candidatesJson(const std::vector<Candidate>& list) {
    Json out = Json::array();
    for (const Candidate& c : list) {
        Json j = {{"node", c.node}, {"tactic", c.tactic}, {"verdict", c.verdict}};
        if (c.us >= 0) j["us"] = c.us;
        if (c.workspace >= 0) j["workspace"] = c.workspace;
        if (!c.reason.empty()) j["reason"] = c.reason;
        if (c.fastest) j["fastest"] = true;
        out.push_back(std::move(j));
    }
    return out;
}

std::string outputsText(const Json& step) {
    std::string text;
    for (const auto& o : step["outputs"]) {
        std::string shape;
        for (const auto& d : o["shape"])
            shape += (shape.empty() ? "" : "x") + (d.is_string() ? d.get<std::string>() : d.dump());
        text += fmt::format("{}{} {} {}", text.empty() ? "" : ", ", o.value("type", ""), shape, o.value("format", ""));
    }
    return text;
}

void printSteps(const Json& steps, int depth) {
    for (const auto& s : steps) {
        double ms = s.value("ms", 0.0);
        std::string params;
        if (!s["params"].empty()) params = s["params"].dump();
        fmt::print("{:{}}{:>10}  {}\n{:{}}{:>10}  {}{}  {}\n", "", depth * 2,
                   ms > 0 ? fmt::format("{:.4f} ms", ms) : "-", s.value("name", "?"), "", depth * 2, "",
                   s.value("tactic", "") == "" ? s.value("op", "") : s.value("tactic", ""), params, outputsText(s));
        for (const auto& r : s["regions"]) printSteps(r, depth + 2);
    }
}

void print(const Json& j) {
    const Json& e = j["engine"];
    fmt::print("engine '{}' for {}, library {}\n\nsteps, with the time measured when each was chosen:\n",
               e.value("name", ""), e.value("target", ""), e.value("library", ""));
    printSteps(e["steps"], 0);
    fmt::print("\nnodes of the model:\n");
    std::map<std::string, int> count;
    for (const auto& n : e["nodes"]) {
        ++count[n.value("fate", "")];
        fmt::print("  {:9} {:40} {}\n", n.value("fate", ""), n.value("name", ""), n.value("detail", ""));
    }
    for (const auto& [fate, n] : count) fmt::print("{} {}; ", n, fate);
    fmt::print("{} nodes in all\n", e["nodes"].size());
    if (!j.contains("candidates")) return;
    fmt::print("\ncandidates (* is the fastest of those that cover the same nodes; the cover picks among sets):\n");
    std::string node;
    for (const auto& c : j["candidates"]) {
        if (c.value("node", "") != node) fmt::print("  {}\n", node = c.value("node", ""));
        std::string verdict = c.value("verdict", "");
        if (verdict == "timed")
            fmt::print("   {} {:>11.2f} us  {}  workspace {}\n", c.value("fastest", false) ? '*' : ' ',
                       c.value("us", 0.0), c.value("tactic", ""), c.value("workspace", int64_t{0}));
        else
            fmt::print("     {:>11}     {}  {}\n", verdict, c.value("tactic", ""), c.value("reason", ""));
    }
}

// One run's layers in the form of chrome://tracing and Perfetto.
class Trace : public IProfiler {
  public:
    void reportLayerTime(char const* name, float ms) noexcept override {
        try {
            events_.push_back({{"name", name}, {"ph", "X"}, {"ts", at_}, {"dur", ms * 1e3}, {"pid", 1}, {"tid", 1}});
            at_ += ms * 1e3;
        } catch (...) {
        }
    }
    void clear() {
        events_ = Json::array();
        at_ = 0;
    }
    std::string text() const { return Json{{"traceEvents", events_}, {"displayTimeUnit", "ms"}}.dump(1); }

  private:
    Json events_ = Json::array();
    double at_ = 0;
};

}  // namespace

int explainCommand(const BuildOptions& options, const std::string& file, const ExplainOptions& how, Logger& logger) {
    logger.keepCandidates(true);
    Engine e = loadEngine(planOf(options, file, logger), file, logger);
    logger.keepCandidates(false);
    Json j = {{"file", file}, {"engine", Json::parse(explanation(*e.engine, logger))}};
    if (!logger.candidates().empty()) j["candidates"] = candidatesJson(logger.candidates());
    if (!how.trace.empty()) {
        Session session(*e.engine, {}, parseShapes(options.shapes, "--shapes"), logger);
        Trace trace;
        session.run();
        session.context().setProfiler(&trace);
        session.run();
        trace.clear();
        session.run();
        session.context().setProfiler(nullptr);
        writeFile(how.trace, trace.text());
    }
    if (!how.html.empty()) writeFile(how.html, explainPage(j.dump()));
    if (how.json)
        fmt::print("{}\n", j.dump(1));
    else if (how.html.empty() && how.trace.empty())
        print(j);
    return 0;
}

}  // namespace lathe::tool
