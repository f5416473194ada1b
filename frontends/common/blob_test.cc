// SPDX-License-Identifier: Apache-2.0
#include "frontends/common/blob.h"

#include <fstream>

#include <gtest/gtest.h>

#include "frontends/common/test_writer.h"

namespace lathe::frontends {
namespace {

TEST(Blob, MapsFiles) {
    const testing::TempFolder folder;
    const std::string path = (folder.path() / "f").string();
    std::ofstream(path) << "hello";
    Blob part;
    {
        const Blob blob = mapFile(path).take();
        ASSERT_EQ(blob.bytes.size(), 5u);
        part = blob.view(blob.bytes.subspan(1));
    }
    EXPECT_EQ(static_cast<char>(part.bytes[0]), 'e');
    std::ofstream(path, std::ios::trunc) << "";
    EXPECT_TRUE(mapFile(path).take().bytes.empty());
}

TEST(Blob, SaysWhyAFileCannotBeMapped) {
    const testing::TempFolder folder;
    EXPECT_NE(mapFile((folder.path() / "none").string()).status().message().find("No such file"), std::string::npos);
    EXPECT_NE(mapFile(folder.path().string()).status().message().find("is not a regular file"), std::string::npos);
}

TEST(Blob, CopiesAreIndependent) {
    std::vector<std::byte> bytes(3, std::byte{1});
    const Blob copy = copyOf(bytes);
    bytes[0] = std::byte{2};
    EXPECT_EQ(copy.bytes[0], std::byte{1});
    EXPECT_EQ(borrow(bytes).bytes.data(), bytes.data());
}

}  // namespace
}  // namespace lathe::frontends
