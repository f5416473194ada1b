// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "lathe/common.h"

using namespace lathe::tool;

namespace {

void addBuildOptions(CLI::App& c, BuildOptions& o) {
    c.add_option("--shapes", o.shapes,
                 "shapes of inputs that vary: name:1x3x224x224; an engine for just these, unless a range is given")
        ->delimiter(',');
    c.add_option("--min-shapes", o.minShapes, "smallest shapes of the range")->delimiter(',');
    c.add_option("--opt-shapes", o.optShapes, "shapes to optimize for (default: --shapes)")->delimiter(',');
    c.add_option("--max-shapes", o.maxShapes, "largest shapes of the range")->delimiter(',');
    c.add_flag("--fp16", o.fp16, "allow fp16");
    c.add_flag("--bf16", o.bf16, "allow bf16");
    c.add_flag("--int8", o.int8, "allow int8");
    c.add_flag("--best", o.best, "allow fp16, bf16 and int8");
    c.add_flag("--strict", o.strict, "no tactics with more rounding error than a plain sum");
    c.add_option("--target", o.target,
                 "what to build for: cpu, cpu:avx2, cuda, cuda:sm_90 (default: this process's device)");
    c.add_option("--timing-cache", o.timingCache, "file of measured times, read and added to");
    c.add_option("--workspace", o.workspace, "most memory that one tactic may use for scratch: 512M");
    c.add_option("--level", o.level, "0 to 5: how many candidates are timed; 0 measures nothing")
        ->check(CLI::Range(0, 5));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Optimizes neural networks and runs them.\n\n"
        "  lathe build model.onnx -o model.plan --shapes=input:1x3x224x224\n"
        "  lathe run model.plan --input input=picture.npy --output answers\n"
        "  lathe bench model.plan --roofline\n"
        "  lathe explain model.onnx --html page.html\n"
        "  lathe diff model.onnx --bf16 --layers");
    app.require_subcommand(1);
    bool verbose = false;
    app.add_flag("-v,--verbose", verbose, "print what the library logs, every timed tactic among it");

    BuildOptions o;
    std::string output, file;
    CLI::App* build = app.add_subcommand(
        "build",
        "ONNX model to plan file\n\n"
        "  lathe build model.onnx -o model.plan --min-shapes=x:1x80 --opt-shapes=x:8x80 --max-shapes=x:64x80\n"
        "  lathe build model.onnx -o model.plan --bf16 --max-rel-err 1e-2 --calib inputs.npz");
    build->add_option("model", o.model, "model.onnx")->required();
    build->add_option("-o,--output", output, "plan file")->required();
    addBuildOptions(*build, o);
    build
        ->add_option("--fallback", o.fallback,
                     "forbid: fail, with a list, when something would run by the slow kernels that every op has, or on "
                     "another device")
        ->check(CLI::IsMember({"allow", "forbid"}));
    build->add_option("--max-rel-err", o.maxRelErr,
                      "error budget: fail when outputs on --calib differ more from plain fp32");
    build->add_option("--calib", o.calib, "inputs by name, from numpy.savez");

    std::vector<std::string> inputs;
    CLI::App* run = app.add_subcommand(
        "run", "run a plan once on arrays from .npy files\n\n  lathe run model.plan --input x=x.npy --output answers");
    run->add_option("plan", file, "plan file")->required();
    run->add_option("--input", inputs, "name=file.npy, once for every input");
    run->add_option("--output", output, "folder for <output name>.npy");

    BenchOptions bench;
    CLI::App* benchCmd = app.add_subcommand("bench",
                                            "latency of a plan (or of a model, built first) on random data\n\n  lathe "
                                            "bench model.onnx --shapes=x:8x80 --roofline");
    benchCmd->add_option("file", file, "plan or model.onnx")->required();
    benchCmd->add_option("--seconds", bench.seconds, "how long to measure")->check(CLI::Range(0.0, 3600.0));
    benchCmd->add_flag("--json", bench.json, "one JSON object");
    benchCmd->add_flag("--roofline", bench.roofline, "each layer beside what the processor could do");
    addBuildOptions(*benchCmd, o);

    ExplainOptions explain;
    CLI::App* explainCmd = app.add_subcommand(
        "explain",
        "what became of each node of a model, and by which tactics it runs\n\n"
        "  lathe explain model.plan\n"
        "  lathe explain model.onnx --html page.html      (with every candidate: timed, pruned or refused)");
    explainCmd->add_option("file", file, "plan or model.onnx")->required();
    explainCmd->add_flag("--json", explain.json, "all of it as JSON");
    explainCmd->add_option("--html", explain.html, "write a page that needs nothing else");
    explainCmd->add_option("--trace", explain.trace, "run once and write the layers' times for chrome://tracing");
    addBuildOptions(*explainCmd, o);

    DiffOptions diff;
    CLI::App* diffCmd =
        app.add_subcommand("diff",
                           "outputs of an engine beside the reference kernels in fp32, or another program's outputs\n\n"
                           "  lathe diff model.onnx --bf16 --layers\n"
                           "  lathe diff model.onnx --input x=x.npy --against outputs.npz");
    diffCmd->add_option("model", o.model, "model.onnx")->required();
    diffCmd->add_flag("--layers", diff.layers, "tensors between the engine's steps too");
    diffCmd->add_option("--against", diff.against, "outputs by name, from numpy.savez");
    diffCmd->add_option("--input", diff.inputs, "name=file.npy (inputs that are not given are random)");
    diffCmd->add_option("--tolerance", diff.tolerance,
                        "largest difference that is right (default 1e-3; 3e-2 for 16 bits; 0.3 for int8)");
    diffCmd->add_flag("--json", diff.json, "as JSON");
    addBuildOptions(*diffCmd, o);

    CLI11_PARSE(app, argc, argv);
    Logger logger(verbose);
    try {
        if (!o.target.empty()) setenv("LATHE_TARGET", o.target.c_str(), 0);
        if (*build) return buildCommand(o, output, logger);
        if (*run) return runCommand(file, inputs, output, logger);
        if (*benchCmd) return benchCommand(o, file, bench, logger);
        if (*diffCmd) return diffCommand(o, diff, logger);
        return explainCommand(o, file, explain, logger);
    } catch (const Failure& e) {
        fmt::print(stderr, "lathe: error: {} ({})\n", e.what(), e.where);
        if (!e.hint.empty()) fmt::print(stderr, "  hint: {}\n", e.hint);
    } catch (const std::exception& e) {
        fmt::print(stderr, "lathe: error: {} ({})\n", e.what(), app.get_subcommands()[0]->get_name());
    }
    return 1;
}
