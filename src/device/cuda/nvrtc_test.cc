// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/nvrtc.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

namespace lathe::cuda {
namespace {

#define NEEDS_NVRTC() \
    if (Result<const Nvrtc*> n = Nvrtc::get(); !n.ok()) GTEST_SKIP() << n.status().message()

CompileRequest request(const char* text) {
    CompileRequest r;
    r.name = "probe";
    r.text = text;
    return r;
}

TEST(Nvrtc, CompilesToMachineCodeAndPtx) {
    NEEDS_NVRTC();
    const Nvrtc& n = **Nvrtc::get();
    EXPECT_GE(n.version(), 12000);
    CompileRequest r = request("extern \"C\" __global__ void f(float* p) { p[threadIdx.x] *= FACTOR; }");
    r.defines = {"FACTOR=3.0f"};
    Result<std::vector<std::byte>> cubin = n.compile(r);
    ASSERT_TRUE(cubin.ok()) << cubin.status().toString();
    EXPECT_EQ(std::memcmp(cubin->data(), "\177ELF", 4), 0);
    r.ptx = true;
    Result<std::vector<std::byte>> ptx = n.compile(r);
    ASSERT_TRUE(ptx.ok()) << ptx.status().toString();
    std::string_view text(reinterpret_cast<const char*>(ptx->data()), ptx->size());
    EXPECT_NE(text.find(".target sm_75"), text.npos);
}

TEST(Nvrtc, FailureHasTheCompilersLog) {
    NEEDS_NVRTC();
    Result<std::vector<std::byte>> code = (*Nvrtc::get())->compile(request("__global__ void f() { undefinedName(); }"));
    ASSERT_FALSE(code.ok());
    EXPECT_NE(code.status().message().find("undefinedName"), std::string::npos) << code.status().toString();
    EXPECT_NE(code.status().message().find("sm_75"), std::string::npos);
}

TEST(Nvrtc, RefusesUnknownArchitecture) {
    NEEDS_NVRTC();
    CompileRequest r = request("__global__ void f() {}");
    r.sm = 10;
    EXPECT_FALSE((*Nvrtc::get())->compile(r).ok());
}

TEST(Nvrtc, CacheServesTheSecondTime) {
    NEEDS_NVRTC();
    std::filesystem::path folder =
        std::filesystem::path(::testing::TempDir()) / fmt::format("lathe_nvrtc_{}", getpid());
    CubinCache cache(folder);
    CompileRequest r = request("extern \"C\" __global__ void f(int* p) { p[0] = 1; }");
    Result<std::vector<std::byte>> first = compileCached(r, cache);
    ASSERT_TRUE(first.ok()) << first.status().toString();
    auto count = [&] {
        return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
    };
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(*compileCached(r, cache), *first);
    EXPECT_EQ(count(), 1);
    r.defines = {"X=1"};
    EXPECT_TRUE(compileCached(r, cache).ok());
    EXPECT_EQ(count(), 2);
    std::filesystem::remove_all(folder);
}

TEST(Nvrtc, NamesArchitectures) {
    CompileRequest r;
    r.sm = 90;
    EXPECT_EQ(architecture(r), "sm_90");
    r.archSpecific = true;
    EXPECT_EQ(architecture(r), "sm_90a");
    r.ptx = true;
    r.archSpecific = false;
    EXPECT_EQ(architecture(r), "compute_90");
}

}  // namespace
}  // namespace lathe::cuda
