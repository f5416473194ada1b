// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/text/text_parser.h"

#include <string>
#include <string_view>

namespace lathe::caffe {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isNameChar(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || isDigit(c); }
int hexDigit(char c) {
    if (isDigit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

class TextParser {
  public:
    explicit TextParser(std::string_view text) : text_(text) {}

    Result<TextMessage> parse() {
        // Some editors put a mark of the encoding before the text.
        if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
        TextMessage out;
        out.line = 1;
        TRY(fields(out, '\0', 0));
        return out;
    }

  private:
    template <class... A>
    Status fail(fmt::format_string<A...> format, A&&... args) const {
        return invalidArgument("line {}: {}", line_, fmt::format(format, std::forward<A>(args)...));
    }

    bool atEnd() const { return at_ == text_.size(); }
    char peek() const { return atEnd() ? '\0' : text_[at_]; }
    std::string here() const { return atEnd() ? "the end of the file" : quoted(text_.substr(at_, 1)); }

    void skipSpace() {
        while (!atEnd()) {
            const char c = text_[at_];
            if (c == '\n') {
                ++line_;
            } else if (c == '#') {
                while (!atEnd() && text_[at_] != '\n') ++at_;
                continue;
            } else if (c != ' ' && c != '\t' && c != '\r' && c != '\v' && c != '\f') {
                return;
            }
            ++at_;
        }
    }

    bool accept(char c) {
        skipSpace();
        if (atEnd() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    // Up to `close`, which it takes too; '\0' is the end of the file.
    Status fields(TextMessage& out, char close, int depth) {
        if (depth > kMaxTextDepth) return fail("messages are nested more than {} deep", kMaxTextDepth);
        while (true) {
            skipSpace();
            if (atEnd()) {
                if (close == '\0') return {};
                return fail("the file ends inside the message that begins in line {}", out.line);
            }
            if (close != '\0' && accept(close)) return {};
            TRY(field(out, depth));
            if (!accept(';')) accept(',');
        }
    }

    Status field(TextMessage& out, int depth) {
        std::string name;
        const int line = line_;
        if (peek() == '[') {  // an extension; nothing of ours has that name
            const size_t end = text_.find_first_of("]\n", at_);
            if (end == std::string_view::npos || text_[end] == '\n') return fail("'[' without ']'");
            name = text_.substr(at_, end + 1 - at_);
            at_ = end + 1;
        } else {
            if (isDigit(peek())) return fail("a field name is expected, not {}", here());
            while (!atEnd() && isNameChar(text_[at_])) name += text_[at_++];
            if (name.empty()) return fail("a field name is expected, not {}", here());
        }
        const bool colon = accept(':');
        skipSpace();
        if (colon && accept('[')) {
            if (accept(']')) return {};
            do {
                skipSpace();
                TRY(value(out, name, line_, depth));
            } while (accept(','));
            if (!accept(']'))
                return fail("',' or ']' is expected in the list of field {}, not {}", quoted(name), here());
            return {};
        }
        if (!colon && peek() != '{' && peek() != '<') {
            return fail("':' or '{{' is expected after the field name {}, not {}", quoted(name), here());
        }
        return value(out, name, line, depth);
    }

    Status value(TextMessage& out, const std::string& name, int line, int depth) {
        if (++count_ > kMaxTextFields) return fail("more than {} fields", kMaxTextFields);
        TextField field;
        field.name = name;
        field.line = line;
        const char c = peek();
        if (c == '{' || c == '<') {
            ++at_;
            field.kind = TextField::Kind::kMessage;
            field.message = std::make_unique<TextMessage>();
            field.message->line = line;
            TRY(fields(*field.message, c == '{' ? '}' : '>', depth + 1));
        } else if (c == '"' || c == '\'') {
            field.kind = TextField::Kind::kString;
            do {
                TRY(string(field.text));
                skipSpace();
            } while (peek() == '"' || peek() == '\'');
        } else {
            TRY(word(field.text, name));
        }
        out.fields.push_back(std::move(field));
        return {};
    }

    Status word(std::string& out, const std::string& name) {
        if (accept('-')) {
            out += '-';
            skipSpace();
        } else if (peek() == '+') {
            ++at_;
        }
        const size_t begin = at_;
        const bool number = isDigit(peek()) || peek() == '.';
        const bool hex = text_.substr(at_).starts_with("0x") || text_.substr(at_).starts_with("0X");
        while (!atEnd()) {
            const char c = text_[at_];
            const bool sign = (c == '+' || c == '-') && number && !hex && at_ > begin &&
                              (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
            if (!isNameChar(c) && !sign && !(c == '.' && number)) break;
            ++at_;
        }
        if (at_ == begin) return fail("field {} needs a value, not {}", quoted(name), here());
        out += text_.substr(begin, at_ - begin);
        return {};
    }

    Status string(std::string& out) {
        const char quote = text_[at_++];
        while (true) {
            if (atEnd() || text_[at_] == '\n') return fail("a string without its closing quote");
            const char c = text_[at_++];
            if (c == quote) return {};
            if (c != '\\') {
                out += c;
                continue;
            }
            TRY(escape(out));
        }
    }

    Status escape(std::string& out) {
        if (atEnd()) return fail("the file ends inside a string");
        const char c = text_[at_++];
        static constexpr std::string_view kNames = "abfnrtv\\'\"?", kMeanings = "\a\b\f\n\r\t\v\\'\"?";
        if (const size_t known = kNames.find(c); known != std::string_view::npos) {
            out += kMeanings[known];
            return {};
        }
        if (c >= '0' && c <= '7') {
            int code = c - '0';
            for (int i = 0; i < 2 && !atEnd() && text_[at_] >= '0' && text_[at_] <= '7'; ++i) {
                code = code * 8 + (text_[at_++] - '0');
            }
            if (code > 255) return fail("the octal escape {:o} is more than a byte", code);
            out += static_cast<char>(code);
            return {};
        }
        if (c == 'x' || c == 'X') {
            int code = 0, digits = 0;
            for (; digits < 2 && !atEnd() && hexDigit(text_[at_]) >= 0; ++digits) {
                code = code * 16 + hexDigit(text_[at_++]);
            }
            if (!digits) return fail("the escape \\x needs a hexadecimal digit");
            out += static_cast<char>(code);
            return {};
        }
        if (c == 'u' || c == 'U') {
            uint32_t code = 0;
            for (int i = 0; i < (c == 'u' ? 4 : 8); ++i) {
                if (atEnd() || hexDigit(text_[at_]) < 0) return fail("the escape \\{} needs more digits", c);
                code = code * 16 + static_cast<uint32_t>(hexDigit(text_[at_++]));
            }
            if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
                return fail("the escape \\{} names no character: {:x}", c, code);
            }
            appendUtf8(out, code);
            return {};
        }
        return fail("unknown escape \\{}", quoted(std::string_view(&c, 1)));
    }

    static void appendUtf8(std::string& out, uint32_t code) {
        if (code < 0x80) {
            out += static_cast<char>(code);
            return;
        }
        const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        static constexpr uint32_t kLead[] = {0, 0xc0, 0xe0, 0xf0};
        out += static_cast<char>(kLead[more] | (code >> (6 * more)));
        for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3f));
    }

    std::string_view text_;
    size_t at_ = 0;
    int line_ = 1;
    size_t count_ = 0;
};

}  // namespace

Result<TextMessage> parseText(std::span<const std::byte> text) {
    if (text.size() > kMaxTextBytes) {
        return unsupported("the text has {} bytes; at most {} are read", text.size(), kMaxTextBytes);
    }
    return TextParser({reinterpret_cast<const char*>(text.data()), text.size()}).parse();
}

}  // namespace lathe::caffe
