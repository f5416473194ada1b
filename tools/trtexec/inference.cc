// SPDX-License-Identifier: Apache-2.0
#include "trtexec/inference.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <thread>

#include "common/formats.h"
#include "common/npy.h"
#include "cuda_runtime_api.h"

namespace lathe::trtexec {

using namespace nvinfer1;
using tool::Failure;

namespace {

using Clock = std::chrono::steady_clock;

void cuda(cudaError_t error, const char* what) {
    if (error != cudaSuccess)
        throw Failure(fmt::format("{} ({})", cudaGetErrorString(error), cudaGetErrorName(error)), what);
}

class Profiler : public IProfiler {
  public:
    void reportLayerTime(char const* name, float ms) noexcept override {
        try {
            auto [at, isNew] = index_.emplace(name, layers.size());
            if (isNew) layers.push_back({name, {}});
            layers[at->second].ms.push_back(ms);
        } catch (...) {
        }
    }
    std::vector<LayerTime> layers;

  private:
    std::map<std::string, size_t> index_;
};

// Device memory of an output whose size shows only while it runs.
class Growing : public IOutputAllocator {
  public:
    ~Growing() override { cudaFree(memory); }
    void* reallocateOutput(char const*, void*, uint64_t size, uint64_t) noexcept override {
        if (size > capacity) {
            cudaFree(memory);
            memory = nullptr;
            capacity = cudaMalloc(&memory, size) == cudaSuccess ? size : 0;
        }
        return memory;
    }
    void notifyShape(char const*, Dims const& d) noexcept override { dims = d; }
    void* memory = nullptr;
    uint64_t capacity = 0;
    Dims dims{};
};

// Writes debug tensors: those with a file of their own as raw bytes there, others as <name>.npy or <name>.raw.
class DebugWriter : public IDebugListener {
  public:
    DebugWriter(const Options& o, Log& log) : o_(o), log_(log) {}
    bool processDebugTensor(void const* address, TensorLocation location, DataType type, Dims const& dims,
                            char const* name, cudaStream_t stream) override {
        try {
            tool::Array a{type, dims, std::vector<char>(static_cast<size_t>(tool::bytesOf(type, dims)))};
            if (location == TensorLocation::kHOST) {
                std::memcpy(a.bytes.data(), address, a.bytes.size());
            } else {
                cuda(cudaMemcpyAsync(a.bytes.data(), address, a.bytes.size(), cudaMemcpyDeviceToHost, stream),
                     "copying a debug tensor");
                cuda(cudaStreamSynchronize(stream), "copying a debug tensor");
            }
            std::string file = name;
            std::replace(file.begin(), file.end(), '/', '_');
            for (const auto& [tensor, path] : o_.saveDebug)
                if (tensor == name) tool::writeFile(path, a.bytes.data(), a.bytes.size());
            for (const std::string& format : tool::split(o_.saveAllDebug, ',')) {
                if (format == "numpy") tool::writeNpy(file + ".npy", a);
                if (format == "raw") tool::writeFile(file + ".raw", a.bytes.data(), a.bytes.size());
            }
            return true;
        } catch (const std::exception& e) {
            log_.error(fmt::format("debug tensor '{}': {}", name, e.what()));
            return false;
        }
    }

  private:
    const Options& o_;
    Log& log_;
};

struct Binding {
    std::string name;
    bool isInput = false;
    DataType type{};
    Dims dims{};
    size_t bytes = 0;
    void *host = nullptr, *device = nullptr;
    bool managed = false, onHost = false;  // one buffer; a tensor that the engine reads on the host
    std::unique_ptr<Growing> growing;

    Binding() = default;
    Binding(Binding&& o) noexcept { *this = std::move(o); }
    Binding& operator=(Binding&& o) noexcept {
        std::swap(name, o.name);
        std::swap(isInput, o.isInput);
        std::swap(type, o.type);
        std::swap(dims, o.dims);
        std::swap(bytes, o.bytes);
        std::swap(host, o.host);
        std::swap(device, o.device);
        std::swap(managed, o.managed);
        std::swap(onHost, o.onHost);
        std::swap(growing, o.growing);
        return *this;
    }
    ~Binding() {
        if (device && device != host) cudaFree(device);
        if (managed)
            cudaFree(host);
        else
            cudaFreeHost(host);
    }
};

// A context with its stream, buffers and events.
class Stream {
  public:
    Stream(const Options& o, ICudaEngine& engine, Log& log, uint32_t seed) : o_(o), log_(log), engine_(engine) {
        cuda(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "creating a stream");
        for (cudaEvent_t& e : events_) cuda(cudaEventCreate(&e), "creating an event");
        context_.reset(engine.createExecutionContext(o.strategy));
        if (!context_) throw log.failure("creating a context");
        if (o.inferProfile && !context_->setOptimizationProfileAsync(o.inferProfile, stream_))
            throw log.failure("--useProfile");
        if (o.persistentCache >= 0) {
            int l2 = 0;
            cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, o.device);
            context_->setPersistentCacheLimit(static_cast<size_t>(o.persistentCache * l2));
        }
        setShapes(engine);
        allocate(engine, seed);
        if (o.strategy == ExecutionContextAllocationStrategy::kUSER_MANAGED) {
            size_t bytes = context_->updateDeviceMemorySizeForShapes();
            cuda(cudaMalloc(&activations_, std::max<size_t>(bytes, 1)), "memory of a context");
            context_->setDeviceMemoryV2(activations_, static_cast<int64_t>(bytes));
        }
        copyIn();  // also when transfers are not timed
        cuda(cudaStreamSynchronize(stream_), "copying inputs");
    }
    ~Stream() {
        if (graph_) cudaGraphExecDestroy(graph_);
        context_.reset();
        cudaFree(activations_);
        bindings_.clear();
        for (cudaEvent_t e : events_)
            if (e) cudaEventDestroy(e);
        if (stream_) cudaStreamDestroy(stream_);
    }

    IExecutionContext& context() { return *context_; }
    std::vector<Binding>& bindings() { return bindings_; }
    cudaStream_t handle() { return stream_; }

    void begin() {
        cuda(cudaEventRecord(events_[kBase], stream_), "timing");
        cuda(cudaStreamSynchronize(stream_), "timing");
        base_ = Clock::now();
    }
    double elapsedMs() const { return std::chrono::duration<double, std::milli>(Clock::now() - base_).count(); }

    // One inference, done when it returns. Without transfers nothing is recorded around them: each event costs the host
    // time, and a small network's queries wait for it.
    Run once() {
        if (transfers()) {
            record(kInStart);
            copyIn();
            record(kInEnd);
        }
        record(kComputeStart);
        Run r;
        r.enqueueStart = static_cast<float>(elapsedMs());
        if (graph_)
            cuda(cudaGraphLaunch(graph_, stream_), "launching the graph");
        else if (!context_->enqueueV3(stream_))
            throw log_.failure("enqueueV3");
        r.enqueueEnd = static_cast<float>(elapsedMs());
        record(kComputeEnd);
        if (transfers()) {
            record(kOutStart);
            copyOut();
            record(kOutEnd);
        }
        wait(transfers() ? kOutEnd : kComputeEnd);
        r.computeStart = at(kComputeStart);
        r.computeEnd = at(kComputeEnd);
        r.inStart = transfers() ? at(kInStart) : r.computeStart;
        r.inEnd = transfers() ? at(kInEnd) : r.computeStart;
        r.outStart = transfers() ? at(kOutStart) : r.computeEnd;
        r.outEnd = transfers() ? at(kOutEnd) : r.computeEnd;
        return r;
    }

    // Records a run in a graph; where that cannot be, runs are enqueued one by one, and the reason is told.
    void capture() {
        begin();  // once() reads the time since then
        once();   // what is allocated at the first run must not be in the graph
        cudaGraph_t graph = nullptr;
        cudaError_t e = cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal);
        bool ran = e == cudaSuccess && context_->enqueueV3(stream_);
        if (e == cudaSuccess) e = cudaStreamEndCapture(stream_, &graph);
        if (e == cudaSuccess && ran) e = cudaGraphInstantiate(&graph_, graph, 0);
        if (graph) cudaGraphDestroy(graph);
        if (e == cudaSuccess && ran) return;
        graph_ = nullptr;
        cudaGetLastError();
        log_.warning(fmt::format("--useCudaGraph: runs cannot be captured ({}); they are enqueued one by one",
                                 e == cudaSuccess ? "the engine refused" : cudaGetErrorString(e)));
    }

    std::vector<Tensor> tensors() {
        copyOut();
        cuda(cudaStreamSynchronize(stream_), "copying outputs");
        std::vector<Tensor> out;
        for (Binding& b : bindings_) {
            Tensor t{b.name, b.isInput, b.type, b.growing ? b.growing->dims : b.dims, {}};
            tool::BufferFormat format(engine_, *context_, b.name.c_str());
            auto size = static_cast<size_t>(std::max<int64_t>(format.bytes(), 0));
            t.bytes.resize(size);
            if (b.growing) {
                if (size)
                    cuda(cudaMemcpy(t.bytes.data(), b.growing->memory, size, cudaMemcpyDeviceToHost),
                         "copying outputs");
            } else {
                std::memcpy(t.bytes.data(), b.host, std::min(size, b.bytes));
            }
            if (!format.isLinear()) t.bytes = format.unpack(t.bytes.data());
            out.push_back(std::move(t));
        }
        return out;
    }

  private:
    enum { kBase, kInStart, kInEnd, kComputeStart, kComputeEnd, kOutStart, kOutEnd, kEvents };

    bool transfers() const { return !o_.noTransfers && !o_.managedMemory; }
    void record(int event) { cuda(cudaEventRecord(events_[event], stream_), "timing"); }
    // Milliseconds since begin().
    float at(int event) const {
        float ms = 0;
        cuda(cudaEventElapsedTime(&ms, events_[kBase], events_[event]), "timing");
        return ms;
    }
    void wait(int event) {
        if (o_.spinWait) {
            cudaError_t e;
            while ((e = cudaEventQuery(events_[event])) == cudaErrorNotReady) {
            }
            cuda(e, "waiting");
        } else {
            cuda(cudaEventSynchronize(events_[event]), "waiting");
        }
    }
    void copyIn() {
        for (Binding& b : bindings_)
            if (b.isInput && b.device != b.host && b.bytes)
                cuda(cudaMemcpyAsync(b.device, b.host, b.bytes, cudaMemcpyHostToDevice, stream_), "copying inputs");
    }
    void copyOut() {
        for (Binding& b : bindings_)
            if (!b.isInput && !b.growing && b.device != b.host && b.bytes)
                cuda(cudaMemcpyAsync(b.host, b.device, b.bytes, cudaMemcpyDeviceToHost, stream_), "copying outputs");
    }

    void setShapes(ICudaEngine& engine) {
        for (const auto& [name, dims] : o_.shapes)
            if (engine.getTensorIOMode(name.c_str()) != TensorIOMode::kINPUT)
                throw Failure(fmt::format("the engine has no input '{}'", name), "--shapes");
        for (const auto& [name, file] : o_.inputs)
            if (engine.getTensorIOMode(name.c_str()) != TensorIOMode::kINPUT)
                throw Failure(fmt::format("the engine has no input '{}'", name), "--loadInputs");
        for (int i = 0; i < engine.getNbIOTensors(); ++i) {
            const char* name = engine.getIOTensorName(i);
            if (engine.getTensorIOMode(name) != TensorIOMode::kINPUT || !tool::isDynamic(engine.getTensorShape(name)))
                continue;
            auto given = o_.shapes.find(name);
            Dims dims = given != o_.shapes.end() && !engine.isShapeInferenceIO(name)
                            ? given->second
                            : engine.getProfileShape(name, o_.inferProfile, OptProfileSelector::kOPT);
            if (!context_->setInputShape(name, dims)) throw log_.failure(fmt::format("the shape of input '{}'", name));
        }
    }

    void allocate(ICudaEngine& engine, uint32_t seed) {
        // Inputs first: the values of shape tensors decide the sizes of outputs.
        for (bool inputs : {true, false})
            for (int i = 0; i < engine.getNbIOTensors(); ++i) {
                const char* name = engine.getIOTensorName(i);
                if ((engine.getTensorIOMode(name) == TensorIOMode::kINPUT) != inputs) continue;
                Binding b;
                b.name = name;
                b.isInput = inputs;
                b.type = engine.getTensorDataType(name);
                b.dims = context_->getTensorShape(name);
                b.onHost = engine.getTensorLocation(name) == TensorLocation::kHOST;
                int64_t bytes = tool::BufferFormat(engine, *context_, name).bytes();
                if (bytes < 0 && inputs)
                    throw Failure("the shape is not known", fmt::format("input '{}'", name), "--shapes");
                if (bytes < 0) {
                    b.growing = std::make_unique<Growing>();
                    if (!context_->setOutputAllocator(name, b.growing.get())) throw log_.failure(name);
                } else {
                    b.bytes = static_cast<size_t>(bytes);
                    size_t size = std::max<size_t>(b.bytes, 1);
                    b.managed = o_.managedMemory;
                    if (b.managed) {
                        cuda(cudaMallocManaged(&b.host, size, cudaMemAttachGlobal), "memory of inputs and outputs");
                        b.device = b.host;
                    } else {
                        cuda(cudaMallocHost(&b.host, size), "memory of inputs and outputs");
                        if (b.onHost)
                            b.device = b.host;
                        else
                            cuda(cudaMalloc(&b.device, size), "memory of inputs and outputs");
                    }
                    if (inputs) fill(engine, b, seed + static_cast<uint32_t>(i));
                    if (!context_->setTensorAddress(name, b.device)) throw log_.failure(name);
                }
                bindings_.push_back(std::move(b));
            }
    }

    void fill(ICudaEngine& engine, Binding& b, uint32_t seed) {
        auto file = o_.inputs.find(b.name);
        if (file != o_.inputs.end()) {
            std::vector<char> bytes = tool::readFile(file->second);
            if (bytes.size() > 6 && std::memcmp(bytes.data(), "\x93NUMPY", 6) == 0) {
                // Row-major, whatever the input's format; raw files are as the engine reads them.
                bytes = tool::parseNpy(bytes, file->second).bytes;
                tool::BufferFormat format(engine, *context_, b.name.c_str());
                if (!format.isLinear() && static_cast<int64_t>(bytes.size()) == tool::bytesOf(b.type, b.dims))
                    bytes = format.pack(bytes.data());
            }
            if (bytes.size() != b.bytes)
                throw Failure(fmt::format("{} bytes where input '{}' of shape {} has {}", bytes.size(), b.name,
                                          tool::toString(b.dims), b.bytes),
                              file->second);
            std::memcpy(b.host, bytes.data(), b.bytes);
        } else if (engine.isShapeInferenceIO(b.name.c_str())) {
            // On the command line a shape tensor's dimensions are its values.
            auto given = o_.shapes.find(b.name);
            const int64_t* values =
                given != o_.shapes.end()
                    ? given->second.d
                    : engine.getProfileTensorValuesV2(b.name.c_str(), o_.inferProfile, OptProfileSelector::kOPT);
            int64_t count = tool::volume(b.dims);
            for (int64_t i = 0; values && i < count; ++i) {
                if (b.type == DataType::kINT64)
                    static_cast<int64_t*>(b.host)[i] = values[i];
                else
                    static_cast<int32_t*>(b.host)[i] = static_cast<int32_t>(values[i]);
            }
        } else {
            tool::fillRandom(b.type, b.host, b.bytes, seed);
        }
    }

    const Options& o_;
    Log& log_;
    ICudaEngine& engine_;
    cudaStream_t stream_ = nullptr;
    cudaEvent_t events_[kEvents] = {};
    std::unique_ptr<IExecutionContext> context_;
    void* activations_ = nullptr;
    cudaGraphExec_t graph_ = nullptr;
    std::vector<Binding> bindings_;
    Clock::time_point base_ = Clock::now();
};

void pause(double ms) {
    if (ms > 0) std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(ms));
}

std::vector<Run> loop(const Options& o, Stream& stream) {
    stream.begin();
    while (stream.elapsedMs() < o.warmUp) stream.once();
    stream.begin();
    std::vector<Run> runs;
    while (static_cast<int>(runs.size()) < std::max(o.iterations, 1) || stream.elapsedMs() < o.duration * 1e3) {
        runs.push_back(stream.once());
        pause(o.idleTime);
    }
    return runs;
}

}  // namespace

Measurement measure(const Options& o, Engine& engine, Log& log) {
    Measurement m;
    std::vector<std::unique_ptr<Stream>> streams;
    for (int s = 0; s < o.streams; ++s)
        streams.push_back(std::make_unique<Stream>(o, *engine.engine, log, static_cast<uint32_t>(s) * 1000));
    bool profile = o.dumpProfile || !o.exportProfile.empty();
    Profiler profiler;
    if (profile && !o.separateProfileRun) streams[0]->context().setProfiler(&profiler);
    if (o.cudaGraph && profile && !o.separateProfileRun) {
        log.warning(
            "--useCudaGraph: layers are profiled, so runs are enqueued one by one (--separateProfileRun does both)");
    } else if (o.cudaGraph) {
        for (auto& s : streams) s->capture();
    }
    if (o.exposeDma) log.info("--exposeDMA: copies and runs of a stream never overlap here");
    pause(o.sleepTime);

    auto start = Clock::now();
    if (streams.size() == 1 && !o.threads) {
        m.runs = loop(o, *streams[0]);
    } else {
        // A host's runs are done when they are enqueued, so streams need threads of their own to work side by side.
        std::vector<std::vector<Run>> each(streams.size());
        std::vector<std::exception_ptr> failures(streams.size());
        std::vector<std::thread> threads;
        for (size_t s = 0; s < streams.size(); ++s)
            threads.emplace_back([&, s] {
                try {
                    each[s] = loop(o, *streams[s]);
                } catch (...) {
                    failures[s] = std::current_exception();
                }
            });
        for (std::thread& t : threads) t.join();
        for (const auto& f : failures)
            if (f) std::rethrow_exception(f);
        for (const auto& list : each) m.runs.insert(m.runs.end(), list.begin(), list.end());
        std::stable_sort(m.runs.begin(), m.runs.end(), [](const Run& a, const Run& b) { return a.outEnd < b.outEnd; });
    }
    // Warming up is not part of it.
    m.wallSeconds =
        m.runs.empty() ? std::chrono::duration<double>(Clock::now() - start).count() : m.runs.back().outEnd / 1e3;
    if (profile && o.separateProfileRun) {
        streams[0]->context().setProfiler(&profiler);
        Options again = o;
        again.cudaGraph = false;
        Stream second(again, *engine.engine, log, 0);
        streams[0]->context().setProfiler(nullptr);
        second.context().setProfiler(&profiler);
        loop(again, second);
    }
    if (!o.saveDebug.empty() || !o.saveAllDebug.empty()) {
        DebugWriter writer(o, log);
        IExecutionContext& context = streams[0]->context();
        if (!context.setDebugListener(&writer) || !context.setAllTensorsDebugState(true))
            throw log.failure("--saveDebugTensors");
        if (o.markUnfused && !context.setUnfusedTensorsDebugState(true)) throw log.failure("--saveDebugTensors");
        streams[0]->once();
        context.setUnfusedTensorsDebugState(false);
        context.setAllTensorsDebugState(false);
        context.setDebugListener(nullptr);
    }
    m.layers = std::move(profiler.layers);
    m.tensors = streams[0]->tensors();
    if (o.dumpLayers || !o.exportLayers.empty()) {
        std::unique_ptr<IEngineInspector> inspector(engine.engine->createEngineInspector());
        if (!inspector || !inspector->setExecutionContext(&streams[0]->context()))
            throw log.failure("asking the engine for its layers");
        m.layerInfo = inspector->getEngineInformation(LayerInformationFormat::kJSON);
        m.layerText = inspector->getEngineInformation(LayerInformationFormat::kONELINE);
    }
    return m;
}

}  // namespace lathe::trtexec
