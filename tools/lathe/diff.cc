// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lathe/common.h"

namespace lathe::tool {

using Json = nlohmann::json;

namespace {

struct Row {
    std::string name, step;
    double error = 0;
};

// Tensors that steps hand on, in the order in which they are made.
std::vector<std::pair<std::string, std::string>> stepOutputs(const Json& engine) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& s : engine["steps"])
        for (const auto& o : s["outputs"])
            if (std::string name = o.value("name", ""); !name.empty() && name.find(':') == std::string::npos)
                out.emplace_back(name, s.value("name", ""));
    return out;
}

}  // namespace

int diffCommand(const BuildOptions& options, const DiffOptions& how, Logger& logger) {
    double tolerance = how.tolerance >= 0             ? how.tolerance
                       : options.int8 || options.best ? 0.3
                       : options.fp16 || options.bf16 ? 3e-2
                                                      : 1e-3;
    BuildOptions o = options;
    std::vector<char> plan = buildPlan(o, logger);
    Engine mine = loadEngine(plan, o.model, logger);
    std::map<std::string, std::string> steps;
    std::vector<std::string> order;
    if (how.layers) {
        // The tensors between the engine's own steps are there anyway; asking for them changes little of what is fused.
        for (const auto& [tensor, step] : stepOutputs(Json::parse(explanation(*mine.engine, logger))))
            if (steps.emplace(tensor, step).second) {
                o.extraOutputs.push_back(tensor);
                order.push_back(tensor);
            }
        mine = loadEngine(buildPlan(o, logger), o.model, logger);
    }
    std::map<std::string, Array> inputs = readInputs(how.inputs);
    Session a(*mine.engine, inputs, parseShapes(o.shapes, "--shapes"), logger);
    a.run();
    auto got = a.outputs();

    std::map<std::string, Array> want;
    std::string against = how.against;
    if (!against.empty()) {
        want = readNpz(against);
    } else {
        against = "the reference kernels in fp32";
        BuildOptions exact = o;
        exact.fp16 = exact.bf16 = exact.int8 = exact.best = false;
        exact.strict = true;
        exact.target = "cpu:reference";
        exact.timingCache.clear();
        Engine reference = loadEngine(buildPlan(exact, logger), o.model, logger);
        ProgressLine line;
        line.show("running the reference kernels");
        Session b(*reference.engine, a.inputs(), {}, logger);
        b.run();
        want = b.outputs();
    }
    for (const auto& [name, array] : got)
        if (!steps.count(name)) order.push_back(name);
    std::vector<Row> rows;
    double worst = 0;
    std::string firstBad;
    for (const std::string& name : order) {
        auto mineAt = got.find(name);
        auto theirs = want.find(name);
        if (mineAt == got.end() || theirs == want.end()) continue;  // not an output after all, or not among OUTPUTS.npz
        double e = relativeError(mineAt->second, theirs->second);
        rows.push_back({name, steps.count(name) ? steps[name] : "", e});
        if (!(e <= tolerance) && firstBad.empty()) firstBad = name;
        if (!(e <= worst)) worst = e;
    }
    if (rows.empty()) throw Failure("no tensor is in both", against, "names must be those of the model's outputs");
    if (how.json) {
        Json j = {{"model", o.model}, {"against", against}, {"tolerance", tolerance}, {"tensors", Json::array()}};
        for (const Row& r : rows)
            j["tensors"].push_back({{"name", r.name},
                                    {"step", r.step},
                                    {"error", std::isfinite(r.error) ? Json(r.error) : Json(nullptr)}});
        fmt::print("{}\n", j.dump(1));
    } else {
        fmt::print("largest difference from {}, relative to each tensor's largest value:\n", against);
        for (const Row& r : rows)
            fmt::print("{} {:10.3g}  {}{}\n", r.error <= tolerance ? ' ' : '!', r.error, r.name,
                       r.step.empty() ? "" : "  [" + r.step + "]");
    }
    if (!firstBad.empty())
        throw Failure(fmt::format("differences of up to {:.3g} pass the tolerance {:.3g}; the first is at tensor '{}'",
                                  worst, tolerance, firstBad),
                      o.model,
                      how.layers ? "--tolerance sets another limit" : "--layers shows where the differences begin");
    return 0;
}

}  // namespace lathe::tool
