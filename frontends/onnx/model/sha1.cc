// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/sha1.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

namespace lathe::onnx {
namespace {

using State = std::array<uint32_t, 5>;

// FIPS 180-4, 6.1.2: one block of 64 bytes.
void absorb(State& state, const std::byte* block) {
    uint32_t w[80];
    for (int t = 0; t < 16; ++t) {
        uint32_t word;
        std::memcpy(&word, block + 4 * t, 4);
        w[t] = __builtin_bswap32(word);
    }
    for (int t = 16; t < 80; ++t) w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    auto [a, b, c, d, e] = state;
    for (int t = 0; t < 80; ++t) {
        uint32_t mix, constant;
        if (t < 20) {
            mix = (b & c) | (~b & d), constant = 0x5a827999;
        } else if (t < 40) {
            mix = b ^ c ^ d, constant = 0x6ed9eba1;
        } else if (t < 60) {
            mix = (b & c) | (b & d) | (c & d), constant = 0x8f1bbcdc;
        } else {
            mix = b ^ c ^ d, constant = 0xca62c1d6;
        }
        const uint32_t next = std::rotl(a, 5) + mix + e + constant + w[t];
        e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

}  // namespace

std::string sha1(std::span<const std::byte> bytes) {
    State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    size_t done = 0;
    for (; bytes.size() - done >= 64; done += 64) absorb(state, bytes.data() + done);
    // The rest, a 1 bit, zeros, and the length in bits as 64-bit big-endian.
    std::array<std::byte, 128> tail{};
    const size_t rest = bytes.size() - done;
    if (rest) std::memcpy(tail.data(), bytes.data() + done, rest);
    tail[rest] = std::byte{0x80};
    const size_t size = rest < 56 ? 64 : 128;
    const uint64_t bits = __builtin_bswap64(static_cast<uint64_t>(bytes.size()) * 8);
    std::memcpy(tail.data() + size - 8, &bits, 8);
    for (size_t at = 0; at < size; at += 64) absorb(state, tail.data() + at);
    std::string text;
    for (const uint32_t word : state) text += fmt::format("{:08x}", word);
    return text;
}

}  // namespace lathe::onnx
