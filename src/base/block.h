// SPDX-License-Identifier: Apache-2.0
// Large memory straight from the system: whole pages, shared by whoever needs them to stay.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/status.h"

namespace lathe {

// Anonymous memory, page-aligned and zero at first. What isn't touched takes no memory.
class Block {
  public:
    // Errors: out of memory (kFailedAllocation, with the number of bytes).
    static Result<std::shared_ptr<Block>> create(size_t bytes);
    ~Block();
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    std::span<std::byte> bytes() const { return bytes_; }

  private:
    explicit Block(std::span<std::byte> bytes) : bytes_(bytes) {}
    const std::span<std::byte> bytes_;
};

// A regular file, mapped for reading: its pages are read when they are touched, and shared by all processes that map
// it. The file must not change or shrink meanwhile; a file that is replaced by renaming another one over it does no
// harm.
class MappedFile {
  public:
    // Errors: what cannot be opened or mapped, or is no regular file; the path is named.
    static Result<std::shared_ptr<MappedFile>> open(const std::string& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return bytes_; }

  private:
    explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
    const std::span<const std::byte> bytes_;
};

}  // namespace lathe
