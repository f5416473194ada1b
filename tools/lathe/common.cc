// SPDX-License-Identifier: Apache-2.0
#include "lathe/common.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "Lathe.h"
#include "common/formats.h"

namespace lathe::tool {

using namespace nvinfer1;

void Logger::log(Severity severity, char const* message) noexcept {
    try {
        if (severity <= Severity::kERROR) lastError_ = message;
        if (keep_ && severity == Severity::kVERBOSE) parseCandidate(message, candidates_);
        if (verbose_ || severity == Severity::kWARNING) fmt::print(stderr, "{}\n", message);
    } catch (...) {
    }
}

namespace {

// Where a tactic's id begins after ": "; names of nodes may hold colons and spaces too.
size_t findTactic(const std::string& line, size_t from = 0) {
    for (const char* device : {": cpu.", ": cuda."})
        if (size_t at = line.find(device, from); at != std::string::npos) return at + 2;
    return std::string::npos;
}

}  // namespace

bool parseCandidate(const std::string& line, std::vector<Candidate>& list) {
    static const std::string fastest = ": fastest ";
    if (size_t at = line.find(fastest); at != std::string::npos) {
        size_t end = line.rfind(' ', line.size() >= 4 ? line.size() - 4 : 0);  // before the time
        if (end == std::string::npos || end <= at + fastest.size()) return false;
        std::string node = line.substr(0, at), tactic = line.substr(at + fastest.size(), end - at - fastest.size());
        for (auto c = list.rbegin(); c != list.rend(); ++c)
            if (c->node == node && c->tactic == tactic && c->verdict == "timed") {
                c->fastest = true;
                return true;
            }
        return false;
    }
    size_t tactic = findTactic(line);
    if (tactic == std::string::npos) return false;
    Candidate c;
    c.node = line.substr(0, tactic - 2);
    if (size_t at = line.find(" refused: ", tactic); at != std::string::npos) {
        c.tactic = line.substr(tactic, at - tactic);
        c.verdict = "refused";
        c.reason = line.substr(at + 10);
    } else if (size_t at = line.find(" pruned: estimated at ", tactic); at != std::string::npos) {
        c.tactic = line.substr(tactic, at - tactic);
        c.verdict = "pruned";
        c.us = std::strtod(line.c_str() + at + 22, nullptr);
        c.reason = line.substr(at + 9);
    } else if (size_t at = line.find(" us, workspace ", tactic); at != std::string::npos) {
        size_t space = line.rfind(' ', at - 1);
        c.tactic = line.substr(tactic, space - tactic);
        c.verdict = "timed";
        c.us = std::strtod(line.c_str() + space + 1, nullptr);
        c.workspace = std::strtoll(line.c_str() + at + 15, nullptr, 10);
    } else {
        return false;
    }
    list.push_back(std::move(c));
    return true;
}

ProgressLine::ProgressLine() : terminal_(isatty(2)), start_(Clock::now()), last_(start_) {}

void ProgressLine::show(const std::string& text) {
    if (!terminal_) return;
    auto now = Clock::now();
    if (now - start_ < std::chrono::seconds(1) || (shown_ && now - last_ < std::chrono::milliseconds(80))) return;
    last_ = now;
    shown_ = true;
    fmt::print(stderr, "\r\x1b[K{} ({:.0f} s)", text, std::chrono::duration<double>(now - start_).count());
    std::fflush(stderr);
}

void ProgressLine::clear() {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
    shown_ = false;
}

Engine loadEngine(const std::vector<char>& plan, const std::string& where, Logger& logger) {
    Engine e;
    e.runtime.reset(createInferRuntime(logger));
    if (!e.runtime) throw Failure(logger.lastError(), "creating the runtime");
    e.engine.reset(e.runtime->deserializeCudaEngine(plan.data(), plan.size()));
    if (!e.engine) throw Failure(logger.lastError(), where, "build the plan again with this version on this machine");
    return e;
}

std::vector<char> planOf(const BuildOptions& options, const std::string& file, Logger& logger) {
    std::vector<char> bytes = readFile(file);
    if (isPlan(bytes)) return bytes;
    BuildOptions o = options;
    o.model = file;
    return buildPlan(o, logger);
}

std::string explanation(const ICudaEngine& engine, Logger& logger) {
    std::unique_ptr<IHostMemory> text(lathe::explain(engine));
    if (!text) throw Failure(logger.lastError(), "explaining the engine");
    return std::string(static_cast<const char*>(text->data()), text->size());
}

// Outputs may grow while the engine runs.
class Session::Output : public IOutputAllocator {
  public:
    explicit Output(bool onGpu) : memory(onGpu) {}
    void* reallocateOutput(char const*, void*, uint64_t size, uint64_t) noexcept override {
        if (memory.onGpu) return memory.reserve(size);
        try {
            if (bytes.size() < size + 64) bytes.resize(size + 64);
        } catch (...) {
            return nullptr;
        }
        return aligned();
    }
    void notifyShape(char const*, Dims const& d) noexcept override { dims = d; }
    char* aligned() { return reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(bytes.data()) + 63) / 64 * 64); }
    DeviceMemory memory;
    std::vector<char> bytes;
    Dims dims{};
};

DeviceMemory::~DeviceMemory() {
    if (data) lathe::deviceFree(data);
}

void* DeviceMemory::reserve(size_t size) {
    if (capacity >= size && data) return data;
    if (data) lathe::deviceFree(data);
    data = lathe::deviceAllocate(size);
    capacity = data ? size : 0;
    return data;
}

Session::Session(ICudaEngine& engine, const std::map<std::string, Array>& inputs, const Shapes& shapes, Logger& logger)
    : engine_(engine),
      logger_(logger),
      onGpu_(lathe::runsOnGpu(engine)),
      context_(engine.createExecutionContext()),
      inputs_(inputs) {
    if (!context_) throw Failure(logger.lastError(), "creating a context");
    for (const auto& [name, a] : inputs)
        if (engine.getTensorIOMode(name.c_str()) != TensorIOMode::kINPUT)
            throw Failure(fmt::format("there is no input '{}'", name), "--input");
    for (int i = 0; i < engine.getNbIOTensors(); ++i) {
        const char* name = engine.getIOTensorName(i);
        if (engine.getTensorIOMode(name) != TensorIOMode::kINPUT) {
            auto& out = outputs_[name] = std::make_shared<Output>(isThere(name));
            context_->setOutputAllocator(name, out.get());
            continue;
        }
        DataType type = engine.getTensorDataType(name);
        auto given = inputs_.find(name);
        if (given == inputs_.end()) {
            Array a;
            a.type = type;
            a.dims = engine.getTensorShape(name);
            if (auto shape = shapes.find(name); shape != shapes.end() && isDynamic(a.dims))
                a.dims = shape->second;
            else if (isDynamic(a.dims))
                a.dims = engine.getProfileShape(name, 0, OptProfileSelector::kOPT);
            a.bytes.resize(static_cast<size_t>(std::max<int64_t>(bytesOf(type, a.dims), 0)));
            if (const int64_t* values = engine.getProfileTensorValuesV2(name, 0, OptProfileSelector::kOPT)) {
                for (int64_t k = 0; k < volume(a.dims); ++k)
                    if (type == DataType::kINT64)
                        reinterpret_cast<int64_t*>(a.bytes.data())[k] = values[k];
                    else
                        reinterpret_cast<int32_t*>(a.bytes.data())[k] = static_cast<int32_t>(values[k]);
            } else {
                fillRandom(type, a.bytes.data(), a.bytes.size(), static_cast<uint32_t>(i) + 1);
            }
            given = inputs_.emplace(name, std::move(a)).first;
        }
        if (given->second.type != type)
            throw Failure(
                fmt::format("the array's elements are {}, the input's {}", nameOf(given->second.type), nameOf(type)),
                fmt::format("input '{}'", name));
        if (!context_->setInputShape(name, given->second.dims))
            throw Failure(logger.lastError(), fmt::format("input '{}'", name));
        void* address = given->second.bytes.data();
        size_t size = given->second.bytes.size();
        if (BufferFormat format(engine, *context_, name); !format.isLinear()) {
            std::vector<char>& packed = packed_.emplace_back(format.pack(address));
            address = packed.data();
            size = packed.size();
        }
        if (isThere(name)) {
            auto& memory = deviceInputs_.emplace_back(std::make_unique<DeviceMemory>(true));
            if (!memory->reserve(size) || !lathe::deviceCopy(memory->data, address, size))
                throw Failure(logger.lastError(), fmt::format("input '{}'", name));
            address = memory->data;
        }
        context_->setTensorAddress(name, address);
    }
}

void Session::run() {
    if (!context_->enqueueV3(nullptr) || (onGpu_ && !lathe::deviceSynchronize()))
        throw Failure(logger_.lastError(), "running the engine");
}

bool Session::isThere(const char* name) const {
    return onGpu_ && engine_.getTensorLocation(name) == TensorLocation::kDEVICE;
}

std::map<std::string, Array> Session::outputs() const {
    std::map<std::string, Array> out;
    for (const auto& [name, r] : outputs_) {
        Array& a = out[name];
        a.type = engine_.getTensorDataType(name.c_str());
        a.dims = r->dims;
        BufferFormat format(engine_, *context_, name.c_str());
        auto size = static_cast<size_t>(format.bytes());
        a.bytes.resize(size);
        if (!r->memory.onGpu)
            std::copy_n(r->aligned(), size, a.bytes.data());
        else if (size && !lathe::deviceCopy(a.bytes.data(), r->memory.data, size))
            throw Failure(logger_.lastError(), fmt::format("output '{}'", name));
        if (!format.isLinear()) a.bytes = format.unpack(a.bytes.data());
    }
    return out;
}

double relativeError(const Array& got, const Array& want) {
    if (got.dims.nbDims != want.dims.nbDims || !std::equal(got.dims.d, got.dims.d + got.dims.nbDims, want.dims.d))
        return std::numeric_limits<double>::infinity();
    int64_t n = volume(got.dims);
    std::vector<double> a = toNumbers(got.type, got.bytes.data(), n), b = toNumbers(want.type, want.bytes.data(), n);
    double worst = 0, largest = 0;
    for (size_t i = 0; i < a.size(); ++i) {
        if (std::isnan(a[i]) && std::isnan(b[i])) continue;
        if (a[i] == b[i]) {  // infinities too
            if (std::isfinite(b[i])) largest = std::max(largest, std::abs(b[i]));
            continue;
        }
        double d = std::abs(a[i] - b[i]);
        if (!(d <= worst)) worst = d;
        if (std::isnan(worst)) return worst;
        if (std::isfinite(b[i])) largest = std::max(largest, std::abs(b[i]));
    }
    return worst == 0 ? 0 : worst / std::max(largest, 1e-30);
}

}  // namespace lathe::tool
