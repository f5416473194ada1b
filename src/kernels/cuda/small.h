// SPDX-License-Identifier: Apache-2.0
// Kernels that need no wrapper of their own: a thread an item, numbers and addresses in one common block (SmallParams).
// What they are is said above each in its file of text: image.cu, sample.cu, choose.cu, quant.cu, random.cu, fill.cu,
// recurrent.cu.
#pragma once

#include <span>

#include "kernels/cuda/launch.h"

namespace lathe::cuda {

struct SmallKernel {
    const char* file = nullptr;
    const char* entry = nullptr;  // also a define, in capitals, that selects it in the file
    std::vector<std::string> defines = {};
    int64_t items = 0;               // nothing is launched for none
    std::vector<int> operands = {};  // data[i]
    std::vector<int64_t> n = {};
    std::vector<double> f = {};
    uint32_t threads = 256;             // a block
    int64_t blocks = 0;                 // where it is not a thread an item
    std::vector<int64_t> offsets = {};  // bytes past data[i]'s address
    std::string middle = {};            // text before the file's: an epilogue, say
    bool store = false;                 // with store.cu: finish()
};

// Appends the launch to the plan.
Status addSmall(KernelPlan& plan, const SmallKernel& kernel);
// Appends a launch of a source that the plan has already.
Status addSmallAgain(KernelPlan& plan, const SmallKernel& kernel, int source);
Result<KernelPlan> smallPlan(const SmallKernel& kernel);

// "T=f16" for a type that kernels name.
std::string typeDefine(const char* name, DType type);

// Where stages leave something for each other (tactics/cuda/kernel.h).
inline constexpr int kScratch = kWorkspace - 1;
// The plan's operand becomes an address in that scratch.
void toScratch(KernelPlan& plan, int operand, int64_t offset);

}  // namespace lathe::cuda
