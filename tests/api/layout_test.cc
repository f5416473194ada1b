// SPDX-License-Identifier: Apache-2.0
// Sizes, offsets and kinds of the types that cross the library boundary by value or by pointer to their fields.
#include "abi_slots.h"

namespace nvinfer1 {

template <typename T, std::size_t kSIZE>
constexpr bool isPlain() {
    return sizeof(T) == kSIZE && std::is_standard_layout<T>::value && std::is_trivially_copyable<T>::value;
}

TEST(AbiLayout, PlainTypes) {
    EXPECT_TRUE((isPlain<Dims, 72>()));
    EXPECT_TRUE((isPlain<Weights, 24>()));
    EXPECT_TRUE((isPlain<InterfaceInfo, 16>()));
    EXPECT_TRUE((isPlain<Permutation, 32>()));
    EXPECT_TRUE((isPlain<PluginField, 24>()));
    EXPECT_TRUE((isPlain<PluginFieldCollection, 16>()));
    EXPECT_TRUE((isPlain<PluginTensorDesc, 88>()));
    EXPECT_TRUE((isPlain<DynamicPluginTensorDesc, 304>()));
    EXPECT_TRUE((isPlain<DimsExprs, 72>()));
    EXPECT_TRUE((isPlain<TimingCacheKey, 16>()));
    EXPECT_TRUE((isPlain<TimingCacheValue, 16>()));
    EXPECT_TRUE((isPlain<plugin::NMSParameters, 32>()));
    EXPECT_TRUE((isPlain<plugin::RPROIParams, 40>()));
    EXPECT_TRUE((isPlain<plugin::PriorBoxParameters, 80>()));
    EXPECT_TRUE((isPlain<plugin::GridAnchorParameters, 48>()));
    EXPECT_TRUE((isPlain<plugin::RegionParameters, 24>()));
    EXPECT_EQ(sizeof(plugin::DetectionOutputParameters), 48U);
    EXPECT_EQ(sizeof(plugin::softmaxTree), 72U);
    EXPECT_EQ(sizeof(Dims2), sizeof(Dims));
    EXPECT_EQ(sizeof(DimsHW), sizeof(Dims));
    EXPECT_EQ(sizeof(Dims3), sizeof(Dims));
    EXPECT_EQ(sizeof(Dims4), sizeof(Dims));
}

TEST(AbiLayout, FieldOffsets) {
    EXPECT_EQ(offsetof(Dims, nbDims), 0U);
    EXPECT_EQ(offsetof(Dims, d), 8U);
    EXPECT_EQ(offsetof(Weights, type), 0U);
    EXPECT_EQ(offsetof(Weights, values), 8U);
    EXPECT_EQ(offsetof(Weights, count), 16U);
    EXPECT_EQ(offsetof(PluginField, name), 0U);
    EXPECT_EQ(offsetof(PluginField, data), 8U);
    EXPECT_EQ(offsetof(PluginField, type), 16U);
    EXPECT_EQ(offsetof(PluginField, length), 20U);
    EXPECT_EQ(offsetof(PluginTensorDesc, type), 72U);
    EXPECT_EQ(offsetof(PluginTensorDesc, format), 76U);
    EXPECT_EQ(offsetof(PluginTensorDesc, scale), 80U);
    EXPECT_EQ(offsetof(DynamicPluginTensorDesc, min), 88U);
    EXPECT_EQ(offsetof(DynamicPluginTensorDesc, max), 160U);
    EXPECT_EQ(offsetof(DynamicPluginTensorDesc, opt), 232U);
    EXPECT_EQ(offsetof(TimingCacheValue, timingMSec), 8U);
}

// Objects of the library: a vptr and the pointer that inline methods forward through.
TEST(AbiLayout, ForwardingObjects) {
    EXPECT_EQ(sizeof(INoCopy), 8U);
    EXPECT_EQ(sizeof(IHostMemory), 16U);
    EXPECT_EQ(sizeof(IRuntime), 16U);
    EXPECT_EQ(sizeof(IRefitter), 16U);
    EXPECT_EQ(sizeof(IOptimizationProfile), 16U);
    EXPECT_EQ(sizeof(ICudaEngine), 16U);
    EXPECT_EQ(sizeof(IExecutionContext), 16U);
    EXPECT_EQ(sizeof(IEngineInspector), 16U);
    EXPECT_EQ(sizeof(ITensor), 16U);
    EXPECT_EQ(sizeof(INetworkDefinition), 16U);
    EXPECT_EQ(sizeof(IBuilderConfig), 16U);
    EXPECT_EQ(sizeof(IBuilder), 16U);
    EXPECT_EQ(sizeof(ITimingCache), 16U);
    EXPECT_EQ(sizeof(ILoop), 16U);
    EXPECT_EQ(sizeof(IIfConditional), 16U);
    EXPECT_EQ(sizeof(IAttention), 16U);
}

// A layer holds its generic half (mLayer) before its own (mImpl); a boundary layer holds mBoundary between them.
TEST(AbiLayout, Layers) {
    EXPECT_EQ(sizeof(ILayer), 16U);
    EXPECT_EQ(sizeof(IConvolutionLayer), 24U);
    EXPECT_EQ(sizeof(IShapeLayer), 24U);
    EXPECT_EQ(sizeof(IMoELayer), 24U);
    EXPECT_EQ(sizeof(ILoopBoundaryLayer), 24U);
    EXPECT_EQ(sizeof(IRecurrenceLayer), 32U);
    EXPECT_EQ(sizeof(IIfConditionalBoundaryLayer), 24U);
    EXPECT_EQ(sizeof(IConditionLayer), 32U);
    EXPECT_EQ(sizeof(IAttentionBoundaryLayer), 24U);
    EXPECT_EQ(sizeof(IAttentionInputLayer), 32U);
}

// Dims and Weights are returned through a hidden pointer, InterfaceInfo in two registers: that holds for exactly these
// sizes of trivially copyable classes.
TEST(AbiLayout, DimsHelpersFillEveryExtent) {
    Dims4 const dims{1, 2, 3, 4};
    EXPECT_EQ(dims.nbDims, 4);
    for (int32_t i = 0; i < Dims::MAX_DIMS; ++i) {
        EXPECT_EQ(dims.d[i], i < 4 ? i + 1 : 0);
    }
    DimsHW hw{5, 6};
    hw.w() = 7;
    EXPECT_EQ(hw.nbDims, 2);
    EXPECT_EQ(hw.h(), 5);
    EXPECT_EQ(hw.d[1], 7);
    EXPECT_EQ(Dims3{}.nbDims, 3);
}

TEST(AbiLayout, Versions) {
    EXPECT_EQ(NV_TENSORRT_VERSION, 101600);
    EXPECT_EQ(NV_ONNX_PARSER_VERSION, 100);
    EXPECT_EQ(kPLUGIN_VERSION_PYTHON_BIT, 0x40);
    EXPECT_EQ(TimingCacheValue::kINVALID_TACTIC_HASH, UINT64_MAX);
}

}  // namespace nvinfer1
