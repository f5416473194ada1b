// SPDX-License-Identifier: Apache-2.0
// Random numbers by counter: number i of a stream is a function of (seed, i) alone, so that any kernel, in any order
// and on any number of threads, gives the same tensor. The generator is Philox 4x32 with 10 rounds.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace lathe {

class Philox {
  public:
    explicit Philox(uint64_t seed) : key_{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)} {}

    // Four random words; `high` distinguishes streams of one seed.
    std::array<uint32_t, 4> block(uint64_t counter, uint64_t high = 0) const {
        std::array<uint32_t, 4> x = {static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32),
                                     static_cast<uint32_t>(high), static_cast<uint32_t>(high >> 32)};
        uint32_t k0 = key_[0], k1 = key_[1];
        for (int round = 0; round < 10; ++round) {
            uint64_t p = uint64_t{0xd2511f53u} * x[0], q = uint64_t{0xcd9e8d57u} * x[2];
            x = {static_cast<uint32_t>(q >> 32) ^ x[1] ^ k0, static_cast<uint32_t>(q),
                 static_cast<uint32_t>(p >> 32) ^ x[3] ^ k1, static_cast<uint32_t>(p)};
            k0 += 0x9e3779b9u;
            k1 += 0xbb67ae85u;
        }
        return x;
    }

    // Number i of the uniform stream: a multiple of 2^-24 from [0, 1), of word i % 4 of block i / 4.
    float uniform(int64_t i) const { return unit(block(static_cast<uint64_t>(i) / 4)[i % 4]); }

    // Number i of the standard normal stream: words 2k and 2k + 1 of a block make numbers 2k (cosine) and 2k + 1
    // (sine).
    double normal(int64_t i) const {
        auto words = block(static_cast<uint64_t>(i) / 4);
        int pair = static_cast<int>(i % 4) & 2;
        double radius = std::sqrt(-2 * std::log(1 - static_cast<double>(unit(words[pair]))));
        double angle = 2 * std::numbers::pi * static_cast<double>(unit(words[pair + 1]));
        return radius * (i & 1 ? std::sin(angle) : std::cos(angle));
    }

  private:
    static float unit(uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }
    uint32_t key_[2];
};

}  // namespace lathe
