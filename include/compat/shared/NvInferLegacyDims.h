// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntimeBase.h"

namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {

//! A shape of two extents.
class Dims2 : public Dims {
  public:
    Dims2() : Dims2(0, 0) {}
    Dims2(int32_t d0, int32_t d1) : Dims{} {
        nbDims = 2;
        d[0] = d0;
        d[1] = d1;
    }
};

//! Height and width.
class DimsHW : public Dims2 {
  public:
    DimsHW() : Dims2() {}
    DimsHW(int32_t height, int32_t width) : Dims2(height, width) {}
    int32_t& h() { return d[0]; }
    int32_t h() const { return d[0]; }
    int32_t& w() { return d[1]; }
    int32_t w() const { return d[1]; }
};

//! A shape of three extents.
class Dims3 : public Dims2 {
  public:
    Dims3() : Dims3(0, 0, 0) {}
    Dims3(int32_t d0, int32_t d1, int32_t d2) : Dims2(d0, d1) {
        nbDims = 3;
        d[2] = d2;
    }
};

//! A shape of four extents.
class Dims4 : public Dims3 {
  public:
    Dims4() : Dims4(0, 0, 0, 0) {}
    Dims4(int32_t d0, int32_t d1, int32_t d2, int32_t d3) : Dims3(d0, d1, d2) {
        nbDims = 4;
        d[3] = d3;
    }
};

#if LATHE_TRT < 8
//! Channels, height and width.
class DimsCHW : public Dims3 {
  public:
    DimsCHW() : DimsCHW(0, 0, 0) {}
    DimsCHW(int32_t channels, int32_t height, int32_t width) : Dims3(channels, height, width) {
        type[0] = DimensionType::kCHANNEL;
    }
    int32_t& c() { return d[0]; }
    int32_t c() const { return d[0]; }
    int32_t& h() { return d[1]; }
    int32_t h() const { return d[1]; }
    int32_t& w() { return d[2]; }
    int32_t w() const { return d[2]; }
};

//! Batch, channels, height and width.
class DimsNCHW : public Dims4 {
  public:
    DimsNCHW() : DimsNCHW(0, 0, 0, 0) {}
    DimsNCHW(int32_t batchSize, int32_t channels, int32_t height, int32_t width)
        : Dims4(batchSize, channels, height, width) {
        type[0] = DimensionType::kINDEX;
        type[1] = DimensionType::kCHANNEL;
    }
    int32_t& n() { return d[0]; }
    int32_t n() const { return d[0]; }
    int32_t& c() { return d[1]; }
    int32_t c() const { return d[1]; }
    int32_t& h() { return d[2]; }
    int32_t h() const { return d[2]; }
    int32_t& w() { return d[3]; }
    int32_t w() const { return d[3]; }
};
#endif

}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1
