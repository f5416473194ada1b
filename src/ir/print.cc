// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <map>

#include "ir/op.h"
#include "ir/text.h"

namespace lathe::ir {
namespace {

constexpr int64_t kShownElements = 16;

class GraphPrinter {
  public:
    explicit GraphPrinter(const Graph& graph) : graph_(graph) {}

    std::string run() {
        // Names are needed before the symbols that refer to them are printed, so the body goes first.
        std::string body = header(graph_.body(), true);
        std::string symbols;
        for (size_t i = 0; i < graph_.symbols().size(); ++i) {
            const SymbolInfo& s = graph_.symbols()[i];
            static constexpr const char* kinds[] = {"input", "element", "output"};
            symbols +=
                fmt::format("symbol s{} \"{}\" {} {} {} range {} {}", i, s.name, kinds[static_cast<int>(s.source)],
                            s.value && names_.count(s.value) ? "%" + names_[s.value] : "-", s.index, s.min, s.max);
            if (s.source == SymbolInfo::Source::kOutputDim)
                symbols += fmt::format(" bound {}", s.upperBound.toString());
            symbols += "\n";
        }
        return symbols + fmt::format("graph \"{}\" ", graph_.name) + body + "\n";
    }

  private:
    // A value's name, made unique and free of characters that the parser would stumble over.
    const std::string& nameOf(const Value* v) {
        auto [at, fresh] = names_.try_emplace(v);
        if (!fresh) return at->second;
        std::string name;
        for (char c : v->name())
            name +=
                (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '/' || c == '~') ? c : '_';
        if (name.empty()) name = std::to_string(v->id());
        if (!used_.emplace(name, 1).second) {
            std::string base = name;
            do name = base + "~" + std::to_string(used_[base]++);
            while (!used_.emplace(name, 1).second);
        }
        return at->second = name;
    }

    std::string header(const Region& region, bool top) {
        std::string s = "(";
        for (const Value* p : region.parameters())
            s += fmt::format("{}%{}: {}", s.size() > 1 ? ", " : "", nameOf(p), toString(p->type()));
        s += ") {\n";
        ++depth_;
        std::string body;
        for (const auto& n : region.nodes()) body += node(*n);
        std::string result = indent() + "return";
        bool first = true;
        for (const Value* v : region.results()) {
            result += (first ? " " : ", ") + use(v, body);
            first = false;
        }
        if (top) s += constants_;
        --depth_;
        return s + body + result + "\n" + indent() + "}";
    }

    std::string indent() const { return std::string(2 * depth_, ' '); }

    std::string use(const Value* v, std::string&) {
        if (!v) return "-";
        bool fresh = !names_.count(v);
        std::string name = "%" + nameOf(v);
        if (fresh && v->isConstant()) constants_ += constant(*v, name);
        return name;
    }

    std::string constant(const Value& v, const std::string& name) {
        const Weights& w = *v.constant();
        std::string s = fmt::format("  const {}{} = {}", name, w.name().empty() ? "" : fmt::format(" \"{}\"", w.name()),
                                    toString(v.type()));
        if (w.count() > kShownElements) {
            auto hash = w.contentHash();
            return s + fmt::format(" random {}\n", hash.ok() ? *hash : 0);
        }
        s += " [";
        Status shown = dispatchAll(w.dtype(), [&]<class T>() -> Status {
            auto values = TRY(w.as<T>());
            for (size_t i = 0; i < values.size(); ++i) {
                char buffer[40];
                std::to_chars_result end{};
                if constexpr (std::is_integral_v<T>)
                    end = std::to_chars(buffer, buffer + sizeof buffer, static_cast<int64_t>(values[i]));
                else
                    end = std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(values[i]));
                s += (i ? ", " : "") + std::string(buffer, end.ptr);
            }
            return {};
        });
        return s + (shown.ok() ? "]\n" : "?]\n");
    }

    std::string node(const Node& n) {
        std::string inputs, outputs, types;
        for (const Value* v : n.inputs()) inputs += (inputs.empty() ? "" : ", ") + use(v, inputs);
        for (const Value* v : n.outputs()) {
            outputs += (outputs.empty() ? "%" : ", %") + nameOf(v);
            types += (types.empty() ? "" : ", ") + toString(v->type());
        }
        auto defaults = n.op().makeAttrs();
        std::string attrs = printAttrs(n.anyAttrs(), defaults.get());
        std::string s = indent() + outputs + (outputs.empty() ? "" : " = ") + n.op().name() + "(" + inputs + ")";
        if (!attrs.empty()) s += " " + attrs;
        if (!n.name().empty()) s += " @\"" + n.name() + "\"";
        if (!n.origins().empty() && !(n.origins().size() == 1 && n.origins()[0] == n.name())) {
            s += " from";
            for (const std::string& o : n.origins()) s += " \"" + o + "\"";
        }
        if (!types.empty()) s += ": " + types;
        for (const auto& r : n.regions()) s += " " + header(*r, false);
        return s + "\n";
    }

    const Graph& graph_;
    std::map<const Value*, std::string> names_;
    std::map<std::string, int> used_;
    std::string constants_;
    int depth_ = 0;
};

}  // namespace

std::string print(const Graph& graph) { return GraphPrinter(graph).run(); }

}  // namespace lathe::ir
