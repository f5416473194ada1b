// SPDX-License-Identifier: Apache-2.0
#include "base/block.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <unistd.h>

namespace lathe {
namespace {

TEST(Block, IsZeroAndAligned) {
    auto block = Block::create(100'000);
    ASSERT_TRUE(block.ok());
    auto bytes = (*block)->bytes();
    ASSERT_EQ(bytes.size(), 100'000u);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes.data()) % 4096, 0u);
    for (std::byte b : bytes) ASSERT_EQ(b, std::byte{0});
    EXPECT_TRUE((*Block::create(0))->bytes().empty());
}

TEST(Block, TooMuchIsAnErrorWithTheNumber) {
    for (size_t n : {SIZE_MAX, SIZE_MAX / 2, size_t{1} << 55}) {
        auto block = Block::create(n);
        ASSERT_FALSE(block.ok());
        EXPECT_EQ(block.status().code(), Code::kFailedAllocation);
        EXPECT_NE(block.status().message().find(std::to_string(n)), std::string::npos);
    }
}

TEST(MappedFile, ShowsTheFileAndOutlivesItsName) {
    std::string path = ::testing::TempDir() + "lathe_block_test." + std::to_string(::getpid());
    std::ofstream(path) << "contents";
    auto file = MappedFile::open(path);
    ASSERT_TRUE(file.ok()) << file.status().toString();
    std::remove(path.c_str());
    auto bytes = (*file)->bytes();
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), "contents");
}

TEST(MappedFile, WhatIsNoFileIsNamed) {
    for (const char* path : {"/nowhere/at/all", "/", "/dev/null"}) {
        auto file = MappedFile::open(path);
        ASSERT_FALSE(file.ok()) << path;
        EXPECT_NE(file.status().message().find(path), std::string::npos) << file.status().message();
    }
}

}  // namespace
}  // namespace lathe
