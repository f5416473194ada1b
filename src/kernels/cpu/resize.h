// SPDX-License-Identifier: Apache-2.0
// Resampling of up to three spatial dimensions: nearest, linear and cubic, one table of taps per dimension.
#pragma once

#include <cstdint>
#include <vector>

#include "base/dtype.h"
#include "base/status.h"

namespace lathe::cpu {

enum class ResizeMode : uint8_t { kNearest, kLinear, kCubic };
// Where output position o lies in the input; s is the scale, output size over input size.
enum class ResizeCoordinates : uint8_t {
    kHalfPixel,           // (o + 1/2) / s - 1/2
    kAlignCorners,        // o (in - 1) / (out - 1)
    kAsymmetric,          // o / s
    kPytorchHalfPixel,    // as kHalfPixel, but 0 for a single output
    kHalfPixelSymmetric,  // as kHalfPixel, centred when in * s is not whole
    kTfHalfPixelNearest,  // (o + 1/2) / s
    kCropAndResize,       // a part [roiStart, roiEnd] of the input, in units of its length
};
enum class ResizeRounding : uint8_t { kHalfDown, kHalfUp, kFloor, kCeil };

struct ResizeOptions {
    ResizeMode mode = ResizeMode::kNearest;
    ResizeCoordinates coordinates = ResizeCoordinates::kHalfPixel;
    ResizeRounding rounding = ResizeRounding::kHalfDown;  // kNearest
    bool firstForSingle = false;  // a single output position is the input's first, whatever the coordinates say
    float cubic = -0.75f;         // kCubic's coefficient
    bool excludeOutside = false;  // taps outside the input weigh nothing, instead of repeating the edge
    bool antialias = false;       // widen the filter when shrinking
    bool extrapolate = false;     // kCropAndResize: positions outside the input become `outside`
    float outside = 0;
};

// Taps of one dimension: output o is the sum of weight[o * taps + t] * input[index[o * taps + t]].
struct ResizeAxis {
    int64_t in = 1, out = 1;
    int taps = 1;
    std::vector<int32_t> index;
    std::vector<float> weight;
    std::vector<uint8_t> isOutside;  // empty, or one per output
    bool identity = true;            // every output is the input at its own position

    // scale 0: out / in.
    static Result<ResizeAxis> make(int64_t in, int64_t out, double scale, const ResizeOptions& options,
                                   double roiStart = 0, double roiEnd = 1);
};

class Resize {
  public:
    // Dense [images, in…, vector] to [images, out…, vector], as in pool.h; axes are depth, height, width. Types: f32,
    // f16, bf16, i8, u8 (interpolation of integers rounds to even); with nearest any type of 1, 2, 4 or 8 bytes.
    static Result<Resize> make(DType type, int64_t images, int64_t vector, const ResizeAxis (&axes)[3],
                               float outside = 0);
    void run(const void* x, void* y) const;

    // Between resize.cc and isa/resize.cc. Output rows are counted over images, depth and height.
    struct Plan {
        DType type;
        int64_t vector;
        struct Axis {
            int64_t in, out;
            int taps;
            const int32_t* index;
            const float* weight;
            const uint8_t* isOutside;  // or null
        } axes[3];
        float outside;
    };

  private:
    void nearestRows(const void* x, void* y, int64_t begin, int64_t end) const;
    Plan plan() const;

    DType type_ = DType::kFloat;
    int64_t images_ = 1, vector_ = 1;
    ResizeAxis axes_[3];
    float outside_ = 0;
    bool nearest_ = true;
};

struct ResizeTable {
    void (*planes)(const Resize::Plan& plan, const void* x, void* y, int64_t begin, int64_t end);  // vector == 1
    void (*vectors)(const Resize::Plan& plan, const void* x, void* y, int64_t begin, int64_t end);
};

}  // namespace lathe::cpu
