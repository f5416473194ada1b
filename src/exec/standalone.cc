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
    kernel_ = TRY(binding_.tactic->prepare(binding_, Preparation(binding_, dimsOf, *store)));
    workspace_ = TRY(allocate(kernel_->workspaceBytes()));

    auto slot = [&](const ir::Value& v, Layout layout) -> Result<Slot> {
        Slot s{{v.dtype(), layout}, dimsOf(v), nullptr, nullptr};
        TRY(ir::checkedVolume(s.dims));
        if (layout != Layout::kLinear && s.dims.size() < 3)
            return internalError("value '{}' of shape {} cannot have layout {}", v.name(), ir::toString(s.dims),
                                 tactics::toString(layout));
        s.memory = TRY(allocate(tactics::bytesOf(s.format, s.dims)));
        s.data = s.memory.get();
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

Status Standalone::fill(int i, const tactics::BindContext& shapes) {
    const Slot& s = inputs_[static_cast<size_t>(i)];
    ir::HostTensor linear = TRY(ir::allocateTensor(s.format.dtype, s.dims));
    const ir::Tensor& t = linear.tensor;
    if (t.byteSize()) std::memset(t.data, 0, t.byteSize());
    uint64_t seed = 0x9a7e + static_cast<uint64_t>(i);
    if (auto elements = shapes.optElements(*binding_.inputs[static_cast<size_t>(i)])) {
        TRY(storeIntegers(t, *elements));
    } else if (isFloating(t.dtype) && bitsOf(t.dtype) >= 8 && t.dtype != DType::kE8M0) {
        TRY(ops::fillRandom(t, -1, 1, seed));
    } else if (t.dtype == DType::kInt8 || t.dtype == DType::kUint8 || t.dtype == DType::kBool) {
        TRY(ops::fillRandom(t, t.dtype == DType::kInt8 ? -127 : 0, t.dtype == DType::kUint8 ? 255 : 127, seed));
    }
    return setInput(i, t);
}

Status Standalone::setInput(int i, const ir::Tensor& linear) {
    Slot& s = inputs_[static_cast<size_t>(i)];
    if (linear.dtype != s.format.dtype || linear.dims != s.dims)
        return invalidArgument("input {} is {}{}, not {}{}", i, toString(s.format.dtype), ir::toString(s.dims),
                               toString(linear.dtype), ir::toString(linear.dims));
    return fromLinear(s.format, s.dims, linear.data, s.data);
}

Status Standalone::run() {
    for (size_t o = 0; o < outputs_.size(); ++o) outputDims_[o] = outputs_[o].dims;
    tactics::RunArgs args;
    args.inputs = inputData_.data();
    args.outputs = outputData_.data();
    args.workspace = workspace_.get();
    args.outputDims = outputDims_.data();
    TRY_IN(binding_.tactic->id(), kernel_->run(args));
    return {};
}

Result<double> Standalone::seconds() {
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
    TRY(toLinear(s.format, dims, s.data, out.tensor.data));
    return out;
}

bool Standalone::paddingIsZero(int o) const {
    const Slot& s = outputs_[static_cast<size_t>(o)];
    const ir::Dims& dims = outputDims_[static_cast<size_t>(o)];
    int64_t block = tactics::blockOf(s.format.layout);
    if (block == 1 || dims[1] % block == 0) return true;
    int64_t points = 1, groups = (dims[1] + block - 1) / block, size = bitsOf(s.format.dtype) / 8;
    for (size_t d = 2; d < dims.size(); ++d) points *= dims[d];
    // Minus zero counts as zero too.
    for (int64_t n = 0; n < dims[0]; ++n)
        for (int64_t p = 0; p < points; ++p) {
            const char* lanes =
                static_cast<const char*>(s.data) + ((n * groups + groups - 1) * points + p) * block * size;
            for (int64_t i = dims[1] % block; i < block; ++i)
                for (int64_t k = 0; k < size; ++k) {
                    char byte = lanes[i * size + k];
                    if (byte != 0 && !(k == size - 1 && byte == static_cast<char>(0x80))) return false;
                }
        }
    return true;
}

}  // namespace lathe::exec
