// SPDX-License-Identifier: Apache-2.0
#include "frontends/common/blob.h"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lathe::frontends {
namespace {

class Mapping {
  public:
    Mapping(void* data, size_t size) : data_(data), size_(size) {}
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() { ::munmap(data_, size_); }

  private:
    void* data_;
    size_t size_;
};

struct Descriptor {
    int fd;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

}  // namespace

Result<Blob> mapFile(const std::string& path) {
    // Without O_NONBLOCK opening a pipe would wait for its other end.
    Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0) return invalidArgument("cannot open '{}': {}", path, std::strerror(errno));
    struct stat info {};
    if (::fstat(file.fd, &info) != 0) return invalidArgument("cannot stat '{}': {}", path, std::strerror(errno));
    if (!S_ISREG(info.st_mode)) return invalidArgument("'{}' is not a regular file", path);
    if (info.st_size == 0) return Blob{};
    if (static_cast<uint64_t>(info.st_size) > SIZE_MAX / 2) return unsupported("'{}' is too large to map", path);
    const size_t size = static_cast<size_t>(info.st_size);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
    if (data == MAP_FAILED)
        return makeStatus(Code::kFailedAllocation, "cannot map '{}': {}", path, std::strerror(errno));
    return Blob{std::make_shared<Mapping>(data, size), {static_cast<const std::byte*>(data), size}};
}

Blob copyOf(std::span<const std::byte> bytes) { return take(std::vector<std::byte>(bytes.begin(), bytes.end())); }

Blob take(std::vector<std::byte> bytes) {
    auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    return {owner, {owner->data(), owner->size()}};
}

}  // namespace lathe::frontends
