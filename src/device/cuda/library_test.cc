// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/library.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace lathe::cuda {
namespace {

TEST(CudaLibrary, OpensByNameAndFindsFunctions) {
    Result<Library> lib = Library::open({"libno-such-thing.so.7", "libm.so.6"});
    ASSERT_TRUE(lib.ok()) << lib.status().toString();
    EXPECT_EQ(lib->name(), "libm.so.6");
    double (*cosine)(double) = nullptr;
    ASSERT_TRUE(lib->load("cos", cosine).ok());
    EXPECT_DOUBLE_EQ(cosine(0.0), 1.0);
    Status missing = lib->load("cuNothing", cosine);
    EXPECT_EQ(missing.code(), Code::kFailedInitialization);
    EXPECT_NE(missing.message().find("cuNothing"), std::string::npos);
}

TEST(CudaLibrary, LoadedOneIsTheProcesssOwn) {
    EXPECT_NE(Library::loaded("libm.so.6").handle(), nullptr);
    EXPECT_EQ(Library::loaded("libno-such-thing.so.7").handle(), nullptr);
}

TEST(CudaLibrary, AbsentOneSaysWhatWasLookedFor) {
    Result<Library> lib = Library::open({"libno-such-thing.so.7"});
    ASSERT_FALSE(lib.ok());
    EXPECT_NE(lib.status().message().find("libno-such-thing.so.7"), std::string::npos) << lib.status().toString();
}

TEST(CudaLibrary, EnvironmentVariableReplacesThePlaces) {
    setenv("LATHE_CUDA_LIBS", "/nonexistent", 1);
    EXPECT_FALSE(Library::open({"libm.so.6"}).ok());
    unsetenv("LATHE_CUDA_LIBS");
    EXPECT_TRUE(Library::open({"libm.so.6"}).ok());
}

}  // namespace
}  // namespace lathe::cuda
