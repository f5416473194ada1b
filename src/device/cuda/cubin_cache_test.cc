// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/cubin_cache.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

namespace lathe::cuda {
namespace {

namespace fs = std::filesystem;

class CubinCacheTest : public ::testing::Test {
  protected:
    fs::path folder_ = fs::path(::testing::TempDir()) / fmt::format("lathe_cubins_{}", getpid());
    ~CubinCacheTest() override { fs::remove_all(folder_); }
    static std::vector<std::byte> bytes(std::string_view text) {
        auto span = std::as_bytes(std::span(text));
        return {span.begin(), span.end()};
    }
};

TEST_F(CubinCacheTest, KeysDependOnEveryPartAndItsPlace) {
    std::string_view a[] = {"ab", "c"}, b[] = {"a", "bc"}, c[] = {"ab", "c", ""};
    EXPECT_NE(cacheKey(a), cacheKey(b));
    EXPECT_NE(cacheKey(a), cacheKey(c));
    EXPECT_EQ(cacheKey(a), cacheKey(a));
}

TEST_F(CubinCacheTest, KeepsWhatItWasGiven) {
    CubinCache cache(folder_);
    EXPECT_FALSE(cache.find({1, 2}));
    ASSERT_TRUE(cache.put({1, 2}, bytes("machine code")).ok());
    EXPECT_EQ(cache.find({1, 2}), bytes("machine code"));
    EXPECT_FALSE(cache.find({2, 1}));
    ASSERT_TRUE(cache.put({1, 2}, bytes("")).ok());
    EXPECT_EQ(cache.find({1, 2}), bytes(""));
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1) << "temporary files stay";
}

TEST_F(CubinCacheTest, DamagedFilesCountAsAbsent) {
    CubinCache cache(folder_);
    ASSERT_TRUE(cache.put({1, 2}, bytes("machine code")).ok());
    std::string file;
    {
        std::ifstream in(cache.pathOf({1, 2}), std::ios::binary);
        file.assign(std::istreambuf_iterator<char>(in), {});
    }
    auto write = [&](const std::string& text) {
        std::ofstream(cache.pathOf({1, 2}), std::ios::binary | std::ios::trunc) << text;
    };
    for (size_t at = 0; at < file.size(); ++at) {
        std::string damaged = file;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        write(damaged);
        // Bytes 12-15 are reserved.
        EXPECT_EQ(cache.find({1, 2}).has_value(), at >= 12 && at < 16) << "byte " << at;
        write(file.substr(0, at));
        EXPECT_FALSE(cache.find({1, 2})) << "cut to " << at;
    }
    write(file + "x");
    EXPECT_FALSE(cache.find({1, 2}));
}

TEST_F(CubinCacheTest, WithoutFolderNothingIsKept) {
    CubinCache cache{fs::path()};
    EXPECT_TRUE(cache.put({1, 2}, bytes("x")).ok());
    EXPECT_FALSE(cache.find({1, 2}));
    CubinCache impossible("/proc/lathe/none");
    EXPECT_FALSE(impossible.put({1, 2}, bytes("x")).ok());
}

}  // namespace
}  // namespace lathe::cuda
