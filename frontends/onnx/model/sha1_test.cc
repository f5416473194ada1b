// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/sha1.h"

#include <gtest/gtest.h>

namespace lathe::onnx {
namespace {

std::string sha1Of(const std::string& text) { return sha1(std::as_bytes(std::span(text))); }

// Expected values: coreutils sha1sum.
TEST(Sha1, KnownDigests) {
    EXPECT_EQ(sha1Of(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    EXPECT_EQ(sha1Of("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(sha1Of(std::string(55, 'a')), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
    EXPECT_EQ(sha1Of(std::string(56, 'a')), "c2db330f6083854c99d4b5bfb6e8f29f201be699");
    EXPECT_EQ(sha1Of(std::string(64, 'a')), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
    EXPECT_EQ(sha1Of(std::string(1000000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

}  // namespace
}  // namespace lathe::onnx
