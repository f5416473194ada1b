// SPDX-License-Identifier: Apache-2.0
// What a kernel wrapper answers with: CUDA C++ text to compile and launches of it, as data. Nothing here calls a
// driver; whoever has one compiles the sources (a cubin depends on structure and types, not on extents, so that shapes
// share it), puts the addresses into the parameter blocks, and launches them in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"
#include "base/status.h"

namespace lathe::cuda {

struct KernelSource {
    std::string name = {};   // "gemm.mma.f16.128x128x32", for messages and profiles
    std::string entry = {};  // the kernel
    std::string text = {};
    std::vector<std::string> defines = {};
    bool archSpecific = false;  // needs sm_90a rather than sm_90
    int minSm = 75, maxSm = 1000;
};

// Operands of a plan: inputs are 0, 1, …; then outputs; then the workspace.
inline constexpr int kOutput = 32, kWorkspace = 63;

// The eight bytes of the parameter block at `at` become the operand's address + offset.
struct PointerAt {
    uint32_t at = 0;
    int operand = 0;
    int64_t offset = 0;
};

// A tensor map (128 bytes, aligned to 64) of a row-major operand, for the bulk tensor copy engine.
struct TensorMapAt {
    uint32_t at = 0;
    int operand = 0;
    int64_t offset = 0;
    DType type = DType::kHalf;
    int rank = 2;
    uint64_t dims[5] = {};     // innermost first
    uint64_t strides[4] = {};  // bytes, of dims[1] and up; multiples of 16
    uint32_t box[5] = {};
    int swizzleBytes = 128;
    // Of a channels-last image {channels, width, height, images}: box[0] channels of box[1] pixels where windows begin,
    // from (lower) to (size - 1 + upper), `step` apart; {width, height} each.
    bool im2col = false;
    int lower[2] = {}, upper[2] = {};
    uint32_t step[2] = {1, 1};
};

struct Launch {
    int source = 0;  // index into KernelPlan::sources
    uint32_t grid[3] = {1, 1, 1}, block[3] = {1, 1, 1}, cluster[3] = {1, 1, 1};
    uint32_t sharedBytes = 0;
    std::vector<std::byte> params;  // the kernel's one parameter
    std::vector<PointerAt> pointers;
    std::vector<TensorMapAt> maps;

    template <class P>
    void setParams(const P& p) {
        params.resize(sizeof p);
        std::memcpy(params.data(), &p, sizeof p);
    }
};

struct KernelPlan {
    std::vector<KernelSource> sources;
    std::vector<Launch> launches;
    int64_t workspaceBytes = 0;
};

// The GPU that a plan is made for.
struct KernelTarget {
    int sm = 80;
    int smCount = 100;
    int sharedPerBlock = 99 << 10;
};

// Text of src/kernels/cuda/<name>, embedded when the library was built. REQUIRES: there is such a file.
std::string_view kernelText(std::string_view name);

// The CUDA C++ name of a type as prelude.cu has it ("f16"); empty for types that kernels don't take.
std::string_view typeName(DType t);
// A float as a literal that reads back exactly.
std::string literal(float value);

// n / d == mulhi(n, multiplier) + … : see FastDivide in params.h. REQUIRES: 0 < d < 2^31.
struct FastDivide;
FastDivide fastDivide(uint32_t d);

constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace lathe::cuda
