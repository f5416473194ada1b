// SPDX-License-Identifier: Apache-2.0
// The text form of graphs, tried with real ops.
#include "ir/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ir/verify.h"
#include "ops/registry.h"
#include "ops/sample.h"

namespace lathe::ops {
namespace {

TEST(Text, RoundTrips) {
    const char* text = R"(symbol s0 "batch" input %x 0 range 1 8
graph "g" (%x: f32[s0, 4]) {
  const %w "scale" = f32[4] [1, 2.5, -3, 4]
  %a = softmax(%x) @"first" from "p" "q": f32[s0, 4]
  %b = softmax(%a) axis=0 log=true @"second": f32[s0, 4]
  %c = softmax(%w) @"third": f32[4]
  return %b, %c
}
)";
    auto graph = ir::parse(text, find);
    ASSERT_TRUE(graph.ok()) << graph.status().toString();
    EXPECT_TRUE(ir::verify(**graph).ok());
    std::string printed = ir::print(**graph);
    auto again = ir::parse(printed, find);
    ASSERT_TRUE(again.ok()) << again.status().toString() << "\n" << printed;
    EXPECT_EQ(ir::print(**again), printed);
    EXPECT_THAT(printed, ::testing::HasSubstr("axis=0 log=true @\"second\""));
    EXPECT_THAT(printed, ::testing::HasSubstr("[1, 2.5, -3, 4]"));
    EXPECT_EQ((*again)->symbols()[0].value, (*again)->body().parameters()[0]);
}

TEST(Text, EverySampleRoundTrips) {
    for (const ir::Op* op : all())
        for (const ir::SampleCase& c : op->samples()) {
            auto sample = makeSample(*op, c, 3);
            ASSERT_TRUE(sample.ok()) << op->name() << "/" << c.name << ": " << sample.status().toString();
            ASSERT_TRUE(ir::verify(*sample->graph).ok()) << op->name() << "/" << c.name;
            std::string printed = ir::print(*sample->graph);
            bool shown = printed.find(" random ") == std::string::npos;  // else the parsed constants hold other numbers
            auto again = ir::parse(printed, find);
            if (!shown && !again.ok()) continue;
            ASSERT_TRUE(again.ok()) << op->name() << "/" << c.name << ": " << again.status().toString() << "\n"
                                    << printed;
            EXPECT_TRUE(!shown || ir::print(**again) == printed) << printed;
        }
}

TEST(Text, ErrorsNameTheLine) {
    auto bad = [](const char* text) {
        auto g = ir::parse(text, find);
        return g.ok() ? std::string() : g.status().message();
    };
    EXPECT_THAT(bad("graph \"g\" (%x: f32[4]) {\n  %a = softmax(%y)\n  return %a\n}"),
                ::testing::HasSubstr("line 2: %y"));
    EXPECT_THAT(bad("graph \"g\" (%x: f32[4]) {\n  %a = nothing(%x)\n  return %a\n}"),
                ::testing::HasSubstr("no op 'nothing'"));
    EXPECT_THAT(bad("graph \"g\" (%x: f32[4]) {\n  %a = softmax(%x) axis=7\n  return %a\n}"),
                ::testing::HasSubstr("axis 7"));
    EXPECT_THAT(bad("graph \"g\" (%x: f32[s0]) {\n  return %x\n}"), ::testing::HasSubstr("symbol"));
    EXPECT_THAT(bad("graph \"g\" (%x: f32[4]) {\n  %a = softmax(%x): f32[5]\n  return %a\n}"),
                ::testing::HasSubstr("f32[4], not f32[5]"));
    EXPECT_FALSE(bad("").empty());
}

}  // namespace
}  // namespace lathe::ops
