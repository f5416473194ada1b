// SPDX-License-Identifier: Apache-2.0
#include "ir/dim.h"

#include <gtest/gtest.h>

#include <random>

namespace lathe::ir {
namespace {

const Dim a = Dim::symbol(0), b = Dim::symbol(1);

TEST(Dim, PolynomialsAreCanonical) {
    EXPECT_EQ(floorDiv(a * 128 * 768, 768), a * 128);
    EXPECT_EQ(floorDiv(a * b * 12, a * 4), b * 3);
    EXPECT_EQ((a + 1) * (a + Dim(-1)), a * a - 1);
    EXPECT_EQ(a - a, Dim(0));
    EXPECT_EQ((a * 2 + 3).toString(), "s0*2 + 3");
    EXPECT_EQ(floorDiv(a * 2 + 1, 2), a + floorDiv(Dim(1), 2));
    EXPECT_EQ(max(a, b), max(b, a));
    EXPECT_EQ(a.asSymbol(), 0);
    EXPECT_EQ((a * 2).asSymbol(), -1);
}

TEST(Dim, EvalReportsWhatIsWrong) {
    SymbolValues v;
    v.set(0, 7);
    EXPECT_EQ(floorDiv(a + 2, 2).eval(v).value(), 4);
    EXPECT_FALSE(b.eval(v).ok());
    v.set(1, 0);
    EXPECT_NE(floorDiv(a, b).eval(v).status().message().find("zero"), std::string::npos);
    v.set(1, INT64_MAX);
    EXPECT_NE((a * b).eval(v).status().message().find("overflow"), std::string::npos);
    v.set(1, 3);
    EXPECT_FALSE(broadcast(a, b).eval(v).ok());
    v.set(1, 1);
    EXPECT_EQ(broadcast(a, b).eval(v).value(), 7);
    EXPECT_EQ(select(Dim::apply(Dim::Fn::kEqual, b, 1), a, floorDiv(a, b - 1)).eval(v).value(), 7);
}

// Random expressions: text round-trips to an equal expression, and folding never changes the value.
TEST(Dim, RandomExpressionsRoundTrip) {
    std::mt19937 rng(1);
    for (int round = 0; round < 2000; ++round) {
        std::vector<Dim> pool = {a, b, Dim(1), Dim(3), Dim(-2)};
        for (int i = 0; i < 6; ++i) {
            const Dim &x = pool[rng() % pool.size()], &y = pool[rng() % pool.size()];
            switch (rng() % 7) {
                case 0: pool.push_back(x + y); break;
                case 1: pool.push_back(x * y); break;
                case 2: pool.push_back(x - y); break;
                case 3: pool.push_back(floorDiv(x, Dim(static_cast<int64_t>(rng() % 5 + 1)))); break;
                case 4: pool.push_back(ceilDiv(x, Dim(static_cast<int64_t>(rng() % 5 + 1)))); break;
                case 5: pool.push_back(max(x, y)); break;
                case 6: pool.push_back(mod(x, Dim(7))); break;
            }
        }
        const Dim& d = pool.back();
        auto again = Dim::parse(d.toString());
        ASSERT_TRUE(again.ok()) << d.toString() << ": " << again.status().toString();
        EXPECT_EQ(*again, d) << d.toString();
        SymbolValues v;
        v.set(0, rng() % 20);
        v.set(1, rng() % 20);
        auto direct = d.eval(v);
        auto folded = d.substitute([&](SymbolId id) { return Dim(v.get(id)); });
        ASSERT_TRUE(direct.ok());
        EXPECT_EQ(folded, Dim(*direct)) << d.toString();
    }
}

TEST(Dim, RangesHoldEveryValue) {
    std::mt19937 rng(2);
    constexpr Dim::Range kOf[] = {{0, 9}, {-4, 5}};
    for (int round = 0; round < 2000; ++round) {
        std::vector<Dim> pool = {a, b, Dim(1), Dim(3), Dim(-2)};
        for (int i = 0; i < 5; ++i) {
            const Dim x = pool[rng() % pool.size()], y = pool[rng() % pool.size()], z = pool[rng() % pool.size()];
            switch (rng() % 5) {
                case 0: pool.push_back(x + y); break;
                case 1: pool.push_back(x * y); break;
                case 2: pool.push_back(x - y); break;
                default: pool.push_back(Dim::apply(static_cast<Dim::Fn>(rng() % 9), x, y, z)); break;
            }
        }
        Dim::Range r = pool.back().range([&](SymbolId id) { return kOf[id]; });
        SymbolValues v;
        for (int64_t i = kOf[0].min; i <= kOf[0].max; ++i)
            for (int64_t j = kOf[1].min; j <= kOf[1].max; ++j) {
                v.set(0, i);
                v.set(1, j);
                auto value = pool.back().eval(v);
                if (!value.ok()) continue;
                ASSERT_GE(*value, r.min) << pool.back().toString();
                ASSERT_LE(*value, r.max) << pool.back().toString();
            }
    }
    auto unbounded = [](SymbolId) { return Dim::Range{0, INT64_MAX}; };
    EXPECT_EQ((a * 4 + 1).range(unbounded), (Dim::Range{1, INT64_MAX}));
    EXPECT_EQ(min(floorDiv(a, 2), Dim(7)).range(unbounded), (Dim::Range{0, 7}));
}

TEST(Dim, ParseRejects) {
    for (const char* text : {"", "s", "1 +", "floordiv(1)", "min(1, 2", "1 2", "s99999999999999999999", "foo(1,2)"})
        EXPECT_FALSE(Dim::parse(text).ok()) << text;
    std::string deep;
    for (int i = 0; i < 1000; ++i) deep += "min(s0, ";
    EXPECT_FALSE(Dim::parse(deep).ok());
}

TEST(Dim, BroadcastShapes) {
    EXPECT_EQ(broadcastShapes({a, 1, 3}, {5, 1}).value(), (Shape{a, 5, 3}));
    EXPECT_EQ(broadcastShapes({a}, {4}).value(), (Shape{4}));
    EXPECT_FALSE(broadcastShapes({2}, {3}).ok());
    EXPECT_FALSE(checkedVolume({INT64_MAX, 2}).ok());
    EXPECT_FALSE(checkedVolume({-1}).ok());
}

}  // namespace
}  // namespace lathe::ir
