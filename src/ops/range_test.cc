// SPDX-License-Identifier: Apache-2.0
#include "ops/range.h"

#include <gtest/gtest.h>

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using namespace testing;
using ::testing::HasSubstr;

Result<std::vector<ir::HostTensor>> range(DType t, double start, double limit, double delta,
                                          const std::vector<int>& constants) {
    return run("range", "", {tensor(t, {}, {start}), tensor(t, {1}, {limit}), tensor(t, {}, {delta})}, 1, constants);
}

void expectRange(DType t, double start, double limit, double delta, const std::vector<double>& expected) {
    SCOPED_TRACE(fmt::format("{} {} {} {}", toString(t), start, limit, delta));
    for (auto constants : {std::vector<int>{0, 1, 2}, std::vector<int>{}}) {
        if (isFloating(t) && constants.empty()) continue;
        auto y = range(t, start, limit, delta, constants);
        ASSERT_TRUE(y.ok()) << y.status().toString();
        expectNear((*y)[0], {static_cast<int64_t>(expected.size())}, expected, 1e-6);
    }
}

TEST(Range, CountsAndSteps) {
    expectRange(DType::kInt64, 1, 8, 3, {1, 4, 7});
    expectRange(DType::kInt64, 1, 7, 3, {1, 4});
    expectRange(DType::kInt32, 5, -2, -3, {5, 2, -1});
    expectRange(DType::kInt64, 5, -2, 3, {});
    expectRange(DType::kInt64, -2, 5, -3, {});
    expectRange(DType::kFloat, 0, 1, 0.25, {0, 0.25, 0.5, 0.75});
    expectRange(DType::kFloat, 0, 1, 0.3, {0, 0.3, 0.6, 0.9});
    expectRange(DType::kHalf, 2, 0, -0.5, {2, 1.5, 1, 0.5});
}

TEST(Range, SymbolsAndElements) {
    Dim n = Dim::symbol(0);
    auto scalar = [](const Dim& d) { return Arg{DType::kInt64, {}, {{d}}}; };
    EXPECT_EQ(inferShape("range", "", {scalar(0), scalar(n), scalar(1)}), (Shape{n}));
    EXPECT_EQ(inferShape("range", "", {scalar(0), scalar(n * 2), scalar(2)}), (Shape{n}));
    EXPECT_EQ(inferElements("range", "", {scalar(n), scalar(n + 3), scalar(1)}), (std::vector<Dim>{n, n + 1, n + 2}));
}

TEST(Range, Refuses) {
    auto scalar = [](DType t, const Dim& d) { return Arg{t, {}, {{d}}}; };
    EXPECT_THAT(inferError("range", "", {scalar(DType::kInt64, 0), scalar(DType::kInt64, 3), scalar(DType::kInt64, 0)}),
                HasSubstr("delta of 0"));
    EXPECT_THAT(inferError("range", "", {{DType::kFloat, {}}, {DType::kFloat, {}}, {DType::kFloat, {}}}),
                HasSubstr("while running"));
    EXPECT_THAT(inferError("range", "", {{DType::kInt64, {}}, {DType::kInt64, {2}}, {DType::kInt64, {}}}),
                HasSubstr("scalar"));
    EXPECT_THAT(inferError("range", "", {{DType::kInt64, {}}, {DType::kInt32, {}}, {DType::kInt64, {}}}),
                HasSubstr("i32"));
    EXPECT_FALSE(range(DType::kFloat, 0, 1, 0, {0, 1, 2}).ok());
    EXPECT_FALSE(range(DType::kInt64, 0, 1, 0, {}).ok());
}

}  // namespace
}  // namespace lathe::ops
