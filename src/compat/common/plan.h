// SPDX-License-Identifier: Apache-2.0
// Plans of engines with an implicit batch. Such a plan is one of the library's with a head in front that says so; those
// with an explicit batch have none. All numbers are little endian:
//
//     0  8 bytes  "LATHEIMB"
//     8  u32      version of this head, 1
//    12  u32      largest batch, at least 1
//    16  u64      bytes of the plan that follows the head
//    24  40 bytes 0
//    64  the plan, to the end
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lathe::compat {

inline constexpr std::size_t kHeadSize = 64;

struct Head {
    bool present = false;
    int32_t maxBatch = 1;
};

// The bytes of a head for a plan of `size` bytes.
std::vector<char> writeHead(int32_t maxBatch, uint64_t size);

// Reads the head of untrusted bytes. `error` says what is wrong with one that is damaged; empty when there is none or
// it is good.
Head readHead(const void* data, std::size_t size, std::string& error);

}  // namespace lathe::compat
