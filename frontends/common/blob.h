// SPDX-License-Identifier: Apache-2.0
// Read-only bytes together with what keeps them alive: a mapped file, an owned buffer, or (no owner) the caller.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

namespace lathe::frontends {

struct Blob {
    std::shared_ptr<const void> owner;
    std::span<const std::byte> bytes;

    // The same owner, other bytes. REQUIRES: part lies in bytes.
    Blob view(std::span<const std::byte> part) const { return {owner, part}; }
};

// Maps a regular file for reading. The file must not shrink while the blob lives: reading beyond its new end would be
// a fault of the machine, as with every mapped file.
Result<Blob> mapFile(const std::string& path);

Blob copyOf(std::span<const std::byte> bytes);
Blob take(std::vector<std::byte> bytes);

// No copy. REQUIRES: the bytes outlive every model, tensor and blob made of them.
inline Blob borrow(std::span<const std::byte> bytes) { return {nullptr, bytes}; }

}  // namespace lathe::frontends
