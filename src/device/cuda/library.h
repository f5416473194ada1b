// SPDX-License-Identifier: Apache-2.0
// Shared libraries found at run time. Nothing of ours links CUDA: an absent library is a Status that says what was
// looked for, and its users do without.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace lathe::cuda {

class Library {
  public:
    Library() = default;
    // The first of `names` ("libnvrtc.so.13", "libnvrtc.so.12") that opens. Each is tried in LATHE_CUDA_LIBS (folders
    // with : between them; when set, nothing but these is looked at), as the loader finds it, in pip's nvidia packages
    // (site-packages/nvidia/*/lib) beside this library and of the running and the active Python, and in CUDA's own
    // folders.
    static Result<Library> open(std::vector<std::string> names);

    // The one of this name that the process has loaded already; without a handle when it has not. For libraries whose
    // objects come from the application: another copy could not read them.
    static Library loaded(const std::string& name);

    const std::string& name() const { return name_; }
    void* handle() const { return handle_; }
    // Null when there is none.
    void* symbol(const char* name) const;
    // Puts the symbol's address into `fn`; a missing one is an error that names it.
    template <class F>
    Status load(const char* name, F*& fn) const {
        fn = reinterpret_cast<F*>(symbol(name));
        if (!fn) return makeStatus(Code::kFailedInitialization, "{} has no function {}", name_, name);
        return {};
    }

  private:
    std::string name_;        // the path or name that opened
    void* handle_ = nullptr;  // never closed: the driver's libraries do not survive it
};

// Where open() looks after LATHE_CUDA_LIBS and the loader's own places; for messages and tests.
std::vector<std::string> libraryFolders();

}  // namespace lathe::cuda
