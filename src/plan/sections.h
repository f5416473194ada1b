// SPDX-License-Identifier: Apache-2.0
// A plan's outer layout. All numbers are little-endian; checksums are 64-bit XXH3.
//
//   header, 64 bytes
//      0   8  "LATHEPLN"
//      8   4  format version (1)
//     12   4  number of sections, n
//     16   8  size of the whole plan in bytes
//     24   8  checksum of the section table
//     32  24  zero
//     56   8  checksum of bytes 0 to 55
//   section table, n entries of 40 bytes, in the order of their offsets
//      0   4  kind (SectionKind)
//      4   4  id
//      8   8  offset from the plan's beginning, a multiple of 64
//     16   8  size in bytes
//     24   8  checksum
//     32   8  zero
//   sections, each at the first multiple of 64 after what precedes it; the bytes between are zero
//
// Sections of unknown kinds are skipped. There is exactly one structure section.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"

namespace lathe::plan {

inline constexpr uint32_t kFormatVersion = 1;
inline constexpr size_t kHeaderBytes = 64, kEntryBytes = 40, kSectionAlignment = 64;
inline constexpr uint32_t kMaxSections = 1u << 24;

enum class SectionKind : uint32_t {
    kStructure = 1,  // id 0; a flatbuffer (plan.fbs); checksum of the bytes
    kWeights = 2,    // id: index of source weights; row-major elements; checksum: ir::Weights::contentHash (seeded with
                     // the type)
    kPacked = 3,     // id: index of packed weights; checksum of the bytes
    kLibrary = 4,    // id: index of a plugin library (Plan.libraries); checksum of the bytes
};

struct Section {
    SectionKind kind = SectionKind::kStructure;
    uint32_t id = 0;
    uint64_t offset = 0, size = 0, checksum = 0;
};

constexpr uint64_t alignSection(uint64_t at) {
    return (at + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
}

// Sets the sections' offsets; returns header and table.
std::vector<std::byte> layOut(std::vector<Section>& sections, uint64_t& totalBytes);

// Checks header and table against the bytes at hand; the sections' contents are not looked at.
Result<std::vector<Section>> readTable(std::span<const std::byte> bytes);

}  // namespace lathe::plan
