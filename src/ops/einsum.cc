// SPDX-License-Identifier: Apache-2.0
#include "ops/einsum.h"

#include <algorithm>
#include <map>

#include "ops/reference_math.h"

namespace lathe::ops {
namespace {

constexpr int kEllipsis = 256;

struct Term {
    std::vector<int> letters;
    int ellipsis = -1;  // how many letters stand before it; -1 for none
};

Result<Term> parseTerm(const std::string& text) {
    Term t;
    for (size_t i = 0; i < text.size(); ++i) {
        if (std::isalpha(static_cast<unsigned char>(text[i]))) {
            t.letters.push_back(text[i]);
        } else if (text.compare(i, 3, "...") == 0 && t.ellipsis < 0) {
            t.ellipsis = static_cast<int>(t.letters.size());
            i += 2;
        } else {
            return invalidArgument("'{}': expected letters and at most one '...'", text);
        }
    }
    return t;
}

std::vector<int> expand(const Term& t, int ellipsisAxes) {
    std::vector<int> labels = t.letters;
    std::vector<int> axes;
    for (int i = 0; i < ellipsisAxes; ++i) axes.push_back(kEllipsis + ir::kMaxRank - ellipsisAxes + i);
    if (t.ellipsis >= 0) labels.insert(labels.begin() + t.ellipsis, axes.begin(), axes.end());
    return labels;
}

bool contains(const std::vector<int>& labels, int label) {
    return std::find(labels.begin(), labels.end(), label) != labels.end();
}

// A tensor with one label an axis, none twice.
template <class Cell>
struct Labelled {
    std::vector<int> labels;
    Dims dims;
    std::vector<Cell> data;
};

// Element strides of `t` for a walk over `labels` (0 where it lacks one, or has extent 1).
template <class Cell>
Dims stridesFor(const Labelled<Cell>& t, const std::vector<int>& labels) {
    Dims own = rowMajorStrides(t.dims), out(labels.size(), 0);
    for (size_t i = 0; i < labels.size(); ++i)
        for (size_t d = 0; d < t.labels.size(); ++d)
            if (t.labels[d] == labels[i] && t.dims[d] != 1) out[i] = own[d];
    return out;
}

using Extents = std::map<int, int64_t>;

Dims dimsOf(const std::vector<int>& labels, const Extents& extents) {
    Dims dims;
    for (int l : labels) dims.push_back(extents.at(l));
    return dims;
}

// `t` over exactly `labels`: repeated along those it lacks, summed along its others.
template <class Cell>
Labelled<Cell> arrange(const Labelled<Cell>& t, const std::vector<int>& labels, const Extents& extents) {
    Labelled<Cell> out{labels, dimsOf(labels, extents), {}};
    out.data.assign(ir::volume(out.dims), Cell(0));
    std::vector<int> walk = labels;
    Dims dims = out.dims;
    for (size_t d = 0; d < t.labels.size(); ++d)
        if (!contains(labels, t.labels[d])) {
            walk.push_back(t.labels[d]);
            dims.push_back(t.dims[d]);
        }
    forEachOffset<2>(dims,
                     {stridesFor(t, walk),
                      [&] {
                          Dims s = rowMajorStrides(out.dims);
                          s.resize(walk.size(), 0);
                          return s;
                      }()},
                     [&](const std::array<int64_t, 2>& at) { out.data[at[1]] += t.data[at[0]]; });
    return out;
}

// The product of a and b, summed over the labels that are not in `keep`.
template <class Cell>
Labelled<Cell> contract(const Labelled<Cell>& a, const Labelled<Cell>& b, const std::vector<int>& keep,
                        const Extents& all) {
    std::vector<int> batch, sum, rows, columns;
    Extents extents;
    auto note = [&](const Labelled<Cell>& t) {
        for (size_t d = 0; d < t.labels.size(); ++d) {
            int64_t& e = extents.try_emplace(t.labels[d], 1).first->second;
            if (t.dims[d] != 1) e = t.dims[d];
        }
    };
    note(a);
    note(b);
    // A label that is to be summed with its repetitions has its full extent.
    for (auto& [label, extent] : extents)
        if (!contains(keep, label)) extent = all.at(label);
    for (int l : a.labels) {
        bool shared = contains(b.labels, l);
        if (contains(keep, l))
            (shared ? batch : rows).push_back(l);
        else
            sum.push_back(l);
    }
    for (int l : b.labels)
        if (!contains(a.labels, l)) (contains(keep, l) ? columns : sum).push_back(l);
    auto join = [](std::initializer_list<const std::vector<int>*> parts) {
        std::vector<int> out;
        for (const auto* p : parts) out.insert(out.end(), p->begin(), p->end());
        return out;
    };
    Labelled<Cell> x = arrange(a, join({&batch, &rows, &sum}), extents),
                   y = arrange(b, join({&batch, &sum, &columns}), extents);
    Labelled<Cell> out{join({&batch, &rows, &columns}), dimsOf(join({&batch, &rows, &columns}), extents), {}};
    int64_t count = ir::volume(dimsOf(batch, extents)), m = ir::volume(dimsOf(rows, extents)),
            n = ir::volume(dimsOf(columns, extents)), k = ir::volume(dimsOf(sum, extents));
    out.data.assign(count * m * n, Cell(0));
    for (int64_t i = 0; i < count; ++i)
        addProduct<Cell>(m, n, k, x.data.data() + i * m * k, k, y.data.data() + i * k * n, n,
                         out.data.data() + i * m * n, n);
    return out;
}

class EinsumOp final : public ir::OpWith<EinsumAttrs> {
  public:
    constexpr EinsumOp() : OpWith("einsum", kNone) {}

    Status infer(InferContext& c) const override {
        TRY(requireInputs(c, std::max(c.inputCount(), 1)));
        TRY(requireType(c, 0, {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt32, DType::kInt64}));
        std::vector<int> ranks;
        for (int i = 0; i < c.inputCount(); ++i) {
            TRY(requireSameType(c, 0, i));
            ranks.push_back(c.rank(i));
        }
        EinsumTerms terms = TRY(parseEinsum(attrs(c).equation, ranks));
        std::map<int, Dim> extents;
        for (int i = 0; i < c.inputCount(); ++i)
            for (size_t d = 0; d < terms.inputs[i].size(); ++d) {
                const Dim& extent = c.shape(i)[d];
                auto [at, fresh] = extents.try_emplace(terms.inputs[i][d], extent);
                if (!fresh)
                    at->second =
                        TRY_IN(fmt::format("input {}, axis {}", i, d), ir::broadcastShapes({at->second}, {extent}))[0];
            }
        Shape out;
        for (int l : terms.output) out.push_back(extents.at(l));
        c.setOutput(0, {c.dtype(0), std::move(out)});
        return {};
    }

    Status reference(RefContext& c) const override {
        return isFloating(c.input(0).dtype) ? run<double>(c) : run<uint64_t>(c);
    }

    std::vector<ir::SampleCase> samples() const override {
        constexpr DType kHalf = DType::kHalf, kBf16 = DType::kBf16, kInt32 = DType::kInt32, kInt64 = DType::kInt64;
        return {
            {.name = "matmul",
             .attrs = "equation=\"ij,jk->ik\"",
             .inputs = {{.dims = {7, 19}}, {.dims = {19, 5}}},
             .reduction = 19},
            {.name = "scores",
             .attrs = "equation=\"bhid,bhjd->bhij\"",
             .inputs = {{.dims = {2, 3, 5, 8}}, {.dims = {2, 3, 6, 8}}},
             .reduction = 8},
            {.name = "length_first",
             .attrs = "equation=\"bind,bjnd->bnij\"",
             .inputs = {{.dims = {2, 5, 3, 8}}, {.dims = {2, 6, 3, 8}}},
             .reduction = 8},
            {.name = "ellipsis",
             .attrs = "equation=\"...ij,...jk->...ik\"",
             .inputs = {{.dims = {2, 1, 3, 4}}, {.dims = {5, 4, 2}}},
             .reduction = 4},
            {.name = "implicit",
             .attrs = "equation=\"ba,ca\"",
             .inputs = {{.dims = {3, 4}}, {.dims = {5, 4}}},
             .reduction = 4},
            {.name = "diagonal", .attrs = "equation=\"ii->i\"", .inputs = {{.dims = {6, 6}}}},
            {.name = "trace", .attrs = "equation=\"bii->b\"", .inputs = {{.dims = {2, 6, 6}}}, .reduction = 6},
            {.name = "transpose", .attrs = "equation=\"abc->cab\"", .inputs = {{.dims = {2, 3, 4}}}},
            {.name = "outer", .attrs = "equation=\"i,j->ij\"", .inputs = {{.dims = {4}}, {.dims = {5}}}},
            {.name = "three",
             .attrs = "equation=\"ab,bc,cd->ad\"",
             .inputs = {{.dims = {3, 4}}, {.dims = {4, 5}}, {.dims = {5, 2}}},
             .reduction = 20},
            {.name = "elementwise", .attrs = "equation=\"ij,ij->ij\"", .inputs = {{.dims = {4, 5}}, {.dims = {1, 5}}}},
            {.name = "dot", .attrs = "equation=\"i,i->\"", .inputs = {{.dims = {50}}, {.dims = {50}}}, .reduction = 50},
            {.name = "sum_one",
             .attrs = "equation=\"ij,k->i\"",
             .inputs = {{.dims = {3, 4}}, {.dims = {5}}},
             .reduction = 20},
            {.name = "i64",
             .attrs = "equation=\"ij,j->i\"",
             .inputs = {{.dtype = kInt64, .dims = {3, 4}, .low = -9e9, .high = 9e9},
                        {.dtype = kInt64, .dims = {4}, .low = -9e9, .high = 9e9}}},
            {.name = "i32",
             .attrs = "equation=\"ij->j\"",
             .inputs = {{.dtype = kInt32, .dims = {3, 4}, .low = -99, .high = 99}}},
            {.name = "f16",
             .attrs = "equation=\"bqhd,bkhd->bhqk\"",
             .inputs = {{.dtype = kHalf, .dims = {1, 5, 2, 16}}, {.dtype = kHalf, .dims = {1, 7, 2, 16}}},
             .reduction = 16},
            {.name = "bf16",
             .attrs = "equation=\"ij,jk->ik\"",
             .inputs = {{.dtype = kBf16, .dims = {3, 8}}, {.dtype = kBf16, .dims = {8, 3}}},
             .reduction = 8},
            {.name = "empty", .attrs = "equation=\"ij,jk->ik\"", .inputs = {{.dims = {3, 0}}, {.dims = {0, 2}}}},
        };
    }

  private:
    template <class Cell>
    static Labelled<Cell> load(const Tensor& t, const std::vector<int>& labels) {
        std::vector<Cell> data;
        if constexpr (std::is_same_v<Cell, double>) {
            data = readDoubles(t);
        } else {
            for (int64_t v : readIntegers(t)) data.push_back(static_cast<uint64_t>(v));
        }
        // The diagonal over labels that occur twice.
        Labelled<Cell> out;
        Dims strides, own = rowMajorStrides(t.dims);
        bool plain = true;
        for (size_t d = 0; d < labels.size(); ++d) {
            auto at = std::find(out.labels.begin(), out.labels.end(), labels[d]);
            size_t i = static_cast<size_t>(at - out.labels.begin());
            if (at == out.labels.end()) {
                out.labels.push_back(labels[d]);
                out.dims.push_back(t.dims[d]);
                strides.push_back(t.dims[d] == 1 ? 0 : own[d]);
            } else {
                plain = false;
                if (t.dims[d] != 1) {
                    out.dims[i] = t.dims[d];
                    strides[i] += own[d];
                }
            }
        }
        if (plain) {
            out.data = std::move(data);
            return out;
        }
        forEachOffset<1>(out.dims, {strides},
                         [&](const std::array<int64_t, 1>& at) { out.data.push_back(data[at[0]]); });
        return out;
    }

    template <class Cell>
    static Status run(RefContext& c) {
        std::vector<int> ranks;
        for (int i = 0; i < c.inputCount(); ++i) ranks.push_back(c.input(i).rank());
        EinsumTerms terms = TRY(parseEinsum(attrs(c).equation, ranks));
        Extents extents;
        for (int i = 0; i < c.inputCount(); ++i)
            for (size_t d = 0; d < terms.inputs[i].size(); ++d) {
                int64_t& e = extents.try_emplace(terms.inputs[i][d], 1).first->second;
                if (c.input(i).dims[d] != 1) e = c.input(i).dims[d];
            }
        Labelled<Cell> all = load<Cell>(c.input(0), terms.inputs[0]);
        for (int i = 1; i < c.inputCount(); ++i) {
            std::vector<int> keep = terms.output;
            for (int later = i + 1; later < c.inputCount(); ++later)
                keep.insert(keep.end(), terms.inputs[later].begin(), terms.inputs[later].end());
            all = contract(all, load<Cell>(c.input(i), terms.inputs[i]), keep, extents);
        }
        Labelled<Cell> out = arrange(all, terms.output, extents);
        const Tensor& y = c.output(0);
        if constexpr (std::is_same_v<Cell, double>) {
            writeDoubles(y, out.data);
        } else {
            for (size_t i = 0; i < out.data.size(); ++i) {
                if (y.dtype == DType::kInt32)
                    y.as<int32_t>()[i] = static_cast<int32_t>(out.data[i]);
                else
                    y.as<int64_t>()[i] = static_cast<int64_t>(out.data[i]);
            }
        }
        return {};
    }
};

}  // namespace

Result<EinsumTerms> parseEinsum(const std::string& equation, std::span<const int> ranks) {
    std::string text;
    for (char ch : equation)
        if (ch != ' ') text += ch;
    size_t arrow = text.find("->");
    std::string left = text.substr(0, arrow);
    std::vector<Term> terms;
    for (size_t begin = 0; begin <= left.size();) {
        size_t end = std::min(left.find(',', begin), left.size());
        terms.push_back(TRY_IN(fmt::format("equation '{}'", equation), parseTerm(left.substr(begin, end - begin))));
        begin = end + 1;
    }
    if (terms.size() != ranks.size())
        return invalidArgument("equation '{}' has {} terms for {} inputs", equation, terms.size(), ranks.size());
    EinsumTerms out;
    int widest = 0;
    std::map<int, int> uses;
    for (size_t i = 0; i < terms.size(); ++i) {
        int rest = ranks[i] - static_cast<int>(terms[i].letters.size());
        if (rest < 0 || (rest > 0 && terms[i].ellipsis < 0))
            return invalidArgument("equation '{}': term {} does not fit an input of {} dimensions", equation, i,
                                   ranks[i]);
        widest = std::max(widest, rest);
        out.inputs.push_back(expand(terms[i], rest));
        for (int l : terms[i].letters) ++uses[l];
    }
    if (arrow == std::string::npos) {
        out.output = expand({{}, 0}, widest);
        for (auto [label, count] : uses)
            if (count == 1) out.output.push_back(label);
        return out;
    }
    Term result = TRY_IN(fmt::format("equation '{}'", equation), parseTerm(text.substr(arrow + 2)));
    for (size_t i = 0; i < result.letters.size(); ++i) {
        int l = result.letters[i];
        if (!uses.count(l))
            return invalidArgument("equation '{}': no input has the output's label '{}'", equation,
                                   static_cast<char>(l));
        if (std::count(result.letters.begin(), result.letters.end(), l) > 1)
            return invalidArgument("equation '{}': the output has the label '{}' twice", equation,
                                   static_cast<char>(l));
    }
    if (result.ellipsis < 0 && widest > 0)
        return invalidArgument("equation '{}': the axes of '...' are missing in the output", equation);
    out.output = expand(result, widest);
    return out;
}

LATHE_OP(einsum, EinsumOp)

}  // namespace lathe::ops
