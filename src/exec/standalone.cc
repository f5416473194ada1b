// SPDX-License-Identifier: Apache-2.0
#include "exec/standalone.h"

#include <chrono>
#include <cstring>
#include <unordered_map>

#include "exec/layout.h"
#include "exec/preparation.h"
#include "ops/sample.h"

namespace lathe::exec {
namespace {

using tactics::Format;
using tactics::Layout;

// One call is timed alone when it takes this long; the clock costs some 50 ns.
constexpr double kLongEnough = 20e-6;
constexpr int kMaxRepeats = 200;
// On a device events tell half a microsecond; a recording is launched in a few.
constexpr double kLongEnoughThere = 400e-6;
constexpr int kMaxRecorded = 50;
// Behind every block of a device's memory.
constexpr int64_t kGuard = 256;
constexpr uint8_t kGuardByte = 0xab;

Status storeIntegers(const ir::Tensor& t, std::span<const int64_t> values) {
    if (t.count() != static_cast<int64_t>(values.size())) return internalError("known elements do not fit their shape");
    return dispatchAll(t.dtype, [&]<class T>() -> Status {
        for (size_t k = 0; k < values.size(); ++k) {
            if constexpr (std::is_integral_v<T>)
                t.as<T>()[k] = static_cast<T>(values[k]);
            else
                t.as<T>()[k] = static_cast<float>(values[k]);
        }
        return {};
    });
}

}  // namespace

Result<std::unique_ptr<Standalone>> Standalone::create(const tactics::Binding& binding,
                                                       const tactics::BindContext& shapes, PackedStore* store) {
    auto alone = std::unique_ptr<Standalone>(new Standalone(binding));
    TRY_IN(binding.tactic->id(), alone->setUp(shapes, store));
    return alone;
}

Status Standalone::setUp(const tactics::BindContext& shapes, PackedStore* store) {
    if (!store) {
        ownStore_ = std::make_unique<PackedStore>(shapes.target());
        store = ownStore_.get();
    }
    std::unordered_map<const ir::Value*, ir::Dims> known;
    auto dimsOf = [&](const ir::Value& v) -> const ir::Dims& {
        auto [at, fresh] = known.try_emplace(&v);
        if (fresh) at->second = shapes.optDims(v);
        return at->second;
    };
    if (tactics::backendOf(*binding_.tactic) != tactics::Target::Backend::kCpu) {
        device_ = store->device();
        if (!device_) return makeStatus(Code::kInvalidState, "there is no device to run it on");
        stream_ = TRY(device_->makeStream());
        timer_ = TRY(device_->makeTimer());
    }
    kernel_ = TRY(binding_.tactic->prepare(binding_, Preparation(binding_, dimsOf, *store)));
    if (device_) {
        workspaceData_ = TRY(allocateThere(kernel_->workspaceBytes()));
    } else {
        workspace_ = TRY(allocate(kernel_->workspaceBytes()));
        workspaceData_ = workspace_.get();
    }

    auto slot = [&](const ir::Value& v, Layout layout) -> Result<Slot> {
        Slot s{{v.dtype(), layout}, dimsOf(v), nullptr, nullptr, 0};
        TRY(ir::checkedVolume(s.dims));
        if (!tactics::fits(layout, static_cast<int>(s.dims.size())))
            return internalError("value '{}' of shape {} cannot have layout {}", v.name(), ir::toString(s.dims),
                                 tactics::toString(layout));
        s.bytes = tactics::bytesOf(s.format, s.dims);
        if (device_ && layout != Layout::kHost) {
            s.data = TRY(allocateThere(s.bytes));
        } else {
            s.memory = TRY(allocate(s.bytes));
            s.data = s.memory.get();
        }
        return s;
    };
    for (size_t i = 0; i < binding_.inputs.size(); ++i) {
        inputs_.push_back(TRY(slot(*binding_.inputs[i], binding_.inputLayouts[i])));
        inputData_.push_back(inputs_.back().data);
        TRY(fill(static_cast<int>(i), shapes));
    }
    for (size_t o = 0; o < binding_.outputs.size(); ++o)
        outputs_.push_back(TRY(slot(*binding_.outputs[o], binding_.outputLayouts[o])));
    for (auto [o, i] : binding_.aliases) outputs_[static_cast<size_t>(o)].data = inputs_[static_cast<size_t>(i)].data;
    for (Slot& s : outputs_) {
        outputData_.push_back(s.data);
        outputDims_.push_back(s.dims);
    }
    return {};
}

Standalone::~Standalone() {
    if (device_ && stream_) (void)device_->synchronize(stream_->handle());
    for (const Block& b : blocks_) device_->free(b.data);
}

Result<void*> Standalone::allocateThere(int64_t bytes) {
    void* p = TRY(device_->allocate(bytes + kGuard));
    blocks_.push_back({p, bytes});
    TRY(device_->fill(p, kGuardByte, bytes + kGuard, stream_->handle()));
    return p;
}

Status Standalone::guardsIntact() const {
    for (const Block& b : blocks_) {
        uint8_t guard[kGuard];
        TRY(device_->copy(guard, static_cast<const std::byte*>(b.data) + b.bytes, kGuard, stream_->handle()));
        TRY(device_->synchronize(stream_->handle()));
        for (int64_t i = 0; i < kGuard; ++i)
            if (guard[i] != kGuardByte)
                return internalError("byte {} behind a block of {} bytes of the device's memory was written to", i,
                                     b.bytes);
    }
    return {};
}

namespace {

// Fills with random numbers; false for types whose numbers are mostly indices.
Result<bool> fillSeeded(const ir::Tensor& t, uint64_t seed) {
    if (isFloating(t.dtype) && bitsOf(t.dtype) >= 8 && t.dtype != DType::kE8M0) {
        TRY(ops::fillRandom(t, -1, 1, seed));
        return true;
    }
    if (t.dtype != DType::kInt8 && t.dtype != DType::kUint8 && t.dtype != DType::kBool) return false;
    TRY(ops::fillRandom(t, t.dtype == DType::kInt8 ? -127 : 0, t.dtype == DType::kUint8 ? 255 : 127, seed));
    return true;
}

// A large input of a device is a few random numbers, again and again: making them all takes the host longer than
// timing takes the device.
constexpr int64_t kPatternBytes = 1 << 20;

}  // namespace

Status Standalone::fillThere(const Slot& s, uint64_t seed) {
    ir::HostTensor pattern = TRY(ir::allocateTensor(s.format.dtype, {kPatternBytes * 8 / bitsOf(s.format.dtype)}));
    if (!TRY(fillSeeded(pattern.tensor, seed))) std::memset(pattern.tensor.data, 0, kPatternBytes);
    auto* to = static_cast<std::byte*>(s.data);
    TRY(device_->copy(to, pattern.tensor.data, kPatternBytes, stream_->handle()));
    for (int64_t done = kPatternBytes; done < s.bytes; done *= 2)
        TRY(device_->copy(to + done, to, std::min(done, s.bytes - done), stream_->handle()));
    return device_->synchronize(stream_->handle());
}

Status Standalone::fill(int i, const tactics::BindContext& shapes) {
    const Slot& s = inputs_[static_cast<size_t>(i)];
    bool known = shapes.optElements(*binding_.inputs[static_cast<size_t>(i)]).has_value();
    if (!known && s.onDevice() && s.bytes > kPatternBytes && tactics::blockOf(s.format.layout) == 1)
        return fillThere(s, 0x9a7e + static_cast<uint64_t>(i));
    ir::HostTensor linear = TRY(ir::allocateTensor(s.format.dtype, s.dims));
    const ir::Tensor& t = linear.tensor;
    if (t.byteSize()) std::memset(t.data, 0, t.byteSize());
    uint64_t seed = 0x9a7e + static_cast<uint64_t>(i);
    if (auto elements = shapes.optElements(*binding_.inputs[static_cast<size_t>(i)])) {
        TRY(storeIntegers(t, *elements));
    } else {
        TRY(fillSeeded(t, seed));
    }
    return setInput(i, t);
}

Status Standalone::setInput(int i, const ir::Tensor& linear) {
    Slot& s = inputs_[static_cast<size_t>(i)];
    if (linear.dtype != s.format.dtype || linear.dims != s.dims)
        return invalidArgument("input {} is {}{}, not {}{}", i, toString(s.format.dtype), ir::toString(s.dims),
                               toString(linear.dtype), ir::toString(linear.dims));
    if (!s.onDevice()) return fromLinear(s.format, s.dims, linear.data, s.data);
    Memory staging = TRY(allocate(s.bytes));
    TRY(fromLinear(s.format, s.dims, linear.data, staging.get()));
    TRY(device_->copy(s.data, staging.get(), s.bytes, stream_->handle()));
    return device_->synchronize(stream_->handle());
}

Status Standalone::run() {
    TRY(enqueue());
    return device_ ? device_->synchronize(stream_->handle()) : Status();
}

Status Standalone::enqueue() {
    device::Current current(device_);
    for (size_t o = 0; o < outputs_.size(); ++o) outputDims_[o] = outputs_[o].dims;
    tactics::RunArgs args;
    args.inputs = inputData_.data();
    args.outputs = outputData_.data();
    args.workspace = workspaceData_;
    args.outputDims = outputDims_.data();
    args.stream = device_ ? stream_->handle() : nullptr;
    TRY_IN(binding_.tactic->id(), kernel_->run(args));
    return {};
}

Result<double> Standalone::secondsThere() {
    device::StreamHandle stream = stream_->handle();
    auto timed = [&](const std::function<Status()>& work) -> Result<double> {
        TRY(timer_->start(stream));
        TRY(work());
        TRY(timer_->stop(stream));
        return timer_->seconds();
    };
    if (repeats_ == 0) {
        TRY(run());  // warms up
        repeats_ = 1;
        double each = TRY(timed([&] { return enqueue(); }));
        using Recording = tactics::Kernel::Recording;
        if (!kernel_->waits() && kernel_->recording() != Recording::kNever) {
            repeats_ = static_cast<int>(std::clamp<double>(kLongEnoughThere / std::max(each, 1e-7), 1, kMaxRecorded));
            auto recorded = device_->record(stream, [&]() -> Status {
                for (int k = 0; k < repeats_; ++k) TRY(enqueue());
                return {};
            });
            if (!recorded.ok() && recorded.status().code() != Code::kUnsupported &&
                kernel_->recording() != Recording::kTried)
                return recorded.status();
            if (recorded.ok()) {
                recording_ = recorded.take();
                TRY(recording_->launch(stream));
            }
        }
        if (!recording_) repeats_ = 1;
        TRY(device_->synchronize(stream));
    }
    double all = TRY(timed([&] { return recording_ ? recording_->launch(stream) : enqueue(); }));
    return all / repeats_;
}

Result<double> Standalone::seconds() {
    if (device_) return secondsThere();
    using Clock = std::chrono::steady_clock;
    auto start = Clock::now();
    int runs = std::max(1, repeats_);
    for (int k = 0; k < runs; ++k) TRY(run());
    double each = std::chrono::duration<double>(Clock::now() - start).count() / runs;
    if (repeats_ == 0 || each * repeats_ < kLongEnough)
        repeats_ = static_cast<int>(std::min<double>(kMaxRepeats, 1 + kLongEnough / std::max(each, 1e-9)));
    return each;
}

Result<ir::HostTensor> Standalone::output(int o) const {
    const Slot& s = outputs_[static_cast<size_t>(o)];
    const ir::Dims& dims = outputDims_[static_cast<size_t>(o)];
    if (TRY(ir::checkedVolume(dims)) > ir::volume(s.dims))
        return internalError("output {} has shape {}, more than its bound {}", o, ir::toString(dims),
                             ir::toString(s.dims));
    ir::HostTensor out = TRY(ir::allocateTensor(s.format.dtype, dims));
    Memory copy;
    TRY(toLinear(s.format, dims, TRY(onHost(s, copy)), out.tensor.data));
    return out;
}

Result<const std::byte*> Standalone::onHost(const Slot& s, Memory& copy) const {
    if (!s.onDevice() || s.bytes == 0) return static_cast<const std::byte*>(s.data);
    copy = TRY(allocate(s.bytes));
    TRY(device_->copy(copy.get(), s.data, s.bytes, stream_->handle()));
    TRY(device_->synchronize(stream_->handle()));
    return static_cast<const std::byte*>(copy.get());
}

Result<bool> Standalone::paddingIsZero(int o) const {
    const Slot& s = outputs_[static_cast<size_t>(o)];
    const ir::Dims& dims = outputDims_[static_cast<size_t>(o)];
    if (tactics::blockOf(s.format.layout) == 1) return true;
    tactics::Grouping g = tactics::groupingOf(s.format.layout, dims, 0);
    int64_t size = bitsOf(s.format.dtype) / 8;
    Memory copy;
    const auto* data = reinterpret_cast<const char*>(TRY(onHost(s, copy)));
    // Minus zero counts as zero too.
    for (int64_t o = 0; o < g.outer; ++o)
        for (int64_t p = 0; p < g.inner; ++p)
            for (int64_t c = g.channels; c < g.groups * g.width; ++c)
                for (int64_t k = 0; k < size; ++k) {
                    char byte = data[g.offset(o, c, p) * size + k];
                    if (byte != 0 && !(k == size - 1 && byte == static_cast<char>(0x80))) return false;
                }
    return true;
}

}  // namespace lathe::exec
