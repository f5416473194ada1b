// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/text/text_parser.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lathe::caffe {
namespace {

using ::testing::HasSubstr;

Result<TextMessage> parsed(std::string_view text) { return parseText(std::as_bytes(std::span(text))); }

std::string errorOf(std::string_view text) {
    const auto result = parsed(text);
    return result.ok() ? "no error" : result.status().message();
}

TEST(TextParser, FieldsOfEveryForm) {
    const TextMessage m = parsed(R"(# a comment
name: "net"  # another
count: 3; real: -1.5e-3, list: [1, 2 , 3] empty: []
flag: true
word: MAX
inner { a: 1 inner < b: 2 > }
other: { c: "x" 'y'
  "z" }
[ext.name]: 4
minus: - 5  plus: +6
more { } more: [{ d: 1 }, { d: 2 }]
)")
                              .take();
    EXPECT_EQ(*toText(*m.find("name")), "net");
    EXPECT_EQ(*toInteger(*m.find("count")), 3);
    EXPECT_EQ(*toReal(*m.find("real")), -1.5e-3);
    ASSERT_EQ(m.all("list").size(), 3u);
    EXPECT_EQ(*toInteger(*m.all("list")[2]), 3);
    EXPECT_EQ(m.find("empty"), nullptr);
    EXPECT_EQ(*toBool(*m.find("flag")), true);
    EXPECT_EQ(m.find("word")->text, "MAX");
    const TextMessage* inner = *toMessage(*m.find("inner"));
    EXPECT_EQ(inner->line, 6);
    EXPECT_EQ(*toInteger(*(*toMessage(*inner->find("inner")))->find("b")), 2);
    EXPECT_EQ(*toText(*(*toMessage(*m.find("other")))->find("c")), "xyz");
    EXPECT_EQ(*toInteger(*m.find("[ext.name]")), 4);
    EXPECT_EQ(*toInteger(*m.find("minus")), -5);
    EXPECT_EQ(*toInteger(*m.find("plus")), 6);
    EXPECT_EQ(m.all("more").size(), 3u);
    EXPECT_EQ(m.find("word")->line, 5);
    EXPECT_EQ(m.find("[ext.name]")->line, 9);
    EXPECT_TRUE(parsed("").ok());
    EXPECT_TRUE(parsed("\xef\xbb\xbfname: 'bom'\r\n").ok());
}

TEST(TextParser, Strings) {
    const auto text = [](std::string_view quoted) {
        const TextMessage m = parsed("s: " + std::string(quoted)).take();
        return *toText(*m.find("s"));
    };
    EXPECT_EQ(text(R"("a\n\t\\\"\'\?b")"), "a\n\t\\\"'?b");
    EXPECT_EQ(text(R"('\101\x42\x4a\0')"), std::string("ABJ\0", 4));
    EXPECT_EQ(text(R"("é\u20ac\U0001f600")"), "é€😀");
    EXPECT_EQ(text(R"("# no comment")"), "# no comment");
    EXPECT_EQ(text("'it\"s'"), "it\"s");
    EXPECT_EQ(errorOf("s: \"abc"), "line 1: a string without its closing quote");
    EXPECT_EQ(errorOf("\ns: \"abc\n\""), "line 2: a string without its closing quote");
    EXPECT_EQ(errorOf("s: \"abc\\"), "line 1: the file ends inside a string");
    EXPECT_EQ(errorOf("s: '\\q'"), "line 1: unknown escape \\'q'");
    EXPECT_EQ(errorOf("s: '\\x'"), "line 1: the escape \\x needs a hexadecimal digit");
    EXPECT_EQ(errorOf("s: '\\777'"), "line 1: the octal escape 777 is more than a byte");
    EXPECT_EQ(errorOf("s: '\\u12'"), "line 1: the escape \\u needs more digits");
    EXPECT_EQ(errorOf("s: '\\ud800'"), "line 1: the escape \\u names no character: d800");
    EXPECT_EQ(errorOf("s: '\\U00110000'"), "line 1: the escape \\U names no character: 110000");
}

TEST(TextParser, Numbers) {
    const auto field = [](const std::string& text) {
        TextMessage m = parsed("\nx: " + text).take();
        return std::move(m.fields[0]);
    };
    const auto integer = [&](const std::string& text) {
        const auto r = toInteger(field(text));
        return r.ok() ? std::to_string(*r) : r.status().message();
    };
    EXPECT_EQ(integer("0"), "0");
    EXPECT_EQ(integer("-0"), "0");
    EXPECT_EQ(integer("0x1F"), "31");
    EXPECT_EQ(integer("-017"), "-15");
    EXPECT_EQ(integer("9223372036854775807"), "9223372036854775807");
    EXPECT_EQ(integer("-9223372036854775808"), "-9223372036854775808");
    EXPECT_EQ(integer("9223372036854775808"),
              "line 2: field 'x' is '9223372036854775808', beyond the range of 64 bits");
    EXPECT_EQ(integer("99999999999999999999"),
              "line 2: field 'x' is '99999999999999999999', beyond the range of 64 bits");
    EXPECT_EQ(integer("1.5"), "line 2: field 'x' is '1.5'; expected an integer");
    EXPECT_EQ(integer("08"), "line 2: field 'x' is '08'; expected an integer");
    EXPECT_EQ(integer("MAX"), "line 2: field 'x' is 'MAX'; expected an integer");
    EXPECT_EQ(integer("'1'"), "line 2: field 'x' is '1'; expected an integer");
    EXPECT_EQ(integer("{}"), "line 2: field 'x' is a message; expected an integer");
    const auto real = [&](const std::string& text) { return *toReal(field(text)); };
    EXPECT_EQ(real("1"), 1);
    EXPECT_EQ(real("-.5"), -0.5);
    EXPECT_EQ(real("2.f"), 2);
    EXPECT_EQ(real("1e+3"), 1000);
    EXPECT_EQ(real("1E-2F"), 0.01);
    EXPECT_EQ(real("0x10"), 16);
    EXPECT_EQ(real("inf"), INFINITY);
    EXPECT_EQ(real("-Infinity"), -INFINITY);
    EXPECT_TRUE(std::isnan(real("nan")));
    EXPECT_TRUE(std::isnan(real("-NaN")));
    EXPECT_EQ(real("1e999"), INFINITY);
    EXPECT_EQ(real("1e-999"), 0);
    for (const char* bad : {"1.2.3", "1e", "MAX", "'1'", "{}", "-", "e5", "0xg", "1_0"}) {
        const auto m = parsed("x: " + std::string(bad));
        EXPECT_FALSE(m.ok() && toReal((*m).fields[0]).ok()) << bad;
    }
    for (const char* yes : {"true", "True", "t", "1"}) EXPECT_TRUE(*toBool(field(yes)));
    for (const char* no : {"false", "False", "f", "0"}) EXPECT_FALSE(*toBool(field(no)));
    EXPECT_EQ(toBool(field("2")).status().message(), "line 2: field 'x' is '2'; expected true or false");
    EXPECT_EQ(toText(field("abc")).status().message(), "line 2: field 'x' is 'abc'; expected a string in quotes");
    EXPECT_EQ(toMessage(field("1")).status().message(), "line 2: field 'x' is '1'; expected a message in braces");
}

TEST(TextParser, MalformedText) {
    EXPECT_EQ(errorOf("a"), "line 1: ':' or '{' is expected after the field name 'a', not the end of the file");
    EXPECT_EQ(errorOf("a: "), "line 1: field 'a' needs a value, not the end of the file");
    EXPECT_EQ(errorOf("a: }"), "line 1: field 'a' needs a value, not '}'");
    EXPECT_EQ(errorOf("a 1"), "line 1: ':' or '{' is expected after the field name 'a', not '1'");
    EXPECT_EQ(errorOf("1: 2"), "line 1: a field name is expected, not '1'");
    EXPECT_EQ(errorOf("a: 1 }"), "line 1: a field name is expected, not '}'");
    EXPECT_EQ(errorOf("\na {\n b: 1"), "line 3: the file ends inside the message that begins in line 2");
    EXPECT_EQ(errorOf("a { b: 1 >"), "line 1: a field name is expected, not '>'");
    EXPECT_EQ(errorOf("a: [1 2]"), "line 1: ',' or ']' is expected in the list of field 'a', not '2'");
    EXPECT_EQ(errorOf("a: [1,"), "line 1: field 'a' needs a value, not the end of the file");
    EXPECT_EQ(errorOf("[abc: 1"), "line 1: '[' without ']'");
    EXPECT_EQ(errorOf(std::string_view("a: \0", 4)), "line 1: field 'a' needs a value, not '\\x00'");
    EXPECT_EQ(errorOf("a: 1 \x80"), "line 1: a field name is expected, not '\x80'");
}

TEST(TextParser, Bounds) {
    std::string deep;
    for (int i = 0; i < 100000; ++i) deep += "a{";
    EXPECT_EQ(errorOf(deep), "line 1: messages are nested more than 64 deep");
    for (char& c : deep) c = c == '{' ? '<' : c;
    EXPECT_EQ(errorOf(deep), "line 1: messages are nested more than 64 deep");
    std::string lists;
    for (int i = 0; i < 100000; ++i) lists += "a:[{";
    EXPECT_EQ(errorOf(lists), "line 1: messages are nested more than 64 deep");
    std::string many = "a:[";
    many.resize(many.size() + 2 * kMaxTextFields, ',');
    for (size_t i = 3; i < many.size(); i += 2) many[i] = '0';
    EXPECT_THAT(errorOf(many + "0]"), HasSubstr("more than 1000000 fields"));
    EXPECT_THAT(errorOf(std::string(kMaxTextBytes + 1, ' ')), HasSubstr("at most 67108864 are read"));
}

TEST(TextParser, LongNamesAreCutInMessages) {
    EXPECT_LT(errorOf(std::string(100000, 'a')).size(), 400u);
    EXPECT_EQ(quoted("a\x01\nb"), "'a\\x01\\x0ab'");
}

}  // namespace
}  // namespace lathe::caffe
