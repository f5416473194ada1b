// SPDX-License-Identifier: Apache-2.0
// Groups of layers that networks of digits are made of.
#pragma once

#include "samples/common/weights.h"

namespace samples {

//! Convolution 3x3, its batch normalization as one factor and one summand for each channel, and ReLU. The layers are
//! named conv<i> and norm<i>, the weights conv<i>, shift<i> and scale<i>.
inline nvinfer1::ITensor* block(nvinfer1::INetworkDefinition& network, nvinfer1::ITensor& in, const WeightMap& weights,
                                int i, int64_t channels) {
    using namespace nvinfer1;
    const std::string n = std::to_string(i);
    IConvolutionLayer* convolution =
        network.addConvolutionNd(in, channels, DimsHW(3, 3), view(weights, "conv" + n), Weights{});
    convolution->setPaddingNd(DimsHW(1, 1));
    convolution->setName(("conv" + n).c_str());
    IScaleLayer* norm = network.addScale(*convolution->getOutput(0), ScaleMode::kCHANNEL, view(weights, "shift" + n),
                                         view(weights, "scale" + n), Weights{});
    norm->setName(("norm" + n).c_str());
    return network.addActivation(*norm->getOutput(0), ActivationType::kRELU)->getOutput(0);
}

//! The largest of each 2x2 elements.
inline nvinfer1::ITensor* halve(nvinfer1::INetworkDefinition& network, nvinfer1::ITensor& in) {
    using namespace nvinfer1;
    IPoolingLayer* pool = network.addPoolingNd(in, PoolingType::kMAX, DimsHW(2, 2));
    pool->setStrideNd(DimsHW(2, 2));
    return pool->getOutput(0);
}

}  // namespace samples
