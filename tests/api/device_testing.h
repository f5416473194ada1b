// SPDX-License-Identifier: Apache-2.0
// Memory where an engine wants its tensors: of the host, or of the process's GPU.
#pragma once

#include <cstdlib>
#include <cstring>

#include "api_testing.h"

namespace lathe_test {

inline bool onGpu() { return std::string(lathe::deviceName()).rfind("cuda", 0) == 0; }

#define NEEDS_GPU() \
    if (!onGpu()) GTEST_SKIP() << "there is no GPU here: " << lathe::deviceName()

class Buffer {
  public:
    Buffer(bool device, size_t bytes) : device_(device), bytes_(bytes) {
        size_t some = std::max<size_t>(bytes, 1);
        data_ = device ? lathe::deviceAllocate(some) : std::malloc(some);
        EXPECT_TRUE(data_);
    }
    // For the tensors of an engine.
    Buffer(const ICudaEngine& engine, size_t bytes) : Buffer(lathe::runsOnGpu(engine), bytes) {}
    ~Buffer() { device_ ? lathe::deviceFree(data_) : std::free(data_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    void* data() const { return data_; }
    size_t bytes() const { return bytes_; }
    // All of it, or its first bytes.
    void put(const void* from) { put(from, bytes_); }
    void put(const void* from, size_t bytes) { copy(data_, from, bytes); }
    void get(void* to) const { get(to, bytes_); }
    void get(void* to, size_t bytes) const { copy(to, data_, bytes); }

  private:
    void copy(void* to, const void* from, size_t bytes) const {
        if (bytes == 0) return;
        if (device_)
            EXPECT_TRUE(lathe::deviceCopy(to, from, bytes));
        else
            std::memcpy(to, from, bytes);
    }

    const bool device_;
    const size_t bytes_;
    void* data_ = nullptr;
};

}  // namespace lathe_test
