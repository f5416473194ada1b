// SPDX-License-Identifier: Apache-2.0
// What an application implements, as the library calls it. The adapters of one object are made once and never go: there
// are few, and the library may hold them longer than the object that they were given to.
#pragma once

#include <string>

#include "compat/common/convert.h"

namespace lathe::compat {

// Null for null.
v10::ILogger* adapt(old::ILogger* logger);
v10::IErrorRecorder* adapt(old::IErrorRecorder* recorder);
v10::IGpuAllocator* adapt(old::IGpuAllocator* allocator);
v10::IProfiler* adapt(old::IProfiler* profiler);
v10::IInt8Calibrator* adapt(old::IInt8Calibrator* calibrator);
#if LATHE_TRT >= 8
v10::IOutputAllocator* adapt(old::IOutputAllocator* allocator);
#endif

// What adapt() was given; null for null.
old::IErrorRecorder* original(v10::IErrorRecorder* recorder);
old::IProfiler* original(v10::IProfiler* profiler);
old::IInt8Calibrator* original(v10::IInt8Calibrator* calibrator);
old::IGpuAllocator* original(v10::IGpuAllocator* allocator);
#if LATHE_TRT >= 8
old::IOutputAllocator* original(v10::IOutputAllocator* allocator);
#endif

// The first logger that adapt() was given.
old::ILogger* firstLogger();

// A place to report to: a logger and a recorder, both optional. Copied freely.
struct Report {
    old::ILogger* logger = nullptr;
    old::IErrorRecorder* recorder = nullptr;

    void error(const std::string& where, const std::string& what,
               old::ErrorCode code = old::ErrorCode::kINVALID_ARGUMENT) const noexcept;
    void warning(const std::string& where, const std::string& what) const noexcept;
};

}  // namespace lathe::compat
