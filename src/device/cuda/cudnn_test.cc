// SPDX-License-Identifier: Apache-2.0
// Convolutions are compared with the reference in tests/cuda, through their tactic.
#include "device/cuda/cudnn.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lathe::cuda {
namespace {

TEST(Cudnn, IsThereWithAVersionOrSaysWhatIsMissing) {
    Result<const Cudnn*> dnn = Cudnn::get();
    if (dnn.ok()) {
        EXPECT_EQ(std::count((*dnn)->version().begin(), (*dnn)->version().end(), '.'), 2) << (*dnn)->version();
    } else {
        EXPECT_NE(dnn.status().message().find("cudnn"), std::string::npos) << dnn.status().message();
    }
    EXPECT_EQ(Cudnn::get().ok(), dnn.ok());
}

// Descriptions need no GPU: that the library takes each attribute as we number it.
TEST(Cudnn, ConvolutionsAreDescribed) {
    Result<const Cudnn*> dnn = Cudnn::get();
    if (!dnn.ok()) GTEST_SKIP() << dnn.status().message();
    // Its parts are linked with the driver, though these calls need no GPU.
    if (auto driver = Library::open({"libcuda.so.1"}); !driver.ok()) GTEST_SKIP() << driver.status().message();
    CudnnConv p;
    p.n = 2;
    p.ic = 16;
    p.oc = 32;
    p.in = {14, 12};
    p.window = {3, 3};
    p.stride = {2, 1};
    p.dilation = {1, 1};
    p.padBefore = p.padAfter = {1, 1};
    p.out = {7, 12};
    for (DType type : {DType::kFloat, DType::kHalf, DType::kBf16}) {
        p.type = type;
        for (auto activation : {CudnnConv::Activation::kNone, CudnnConv::Activation::kRelu,
                                CudnnConv::Activation::kSwish, CudnnConv::Activation::kGeluTanh}) {
            p.activation = activation;
            for (int parts = 0; parts < 4; ++parts) {
                p.bias = parts & 1;
                p.residual = parts & 2;
                Status s = (*dnn)->describe(p);
                EXPECT_TRUE(s.ok()) << s.message();
            }
        }
    }
    // One spatial axis, and an output that does not follow from the input.
    p.in = {12};
    p.window = {3};
    p.stride = p.dilation = p.padBefore = p.padAfter = {1};
    p.out = {12};
    EXPECT_TRUE((*dnn)->describe(p).ok());
    p.out = {13};
    Status wrong = (*dnn)->describe(p);
    EXPECT_FALSE(wrong.ok());
    EXPECT_NE(wrong.message().find("cuDNN"), std::string::npos) << wrong.message();
}

}  // namespace
}  // namespace lathe::cuda
