// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/pointwise.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "kernels/cuda/params.h"

namespace lathe::cuda {
namespace {

using kernels::PointwiseProgram;
using kernels::PwInstr;
using kernels::PwOp;
using kernels::PwType;

// The program's loops: operands' strides by dimension, outermost first.
struct Loops {
    std::vector<int64_t> dims;
    std::vector<std::vector<int64_t>> strides;  // by operand
    int rank() const { return static_cast<int>(dims.size()); }

    // Loops in the order of falling strides of operand `by`, joined where every operand crosses evenly.
    void arrange(size_t by) {
        std::vector<size_t> order;
        for (size_t d = 0; d < dims.size(); ++d)
            if (dims[d] != 1) order.push_back(d);
        std::stable_sort(order.begin(), order.end(),
                         [&](size_t a, size_t b) { return std::abs(strides[by][a]) > std::abs(strides[by][b]); });
        Loops out;
        out.strides.resize(strides.size());
        for (size_t d : order) {
            bool even = !out.dims.empty();
            for (size_t k = 0; k < strides.size() && even; ++k) even = out.strides[k].back() == strides[k][d] * dims[d];
            if (even) {
                out.dims.back() *= dims[d];
                for (size_t k = 0; k < strides.size(); ++k) out.strides[k].back() = strides[k][d];
            } else {
                out.dims.push_back(dims[d]);
                for (size_t k = 0; k < strides.size(); ++k) out.strides[k].push_back(strides[k][d]);
            }
        }
        if (out.dims.empty()) {
            out.dims = {1};
            for (auto& s : out.strides) s = {0};
        }
        *this = std::move(out);
    }
};

std::string unaryText(const PwInstr& in, const std::string& x) {
    std::string a = literal(in.alpha), b = literal(in.beta);
    bool f = in.type == PwType::kF32;
    const char* t = in.type == PwType::kI64 ? "i64" : "i32";
    switch (in.op) {
        case PwOp::kAbs: return f ? fmt::format("fabsf({})", x) : fmt::format("pwAbs<{}>({})", t, x);
        case PwOp::kNeg: return f ? fmt::format("(-{})", x) : fmt::format("pwNeg<{}>({})", t, x);
        case PwOp::kSign:
            return f ? fmt::format("({0} > 0.0f ? 1.0f : {0} < 0.0f ? -1.0f : {0} == 0.0f ? 0.0f : {0})", x)
                     : fmt::format("static_cast<{0}>(({1} > 0) - ({1} < 0))", t, x);
        case PwOp::kToBool: return fmt::format("static_cast<i32>({} != 0)", x);
        case PwOp::kNot: return fmt::format("static_cast<i32>({} == 0)", x);
        case PwOp::kBitNot: return fmt::format("(~{})", x);
        case PwOp::kWrapI8: return fmt::format("static_cast<i32>(static_cast<i8>({}))", x);
        case PwOp::kWrapU8: return fmt::format("static_cast<i32>(static_cast<u8>({}))", x);
        case PwOp::kF32ToI32: return fmt::format("__float2int_rz({})", x);
        case PwOp::kF32ToI64: return fmt::format("pwToI64({})", x);
        case PwOp::kI32ToF32:
        case PwOp::kI64ToF32: return fmt::format("static_cast<float>({})", x);
        case PwOp::kI32ToI64: return fmt::format("static_cast<i64>({})", x);
        case PwOp::kI64ToI32: return fmt::format("static_cast<i32>({})", x);
        case PwOp::kRoundF16: return fmt::format("roundTo<f16>({})", x);
        case PwOp::kRoundBf16: return fmt::format("roundTo<bf16>({})", x);
        case PwOp::kRoundFp8: return fmt::format("roundTo<f8>({})", x);
        case PwOp::kExp: return fmt::format("expf({})", x);
        case PwOp::kExpm1: return fmt::format("expm1f({})", x);
        case PwOp::kLog: return fmt::format("logf({})", x);
        case PwOp::kLog1p: return fmt::format("log1pf({})", x);
        case PwOp::kSqrt: return fmt::format("sqrtf({})", x);
        case PwOp::kRsqrt: return fmt::format("(1.0f / sqrtf({}))", x);
        case PwOp::kRecip: return fmt::format("(1.0f / {})", x);
        case PwOp::kSin: return fmt::format("sinf({})", x);
        case PwOp::kCos: return fmt::format("cosf({})", x);
        case PwOp::kTan: return fmt::format("tanf({})", x);
        case PwOp::kSinh: return fmt::format("sinhf({})", x);
        case PwOp::kCosh: return fmt::format("coshf({})", x);
        case PwOp::kAsin: return fmt::format("asinf({})", x);
        case PwOp::kAcos: return fmt::format("acosf({})", x);
        case PwOp::kAtan: return fmt::format("atanf({})", x);
        case PwOp::kAsinh: return fmt::format("asinhf({})", x);
        case PwOp::kAcosh: return fmt::format("acoshf({})", x);
        case PwOp::kAtanh: return fmt::format("atanhf({})", x);
        case PwOp::kTanh: return fmt::format("tanhf({})", x);
        case PwOp::kErf: return fmt::format("erff({})", x);
        case PwOp::kCeil: return fmt::format("ceilf({})", x);
        case PwOp::kFloor: return fmt::format("floorf({})", x);
        case PwOp::kRound: return fmt::format("rintf({})", x);
        case PwOp::kTrunc: return fmt::format("truncf({})", x);
        case PwOp::kIsInf:
            return fmt::format("static_cast<i32>({} || {})",
                               in.alpha != 0 ? fmt::format("{} == infinity()", x) : "false",
                               in.beta != 0 ? fmt::format("{} == -infinity()", x) : "false");
        case PwOp::kIsNan: return fmt::format("static_cast<i32>(!({0} == {0}))", x);
        case PwOp::kRelu: return fmt::format("({0} < 0.0f ? 0.0f : {0})", x);
        case PwOp::kSigmoid: return fmt::format("sigmoid({})", x);
        case PwOp::kLeakyRelu: return fmt::format("({0} < 0.0f ? {1} * {0} : {0})", x, a);
        case PwOp::kElu: return fmt::format("({0} < 0.0f ? {1} * expm1f({0}) : {0})", x, a);
        case PwOp::kSelu: return fmt::format("({2} * ({0} < 0.0f ? {1} * expm1f({0}) : {0}))", x, a, b);
        case PwOp::kCelu: return fmt::format("(maxNan(0.0f, {0}) + minNan(0.0f, {1} * expm1f({0} / {1})))", x, a);
        case PwOp::kSoftsign: return fmt::format("({0} / (1.0f + fabsf({0})))", x);
        case PwOp::kSoftplus: return fmt::format("({} * softplus({} * {}))", a, b, x);
        case PwOp::kClip: return fmt::format("minNan({2}, maxNan({1}, {0}))", x, a, b);
        case PwOp::kHardSigmoid: return fmt::format("minNan(1.0f, maxNan(0.0f, {1} * {0} + {2}))", x, a, b);
        case PwOp::kHardSwish: return fmt::format("({0} * minNan(1.0f, maxNan(0.0f, {0} / 6.0f + 0.5f)))", x);
        case PwOp::kScaledTanh: return fmt::format("({1} * tanhf({2} * {0}))", x, a, b);
        case PwOp::kThresholdedRelu: return fmt::format("({0} > {1} ? {0} : {0} == {0} ? 0.0f : {0})", x, a);
        case PwOp::kGeluErf: return fmt::format("geluErf({})", x);
        case PwOp::kGeluTanh: return fmt::format("geluTanh({})", x);
        case PwOp::kSilu: return fmt::format("({0} * sigmoid({1} * {0}))", x, a);
        case PwOp::kMish: return fmt::format("mish({})", x);
        case PwOp::kShrink:
            return fmt::format("({0} < -{1} ? {0} + {2} : {0} > {1} ? {0} - {2} : {0} == {0} ? 0.0f : {0})", x, a, b);
        case PwOp::kAffine: return fmt::format("({1} * {0} + {2})", x, a, b);
        default: return x;
    }
}

std::string binaryText(const PwInstr& in, const std::string& a, const std::string& b) {
    bool f = in.type == PwType::kF32;
    const char* t = in.type == PwType::kI64 ? "i64" : "i32";
    const char* u = in.type == PwType::kI64 ? "u64" : "u32";
    auto wrapping = [&](const char* op) {
        return f ? fmt::format("({} {} {})", a, op, b)
                 : fmt::format("static_cast<{0}>(static_cast<{1}>({2}) {3} static_cast<{1}>({4}))", t, u, a, op, b);
    };
    auto either = [&](const char* floats, const char* ints) {
        return f ? fmt::format("{}({}, {})", floats, a, b) : fmt::format("{}<{}>({}, {})", ints, t, a, b);
    };
    auto compare = [&](const char* op) { return fmt::format("static_cast<i32>({} {} {})", a, op, b); };
    switch (in.op) {
        case PwOp::kAdd: return wrapping("+");
        case PwOp::kSub: return wrapping("-");
        case PwOp::kMul: return wrapping("*");
        case PwOp::kDiv: return f ? fmt::format("({} / {})", a, b) : either("", "pwDiv");
        case PwOp::kMin: return either("minNan", "pwMin");
        case PwOp::kMax: return either("maxNan", "pwMax");
        case PwOp::kPow: return either("powf", "pwPow");
        case PwOp::kFloorDiv: return either("pwFloorDivF", "pwFloorDiv");
        case PwOp::kMod: return either("pwModF", "pwMod");
        case PwOp::kFmod: return either("fmodf", "pwFmod");
        case PwOp::kPrelu: return fmt::format("({0} < 0.0f ? {0} * {1} : {0})", a, b);
        case PwOp::kEqual: return compare("==");
        case PwOp::kNotEqual: return compare("!=");
        case PwOp::kLess: return compare("<");
        case PwOp::kLessEqual: return compare("<=");
        case PwOp::kGreater: return compare(">");
        case PwOp::kGreaterEqual: return compare(">=");
        case PwOp::kAnd: return fmt::format("({} & {})", a, b);
        case PwOp::kOr: return fmt::format("({} | {})", a, b);
        case PwOp::kXor: return fmt::format("({} ^ {})", a, b);
        case PwOp::kShiftLeft: return either("", "pwShl");
        case PwOp::kShiftRight: return either("", "pwShr");
        default: return a;
    }
}

const char* valueType(PwType t) { return t == PwType::kF32 ? "float" : t == PwType::kI64 ? "i64" : "i32"; }

std::string constantText(const PwInstr& in) {
    if (in.type == PwType::kF32) return literal(std::bit_cast<float>(static_cast<uint32_t>(in.bits)));
    // The lowest number has no literal of its own.
    return in.type == PwType::kI64 ? fmt::format("static_cast<i64>({}ull)", static_cast<uint64_t>(in.bits))
                                   : fmt::format("static_cast<i32>({}u)", static_cast<uint32_t>(in.bits));
}

// A value from storage and back.
std::string loadText(DType t, const std::string& raw) {
    return isFloating(t)        ? fmt::format("toF32({})", raw)
           : t == DType::kInt64 ? raw
                                : fmt::format("static_cast<i32>({})", raw);
}
std::string storeText(DType t, const std::string& value) {
    if (isFloating(t)) return fmt::format("fromF32<{}>({})", typeName(t), value);
    if (t == DType::kBool) return fmt::format("static_cast<boolean>({} != 0)", value);
    return fmt::format("static_cast<{}>({})", typeName(t), value);
}

enum class Access { kVector, kUniform, kStrided };

int64_t bytesOfElement(DType t) { return bitsOf(t) / 8; }

}  // namespace

std::string pointwiseBody(const PointwiseProgram& p) {
    std::string text;
    size_t n = p.inputs().size();
    for (size_t i = 0; i < n; ++i)
        text += fmt::format("    {} v{} = {};\n", valueType(kernels::pwTypeOf(p.inputs()[i])), i,
                            loadText(p.inputs()[i], fmt::format("in{}", i)));
    auto v = [](uint8_t value) { return fmt::format("v{}", value); };
    for (size_t k = 0; k < p.instrs().size(); ++k) {
        const PwInstr& in = p.instrs()[k];
        std::string e;
        switch (kernels::pwArity(in.op)) {
            case 0: e = constantText(in); break;
            case 1: e = unaryText(in, v(in.args[0])); break;
            case 2: e = binaryText(in, v(in.args[0]), v(in.args[1])); break;
            default:
                e = in.op == PwOp::kFma ? fmt::format("fmaf({}, {}, {})", v(in.args[0]), v(in.args[1]), v(in.args[2]))
                                        : fmt::format("({} ? {} : {})", v(in.args[0]), v(in.args[1]), v(in.args[2]));
        }
        text += fmt::format("    {} v{} = {};\n", valueType(kernels::pwResultType(in)), n + k, e);
    }
    for (size_t o = 0; o < p.outputs().size(); ++o) {
        const kernels::PwOutput& out = p.outputs()[o];
        // What is stored as it was read keeps its bits.
        bool copied = out.value < n && p.inputs()[out.value] == out.storage;
        text += fmt::format("    out{} = {};\n", o,
                            copied ? fmt::format("in{}", out.value) : storeText(out.storage, v(out.value)));
    }
    return text;
}

Result<KernelPlan> pointwise(const PointwiseProgram& program, std::span<const int64_t> dims,
                             std::span<const std::span<const int64_t>> inputStrides,
                             std::span<const std::span<const int64_t>> outputStrides, int alignment) {
    TRY(program.check());
    size_t ni = program.inputs().size(), no = program.outputs().size(), operands = ni + no;
    if (inputStrides.size() != ni || outputStrides.size() != no)
        return invalidArgument("pointwise: strides of {} inputs and {} outputs for {} and {}", inputStrides.size(),
                               outputStrides.size(), ni, no);
    Loops loops;
    loops.dims.assign(dims.begin(), dims.end());
    int64_t elements = 1;
    for (int64_t d : dims) {
        if (d < 0) return invalidArgument("pointwise: a dimension is {}", d);
        if (__builtin_mul_overflow(elements, d, &elements))
            return invalidArgument("pointwise: the element count overflows");
    }
    std::vector<DType> types;
    for (size_t k = 0; k < operands; ++k) {
        std::span<const int64_t> s = k < ni ? inputStrides[k] : outputStrides[k - ni];
        if (s.size() != dims.size())
            return invalidArgument("pointwise: {} strides for {} dimensions", s.size(), dims.size());
        loops.strides.emplace_back(s.begin(), s.end());
        types.push_back(k < ni ? program.inputs()[k] : program.outputs()[k - ni].storage);
    }
    if (elements == 0) return KernelPlan{};
    loops.arrange(ni);
    int rank = loops.rank();
    if (rank > kMaxDims) return unsupported("pointwise: {} loops that don't join, at most {}", rank, kMaxDims);
    size_t last = static_cast<size_t>(rank) - 1;

    // Elements a thread: as many as make 16 bytes of the narrowest output, if all outputs allow it.
    auto fits = [&](size_t k, int v) {
        if (loops.strides[k][last] != 1) return false;
        int64_t bytes = std::min<int64_t>(16, bytesOfElement(types[k]) * v);
        if (alignment % bytes != 0) return false;
        for (size_t d = 0; d < last; ++d)
            if (loops.strides[k][d] * bytesOfElement(types[k]) % bytes != 0) return false;
        return true;
    };
    int64_t narrowest = 8;
    for (size_t k = ni; k < operands; ++k) narrowest = std::min(narrowest, bytesOfElement(types[k]));
    int v = static_cast<int>(std::min<int64_t>(16 / narrowest, 16));
    bool tail = false;
    for (; v > 1; v /= 2) {
        bool all = loops.dims[last] % v == 0 || rank == 1;
        for (size_t k = ni; k < operands; ++k) all = all && fits(k, v);
        if (all) break;
    }
    tail = loops.dims[last] % v != 0;
    std::vector<Access> access(operands);
    for (size_t k = 0; k < operands; ++k)
        access[k] = k < ni && loops.strides[k][last] == 0 ? Access::kUniform
                    : fits(k, v)                          ? Access::kVector
                                                          : Access::kStrided;

    PointwiseParams params{};
    params.elements = elements;
    params.count = elements / loops.dims[last] * ceilDiv(loops.dims[last], v);
    bool wide = params.count >= int64_t{1} << 31;
    for (int d = 0; d < rank; ++d) {
        int64_t extent = d == rank - 1 ? ceilDiv(loops.dims[last], v) : loops.dims[static_cast<size_t>(d)];
        params.longDims[d] = extent;
        if (!wide) params.dims[d] = fastDivide(static_cast<uint32_t>(extent));
        for (size_t k = 0; k < operands; ++k)
            params.strides[k][d] = loops.strides[k][static_cast<size_t>(d)] * (d == rank - 1 ? v : 1);
    }
    for (size_t k = 0; k < operands; ++k) params.inner[k] = loops.strides[k][last];

    // The text.
    std::string args, call, body;
    for (size_t i = 0; i < ni; ++i) {
        args += fmt::format("{}{} in{}", i ? ", " : "", typeName(types[i]), i);
        call += fmt::format("{}x{}", i ? ", " : "", i);
    }
    for (size_t o = 0; o < no; ++o) {
        args += fmt::format("{}{}& out{}", ni + o ? ", " : "", typeName(types[ni + o]), o);
        call += fmt::format("{}y{}", ni + o ? ", " : "", o);
    }
    std::string text(kernelText("params.h"));
    text += kernelText("prelude.cu");
    text += kernelText("pointwise.cu");
    text += fmt::format("DEV void compute({}) {{\n{}}}\n", args, pointwiseBody(program));
    text +=
        "extern \"C\" __global__ void __launch_bounds__(256) pointwise(const PointwiseParams p) {\n"
        "    i64 index = static_cast<i64>(blockIdx.x) * 256 + threadIdx.x;\n"
        "    if (index >= p.count) return;\n";
    text += fmt::format("    i64 at[{}];\n    locate<{}, {}, {}>(p, index, at);\n", operands, operands, rank, wide);
    auto element = [&](size_t k, const char* j) {
        return access[k] == Access::kUniform
                   ? fmt::format("static_cast<{}*>(p.data[{}])[at[{}]]", typeName(types[k]), k, k)
                   : fmt::format("static_cast<{}*>(p.data[{}])[at[{}] + {} * p.inner[{}]]", typeName(types[k]), k, k, j,
                                 k);
    };
    auto perElement = [&](const char* j) {
        std::string t;
        for (size_t o = 0; o < no; ++o) t += fmt::format("            {} y{};\n", typeName(types[ni + o]), o);
        for (size_t i = 0; i < ni; ++i)
            t += fmt::format("            {} x{} = {};\n", typeName(types[i]), i, element(i, j));
        t += fmt::format("            compute({});\n", call);
        for (size_t o = 0; o < no; ++o) t += fmt::format("            {} = y{};\n", element(ni + o, j), o);
        return t;
    };
    if (tail)
        text += fmt::format(
            "    if ((index + 1) * {0} > p.elements) {{\n"
            "        for (i64 j = 0; index * {0} + j < p.elements; ++j) {{\n{1}        }}\n        return;\n    }}\n",
            v, perElement("j"));
    for (size_t i = 0; i < ni; ++i) {
        if (access[i] == Access::kVector)
            body += fmt::format("    Pack<{0}, {1}> i{2} = loadPack<{0}, {1}>(p.data[{2}], at[{2}]);\n",
                                typeName(types[i]), v, i);
        else if (access[i] == Access::kUniform)
            body += fmt::format("    {} i{} = {};\n", typeName(types[i]), i, element(i, "0"));
        else
            body +=
                fmt::format("    Pack<{}, {}> i{};\n#pragma unroll\n    for (int j = 0; j < {}; ++j) i{}.v[j] = {};\n",
                            typeName(types[i]), v, i, v, i, element(i, "j"));
    }
    std::string packedCall;
    for (size_t i = 0; i < ni; ++i)
        packedCall += fmt::format("{}i{}{}", i ? ", " : "", i, access[i] == Access::kUniform ? "" : ".v[j]");
    for (size_t o = 0; o < no; ++o) {
        body += fmt::format("    Pack<{}, {}> o{};\n", typeName(types[ni + o]), v, o);
        packedCall += fmt::format("{}o{}.v[j]", ni + o ? ", " : "", o);
    }
    body += fmt::format("#pragma unroll\n    for (int j = 0; j < {}; ++j) compute({});\n", v, packedCall);
    for (size_t o = 0; o < no; ++o) {
        size_t k = ni + o;
        if (access[k] == Access::kVector)
            body += fmt::format("    storePack<{}, {}>(p.data[{}], at[{}], o{});\n", typeName(types[k]), v, k, k, o);
        else
            body +=
                fmt::format("#pragma unroll\n    for (int j = 0; j < {}; ++j) {} = o{}.v[j];\n", v, element(k, "j"), o);
    }
    text += body + "}\n";

    KernelPlan plan;
    plan.sources.push_back(
        {.name = fmt::format("pointwise.r{}v{}", rank, v), .entry = "pointwise", .text = std::move(text)});
    Launch launch;
    int64_t blocks = ceilDiv(params.count, 256);
    if (blocks > INT32_MAX) return unsupported("pointwise: {} elements are too many for one launch", elements);
    launch.grid[0] = static_cast<uint32_t>(blocks);
    launch.block[0] = 256;
    launch.setParams(params);
    for (size_t k = 0; k < operands; ++k)
        launch.pointers.push_back({static_cast<uint32_t>(offsetof(PointwiseParams, data) + k * sizeof(void*)),
                                   k < ni ? static_cast<int>(k) : kOutput + static_cast<int>(k - ni), 0});
    plan.launches.push_back(std::move(launch));
    return plan;
}

Result<KernelPlan> pointwiseDense(const PointwiseProgram& program, std::span<const int64_t> dims,
                                  std::span<const std::span<const int64_t>> inputDims, int alignment) {
    std::vector<int64_t> dense(dims.size());
    int64_t step = 1;
    for (size_t d = dims.size(); d-- > 0; step *= dims[d]) dense[d] = step;
    std::vector<std::vector<int64_t>> strides;
    for (std::span<const int64_t> in : inputDims) {
        if (in.size() > dims.size())
            return invalidArgument("pointwise: an input has {} dimensions, the result {}", in.size(), dims.size());
        std::vector<int64_t> s(dims.size(), 0);
        int64_t inner = 1;
        for (size_t d = in.size(); d-- > 0;) {
            size_t at = d + dims.size() - in.size();
            if (in[d] != 1 && in[d] != dims[at])
                return invalidArgument("pointwise: dimension {} of an input is {} and {} in the result", d, in[d],
                                       dims[at]);
            if (in[d] != 1) s[at] = inner;
            inner *= in[d];
        }
        strides.push_back(std::move(s));
    }
    std::vector<std::span<const int64_t>> inputs(strides.begin(), strides.end());
    std::vector<std::span<const int64_t>> outputs(program.outputs().size(), std::span<const int64_t>(dense));
    return pointwise(program, dims, inputs, outputs, alignment);
}

Result<KernelPlan> stridedCopy(std::span<const int64_t> dims, std::span<const int64_t> srcStrides,
                               std::span<const int64_t> dstStrides, int elementBytes, int alignment) {
    DType type = elementBytes == 1   ? DType::kUint8
                 : elementBytes == 2 ? DType::kHalf
                 : elementBytes == 4 ? DType::kInt32
                 : elementBytes == 8 ? DType::kInt64
                                     : DType::kFp4;
    if (type == DType::kFp4) return unsupported("copy of elements of {} bytes", elementBytes);
    if (srcStrides.size() != dims.size() || dstStrides.size() != dims.size())
        return invalidArgument("copy: {} and {} strides for {} dimensions", srcStrides.size(), dstStrides.size(),
                               dims.size());
    // Tiles pay where both sides have a dimension of stride 1 and it is not the same one.
    Loops loops;
    loops.dims.assign(dims.begin(), dims.end());
    loops.strides = {{dstStrides.begin(), dstStrides.end()}, {srcStrides.begin(), srcStrides.end()}};
    int64_t elements = 1;
    for (int64_t d : dims)
        if (d < 0 || __builtin_mul_overflow(elements, d, &elements))
            return invalidArgument("copy: dimension {} or their product", d);
    if (elements > 0) loops.arrange(0);
    size_t rank = loops.dims.size(), last = rank - 1, other = rank;
    // A launch has so many rows of blocks; what is more goes element by element.
    constexpr int64_t kMaxGrid = 65535;
    if (elements > 0 && rank >= 2 && rank <= 6 && loops.strides[0][last] == 1 && loops.strides[1][last] > 1)
        for (size_t d = 0; d < last; ++d)
            if (loops.strides[1][d] == 1 && loops.dims[d] >= 8 && loops.dims[last] >= 8 &&
                elements / (loops.dims[d] * loops.dims[last]) <= kMaxGrid)
                other = d;
    if (other == rank) {
        PointwiseProgram copy;
        copy.output(copy.input(type), type);
        std::span<const int64_t> in[] = {srcStrides}, out[] = {dstStrides};
        return pointwise(copy, dims, in, out, alignment);
    }
    TransposeParams params{};
    params.rows = loops.dims[last];
    params.cols = loops.dims[other];
    params.srcRow = loops.strides[1][last];
    params.dstRow = loops.strides[0][other];
    int64_t batch = 1;
    size_t at = 0;
    for (size_t d = rank; d-- > 0;) {
        if (d == last || d == other) continue;
        if (at < 3) params.batch[at] = fastDivide(static_cast<uint32_t>(loops.dims[d]));
        params.batchSrc[at] = loops.strides[1][d];
        params.batchDst[at] = loops.strides[0][d];
        ++at;
        batch *= loops.dims[d];
    }
    for (size_t d = at; d < 3; ++d) params.batch[d] = fastDivide(1);
    // Small elements move by words where all rows and parts of the batch are whole words apart.
    int word = elementBytes >= 4 ? 1 : 4 / elementBytes;
    bool words = word > 1 && alignment % 4 == 0 && params.rows % word == 0 && params.cols % word == 0 &&
                 params.srcRow % word == 0 && params.dstRow % word == 0;
    for (size_t d = 0; d < at; ++d) words = words && params.batchSrc[d] % word == 0 && params.batchDst[d] % word == 0;
    int tile = elementBytes <= 4 ? 64 : 32;
    int64_t blocks = ceilDiv(params.rows, tile) * ceilDiv(params.cols, tile);
    if (blocks > INT32_MAX) return unsupported("transpose of {} by {} by {}", batch, params.rows, params.cols);
    KernelPlan plan;
    std::string text(kernelText("params.h"));
    text += kernelText("prelude.cu");
    text += kernelText("transpose.cu");
    const char* names[] = {"u8", "u16", "", "u32", "", "", "", "u64"};
    plan.sources.push_back({.name = fmt::format("transpose.b{}", elementBytes),
                            .entry = "transpose",
                            .text = std::move(text),
                            .defines = {fmt::format("T={}", names[elementBytes - 1]), fmt::format("TILE={}", tile),
                                        fmt::format("P={}", words ? word : 1)}});
    Launch launch;
    launch.grid[0] = static_cast<uint32_t>(blocks);
    launch.grid[1] = static_cast<uint32_t>(batch);
    launch.block[0] = 256;
    launch.setParams(params);
    launch.pointers = {{offsetof(TransposeParams, src), 0, 0}, {offsetof(TransposeParams, dst), kOutput, 0}};
    plan.launches.push_back(std::move(launch));
    return plan;
}

Result<KernelPlan> transpose(std::span<const int64_t> srcDims, std::span<const int> perm, int elementBytes) {
    size_t n = srcDims.size();
    if (perm.size() != n) return invalidArgument("transpose: {} entries for {} dimensions", perm.size(), n);
    std::vector<int64_t> src(n), dims(n), srcStrides(n), dstStrides(n);
    int64_t step = 1;
    for (size_t d = n; d-- > 0; step *= srcDims[d]) src[d] = step;
    uint64_t seen = 0;
    for (size_t d = 0; d < n; ++d) {
        if (perm[d] < 0 || static_cast<size_t>(perm[d]) >= n || n > 63 || (seen >> perm[d] & 1))
            return invalidArgument("transpose: entry {} of the permutation is {}", d, perm[d]);
        seen |= uint64_t{1} << perm[d];
        dims[d] = srcDims[static_cast<size_t>(perm[d])];
        srcStrides[d] = src[static_cast<size_t>(perm[d])];
    }
    step = 1;
    for (size_t d = n; d-- > 0; step *= dims[d]) dstStrides[d] = step;
    return stridedCopy(dims, srcStrides, dstStrides, elementBytes);
}

}  // namespace lathe::cuda
