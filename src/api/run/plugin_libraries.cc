// SPDX-License-Identifier: Apache-2.0
#include "api/run/plugin_libraries.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "plan/format.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

// A file with some bytes, for as long as this lives.
class TemporaryFile {
  public:
    ~TemporaryFile() {
        if (file_ >= 0 && !kept_) close(file_);
        if (named_) unlink(path_.c_str());
    }
    static Result<std::unique_ptr<TemporaryFile>> create(std::span<const std::byte> bytes, const std::string& directory,
                                                         TempfileControlFlags flags) {
        auto allowed = [&](TempfileControlFlag f) { return (flags >> static_cast<uint32_t>(f)) & 1; };
        std::unique_ptr<TemporaryFile> t(new TemporaryFile);
        std::string why = "neither files in memory nor temporary files are allowed (IRuntime::setTempfileControlFlags)";
        if (allowed(TempfileControlFlag::kALLOW_IN_MEMORY_FILES)) {
            t->file_ = memfd_create("lathe-plugins", MFD_CLOEXEC);
            if (t->file_ >= 0)
                t->path_ = fmt::format("/proc/self/fd/{}", t->file_);
            else
                why = fmt::format("a file in memory: {}", std::strerror(errno));
        }
        if (t->file_ < 0 && allowed(TempfileControlFlag::kALLOW_TEMPORARY_FILES)) {
            const char* system = std::getenv("TMPDIR");
            t->path_ = (!directory.empty() ? directory : system && *system ? system : "/tmp") + "/lathe-plugins-XXXXXX";
            t->file_ = mkostemp(t->path_.data(), O_CLOEXEC);  // for its owner alone
            t->named_ = t->file_ >= 0;
            if (t->file_ < 0) why = fmt::format("a temporary file '{}': {}", t->path_, std::strerror(errno));
        }
        if (t->file_ < 0) return makeStatus(Code::kFailedInitialization, "{}", why);
        for (size_t at = 0; at < bytes.size();) {
            ssize_t n = ::write(t->file_, bytes.data() + at, bytes.size() - at);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0)
                return makeStatus(Code::kFailedInitialization, "'{}' took {} of {} bytes: {}", t->path_, at,
                                  bytes.size(), std::strerror(errno));
            at += static_cast<size_t>(n);
        }
        return t;
    }
    const std::string& path() const { return path_; }
    // A library is known by the name of its file: a file without one keeps its number, lest another one gets that.
    void keep() { kept_ = !named_; }

  private:
    TemporaryFile() = default;
    int file_ = -1;
    bool named_ = false, kept_ = false;
    std::string path_;
};

}  // namespace

Status PluginLibraries::refuse(const plan::Plan& plan) {
    std::string names;
    for (const plan::Plan::Library& l : plan.libraries) names += (names.empty() ? "'" : ", '") + l.name + "'";
    return makeStatus(Code::kInvalidState,
                      "the plan holds code for the host, the plugin libraries {}; if you trust it, "
                      "IRuntime::setEngineHostCodeAllowed(true) lets it be loaded",
                      names);
}

Status PluginLibraries::load(const plan::Plan& plan, PluginRegistry& registry, const std::string& directory,
                             TempfileControlFlags flags) {
    std::lock_guard lock(mutex_);
    for (const plan::Plan::Library& l : plan.libraries) {
        auto at = [&](const std::string& what) { return fmt::format("plugin library '{}'{}", l.name, what); };
        if (plan::checksum(l.bytes) != l.checksum)
            return invalidArgument("{} of the plan is damaged: its checksum is wrong", at(""));
        if (l.bytes.size() < 4 || std::memcmp(l.bytes.data(),
                                              "\x7f"
                                              "ELF",
                                              4) != 0)
            return invalidArgument("{} of the plan is no shared library", at(""));
        // The same content under one name is there already.
        auto range = loaded_.equal_range(l.checksum);
        bool known = false;
        for (auto i = range.first; i != range.second; ++i) known = known || i->second == l.name;
        if (known) continue;
        auto file = TRY_IN(at(" of the plan"), TemporaryFile::create(l.bytes, directory, flags));
        TRY_IN(at(" of the plan"), registry.load(file->path().c_str(), true));
        file->keep();
        loaded_.emplace(l.checksum, l.name);
    }
    return {};
}

}  // namespace lathe::api
