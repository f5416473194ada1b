// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/library.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace lathe::cuda {
namespace {

namespace fs = std::filesystem;

std::string_view environment(const char* name) {
    const char* text = std::getenv(name);
    return text ? text : "";
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        size_t at = std::min(text.find(':'), text.size());
        if (at > 0) parts.emplace_back(text.substr(0, at));
        text.remove_prefix(std::min(at + 1, text.size()));
    }
    return parts;
}

// Subfolders in a fixed order; none when the folder cannot be read.
std::vector<fs::path> children(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        found.push_back(it->path());
    std::sort(found.begin(), found.end());
    return found;
}

void addNvidia(const fs::path& sitePackages, std::vector<std::string>& folders) {
    for (const fs::path& package : children(sitePackages / "nvidia")) {
        std::error_code error;
        if (fs::is_directory(package / "lib", error)) folders.push_back((package / "lib").string());
    }
}

// A Python installation's prefix: lib/python3.X/site-packages and Debian's dist-packages.
void addPrefix(const fs::path& prefix, std::vector<std::string>& folders) {
    for (const fs::path& python : children(prefix / "lib"))
        if (python.filename().string().starts_with("python3"))
            for (const char* packages : {"site-packages", "dist-packages"}) addNvidia(python / packages, folders);
}

}  // namespace

std::vector<std::string> libraryFolders() {
    std::vector<std::string> folders;
    Dl_info self{};
    if (dladdr(reinterpret_cast<void*>(&libraryFolders), &self) && self.dli_fname) {
        fs::path dir = fs::path(self.dli_fname).parent_path();
        for (int up = 0; up < 3 && !dir.empty(); ++up, dir = dir.parent_path()) addNvidia(dir, folders);
    }
    std::error_code error;
    fs::path program = fs::read_symlink("/proc/self/exe", error);
    // A virtual environment's python is a link to another installation's: both are looked at.
    if (!environment("VIRTUAL_ENV").empty()) addPrefix(environment("VIRTUAL_ENV"), folders);
    if (!program.empty()) addPrefix(program.parent_path().parent_path(), folders);
    for (const char* name : {"CUDA_HOME", "CUDA_PATH"})
        if (!environment(name).empty())
            for (const char* sub : {"lib64", "lib"}) folders.push_back((fs::path(environment(name)) / sub).string());
    for (const char* dir :
         {"/usr/local/cuda/lib64", "/usr/local/cuda/lib", "/usr/local/nvidia/lib64", "/usr/lib/wsl/lib"})
        folders.push_back(dir);
    return folders;
}

Result<Library> Library::open(std::vector<std::string> names) {
    Library library;
    std::string lastError;
    auto attempt = [&](const std::string& path) {
        library.handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library.handle_) {
            library.name_ = path;
            return true;
        }
        // "No such file" says nothing; a library that is there but does not load says why.
        const char* why = dlerror();
        if (why && !std::strstr(why, "No such file")) lastError = why;
        return false;
    };
    std::vector<std::string> only = split(environment("LATHE_CUDA_LIBS"));
    std::vector<std::string> folders = only.empty() ? libraryFolders() : only;
    for (const std::string& name : names) {
        if (only.empty() && attempt(name)) return library;
        for (const std::string& folder : folders) {
            std::error_code error;
            fs::path path = fs::path(folder) / name;
            if (fs::exists(path, error) && attempt(path.string())) return library;
        }
    }
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return makeStatus(Code::kFailedInitialization,
                      "{}: not found by the loader nor in {} folders of CUDA and of Python's nvidia packages{}{}", list,
                      folders.size(), lastError.empty() ? "" : "; ", lastError);
}

Library Library::loaded(const std::string& name) {
    Library library;
    library.handle_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    if (library.handle_) library.name_ = name;
    return library;
}

void* Library::symbol(const char* name) const { return handle_ ? dlsym(handle_, name) : nullptr; }

}  // namespace lathe::cuda
