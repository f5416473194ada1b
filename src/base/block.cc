// SPDX-License-Identifier: Apache-2.0
#include "base/block.h"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lathe {
namespace {

struct Descriptor {
    int fd;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

}  // namespace

Result<std::shared_ptr<Block>> Block::create(size_t bytes) {
    if (bytes == 0) return std::shared_ptr<Block>(new Block({}));
    void* p = bytes > SIZE_MAX / 2 ? MAP_FAILED
                                   : ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return makeStatus(Code::kFailedAllocation, "out of memory: {} bytes were asked for", bytes);
    return std::shared_ptr<Block>(new Block({static_cast<std::byte*>(p), bytes}));
}

Block::~Block() {
    if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

Result<std::shared_ptr<MappedFile>> MappedFile::open(const std::string& path) {
    // Without O_NONBLOCK opening a pipe would wait for its other end.
    Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0) return invalidArgument("cannot open '{}': {}", path, std::strerror(errno));
    struct stat info {};
    if (::fstat(file.fd, &info) != 0) return invalidArgument("cannot read '{}': {}", path, std::strerror(errno));
    if (!S_ISREG(info.st_mode)) return invalidArgument("'{}' is not a regular file", path);
    if (info.st_size <= 0) return std::shared_ptr<MappedFile>(new MappedFile({}));
    size_t size = static_cast<size_t>(info.st_size);
    void* p = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
    if (p == MAP_FAILED)
        return makeStatus(Code::kFailedAllocation, "cannot map the {} bytes of '{}': {}", size, path,
                          std::strerror(errno));
    return std::shared_ptr<MappedFile>(new MappedFile({static_cast<const std::byte*>(p), size}));
}

MappedFile::~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace lathe
