// SPDX-License-Identifier: Apache-2.0
#include "ir/attrs.h"

#include <charconv>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace lathe::ir {
namespace {

template <class T>
std::string numberText(T v) {
    char buffer[40];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
    return std::string(buffer, end);
}

std::string quoted(std::string_view s) {
    static const char* hex = "0123456789abcdef";
    std::string out = "\"";
    for (unsigned char c : s) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (c < 32 || c == 127) {
            out += "\\x";
            out += hex[c >> 4];
            out += hex[c & 15];
        } else {
            out += static_cast<char>(c);
        }
    }
    return out + '"';
}

// Collects (name, text) of every field.
class Printer : public AttrVisitor {
  public:
    std::vector<std::pair<const char*, std::string>> fields;
    void operator()(const char* n, int64_t& v) override { fields.emplace_back(n, numberText(v)); }
    void operator()(const char* n, double& v) override { fields.emplace_back(n, numberText(v)); }
    void operator()(const char* n, bool& v) override { fields.emplace_back(n, v ? "true" : "false"); }
    void operator()(const char* n, std::string& v) override { fields.emplace_back(n, quoted(v)); }
    void operator()(const char* n, DType& v) override { fields.emplace_back(n, toString(v)); }
    void operator()(const char* n, std::vector<int64_t>& v) override { list(n, v); }
    void operator()(const char* n, std::vector<double>& v) override { list(n, v); }
    void enumeration(const char* n, int64_t& v, std::span<const char* const> names) override {
        ASSERT(v >= 0 && v < static_cast<int64_t>(names.size()));
        fields.emplace_back(n, names[v]);
    }

  private:
    template <class V>
    void list(const char* n, const V& v) {
        std::string s = "[";
        for (size_t i = 0; i < v.size(); ++i) s += (i ? ", " : "") + numberText(v[i]);
        fields.emplace_back(n, s + "]");
    }
};

class Setter : public AttrVisitor {
  public:
    Setter(std::string_view name, std::string_view text) : name_(name), text_(text) {}
    Status status = invalidArgument("unknown attribute");
    bool found = false;

    void operator()(const char* n, int64_t& v) override {
        if (mine(n)) number(text_, v);
    }
    void operator()(const char* n, double& v) override {
        if (mine(n)) number(text_, v);
    }
    void operator()(const char* n, bool& v) override {
        if (!mine(n)) return;
        if (text_ == "true" || text_ == "false")
            v = text_ == "true";
        else
            bad("true or false");
    }
    void operator()(const char* n, std::string& v) override {
        if (!mine(n)) return;
        if (text_.size() < 2 || text_.front() != '"' || text_.back() != '"') return bad("a string in quotes");
        std::string out;
        for (size_t i = 1; i + 1 < text_.size(); ++i) {
            if (text_[i] != '\\') {
                out += text_[i];
            } else if (i + 2 < text_.size() && text_[i + 1] != 'x') {
                out += text_[++i];
            } else if (i + 4 < text_.size()) {
                unsigned c = 0;
                auto [end, error] = std::from_chars(text_.data() + i + 2, text_.data() + i + 4, c, 16);
                if (error != std::errc() || end != text_.data() + i + 4)
                    return bad("an escape of two hexadecimal digits");
                out += static_cast<char>(c);
                i += 3;
            } else {
                return bad("a complete escape");
            }
        }
        v = out;
    }
    void operator()(const char* n, DType& v) override {
        if (!mine(n)) return;
        if (auto t = dtypeFromString(text_))
            v = *t;
        else
            bad("an element type");
    }
    void operator()(const char* n, std::vector<int64_t>& v) override {
        if (mine(n)) list(v);
    }
    void operator()(const char* n, std::vector<double>& v) override {
        if (mine(n)) list(v);
    }
    void enumeration(const char* n, int64_t& v, std::span<const char* const> names) override {
        if (!mine(n)) return;
        for (size_t i = 0; i < names.size(); ++i)
            if (text_ == names[i]) {
                v = static_cast<int64_t>(i);
                return;
            }
        bad("one of its names");
    }

  private:
    bool mine(const char* n) {
        if (name_ != n) return false;
        found = true;
        status = Status();
        return true;
    }
    void bad(const char* expected) { status = invalidArgument("attribute {}={}: expected {}", name_, text_, expected); }
    template <class T>
    bool number(std::string_view s, T& v) {
        T parsed{};
        auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), parsed);
        if (error != std::errc() || end != s.data() + s.size()) {
            bad("a number");
            return false;
        }
        v = parsed;
        return true;
    }
    template <class T>
    void list(std::vector<T>& v) {
        if (text_.size() < 2 || text_.front() != '[' || text_.back() != ']') return bad("a list in brackets");
        std::vector<T> out;
        std::string_view rest = text_.substr(1, text_.size() - 2);
        while (!rest.empty()) {
            size_t comma = rest.find(',');
            std::string_view item = rest.substr(0, comma);
            while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
            T x{};
            if (!number(item, x)) return;
            out.push_back(x);
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        }
        v = std::move(out);
    }

    std::string_view name_, text_;
};

std::vector<std::pair<const char*, std::string>> fieldsOf(const Attrs& attrs) {
    Printer p;
    const_cast<Attrs&>(attrs).visit(p);  // a Printer only reads
    return std::move(p.fields);
}

}  // namespace

std::string printAttrs(const Attrs& attrs, const Attrs* defaults) {
    auto fields = fieldsOf(attrs);
    decltype(fields) base;
    if (defaults) base = fieldsOf(*defaults);
    std::string s;
    for (size_t i = 0; i < fields.size(); ++i) {
        if (defaults && fields[i].second == base[i].second) continue;
        if (!s.empty()) s += ' ';
        s += fields[i].first;
        s += '=' + fields[i].second;
    }
    return s;
}

Status setAttr(Attrs& attrs, std::string_view name, std::string_view value) {
    Setter s(name, value);
    attrs.visit(s);
    if (!s.found) return invalidArgument("unknown attribute '{}'", name);
    return s.status;
}

Status parseAttrs(Attrs& attrs, std::string_view text) {
    size_t at = 0;
    while (at < text.size()) {
        if (text[at] == ' ') {
            ++at;
            continue;
        }
        size_t equals = text.find('=', at);
        if (equals == std::string_view::npos)
            return invalidArgument("attributes '{}', position {}: expected name=value", text, at);
        size_t end = equals + 1;
        char close = end < text.size() && text[end] == '[' ? ']' : end < text.size() && text[end] == '"' ? '"' : ' ';
        if (close == ' ') {
            while (end < text.size() && text[end] != ' ') ++end;
        } else {
            for (++end; end < text.size() && text[end] != close; ++end)
                if (text[end] == '\\' && close == '"') ++end;
            if (end >= text.size())
                return invalidArgument("attributes '{}': '{}' is not closed", text, text[equals + 1]);
            ++end;
        }
        TRY(setAttr(attrs, text.substr(at, equals - at), text.substr(equals + 1, end - equals - 1)));
        at = end;
    }
    return {};
}

bool equalAttrs(const Attrs& a, const Attrs& b) { return printAttrs(a) == printAttrs(b); }

uint64_t hashAttrs(const Attrs& attrs) {
    std::string s = printAttrs(attrs);
    return XXH3_64bits(s.data(), s.size());
}

}  // namespace lathe::ir
