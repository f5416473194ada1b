// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/pointwise_layout.h"

#include <cstring>

namespace lathe::tactics::pointwise {
namespace {

using cpu::PwOp;

bool isOne(const ir::Value& v) {
    for (int d = 0; d < v.rank(); ++d)
        if (!(v.shape()[d] == ir::Dim(1))) return false;
    return true;
}

// One element a channel: all other axes are 1, but the batch may be the image's.
bool isChannel(const ir::Value& v, const ir::Value& image) {
    int lead = image.rank() - v.rank();
    if (lead < 0 || lead > 1 || (lead > 0 && !v.isConstant())) return false;
    for (int d = 0; d < v.rank(); ++d) {
        int at = d + lead;
        bool one = v.shape()[d] == ir::Dim(1), same = v.shape()[d] == image.shape()[at];
        if (at == 1 ? !same : !(one || (at == 0 && same && !v.isConstant()))) return false;
    }
    return true;
}

// What is known of a value where all image operands are zero.
enum class Known { kZero, kFinite, kNothing };

Known unaryOf(const cpu::PwInstr& in, Known x) {
    switch (in.op) {
        case PwOp::kAbs:
        case PwOp::kNeg:
        case PwOp::kSign:
        case PwOp::kSin:
        case PwOp::kAtan:
        case PwOp::kAsinh:
        case PwOp::kTanh:
        case PwOp::kErf:
        case PwOp::kCeil:
        case PwOp::kFloor:
        case PwOp::kRound:
        case PwOp::kTrunc:
        case PwOp::kRelu:
        case PwOp::kLeakyRelu:
        case PwOp::kSoftsign:
        case PwOp::kScaledTanh:
        case PwOp::kHardSwish:
        case PwOp::kGeluErf:
        case PwOp::kGeluTanh:
        case PwOp::kSilu:
        case PwOp::kMish:
        case PwOp::kThresholdedRelu: return x;
        case PwOp::kSqrt:
        case PwOp::kElu:
        case PwOp::kSelu:
        case PwOp::kCelu:
        case PwOp::kExpm1: return x == Known::kZero ? x : Known::kNothing;
        case PwOp::kClip: return x == Known::kZero && in.alpha <= 0 && in.beta >= 0 ? x : Known::kFinite;
        case PwOp::kAffine: return x == Known::kZero && in.beta == 0 ? x : Known::kNothing;
        case PwOp::kSigmoid:
        case PwOp::kHardSigmoid: return x == Known::kNothing ? x : Known::kFinite;
        case PwOp::kExp: return x == Known::kZero ? Known::kFinite : Known::kNothing;
        default: return Known::kNothing;
    }
}

Known binaryOf(const cpu::PwInstr& in, Known a, Known b) {
    bool zeros = a == Known::kZero && b == Known::kZero;
    bool finite = a != Known::kNothing && b != Known::kNothing;
    switch (in.op) {
        case PwOp::kAdd:
        case PwOp::kSub:
        case PwOp::kMin:
        case PwOp::kMax: return zeros ? Known::kZero : finite ? Known::kFinite : Known::kNothing;
        case PwOp::kMul:
        case PwOp::kPrelu:
            if (!finite) return Known::kNothing;
            return a == Known::kZero || (in.op == PwOp::kMul && b == Known::kZero) ? Known::kZero : Known::kFinite;
        default: return Known::kNothing;
    }
}

}  // namespace

Result<std::vector<Operand>> operandsIn(Layout layout, const Binding& binding, const Translation& t) {
    const ir::Value& image = *binding.outputs[0];
    if (image.rank() < 3 || image.rank() > 5) return unsupported("{} dimensions; images have 3 to 5", image.rank());
    if (!image.shape()[1].isConstant()) return unsupported("the channels are not known");
    for (const ir::Value* v : binding.outputs)
        if (v->dtype() != DType::kFloat) return unsupported("an output is {}", toString(v->dtype()));
    std::vector<Operand> out;
    bool any = false;
    for (const ir::Value* v : t.inputs) {
        if (isOne(*v)) {
            out.push_back(Operand::kScalar);
            continue;
        }
        if (v->dtype() != DType::kFloat) return unsupported("operand '{}' is {}", v->name(), toString(v->dtype()));
        if (!v->isConstant() && v->shape() == image.shape()) {
            out.push_back(Operand::kImage);
            any = true;
        } else if (isChannel(*v, image)) {
            out.push_back(Operand::kChannel);
        } else {
            return unsupported("operand '{}' is neither an image nor one value a channel", v->name());
        }
    }
    if (!any) return unsupported("no operand is an image");
    int block = blockOf(layout);
    if (image.shape()[1].value() % block != 0 && !keepsZeros(t.program, out))
        return unsupported("{} channels do not fill blocks of {}, and the padding would not stay zero",
                           image.shape()[1].value(), block);
    return out;
}

// An infinite or undefined number among the scalars spoils the channels themselves, so they count as finite.
bool keepsZeros(const cpu::PointwiseProgram& program, const std::vector<Operand>& operands) {
    std::vector<Known> known;
    for (Operand o : operands) known.push_back(o == Operand::kScalar ? Known::kFinite : Known::kZero);
    for (const cpu::PwInstr& in : program.instrs()) {
        Known k = Known::kNothing;
        if (in.type == cpu::PwType::kF32) {
            int arity = cpu::pwArity(in.op);
            if (in.op == PwOp::kConst) {
                k = in.bits == 0 ? Known::kZero : Known::kFinite;
            } else if (arity == 1) {
                k = unaryOf(in, known[in.args[0]]);
            } else if (arity == 2) {
                k = binaryOf(in, known[in.args[0]], known[in.args[1]]);
            }
        }
        known.push_back(k);
    }
    for (const cpu::PwOutput& o : program.outputs())
        if (known[o.value] != Known::kZero) return false;
    return true;
}

Result<cpu::PointwiseLoop> makeLoop(Layout layout, const Translation& t, const std::vector<Operand>& operands,
                                    const PrepareContext& c, const ir::Dims& dims, std::vector<const void*>& pointers,
                                    std::vector<std::vector<float>>& storage) {
    int64_t block = blockOf(layout), channels = dims[1], pixels = 1;
    for (size_t d = 2; d < dims.size(); ++d) pixels *= dims[d];
    int64_t groups = (channels + block - 1) / block, padded = groups * block;
    bool last = layout == Layout::kChannelsLast;
    // Channels last: N, pixels, C. Blocked: N, blocks, pixels, lanes.
    std::vector<int64_t> shape =
        last ? std::vector<int64_t>{dims[0], pixels, channels} : std::vector<int64_t>{dims[0], groups, pixels, block};
    std::vector<int64_t> dense(shape.size());
    cpu::denseStrides(shape, dense.data());
    std::vector<std::vector<int64_t>> strides;
    storage.reserve(t.inputs.size());
    for (size_t k = 0; k < t.inputs.size(); ++k) {
        const ir::Value& v = *t.inputs[k];
        if (operands[k] == Operand::kImage) {
            strides.push_back(dense);
            continue;
        }
        if (operands[k] == Operand::kScalar) {
            strides.emplace_back(shape.size(), 0);
            continue;
        }
        bool shared = v.isConstant() || c.dims(v)[0] == 1;
        int64_t image = shared ? 0 : padded;
        strides.push_back(last ? std::vector<int64_t>{image, 0, 1} : std::vector<int64_t>{image, block, 0, 1});
        if (v.isConstant()) {
            std::vector<float>& copy = storage.emplace_back(static_cast<size_t>(padded), 0.0f);
            std::memcpy(copy.data(), pointers[k], static_cast<size_t>(channels) * sizeof(float));
            pointers[k] = copy.data();
        }
    }
    std::vector<std::span<const int64_t>> in(strides.begin(), strides.end());
    std::vector<std::span<const int64_t>> out(t.program.outputs().size(), std::span<const int64_t>(dense));
    return cpu::PointwiseLoop::make(t.program, shape, in, out);
}

}  // namespace lathe::tactics::pointwise
