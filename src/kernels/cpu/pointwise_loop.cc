// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/cpu/grain.h"
#include "kernels/cpu/isa/isa.h"
#include "kernels/cpu/pointwise.h"
#include "kernels/cpu/pointwise_table.h"

LATHE_ISA_TABLE(PointwiseTable, pointwiseTable)

namespace lathe::cpu {

const PointwiseTable& pointwiseKernels() { return pointwiseTable(); }

namespace {

int bytesOf(PwType t) { return t == PwType::kI64 ? 8 : 4; }

// Rough cycles per element and 8-lane vector, for deciding how much work a thread's part should hold.
int costOf(PwOp op) {
    switch (op) {
        case PwOp::kTan:
        case PwOp::kSinh:
        case PwOp::kCosh:
        case PwOp::kAsin:
        case PwOp::kAcos:
        case PwOp::kAtan:
        case PwOp::kAsinh:
        case PwOp::kAcosh:
        case PwOp::kAtanh:
        case PwOp::kPow:
        case PwOp::kMod:
        case PwOp::kFmod:
        case PwOp::kRoundFp8: return 160;
        case PwOp::kExp:
        case PwOp::kExpm1:
        case PwOp::kLog:
        case PwOp::kLog1p:
        case PwOp::kSin:
        case PwOp::kCos:
        case PwOp::kTanh:
        case PwOp::kErf:
        case PwOp::kSigmoid:
        case PwOp::kElu:
        case PwOp::kSelu:
        case PwOp::kCelu:
        case PwOp::kSoftplus:
        case PwOp::kScaledTanh:
        case PwOp::kGeluErf:
        case PwOp::kGeluTanh:
        case PwOp::kSilu:
        case PwOp::kMish: return 16;
        default: return 2;
    }
}

}  // namespace

// Turns a program and strides into the steps of a PointwiseLoop.
struct PwBinder {
    using Place = PointwiseLoop::Place;
    using StepKind = PointwiseLoop::StepKind;
    using Where = PointwiseLoop::Where;
    using Step = PointwiseLoop::Step;

    enum class Access { kDense, kUniform, kScattered };

    const PointwiseProgram& program;
    const PointwiseTable& kernels = pointwiseKernels();
    PointwiseLoop loop;
    int values = 0;
    int lastUse[256] = {};
    bool live[256] = {};
    Where where[256];
    bool uniform[256] = {};

    explicit PwBinder(const PointwiseProgram& p) : program(p) {}

    // How an operand moves over a tile: the split loop and those inside it.
    Access accessOf(int operand) const {
        const auto& nest = loop.nest_;
        bool dense = true, still = true;
        int64_t step = 1;
        for (int d = nest.rank - 1; d >= loop.splitDim_; --d) {
            if (nest.dims[d] == 1) continue;
            dense = dense && nest.strides[operand][d] == step;
            still = still && nest.strides[operand][d] == 0;
            step *= nest.dims[d];
        }
        return still ? Access::kUniform : dense ? Access::kDense : Access::kScattered;
    }

    // Every run of the innermost loop within a tile reads the same elements.
    bool repeats(int operand) const {
        const auto& nest = loop.nest_;
        for (int d = loop.splitDim_; d + 1 < nest.rank; ++d)
            if (nest.dims[d] > 1 && nest.strides[operand][d] != 0) return false;
        return loop.splitDim_ + 1 < nest.rank;
    }

    // The same data for every tile of a run.
    bool fixed(int operand) const {
        for (int d = 0; d <= loop.splitDim_; ++d)
            if (loop.nest_.dims[d] > 1 && loop.nest_.strides[operand][d] != 0) return false;
        return true;
    }

    void findLive() {
        int n = loop.inputs_;
        for (const PwOutput& out : program.outputs()) live[out.value] = true;
        for (int v = values - 1; v >= n; --v) {
            if (!live[v]) continue;
            const PwInstr& in = program.instrs()[v - n];
            for (int a = 0; a < pwArity(in.op); ++a) live[in.args[a]] = true;
        }
    }

    void chooseTile(int64_t limit) {
        auto& nest = loop.nest_;
        // Take whole loops into the tile while two of their steps, at least, still fit.
        int split = nest.rank - 1;
        int64_t inside = 1;
        while (split > 0 && inside * nest.dims[split] * 2 <= limit) inside *= nest.dims[split--];
        loop.splitDim_ = split;
        loop.rowElements_ = inside;
        int64_t rows = std::clamp<int64_t>(limit / inside, 1, std::max<int64_t>(1, nest.dims[split]));
        loop.chunks_ = std::max<int64_t>(1, (nest.dims[split] + rows - 1) / rows);
        if (inside == 1 && loop.chunks_ > 1) {
            // Even tiles, in whole cache lines.
            rows = ((nest.dims[split] + loop.chunks_ - 1) / loop.chunks_ + 63) / 64 * 64;
            rows = std::min(rows, limit);
            loop.chunks_ = (nest.dims[split] + rows - 1) / rows;
        }
        loop.tileRows_ = rows;
        loop.tiles_ = loop.chunks_;
        for (int d = 0; d < split; ++d) loop.tiles_ *= nest.dims[d];
    }

    // Slots are numbered first and laid out when the tile size is known. REQUIRES: splitDim_ chosen.
    struct Slot {
        int bytes;
        int freeFrom;  // first instruction whose result may take it
    };
    std::vector<Slot> slots;

    int takeSlot(int bytes, int at, int until) {
        for (size_t s = 0; s < slots.size(); ++s)
            if (slots[s].bytes == bytes && slots[s].freeFrom <= at) {
                slots[s].freeFrom = until;
                return static_cast<int>(s);
            }
        slots.push_back({bytes, until});
        return static_cast<int>(slots.size()) - 1;
    }

    Where slotFor(int bytes, int at, int until, bool isUniform) {
        Where w;
        w.place = Place::kSlot;
        w.uniform = isUniform;
        w.offset = takeSlot(bytes, at, until);
        return w;
    }

    Status bind() {
        loop.steps_.clear();
        loop.constants_.clear();
        slots.clear();
        int n = loop.inputs_;
        std::fill(std::begin(lastUse), std::end(lastUse), -1);
        for (int v = n; v < values; ++v) {
            if (!live[v]) continue;
            const PwInstr& in = program.instrs()[v - n];
            for (int a = 0; a < pwArity(in.op); ++a) lastUse[in.args[a]] = v;
        }
        for (const PwOutput& out : program.outputs()) lastUse[out.value] = values;

        for (int v = 0; v < n; ++v) {
            if (!live[v]) continue;
            DType storage = program.inputs()[v];
            PwType type = pwTypeOf(storage);
            Access access = accessOf(v);
            uniform[v] = access == Access::kUniform;
            bool direct = bitsOf(storage) == 8 * bytesOf(type) && access != Access::kScattered;
            if (direct) {
                where[v] = {Place::kInput, static_cast<uint8_t>(v), uniform[v], 0};
                continue;
            }
            Step s;
            bool once = fixed(v);
            s.kind = once ? StepKind::kLoadOnce : StepKind::kLoad;
            s.operand = static_cast<uint8_t>(v);
            s.uniform = uniform[v];
            s.repeats = repeats(v);
            s.width = static_cast<uint8_t>(bytesOf(type));
            s.fn = reinterpret_cast<void*>(kernels.load(storage));
            if (!s.fn) return unsupported("pointwise: input {} is of type {}", v, toString(storage));
            // What is loaded once must survive all tiles.
            where[v] = s.to = slotFor(bytesOf(type), v,
                                      once         ? INT32_MAX
                                      : uniform[v] ? lastUse[v] + 1
                                                   : lastUse[v],
                                      uniform[v]);
            loop.steps_.push_back(s);
        }

        // The only output may be written in place of a slot by the last operation, after which nothing is read.
        int lastOp = -1;
        for (int v = n; v < values; ++v)
            if (live[v] && program.instrs()[v - n].op != PwOp::kConst) lastOp = v;
        const PwOutput& first = program.outputs()[0];
        bool inPlace = program.outputs().size() == 1 && first.value == lastOp && lastOp >= n &&
                       bitsOf(first.storage) == 8 * bytesOf(program.typeOf(lastOp)) && first.storage != DType::kBool &&
                       accessOf(n) == Access::kDense;

        for (int v = n; v < values; ++v) {
            if (!live[v]) continue;
            const PwInstr& in = program.instrs()[v - n];
            if (in.op == PwOp::kConst) {
                uniform[v] = true;
                where[v] = {Place::kConstant, 0, true, static_cast<int32_t>(loop.constants_.size())};
                loop.constants_.push_back(in.bits);
                continue;
            }
            Step s;
            s.kind = StepKind::kOp;
            s.alpha = in.alpha;
            s.beta = in.beta;
            unsigned mask = 0;
            int arity = pwArity(in.op);
            bool all = true;
            for (int a = 0; a < arity; ++a) {
                s.args[a] = where[in.args[a]];
                mask |= uniform[in.args[a]] ? 1u << a : 0u;
                all = all && uniform[in.args[a]];
            }
            uniform[v] = s.uniform = all;
            s.fn = reinterpret_cast<void*>(kernels.op(in.op, in.type, all ? 0 : mask));
            if (!s.fn) return internalError("pointwise: no kernel for {} of {}", toString(in.op), toString(in.type));
            bool toMemory = inPlace && v == lastOp && !all;
            int bytes = bytesOf(pwResultType(in));
            if (toMemory) {
                s.to = {Place::kOutput, 0, false, 0};
            } else {
                // An argument whose last use is here gives its slot to the result, if it is not read for every element.
                s.to = slotFor(bytes, v, all ? lastUse[v] + 1 : lastUse[v], all);
            }
            where[v] = s.to;
            loop.steps_.push_back(s);
        }

        // Inputs that go out unchanged are read before another output may overwrite them.
        for (bool unchanged : {true, false})
            for (int o = 0; o < loop.outputs_; ++o) {
                const PwOutput& out = program.outputs()[o];
                const Where& from = where[out.value];
                if (from.place == Place::kOutput || (from.place == Place::kInput) != unchanged) continue;
                Step s;
                s.kind = StepKind::kStore;
                s.operand = static_cast<uint8_t>(n + o);
                s.uniform = uniform[out.value];
                s.width = static_cast<uint8_t>(bytesOf(program.typeOf(out.value)));
                s.args[0] = from;
                s.fn = reinterpret_cast<void*>(kernels.store(out.storage));
                if (!s.fn) return unsupported("pointwise: an output is of type {}", toString(out.storage));
                loop.steps_.push_back(s);
            }
        return {};
    }

    // Bytes of slots per element of a tile.
    int64_t slotBytes() const {
        int64_t n = 0;
        for (const Slot& s : slots) n += s.bytes;
        return n;
    }

    void layOut() {
        int64_t elements = loop.tileRows_ * loop.rowElements_;
        std::vector<int32_t> at;
        int64_t offset = 0;
        for (const Slot& s : slots) {
            at.push_back(static_cast<int32_t>(offset));
            offset += (elements * s.bytes + 63) / 64 * 64;
        }
        ASSERT(offset <= PointwiseLoop::kFileBytes);
        auto place = [&](Where& w) {
            if (w.place == Place::kSlot && !at.empty()) w.offset = at[w.offset];
        };
        for (Step& s : loop.steps_) {
            if (s.kind == StepKind::kStore) {
                place(s.args[0]);
                continue;
            }
            place(s.to);
            if (s.kind == StepKind::kOp)
                for (Where& w : s.args) place(w);
        }
        loop.slots_ = static_cast<int>(slots.size());
    }

    Status build(std::span<const int64_t> dims, std::span<const std::span<const int64_t>> inputStrides,
                 std::span<const std::span<const int64_t>> outputStrides) {
        TRY(program.check());
        int64_t count = TRY(checkedCount(dims, "pointwise"));
        if (inputStrides.size() != program.inputs().size() || outputStrides.size() != program.outputs().size())
            return invalidArgument("pointwise: strides of {} inputs and {} outputs for a program of {} and {}",
                                   inputStrides.size(), outputStrides.size(), program.inputs().size(),
                                   program.outputs().size());
        loop.inputs_ = static_cast<int>(program.inputs().size());
        loop.outputs_ = static_cast<int>(program.outputs().size());
        values = loop.inputs_ + static_cast<int>(program.instrs().size());
        auto& nest = loop.nest_;
        nest.rank = static_cast<int>(dims.size());
        for (int d = 0; d < nest.rank; ++d) nest.dims[d] = dims[d];
        for (int k = 0; k < loop.inputs_ + loop.outputs_; ++k) {
            auto strides = k < loop.inputs_ ? inputStrides[k] : outputStrides[k - loop.inputs_];
            if (strides.size() != dims.size())
                return invalidArgument("pointwise: {} strides for {} dimensions", strides.size(), dims.size());
            for (int d = 0; d < nest.rank; ++d) {
                nest.strides[k][d] = strides[d];
                if (k >= loop.inputs_ && strides[d] == 0 && dims[d] > 1 && count > 0)
                    return invalidArgument("pointwise: output {} has stride 0 in dimension {}", k - loop.inputs_, d);
            }
            DType storage = k < loop.inputs_ ? program.inputs()[k] : program.outputs()[k - loop.inputs_].storage;
            loop.elementBytes_[k] = static_cast<uint8_t>(lathe::bitsOf(storage) / 8);
        }
        nest.collapse(loop.inputs_ + loop.outputs_);
        auto distance = [&](int d) {
            int64_t s = nest.strides[loop.inputs_][d];
            return s < 0 ? -s : s;
        };
        nest.sortLoops([&](int a, int b) { return distance(a) > distance(b); });
        nest.collapse(loop.inputs_ + loop.outputs_);
        if (count == 0) {
            loop.tiles_ = 0;
            return {};
        }
        findLive();
        // Slots depend on the tile (it decides what is uniform or dense), whose size depends on the slots: start from a
        // large tile and shrink it until everything fits.
        for (int64_t limit = 2048;; limit /= 2) {
            chooseTile(limit);
            TRY(bind());
            int64_t padding = static_cast<int64_t>(slots.size()) * 64;
            if (slotBytes() * loop.tileRows_ * loop.rowElements_ + padding <= PointwiseLoop::kFileBytes) break;
            ASSERT(limit > 1);
        }
        layOut();
        int64_t cost = 1;
        for (const PwInstr& in : program.instrs()) cost += costOf(in.op);
        for (int k = 0; k < loop.inputs_ + loop.outputs_; ++k) cost += 1;
        // Cycles per 8 elements; 8 us is some 24,000 cycles.
        loop.grain_ = grainFor(cost * loop.tileRows_ * loop.rowElements_ / 8, 24000);
        return {};
    }
};

Result<PointwiseLoop> PointwiseLoop::make(const PointwiseProgram& program, std::span<const int64_t> dims,
                                          std::span<const std::span<const int64_t>> inputStrides,
                                          std::span<const std::span<const int64_t>> outputStrides) {
    PwBinder binder(program);
    TRY(binder.build(dims, inputStrides, outputStrides));
    return std::move(binder.loop);
}

Result<PointwiseLoop> PointwiseLoop::makeDense(const PointwiseProgram& program, std::span<const int64_t> dims,
                                               std::span<const std::span<const int64_t>> inputDims) {
    constexpr int kInputs = PointwiseProgram::kMaxInputs, kOutputs = PointwiseProgram::kMaxOutputs;
    if (dims.size() > static_cast<size_t>(kMaxNestDims) || inputDims.size() > static_cast<size_t>(kInputs) ||
        program.outputs().size() > static_cast<size_t>(kOutputs))
        return invalidArgument("pointwise: {} dimensions, {} inputs", dims.size(), inputDims.size());
    int64_t strides[kInputs][kMaxNestDims] = {}, out[kMaxNestDims];
    std::span<const int64_t> in[kInputs], outs[kOutputs];
    denseStrides(dims, out);
    for (size_t k = 0; k < inputDims.size(); ++k) {
        std::span<const int64_t> from = inputDims[k];
        if (from.size() > dims.size())
            return invalidArgument("pointwise: input {} has {} dimensions, the output {}", k, from.size(), dims.size());
        int64_t dense[kMaxNestDims];
        denseStrides(from, dense);
        size_t lead = dims.size() - from.size();
        for (size_t d = 0; d < from.size(); ++d) {
            if (from[d] != 1 && from[d] != dims[lead + d])
                return invalidArgument("pointwise: dimension {} of input {} is {}, the output's is {}", d, k, from[d],
                                       dims[lead + d]);
            strides[k][lead + d] = from[d] == 1 ? 0 : dense[d];
        }
        in[k] = {strides[k], dims.size()};
    }
    for (auto& o : outs) o = {out, dims.size()};
    return make(program, dims, {in, inputDims.size()}, {outs, program.outputs().size()});
}

void PointwiseLoop::run(const void* const* inputs, void* const* outputs) const {
    if (tiles_ == 0) return;
    parallelFor(tiles_, grain_, [&](int64_t begin, int64_t end) { runTiles(inputs, outputs, begin, end); });
}

void PointwiseLoop::runTiles(const void* const* inputs, void* const* outputs, int64_t begin, int64_t end) const {
    alignas(64) char file[kFileBytes];
    const int operands = inputs_ + outputs_;
    char* base[kOperands];
    for (int k = 0; k < inputs_; ++k) base[k] = static_cast<char*>(const_cast<void*>(inputs[k]));
    for (int k = 0; k < outputs_; ++k) base[inputs_ + k] = static_cast<char*>(outputs[k]);

    const int inner = nest_.rank - 1;
    NestCursor<kOperands> cursor(nest_, splitDim_, begin / chunks_);
    int64_t chunk = begin % chunks_;
    char* at[kOperands];
    int64_t loadedRows = 0;  // what kLoadOnce steps have loaded

    auto address = [&](const Where& w) -> char* {
        switch (w.place) {
            case Place::kSlot: return file + w.offset;
            case Place::kConstant: return reinterpret_cast<char*>(const_cast<int64_t*>(&constants_[w.offset]));
            case Place::kInput: return at[w.index];
            case Place::kOutput: return at[inputs_ + w.index];
        }
        return nullptr;
    };
    // Calls f(memory, tile element, count) for each innermost run of an operand within the tile.
    auto eachRow = [&](int operand, int64_t rows, auto f) {
        const int64_t* strides = nest_.strides[operand];
        int bytes = elementBytes_[operand];
        if (splitDim_ == inner) {
            f(at[operand], int64_t{0}, rows);
            return;
        }
        int64_t index[kMaxNestDims] = {};
        char* p = at[operand];
        int64_t n = nest_.dims[inner], total = rows * rowElements_;
        for (int64_t done = 0; done < total; done += n) {
            f(p, done, n);
            for (int d = inner - 1; d >= splitDim_; --d) {
                p += strides[d] * bytes;
                if (d == splitDim_ || ++index[d] < nest_.dims[d]) break;
                p -= strides[d] * bytes * nest_.dims[d];
                index[d] = 0;
            }
        }
    };

    for (int64_t tile = begin; tile < end; ++tile) {
        int64_t row = chunk * tileRows_;
        int64_t rows = std::min(tileRows_, nest_.dims[splitDim_] - row);
        int64_t n = rows * rowElements_;
        for (int k = 0; k < operands; ++k)
            at[k] = base[k] + (cursor.offset[k] + row * nest_.strides[k][splitDim_]) * elementBytes_[k];
        for (const Step& s : steps_) {
            switch (s.kind) {
                case StepKind::kLoadOnce:
                    if (rows <= loadedRows) break;
                    [[fallthrough]];
                case StepKind::kLoad: {
                    auto load = reinterpret_cast<TileLoadFn>(s.fn);
                    char* to = file + s.to.offset;
                    if (s.uniform) {
                        load(at[s.operand], 1, to, 1);
                        break;
                    }
                    int64_t width = s.width;
                    int64_t stride = nest_.strides[s.operand][inner];
                    if (s.repeats) {
                        int64_t run = nest_.dims[inner] * width, total = n * width;
                        load(at[s.operand], stride, to, nest_.dims[inner]);
                        for (int64_t done = run; done < total; done *= 2)
                            std::memcpy(to + done, to, static_cast<size_t>(std::min(done, total - done)));
                        break;
                    }
                    eachRow(s.operand, rows, [&](char* p, int64_t element, int64_t count) {
                        load(p, stride, to + element * width, count);
                    });
                    break;
                }
                case StepKind::kOp: {
                    TileArgs t;
                    t.d = address(s.to);
                    t.a = address(s.args[0]);
                    t.b = address(s.args[1]);
                    t.c = address(s.args[2]);
                    t.n = s.uniform ? 1 : n;
                    t.alpha = s.alpha;
                    t.beta = s.beta;
                    reinterpret_cast<TileFn>(s.fn)(t);
                    break;
                }
                case StepKind::kStore: {
                    auto store = reinterpret_cast<TileStoreFn>(s.fn);
                    char* from = address(s.args[0]);
                    int64_t stride = nest_.strides[s.operand][inner];
                    int64_t width = s.width;
                    alignas(64) char fill[256 * 8];
                    if (s.uniform) {
                        for (int64_t i = 0; i < 256; ++i)
                            std::memcpy(fill + i * width, from, static_cast<size_t>(width));
                    }
                    eachRow(s.operand, rows, [&](char* p, int64_t element, int64_t count) {
                        if (!s.uniform) return store(from + element * width, p, stride, count);
                        for (int64_t done = 0; done < count; done += 256)
                            store(fill, p + done * stride * elementBytes_[s.operand], stride,
                                  std::min<int64_t>(256, count - done));
                    });
                    break;
                }
            }
        }
        loadedRows = std::max(loadedRows, rows);
        if (++chunk == chunks_) {
            chunk = 0;
            cursor.next();
        }
    }
}

std::string PointwiseLoop::describe() const {
    std::string text = fmt::format("tile {} of [", tileRows_ * rowElements_);
    for (int d = 0; d < nest_.rank; ++d) text += fmt::format("{}{}", d ? ", " : "", nest_.dims[d]);
    return text + fmt::format("], {} steps, {} slots", steps_.size(), slots_);
}

}  // namespace lathe::cpu
