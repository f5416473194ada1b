// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "lathe/common.h"

using namespace lathe::tool;

int main(int argc, char** argv) {
    CLI::App app(
        "Optimizes neural networks and runs them.\n\n"
        "  lathe build model.onnx -o model.plan --shapes=input:1x3x224x224\n"
        "  lathe run model.plan --input input=picture.npy --output answers\n"
        "  lathe bench model.plan\n"
        "  lathe explain model.plan");
    app.require_subcommand(1);
    bool verbose = false;
    app.add_flag("-v,--verbose", verbose, "print what the library logs, every timed tactic among it");

    BuildOptions o;
    std::string output, plan;
    auto shapes = [&](CLI::App* c) {
        c->add_option(
            "--shapes", o.shapes,
            "shapes of inputs that vary: name:1x3x224x224; an engine for just these, unless a range is given");
        c->add_option("--min-shapes", o.minShapes, "smallest shapes of the range");
        c->add_option("--opt-shapes", o.optShapes, "shapes to optimize for (default: --shapes)");
        c->add_option("--max-shapes", o.maxShapes, "largest shapes of the range");
        c->add_option("--timing-cache", o.timingCache, "file of measured times, read and added to");
        c->add_option("--workspace", o.workspace, "most memory that one tactic may use for scratch: 512M");
        c->add_option("--level", o.level, "0 to 5: how many candidates are timed; 0 measures nothing")
            ->check(CLI::Range(0, 5));
        c->add_flag("--strict", o.strict, "no tactics with more rounding error than a plain sum");
    };
    CLI::App* build = app.add_subcommand("build", "ONNX model to plan file");
    build->add_option("model", o.model, "model.onnx")->required();
    build->add_option("-o,--output", output, "plan file")->required();
    shapes(build);

    std::vector<std::string> inputs;
    CLI::App* run = app.add_subcommand("run", "run a plan once on arrays from .npy files");
    run->add_option("plan", plan, "plan file")->required();
    run->add_option("--input", inputs, "name=file.npy, once for every input");
    run->add_option("--output", output, "folder for <output name>.npy");

    double seconds = 3;
    bool json = false;
    CLI::App* bench = app.add_subcommand("bench", "latency of a plan (or of a model, built first) on random data");
    bench->add_option("file", plan, "plan or model.onnx")->required();
    bench->add_option("--seconds", seconds, "how long to measure")->check(CLI::Range(0.0, 3600.0));
    bench->add_flag("--json", json, "one JSON object");
    shapes(bench);

    CLI::App* explain = app.add_subcommand("explain", "which tactics an engine is made of");
    explain->add_option("file", plan, "plan or model.onnx")->required();
    explain->add_flag("--json", json, "the inspector's JSON");
    shapes(explain);

    CLI11_PARSE(app, argc, argv);
    Logger logger(verbose);
    try {
        if (*build) {
            o.progress = true;
            auto bytes = buildPlan(o, logger);
            writeFile(output, bytes.data(), bytes.size());
            fmt::print("{}: {} bytes\n", output, bytes.size());
            return 0;
        }
        if (*run) return runCommand(plan, inputs, output, logger);
        if (*bench) return benchCommand(o, plan, seconds, json, logger);
        return explainCommand(o, plan, json, logger);
    } catch (const Failure& e) {
        fmt::print(stderr, "lathe: error: {} ({})\n", e.what(), e.where);
        if (!e.hint.empty()) fmt::print(stderr, "  hint: {}\n", e.hint);
    } catch (const std::exception& e) {
        fmt::print(stderr, "lathe: error: {} ({})\n", e.what(), app.get_subcommands()[0]->get_name());
    }
    return 1;
}
