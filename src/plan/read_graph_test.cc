// SPDX-License-Identifier: Apache-2.0
#include "plan/read_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace lathe::plan {
namespace {

// A vector's bytes: its length, then its elements.
struct alignas(8) ListBytes {
    uint32_t words[8] = {};
    const flatbuffers::Vector<int64_t>* at(int word) {
        return reinterpret_cast<const flatbuffers::Vector<int64_t>*>(words + word);
    }
};

TEST(Budget, ListsAreCopied) {
    ListBytes b;
    int64_t value = -7;
    b.words[1] = 1;
    std::memcpy(b.words + 2, &value, sizeof value);
    auto list = Budget(100).list(b.at(1));
    ASSERT_TRUE(list.ok()) << list.status().toString();
    EXPECT_EQ(*list, std::vector<int64_t>{-7});
}

TEST(Budget, ListsOutOfPlaceAreRefused) {
    ListBytes b;
    b.words[0] = 1;
    auto list = Budget(100).list(b.at(0));
    ASSERT_FALSE(list.ok());
    EXPECT_THAT(list.status().toString(), ::testing::HasSubstr("not aligned"));
}

TEST(Budget, ListsLongerThanTheFileAreRefused) {
    ListBytes b;
    b.words[1] = 1 << 20;  // more bytes than the budget of a small file; nothing is read before that is known
    EXPECT_FALSE(Budget(16).list(b.at(1)).ok());
}

}  // namespace
}  // namespace lathe::plan
