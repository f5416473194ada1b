// SPDX-License-Identifier: Apache-2.0
// The second half of a transposed convolution by GEMM: overlapping patches are summed row by row of the output.
#include "kernels/cpu/conv_table.h"
#include "kernels/cpu/isa/activation.h"
#include "kernels/cpu/isa/tile.h"

namespace lathe::cpu::LATHE_ISA {
namespace {

LATHE_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// The row of input that tap k contributes to row `at` of the output, or -1.
LATHE_INLINE int64_t sourceRow(const Col2imShape& s, int d, int64_t at, int64_t k) {
    int64_t scaled = at + s.padBefore[d] - k * s.dilation[d];
    if (scaled < 0 || scaled % s.stride[d] != 0) return -1;
    int64_t row = scaled / s.stride[d];
    return row < s.in[d] ? row : -1;
}

// line[i stride + shift] += from[i] where that lies inside.
void addRow(const Col2imShape& s, const float* from, int64_t shift, float* line) {
    int64_t stride = s.stride[2];
    int64_t first = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
    int64_t end = s.out[2] > shift ? least(s.in[2], (s.out[2] - shift + stride - 1) / stride) : 0;
    if (stride == 1) {
        float* to = line + shift;
        int64_t i = first;
        for (; i + kLanes <= end; i += kLanes) store(to + i, load(to + i) + load(from + i));
        for (; i < end; ++i) to[i] += from[i];
    } else {
        for (int64_t i = first; i < end; ++i) line[i * stride + shift] += from[i];
    }
}

}  // namespace

void col2im(const Col2imShape& s, const float* patches, float* out, const Epilogue& epilogue, float* line);
void col2im(const Col2imShape& s, const float* patches, float* out, const Epilogue& epilogue, float* line) {
    TileEpilogue e = makeTileEpilogue(epilogue);
    F scale = set(e.accScale * (e.scale ? *e.scale : 1.0f)), bias = set(e.bias ? *e.bias : 0.0f);
    F alpha = set(e.alpha), beta = set(e.beta);
    int64_t pixels = s.in[0] * s.in[1] * s.in[2];
    for (int64_t z = 0; z < s.out[0]; ++z) {
        for (int64_t y = 0; y < s.out[1]; ++y) {
            for (int64_t i = 0; i < s.out[2]; ++i) line[i] = 0.0f;
            for (int64_t kz = 0; kz < s.kernel[0]; ++kz) {
                int64_t iz = sourceRow(s, 0, z, kz);
                for (int64_t ky = 0; iz >= 0 && ky < s.kernel[1]; ++ky) {
                    int64_t iy = sourceRow(s, 1, y, ky);
                    for (int64_t kx = 0; iy >= 0 && kx < s.kernel[2]; ++kx) {
                        int64_t tap = (kz * s.kernel[1] + ky) * s.kernel[2] + kx;
                        addRow(s, patches + tap * pixels + (iz * s.in[1] + iy) * s.in[2],
                               kx * s.dilation[2] - s.padBefore[2], line);
                    }
                }
            }
            int64_t at = (z * s.out[1] + y) * s.out[2];
            withActivation(e.activation, [&]<Activation kAct>() {
                for (int64_t i = 0; i < s.out[2]; i += kLanes) {
                    int n = static_cast<int>(least(kLanes, s.out[2] - i));
                    F x = fma(loadN(line + i, n), scale, bias);
                    F r = e.residual ? loadN(e.residual + at + i, n) : zero();
                    if (!e.residualAfter) x = x + r;
                    x = activate<kAct>(x, alpha, beta);
                    if (e.residualAfter) x = x + r;
                    if (n == kLanes) {
                        store(out + at + i, x);
                    } else {
                        storeN(out + at + i, x, n);
                    }
                }
            });
        }
    }
}

}  // namespace lathe::cpu::LATHE_ISA
