// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdlib>

#include "cuda_runtime_api.h"
#include "trtexec/report.h"

using namespace lathe::trtexec;
using lathe::tool::Failure;

namespace {

void timeDeserialize(const Options& o, Log& log) {
    if (o.loadEngine.empty()) throw Failure("there is no plan to load", "--timeDeserialize", "add --loadEngine=FILE");
    for (const char* which : {"first", "second"}) {
        auto start = std::chrono::steady_clock::now();
        Engine e = makeEngine(o, log);
        double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
        log.info(fmt::format("The {} deserialization took {:.6g} ms, file included.", which, ms));
    }
}

void run(const Options& o, Log& log) {
    for (const std::string& n : o.notes) log.warning(n);
    if (!o.saveDebug.empty() || !o.saveAllDebug.empty())
        if (o.debugTensors.empty() && !o.markUnfused)
            throw Failure("no tensor is marked", "--saveDebugTensors", "add --markDebug=TENSOR");
    if (cudaError_t e = cudaSetDevice(o.device))
        throw Failure(fmt::format("{} ({})", cudaGetErrorString(e), cudaGetErrorName(e)),
                      fmt::format("--device={}", o.device));
    cudaDeviceProp device{};
    if (cudaGetDeviceProperties(&device, o.device) == cudaSuccess)
        log.info(fmt::format("Selected device: {}", device.name));
    if (o.timeDeserialize) return timeDeserialize(o, log);
    Engine engine = makeEngine(o, log);
    if (!engine.engine) return;
    if (o.dumpProfiles) reportProfiles(*engine.engine, log);
    if (o.skipInference) {
        if (o.dumpLayers || !o.exportLayers.empty()) {
            std::unique_ptr<nvinfer1::IEngineInspector> inspector(engine.engine->createEngineInspector());
            if (!inspector) throw log.failure("asking the engine for its layers");
            Measurement m;
            m.layerInfo = inspector->getEngineInformation(nvinfer1::LayerInformationFormat::kJSON);
            m.layerText = inspector->getEngineInformation(nvinfer1::LayerInformationFormat::kONELINE);
            reportLayers(o, m, log);
        }
        log.info("Skipped inference phase since --skipInference is added.");
        return;
    }
    log.info("Starting inference");
    Measurement m = measure(o, engine, log);
    reportPerformance(o, m, log);
    reportLayers(o, m, log);
    reportTensors(o, m, log);
}

}  // namespace

int main(int argc, char** argv) {
    std::string title = fmt::format("TensorRT.trtexec [v{}] # ",
                                    NV_TENSORRT_MAJOR * 10000 + NV_TENSORRT_MINOR * 100 + NV_TENSORRT_PATCH);
    for (int i = 0; i < argc; ++i) title += std::string(i ? " " : "") + argv[i];
    Log log(false);
    bool ok = false;
    fmt::print("&&&& RUNNING {}\n", title);
    try {
        Options o = parseOptions({argv + 1, argv + argc});
        if (o.help || argc == 1) {
            fmt::print("{}", helpText());
        } else {
            log.setVerbose(o.verbose);
            // A target of this process, before the first call fixes its device domain.
            if (!o.target.empty()) setenv("LATHE_TARGET", o.target.c_str(), 0);
            run(o, log);
        }
        ok = true;
    } catch (const Failure& e) {
        log.error(fmt::format("{} ({})", e.what(), e.where));
        if (!e.hint.empty()) log.error(fmt::format("hint: {}", e.hint));
    } catch (const std::exception& e) {
        log.error(e.what());
    }
    fmt::print("&&&& {} {}\n", ok ? "PASSED" : "FAILED", title);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
