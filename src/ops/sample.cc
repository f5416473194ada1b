// SPDX-License-Identifier: Apache-2.0
#include "ops/sample.h"

#include "ir/infer.h"

namespace lathe::ops {
namespace {

// splitmix64: small, and the same everywhere.
uint64_t next(uint64_t& state) {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

template <class T>
T convert(double v) {
    if constexpr (std::is_integral_v<T>)
        return static_cast<T>(static_cast<int64_t>(v));
    else
        return T(static_cast<float>(v));
}

}  // namespace

Status fillRandom(const ir::Tensor& tensor, double low, double high, uint64_t seed) {
    uint64_t state = seed;
    return dispatchAll(tensor.dtype, [&]<class T>() -> Status {
        T* out = tensor.as<T>();
        for (int64_t i = 0, n = tensor.count(); i < n; ++i) {
            double u = static_cast<double>(next(state) >> 11) * 0x1p-53;
            if constexpr (std::is_same_v<T, bool>)
                out[i] = u < 0.5;
            else if constexpr (std::is_integral_v<T>)
                out[i] = static_cast<T>(static_cast<int64_t>(std::floor(low + u * (high - low + 1))));
            else
                out[i] = convert<T>(low + u * (high - low));
        }
        return {};
    });
}

Result<Sample> makeSample(const ir::Op& op, const ir::SampleCase& c, uint64_t seed) {
    Sample s;
    s.graph = std::make_unique<ir::Graph>();
    std::vector<ir::Value*> values;
    for (const ir::SampleInput& in : c.inputs) {
        if (in.absent) {
            values.push_back(nullptr);
            continue;
        }
        ir::HostTensor t = TRY(ir::allocateTensor(in.dtype, in.dims));
        if (in.values.empty()) {
            TRY(fillRandom(t.tensor, in.low, in.high, seed + values.size() * 1000003));
        } else {
            if (static_cast<int64_t>(in.values.size()) != t.tensor.count())
                return invalidArgument("sample '{}': {} values for shape {}", c.name, in.values.size(),
                                       ir::toString(in.dims));
            TRY(dispatchAll(in.dtype, [&]<class T>() -> Status {
                for (size_t i = 0; i < in.values.size(); ++i) t.tensor.as<T>()[i] = convert<T>(in.values[i]);
                return {};
            }));
        }
        if (in.constant) {
            std::span<const std::byte> bytes(static_cast<const std::byte*>(t.tensor.data), t.tensor.byteSize());
            values.push_back(
                s.graph->addConstant(std::make_shared<ir::Weights>(in.dtype, in.dims, bytes, t.storage, "w"), "w"));
        } else {
            values.push_back(
                s.graph->body().addParameter({in.dtype, ir::toShape(in.dims)}, fmt::format("x{}", values.size())));
            s.inputs.push_back(std::move(t));
        }
    }
    auto attrs = op.makeAttrs();
    TRY_IN(fmt::format("sample '{}'", c.name), ir::parseAttrs(*attrs, c.attrs));
    s.node = s.graph->body().append(op, std::move(attrs), std::move(values), c.outputs, c.name);
    for (ir::Value* v : s.node->outputs()) s.graph->body().addResult(v);
    TRY(ir::inferGraph(*s.graph));
    return s;
}

}  // namespace lathe::ops
