// SPDX-License-Identifier: Apache-2.0
// What the samples about handwritten digits share: the pictures of samples/data, and a logger.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "NvInfer.h"

namespace samples {

constexpr int64_t kSide = 8, kPixels = kSide * kSide, kDigits = 10;

//! Prints warnings and errors.
class Logger final : public nvinfer1::ILogger {
  public:
    void log(Severity severity, char const* text) noexcept override {
        if (severity <= Severity::kWARNING) std::fprintf(stderr, "%s\n", text);
    }
};

//! The folder with the data: the program's argument, or the one of the source tree.
inline std::string dataFolder(int argc, char** argv) { return argc > 1 ? argv[1] : LATHE_SAMPLE_DATA; }

//! Pictures with pixels from 0 to 16, and what they show.
struct Digits {
    int64_t count = 0;
    std::vector<uint8_t> pixels, labels;
};

//! The numbers of an IDX file of bytes after its head; empty, with a message, when it is none of the kind.
inline std::vector<uint8_t> readIdx(const std::string& path, uint32_t magic) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> all((std::istreambuf_iterator<char>(file)), {});
    const auto word = [&](size_t at) {
        uint32_t value = 0;
        for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(all[at + i]);
        return value;
    };
    const size_t extents = magic & 0xff, head = 4 + 4 * extents;
    uint64_t size = all.size() >= head && word(0) == magic;
    for (size_t i = 0; size && i < extents; ++i) size *= word(4 + 4 * i);
    if (size == 0 || all.size() != head + size) {
        std::fprintf(stderr, "%s is missing or no IDX file of the kind %x\n", path.c_str(), magic);
        return {};
    }
    return {all.begin() + static_cast<std::ptrdiff_t>(head), all.end()};
}

//! The pictures that training never saw. None, with a message, when they cannot be read.
inline Digits readDigits(const std::string& folder) {
    Digits digits;
    digits.pixels = readIdx(folder + "/digits-images.idx3-ubyte", 0x803);
    digits.labels = readIdx(folder + "/digits-labels.idx1-ubyte", 0x801);
    if (digits.pixels.size() == digits.labels.size() * kPixels)
        digits.count = static_cast<int64_t>(digits.labels.size());
    return digits;
}

//! The digit with the largest of ten numbers.
inline int64_t best(const float* numbers) { return std::max_element(numbers, numbers + kDigits) - numbers; }

//! Prints the accuracy; the exit status of the program.
inline int report(int64_t right, int64_t count) {
    const double accuracy = count ? 100.0 * static_cast<double>(right) / static_cast<double>(count) : 0;
    std::printf("%ld of %ld pictures are classified correctly (%.2f %%)\n", static_cast<long>(right),
                static_cast<long>(count), accuracy);
    return accuracy >= 97 ? 0 : 1;
}

}  // namespace samples
