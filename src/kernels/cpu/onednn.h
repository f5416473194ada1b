// SPDX-License-Identifier: Apache-2.0
// oneDNN, where the system or the virtual environment has it: convolutions and products of fp32 by its kernels. Opened
// at run time through its C interface; the build needs neither its headers nor its library.
//
// One Op is one primitive of one thread: oneDNN's own threads stay out of it (they would spin against the process's
// pool), and whoever wants more threads splits the work into several Ops.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/layout.h"

namespace lathe::cpu::onednn {

// "3.2.0", or empty where it is not to be had. LATHE_ONEDNN: "off", or the library's path; else the system's
// libdnnl.so.3, the one of $VIRTUAL_ENV, and one in a lib folder above this library. Off under ThreadSanitizer, which
// does not see oneDNN's synchronization.
const std::string& version();
// Why there is none.
const std::string& absence();

// A convolution, or its transpose, over `axes` spatial dimensions, the last entries of the arrays.
struct Conv {
    bool transposed = false;
    int axes = 2;
    int64_t n = 1, ic = 1, oc = 1, groups = 1;
    int64_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1};
    int64_t kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1};
    int64_t padBefore[3] = {}, padAfter[3] = {};
    Layout inLayout = Layout::kBlocked, outLayout = Layout::kBlocked;
    int block = 8;        // channels in a block
    int64_t ocWhole = 0;  // output channels in the plain weights, of which these are some
};

// C[m, n] = A[m, k] B[k, n], A and C dense: to oneDNN a convolution of one tap over m pixels, whose kernels are faster
// than those of its products on AVX2 and allocate nothing as they run.
struct Product {
    int64_t m = 1, n = 1, k = 1;
    int64_t ldb = 0;      // floats between rows of B as stored
    bool transB = false;  // B is stored [n, k]
};

// What happens to a sum before it is stored. `adds`: what dst holds already is added, before the activation or after.
struct Store {
    bool bias = false, adds = false, addsAfter = false;
    Activation activation = Activation::kNone;
    float alpha = 1, beta = 1;
};

class Op {
  public:
    // Errors: oneDNN is absent, or has no kernel but its reference for this.
    static Result<std::unique_ptr<Op>> make(const Conv& conv, const Store& store);
    static Result<std::unique_ptr<Op>> make(const Product& product, const Store& store);
    ~Op();

    // Names oneDNN's kernel: "jit:avx2".
    const std::string& kernel() const { return kernel_; }
    // The weights' own form: its version's, in words and numbers, and how much room it takes.
    const std::string& weightsForm() const { return form_; }
    int64_t weightsBytes() const { return weightsBytes_; }
    int64_t workspaceBytes() const { return workspaceBytes_; }
    // From the plain weights ([oc, ic / groups, kernel…]; transposed [ic, oc / groups, kernel…]; or B) to that form.
    Status pack(const float* plain, void* packed) const;

    // Makes the kernel; may take milliseconds.
    Status prepare();
    // REQUIRES: prepare(). bias is null where there is none. One call at a time.
    Status run(const float* src, const void* packed, const float* bias, float* dst, void* workspace);

  private:
    struct Objects;
    Op();
    // plain: strides of the weights' first two axes as given, where they are not a convolution's own.
    static Result<std::unique_ptr<Op>> make(const Conv& conv, const Store& store, const int64_t* plain);
    Status finish();
    std::unique_ptr<Objects> objects_;
    std::string kernel_, form_;
    int64_t weightsBytes_ = 0, workspaceBytes_ = 0;
};

}  // namespace lathe::cpu::onednn
