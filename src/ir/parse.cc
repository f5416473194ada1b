// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <map>

#include "ir/infer.h"
#include "ir/text.h"

namespace lathe::ir {
namespace {

constexpr int kMaxDepth = 64;

class Parser {
  public:
    Parser(std::string_view text, OpFinder find) : text_(text), find_(find), graph_(std::make_unique<Graph>()) {}

    Result<std::unique_ptr<Graph>> run() {
        Status s = graph();
        if (!s.ok()) {
            s.prefix(fmt::format("line {}", line_));
            return s;
        }
        return std::move(graph_);
    }

  private:
    struct PendingSymbol {
        SymbolId id;
        std::string value;
    };

    // --- characters -------------------------------------------------------------------------------------------------
    void space() {
        while (at_ < text_.size()) {
            char c = text_[at_];
            if (c == '\n') ++line_;
            if (c == ';') {  // a comment up to the end of the line
                while (at_ < text_.size() && text_[at_] != '\n') ++at_;
                continue;
            }
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return;
            ++at_;
        }
    }
    bool accept(std::string_view token) {
        space();
        if (text_.substr(at_, token.size()) != token) return false;
        bool word = std::isalnum(static_cast<unsigned char>(token.back()));
        if (word && at_ + token.size() < text_.size() && isNameChar(text_[at_ + token.size()])) return false;
        at_ += token.size();
        return true;
    }
    Status expect(std::string_view token) {
        if (accept(token)) return {};
        return invalidArgument("expected '{}' before '{}'", token, text_.substr(at_, 20));
    }
    static bool isNameChar(char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '/' || c == '~';
    }
    Result<std::string> word() {
        space();
        size_t start = at_;
        while (at_ < text_.size() && isNameChar(text_[at_])) ++at_;
        if (start == at_) return invalidArgument("expected a name before '{}'", text_.substr(at_, 20));
        return std::string(text_.substr(start, at_ - start));
    }
    Result<std::string> quoted() {
        TRY(expect("\""));
        size_t end = text_.find('"', at_);
        if (end == std::string_view::npos) return invalidArgument("a quote is not closed");
        std::string s(text_.substr(at_, end - at_));
        at_ = end + 1;
        return s;
    }
    Result<int64_t> integer() {
        space();
        int64_t v = 0;
        auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), v);
        if (error != std::errc()) return invalidArgument("expected an integer before '{}'", text_.substr(at_, 20));
        at_ = static_cast<size_t>(end - text_.data());
        return v;
    }

    // --- types ------------------------------------------------------------------------------------------------------
    Result<Dim> dim() {
        // Up to a comma or bracket outside of parentheses.
        space();
        size_t start = at_;
        for (int depth = 0; at_ < text_.size(); ++at_) {
            char c = text_[at_];
            if (depth == 0 && (c == ',' || c == ']' || c == '\n')) break;
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        return Dim::parse(text_.substr(start, at_ - start));
    }
    Result<TensorType> type() {
        std::string name = TRY(word());
        auto dtype = dtypeFromString(name);
        if (!dtype) return invalidArgument("'{}' is not an element type", name);
        TensorType t{*dtype, {}};
        TRY(expect("["));
        while (!accept("]")) {
            if (!t.shape.empty()) TRY(expect(","));
            t.shape.push_back(TRY(dim()));
            if (t.shape.size() > static_cast<size_t>(kMaxRank))
                return invalidArgument("more than {} dimensions", kMaxRank);
            bool known = true;
            t.shape.back().forEachSymbol(
                [&](SymbolId id) { known = known && id < static_cast<SymbolId>(graph_->symbols().size()); });
            if (!known)
                return invalidArgument("dimension {} uses a symbol that is not declared", t.shape.back().toString());
        }
        return t;
    }

    // --- the graph --------------------------------------------------------------------------------------------------
    Status graph() {
        while (accept("symbol")) TRY(symbol());
        TRY(expect("graph"));
        graph_->name = TRY(quoted());
        TRY(region(graph_->body(), 0));
        space();
        if (at_ != text_.size()) return invalidArgument("text after the graph: '{}'", text_.substr(at_, 20));
        return {};
    }

    Status symbol() {
        std::string id = TRY(word());
        if (id != fmt::format("s{}", graph_->symbols().size()))
            return invalidArgument("symbols must be numbered in order; found {}", id);
        SymbolInfo s;
        s.name = TRY(quoted());
        std::string kind = TRY(word());
        if (kind == "input")
            s.source = SymbolInfo::Source::kInputDim;
        else if (kind == "element")
            s.source = SymbolInfo::Source::kElement;
        else if (kind == "output")
            s.source = SymbolInfo::Source::kOutputDim;
        else
            return invalidArgument("'{}' is not input, element or output", kind);
        std::string value;
        if (!accept("-")) {
            TRY(expect("%"));
            value = TRY(word());
        }
        s.index = TRY(integer());
        TRY(expect("range"));
        s.min = TRY(integer());
        s.max = TRY(integer());
        if (accept("bound")) s.upperBound = TRY(dim());
        pending_.push_back({graph_->addSymbol(std::move(s)), value});
        return {};
    }

    Result<Value*> use() {
        if (accept("-")) return static_cast<Value*>(nullptr);
        TRY(expect("%"));
        std::string name = TRY(word());
        auto at = values_.find(name);
        if (at == values_.end()) return invalidArgument("%{} is not defined here", name);
        return at->second;
    }

    Status define(const std::string& name, Value* v) {
        if (!values_.emplace(name, v).second) return invalidArgument("%{} is defined twice", name);
        v->setName(name);
        // Before inference sees the value, or it would make symbols of its own.
        for (const PendingSymbol& p : pending_)
            if (p.value == name) graph_->symbols()[p.id].value = v;
        return {};
    }

    Status region(Region& r, int depth) {
        if (depth > kMaxDepth) return invalidArgument("regions are nested deeper than {}", kMaxDepth);
        TRY(expect("("));
        for (bool first = true; !accept(")"); first = false) {
            if (!first) TRY(expect(","));
            TRY(expect("%"));
            std::string name = TRY(word());
            TRY(expect(":"));
            TRY(define(name, r.addParameter(TRY(type()), name)));
        }
        TRY(expect("{"));
        while (!accept("return")) {
            if (accept("const"))
                TRY(constant());
            else
                TRY(node(r, depth));
        }
        for (bool first = true; !accept("}"); first = false) {
            if (!first) TRY(expect(","));
            r.addResult(TRY(use()));
        }
        return {};
    }

    Status constant() {
        TRY(expect("%"));
        std::string name = TRY(word());
        space();
        std::string weightsName = text_.substr(at_, 1) == "\"" ? TRY(quoted()) : std::string();
        TRY(expect("="));
        TensorType t = TRY(type());
        if (!isConstant(t.shape)) return invalidArgument("constant %{} has an unknown extent", name);
        Dims dims = constantDims(t.shape);
        int64_t count = TRY(checkedVolume(dims));
        if (count > (int64_t{1} << 32)) return invalidArgument("constant %{} is too large", name);
        auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<size_t>(lathe::bytesOf(t.dtype, count)));
        if (accept("random")) {
            uint64_t state = 0;
            space();
            auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), state);
            if (error != std::errc()) return invalidArgument("expected a seed");
            at_ = static_cast<size_t>(end - text_.data());
            TRY(fill(t.dtype, count, *bytes, [&](int64_t) -> Result<double> {
                state = state * 6364136223846793005u + 1442695040888963407u;
                return static_cast<double>(state >> 40) / 8388608.0 - 1.0;
            }));
        } else {
            TRY(expect("["));
            TRY(fill(t.dtype, count, *bytes, [&](int64_t i) -> Result<double> {
                if (i) TRY(expect(","));
                space();
                double v = 0;
                auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), v);
                if (error != std::errc()) return invalidArgument("expected element {} of %{}", i, name);
                at_ = static_cast<size_t>(end - text_.data());
                return v;
            }));
            TRY(expect("]"));
        }
        std::span<const std::byte> view(*bytes);
        return define(name,
                      graph_->addConstant(std::make_shared<Weights>(t.dtype, dims, view, bytes, weightsName), name));
    }

    template <class F>
    Status fill(DType dtype, int64_t count, std::vector<std::byte>& bytes, F next) {
        return dispatchAll(dtype, [&]<class T>() -> Status {
            T* out = reinterpret_cast<T*>(bytes.data());
            for (int64_t i = 0; i < count; ++i) {
                double v = TRY(next(i));
                if constexpr (std::is_integral_v<T>)
                    out[i] = static_cast<T>(static_cast<int64_t>(v));
                else
                    out[i] = T(static_cast<float>(v));
            }
            return {};
        });
    }

    Status node(Region& r, int depth) {
        std::vector<std::string> outputs;
        space();
        if (text_.substr(at_, 1) == "%") {
            do {
                TRY(expect("%"));
                outputs.push_back(TRY(word()));
            } while (accept(","));
            TRY(expect("="));
        }
        std::string opName = TRY(word());
        const Op* op = find_(opName);
        if (!op) return invalidArgument("there is no op '{}'", opName);
        TRY(expect("("));
        std::vector<Value*> inputs;
        while (!accept(")")) {
            if (!inputs.empty()) TRY(expect(","));
            inputs.push_back(TRY(use()));
        }
        auto attrs = op->makeAttrs();
        TRY(attributes(*attrs));
        std::string name = accept("@") ? TRY(quoted()) : std::string();
        Node* n = r.append(*op, std::move(attrs), std::move(inputs), static_cast<int>(outputs.size()), name);
        if (accept("from"))
            while (space(), text_.substr(at_, 1) == "\"") n->origins().push_back(TRY(quoted()));
        std::vector<TensorType> types;
        if (accept(":")) do
                types.push_back(TRY(type()));
            while (accept(","));
        while (space(), text_.substr(at_, 1) == "(") TRY(region(n->addRegion(), depth + 1));
        if (!types.empty() && types.size() != outputs.size())
            return invalidArgument("{} outputs have {} types", outputs.size(), types.size());
        for (size_t i = 0; i < outputs.size(); ++i) TRY(define(outputs[i], n->output(static_cast<int>(i))));
        TRY(inferNode(*n));
        for (size_t i = 0; i < types.size(); ++i)
            if (!(n->output(static_cast<int>(i))->type() == types[i]))
                return invalidArgument("%{} has the type {}, not {}", outputs[i],
                                       toString(n->output(static_cast<int>(i))->type()), toString(types[i]));
        return {};
    }

    // name=value pairs: a name directly followed by '='.
    Status attributes(Attrs& attrs) {
        for (;;) {
            space();
            size_t p = at_;
            while (p < text_.size() && isNameChar(text_[p])) ++p;
            if (p == at_ || p >= text_.size() || text_[p] != '=') return {};
            std::string name(text_.substr(at_, p - at_));
            size_t start = p + 1, end = start;
            char open = end < text_.size() ? text_[end] : ' ';
            if (open == '[' || open == '"') {
                char close = open == '[' ? ']' : '"';
                for (++end; end < text_.size() && text_[end] != close; ++end)
                    if (open == '"' && text_[end] == '\\') ++end;
                if (end >= text_.size()) return invalidArgument("attribute {} is not closed", name);
                ++end;
            } else {
                while (end < text_.size() && text_[end] != ' ' && text_[end] != '\n' && text_[end] != ':' &&
                       text_[end] != '@')
                    ++end;
            }
            TRY(setAttr(attrs, name, text_.substr(start, end - start)));
            at_ = end;
        }
    }

    std::string_view text_;
    OpFinder find_;
    std::unique_ptr<Graph> graph_;
    std::map<std::string, Value*, std::less<>> values_;
    std::vector<PendingSymbol> pending_;
    size_t at_ = 0;
    int line_ = 1;
};

}  // namespace

Result<std::unique_ptr<Graph>> parse(std::string_view text, OpFinder find) { return Parser(text, find).run(); }

}  // namespace lathe::ir
