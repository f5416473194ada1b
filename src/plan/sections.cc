// SPDX-License-Identifier: Apache-2.0
#include "plan/sections.h"

#include <bit>
#include <cstring>

#include "plan/format.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace lathe::plan {

static_assert(std::endian::native == std::endian::little, "plans are read and written in place");

namespace {

template <class T>
void put(std::span<std::byte> out, size_t at, T value) {
    std::memcpy(out.data() + at, &value, sizeof value);
}

// REQUIRES: the bytes are there.
template <class T>
T get(std::span<const std::byte> in, size_t at) {
    T value;
    std::memcpy(&value, in.data() + at, sizeof value);
    return value;
}

Status damaged(const char* what) { return invalidArgument("the plan is damaged: {}", what); }

}  // namespace

uint64_t checksum(std::span<const std::byte> bytes) {
    uint64_t h = XXH3_64bits(bytes.data(), bytes.size());
    return h ? h : 1;
}

std::vector<std::byte> layOut(std::vector<Section>& sections, uint64_t& totalBytes) {
    size_t tableBytes = sections.size() * kEntryBytes;
    uint64_t at = alignSection(kHeaderBytes + tableBytes);
    std::vector<std::byte> head(at);
    totalBytes = kHeaderBytes + tableBytes;
    std::span<std::byte> table = std::span(head).subspan(kHeaderBytes, tableBytes);
    for (size_t i = 0; i < sections.size(); ++i) {
        Section& s = sections[i];
        s.offset = at;
        totalBytes = at + s.size;
        at = alignSection(at + s.size);
        put(table, i * kEntryBytes, static_cast<uint32_t>(s.kind));
        put(table, i * kEntryBytes + 4, s.id);
        put(table, i * kEntryBytes + 8, s.offset);
        put(table, i * kEntryBytes + 16, s.size);
        put(table, i * kEntryBytes + 24, s.checksum);
    }
    std::memcpy(head.data(), kMagic, sizeof kMagic);
    put(std::span(head), 8, kFormatVersion);
    put(std::span(head), 12, static_cast<uint32_t>(sections.size()));
    put(std::span(head), 16, totalBytes);
    put(std::span(head), 24, checksum(table));
    put(std::span(head), 56, checksum(std::span(head).first(56)));
    return head;
}

Result<uint32_t> formatVersion(std::span<const std::byte> bytes) {
    if (bytes.size() < 16 || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
        return invalidArgument("this is not a Lathe plan: it does not begin with \"LATHEPLN\"");
    return get<uint32_t>(bytes, 8);
}

Result<uint64_t> planBytes(std::span<const std::byte> bytes) {
    uint32_t version = TRY(formatVersion(bytes));
    if (version != kFormatVersion)
        return unsupported("the plan has format version {}, this library reads version {}", version, kFormatVersion);
    if (bytes.size() < kHeaderBytes)
        return invalidArgument("the plan is cut off within its header, at {} bytes", bytes.size());
    if (get<uint64_t>(bytes, 56) != checksum(bytes.first(56))) return damaged("the header's checksum is wrong");
    return get<uint64_t>(bytes, 16);
}

Result<std::vector<Section>> readTable(std::span<const std::byte> bytes) {
    uint64_t total = TRY(planBytes(bytes));
    uint32_t count = get<uint32_t>(bytes, 12);
    if (total != bytes.size())
        return invalidArgument("the plan should have {} bytes, but {} are here", total, bytes.size());
    if (count > kMaxSections || count * kEntryBytes > bytes.size() - kHeaderBytes)
        return damaged("it has no room for the sections that it announces");
    auto table = bytes.subspan(kHeaderBytes, count * kEntryBytes);
    if (get<uint64_t>(bytes, 24) != checksum(table)) return damaged("the section table's checksum is wrong");
    std::vector<Section> sections(count);
    uint64_t end = kHeaderBytes + table.size();
    for (size_t i = 0; i < count; ++i) {
        Section& s = sections[i];
        s.kind = static_cast<SectionKind>(get<uint32_t>(table, i * kEntryBytes));
        s.id = get<uint32_t>(table, i * kEntryBytes + 4);
        s.offset = get<uint64_t>(table, i * kEntryBytes + 8);
        s.size = get<uint64_t>(table, i * kEntryBytes + 16);
        s.checksum = get<uint64_t>(table, i * kEntryBytes + 24);
        if (s.offset % kSectionAlignment != 0 || s.offset < end || s.offset > total || s.size > total - s.offset)
            return damaged("a section lies outside of the plan or over another one");
        end = s.offset + s.size;
    }
    return sections;
}

}  // namespace lathe::plan
