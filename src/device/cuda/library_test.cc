// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/library.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

namespace lathe::cuda {
namespace {

// The environment's variable, which would replace the places, is put aside and back.
class CudaLibrary : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const char* text = std::getenv(kName)) before_ = text;
        unsetenv(kName);
    }
    void TearDown() override { before_ ? setenv(kName, before_->c_str(), 1) : unsetenv(kName); }
    static constexpr const char* kName = "LATHE_CUDA_LIBS";

  private:
    std::optional<std::string> before_;
};

TEST_F(CudaLibrary, OpensByNameAndFindsFunctions) {
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

TEST_F(CudaLibrary, LoadedOneIsTheProcesssOwn) {
    EXPECT_NE(Library::loaded("libm.so.6").handle(), nullptr);
    EXPECT_EQ(Library::loaded("libno-such-thing.so.7").handle(), nullptr);
}

TEST_F(CudaLibrary, AbsentOneSaysWhatWasLookedFor) {
    Result<Library> lib = Library::open({"libno-such-thing.so.7"});
    ASSERT_FALSE(lib.ok());
    EXPECT_NE(lib.status().message().find("libno-such-thing.so.7"), std::string::npos) << lib.status().toString();
}

TEST_F(CudaLibrary, EnvironmentVariableReplacesThePlaces) {
    setenv(kName, "/nonexistent", 1);
    EXPECT_FALSE(Library::open({"libm.so.6"}).ok());
    unsetenv(kName);
    EXPECT_TRUE(Library::open({"libm.so.6"}).ok());
}

}  // namespace
}  // namespace lathe::cuda
