// SPDX-License-Identifier: Apache-2.0
#include "base/status.h"

#include <gtest/gtest.h>

namespace lathe {
namespace {

Result<int> half(int n) {
    if (n % 2) return invalidArgument("{} is odd", n);
    return n / 2;
}

Result<int> quarter(int n) { return TRY(half(TRY_IN("first", half(n)))); }

Status check(int n) {
    TRY(quarter(n));
    TRY(Status());
    return {};
}

TEST(Status, TryHandsOnValuesAndFailures) {
    EXPECT_EQ(quarter(12).value(), 3);
    EXPECT_EQ(quarter(7).status().toString(), "INVALID_ARGUMENT: first: 7 is odd");
    EXPECT_EQ(quarter(6).status().message(), "3 is odd");
    EXPECT_TRUE(check(8).ok());
    EXPECT_EQ(check(8).toString(), "OK");
    EXPECT_EQ(check(3).code(), Code::kInvalidArgument);
}

TEST(Status, PrefixLeavesCopiesAlone) {
    Status a = unsupported("x");
    Status b = a;
    b.prefix("node 'n'");
    EXPECT_EQ(a.message(), "x");
    EXPECT_EQ(b.message(), "node 'n': x");
}

}  // namespace
}  // namespace lathe
