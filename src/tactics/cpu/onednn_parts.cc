// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/onednn_parts.h"

#include <algorithm>
#include <cstring>

#include "base/thread_pool.h"
#include "tactics/cpu/image.h"
#include "tactics/cpu/operands.h"

namespace lathe::tactics {
namespace {

using cpu::onednn::Conv;
using cpu::onednn::Op;
using cpu::onednn::Store;

// How a convolution is cut: no way, by images, by output channels (each part has weights of its own), by output rows.
enum class Cut : int64_t { kNone = 0, kImages = 1, kChannels = 2, kRows = 3 };

struct Choice {
    Layout in, out;
};

int64_t pixels(const int64_t (&d)[3]) { return d[0] * d[1] * d[2]; }

// Every cut leaves parts that are dense in memory, which oneDNN's fast kernels ask for.
std::pair<Cut, int> cutOf(const Conv& c, const Choice& choice, int threads) {
    if (threads == 1) return {Cut::kNone, 1};
    if (c.n % threads == 0) return {Cut::kImages, threads};
    if (c.n != 1) return {Cut::kNone, 0};
    if (choice.out == Layout::kChannelsLast) {
        // Rows of a transposed convolution do not come from rows of their own.
        bool rows = !c.transposed && choice.in == Layout::kChannelsLast && c.out[3 - c.axes] >= threads;
        return rows ? std::pair{Cut::kRows, threads} : std::pair{Cut::kNone, 0};
    }
    int64_t lanes = 2 * blockOf(choice.out);
    if (c.groups == 1 && c.oc % (threads * lanes) == 0) return {Cut::kChannels, threads};
    return {Cut::kNone, 0};
}

// Part i of `count`; its offsets, but not its Op.
Conv partOf(const Conv& whole, Cut cut, int i, int count, OneDnnPart& part) {
    Conv c = whole;
    c.ocWhole = whole.oc;
    part = {};
    auto padded = [&](int64_t channels, cpu::Layout l) {
        return l == cpu::Layout::kBlocked ? (channels + whole.block - 1) / whole.block * whole.block : channels;
    };
    switch (cut) {
        case Cut::kNone: part.count = whole.n * padded(whole.oc, whole.outLayout) * pixels(whole.out); break;
        case Cut::kImages:
            c.n = whole.n / count;
            part.src = i * c.n * padded(whole.ic, whole.inLayout) * pixels(whole.in);
            part.count = c.n * padded(whole.oc, whole.outLayout) * pixels(whole.out);
            part.dst = i * part.count;
            break;
        case Cut::kChannels:
            c.oc = whole.oc / count;
            part.channel = i * c.oc;
            part.count = c.oc * pixels(whole.out);
            part.dst = i * part.count;
            break;
        case Cut::kRows: {
            int d = 3 - whole.axes;
            int64_t first = whole.out[d] * i / count, last = whole.out[d] * (i + 1) / count;
            int64_t inRow = whole.ic * pixels(whole.in) / whole.in[d],
                    outRow = whole.oc * pixels(whole.out) / whole.out[d];
            int64_t from = first * whole.stride[d] - whole.padBefore[d];
            int64_t to =
                (last - 1) * whole.stride[d] - whole.padBefore[d] + whole.dilation[d] * (whole.kernel[d] - 1) + 1;
            int64_t low = std::clamp<int64_t>(from, 0, whole.in[d]), high = std::clamp<int64_t>(to, 0, whole.in[d]);
            c.in[d] = high - low;
            c.out[d] = last - first;
            c.padBefore[d] = low - from;
            c.padAfter[d] = to - high;
            part.src = low * inRow;
            part.dst = first * outRow;
            part.count = (last - first) * outRow;
            break;
        }
    }
    return c;
}

}  // namespace

std::optional<std::string> whyNoOneDnn(const Target& target) {
    const std::string& here = cpu::onednn::version();
    if (target.onednn.empty())
        return here.empty() ? "oneDNN is absent: " + cpu::onednn::absence() : "the target has no oneDNN";
    if (target.onednn == here) return std::nullopt;
    return fmt::format(
        "it needs oneDNN {}, and {}", target.onednn,
        here.empty() ? "there is none here: " + cpu::onednn::absence() : fmt::format("here is version {}", here));
}

Store storeOf(const EpilogueMatch& match, bool bias) {
    Store s;
    s.bias = bias || match.bias;
    s.adds = match.residual != nullptr;
    s.addsAfter = match.residualAfter;
    s.activation = match.activation;
    s.alpha = match.alpha;
    s.beta = match.beta;
    return s;
}

Status OneDnnKernel::prepare() {
    for (OneDnnPart& p : parts) {
        TRY(p.op->prepare());
        workspacePart_ = std::max(workspacePart_, alignUp64(p.op->workspaceBytes()));
    }
    results_.resize(parts.size());
    return {};
}

Status OneDnnKernel::run(const RunArgs& args) {
    const auto* x = static_cast<const float*>(args.inputs[0]);
    auto* y = static_cast<float*>(args.outputs[0]);
    const float* residual = residualSlot >= 0 ? static_cast<const float*>(args.inputs[residualSlot]) : nullptr;
    auto job = [&](int i) {
        OneDnnPart& p = parts[static_cast<size_t>(i)];
        // oneDNN adds to what the output holds.
        if (residual && residual != y)
            std::memcpy(y + p.dst, residual + p.dst, static_cast<size_t>(p.count) * sizeof(float));
        results_[static_cast<size_t>(i)] =
            p.op->run(x + p.src, packed + p.weights, epilogue.bias ? epilogue.bias + p.channel : nullptr, y + p.dst,
                      static_cast<std::byte*>(args.workspace) + i * workspacePart_);
    };
    int count = static_cast<int>(parts.size());
    if (count == 1)
        job(0);
    else
        ThreadPool::instance().run(count, job, count);
    for (Status& s : results_)
        if (!s.ok()) return s;
    return {};
}

BindResult OneDnnWindows::bind(const ir::Node& anchor, const BindContext& c) const {
    if (auto why = whyNoOneDnn(c.target())) return BindResult::refuse(*why);
    const ir::Value &x = *anchor.input(0), &w = *anchor.input(1);
    const ir::Value* bias = inputOf(anchor, 2);
    if (x.dtype() != DType::kFloat) return BindResult::refuse(fmt::format("type {} is not f32", toString(x.dtype())));
    if (!w.isConstant() || (bias && !bias->isConstant()) || x.isConstant())
        return BindResult::refuse("weights or bias are not constant, or the input is");
    ir::Dims dims = c.optDims(x);
    if (c.minDims(x) != dims || c.maxDims(x) != dims) return BindResult::refuse("its shapes vary");
    auto whole = describe(anchor, dims, ir::constantDims(w.shape()));
    if (!whole.ok()) return BindResult::refuse(whole.status().message());
    if (whole->n * whole->ic * whole->oc * pixels(whole->in) == 0 || whole->out[0] < 1 || whole->out[1] < 1 ||
        whole->out[2] < 1)
        return BindResult::refuse("a size is 0");
    Layout blocked = blockedLayout(c.target());
    BindResult result;
    for (const Choice& choice : {Choice{blocked, blocked}, Choice{Layout::kLinear, blocked},
                                 Choice{Layout::kChannelsLast, Layout::kChannelsLast}}) {
        std::string what = fmt::format("{}→{}", toString(choice.in), toString(choice.out));
        Conv conv = *whole;
        conv.inLayout = toKernel(choice.in);
        conv.outLayout = toKernel(choice.out);
        conv.block = blockOf(blocked);
        auto [cut, count] = cutOf(conv, choice, c.target().threads);
        if (count == 0) {
            result.refusals.push_back(fmt::format("{}: it does not divide among {} threads", what, c.target().threads));
            continue;
        }
        for (const EpilogueMatch& m : matchEpilogues(*anchor.output(), 1, bias != nullptr)) {
            if (m.residual == &x) continue;
            Store store = storeOf(m, bias != nullptr);
            // All parts must read the same weights, or, cut by channels, weights of the same form.
            std::string form;
            int64_t bytes = 0, workspace = 0;
            Status fits;
            for (int i = 0; i < count && fits.ok(); ++i) {
                OneDnnPart part;
                auto op = Op::make(partOf(conv, cut, i, count, part), store);
                if (!op.ok()) {
                    fits = op.status();
                } else if (i > 0 && (*op)->weightsForm() != form) {
                    fits = unsupported("parts want weights of different forms");
                } else {
                    form = (*op)->weightsForm();
                    bytes = (*op)->weightsBytes();
                    workspace = std::max(workspace, alignUp64((*op)->workspaceBytes()));
                }
            }
            if (!fits.ok()) {
                result.refusals.push_back(what + ": " + std::string(fits.message()));
                continue;
            }
            Candidate candidate;
            Binding& b = candidate.binding;
            b.tactic = this;
            b.nodes = {&anchor};
            b.nodes.insert(b.nodes.end(), m.nodes.begin(), m.nodes.end());
            b.inputs = {&x};
            b.inputLayouts = {choice.in};
            if (m.residual) {
                b.inputs.push_back(m.residual);
                b.inputLayouts.push_back(choice.out);
                b.inPlace = {{0, 1}};
            }
            b.outputs = {m.result};
            b.outputLayouts = {choice.out};
            b.params = {static_cast<int64_t>(cut), count};
            b.params.insert(b.params.end(), dims.begin(), dims.end());
            int64_t blobs = cut == Cut::kChannels ? count : 1;
            b.packed.push_back({{&w},
                                fmt::format("{}{}.g{}.x{}", conv.transposed ? "t." : "", form, conv.groups, blobs),
                                blobs * alignUp64(bytes)});
            double flops = 2.0 * static_cast<double>(conv.n * conv.oc * conv.ic / conv.groups) *
                           static_cast<double>(pixels(conv.kernel) * pixels(conv.transposed ? conv.in : conv.out));
            candidate.estimate = 3e-6 + flops / (65e9 * count);
            candidate.workspaceBytes = workspace * count;
            result.candidates.push_back(std::move(candidate));
        }
    }
    return result;
}

namespace {

// The binding's parts with their Ops, as bind() found them.
Result<std::vector<OneDnnPart>> makeParts(const Binding& b, Conv conv, const Store& store, Layout blocked) {
    conv.inLayout = toKernel(b.inputLayouts.at(0));
    conv.outLayout = toKernel(b.outputLayouts.at(0));
    conv.block = blockOf(blocked);
    auto cut = static_cast<Cut>(b.params.at(0));
    int count = static_cast<int>(b.params.at(1));
    std::vector<OneDnnPart> parts(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
        OneDnnPart& p = parts[static_cast<size_t>(i)];
        Conv mine = partOf(conv, cut, i, count, p);
        p.op = TRY(Op::make(mine, store));
        if (cut == Cut::kChannels) p.weights = i * alignUp64(p.op->weightsBytes());
    }
    return parts;
}

Result<EpilogueMatch> matchOf(const Binding& b) {
    const ir::Node& n = *b.nodes[0];
    return findEpilogue(*n.output(), *b.outputs[0], 1, inputOf(n, 2) != nullptr);
}

}  // namespace

Status OneDnnWindows::pack(const Binding& binding, int, std::span<const std::span<const std::byte>> sources,
                           std::span<std::byte> out, const Target& target) const {
    const ir::Node& n = *binding.nodes[0];
    ir::Dims x(binding.params.begin() + 2, binding.params.end());
    Conv conv = TRY(describe(n, x, ir::constantDims(n.input(1)->shape())));
    Store store = storeOf(TRY(matchOf(binding)), inputOf(n, 2) != nullptr);
    auto parts = TRY(makeParts(binding, conv, store, blockedLayout(target)));
    const auto* plain = reinterpret_cast<const float*>(sources[0].data());
    // Output channels of the plain weights lie this far apart; those of a transposed convolution have the input's
    // outside.
    int64_t taps = pixels(conv.kernel), step = conv.transposed ? taps : conv.ic / conv.groups * taps;
    for (const OneDnnPart& p : parts) {
        if (p.weights + p.op->weightsBytes() > static_cast<int64_t>(out.size()))
            return internalError("packed weights need more than {} bytes", out.size());
        TRY(p.op->pack(plain + p.channel * step, out.data() + p.weights));
        if (static_cast<Cut>(binding.params[0]) != Cut::kChannels) break;
    }
    return {};
}

Result<std::unique_ptr<Kernel>> OneDnnWindows::prepare(const Binding& binding, const PrepareContext& c) const {
    const ir::Node& n = *binding.nodes[0];
    auto match = TRY(matchOf(binding));
    auto kernel = std::make_unique<OneDnnKernel>();
    const ir::Dims& x = c.dims(*n.input(0));
    if (!std::equal(x.begin(), x.end(), binding.params.begin() + 2, binding.params.end()))
        return unsupported("it was bound for another shape than {}", ir::toString(x));
    Conv conv = TRY(describe(n, x, c.dims(*n.input(1))));
    Store store = storeOf(match, inputOf(n, 2) != nullptr);
    kernel->parts = TRY(makeParts(binding, conv, store, blockedLayout(c.target())));
    auto packed = TRY(c.packed(0));
    kernel->packed = packed.data();
    for (const OneDnnPart& p : kernel->parts)
        if (p.weights + p.op->weightsBytes() > static_cast<int64_t>(packed.size()))
            return unsupported("the weights are packed otherwise: {} bytes", packed.size());
    kernel->epilogue = TRY(makeEpilogue(match, conv.oc, c, kernel->biasStorage));
    if (const ir::Value* bias = inputOf(n, 2))
        kernel->epilogue.bias = reinterpret_cast<const float*>(TRY(c.weights(*bias)).data());
    if (match.residual) kernel->residualSlot = static_cast<int>(binding.inputs.size()) - 1;
    TRY(kernel->prepare());
    return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace lathe::tactics
