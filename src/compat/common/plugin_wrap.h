// SPDX-License-Identifier: Apache-2.0
// Plugins of either API as those of the other.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "compat/common/callbacks.h"

namespace lathe::compat {

struct DestroyPlugin {
    void operator()(v10::IPluginV2* p) const { p->destroy(); }
    void operator()(old::IPluginV2* p) const { p->destroy(); }
};
using OwnedNew = std::unique_ptr<v10::IPluginV2, DestroyPlugin>;
using OwnedOld = std::unique_ptr<old::IPluginV2, DestroyPlugin>;

// While one lives, what goes wrong with plugins that are made on this thread is told here, also later.
class PluginReport {
  public:
    explicit PluginReport(Report report);
    ~PluginReport();
    PluginReport(const PluginReport&) = delete;
    static Report current();

  private:
    Report before_;
};

// What is behind a plugin of the library's that stands for one of the older API.
class Wrapped {
  public:
    virtual old::IPluginV2* v2() { return nullptr; }
    void reportTo(Report report) { report_ = report; }
#if LATHE_TRT < 8
    virtual old::IPlugin* first() { return nullptr; }
#endif

  protected:
    Wrapped();
    Report report_;
    Wrapped(const Wrapped&) = delete;
    virtual ~Wrapped();
    void isKnownAs(const v10::IPluginV2* plugin);

  private:
    const v10::IPluginV2* known_ = nullptr;
};
// Null for plugins that are the library's own.
Wrapped* wrappedOf(const v10::IPluginV2* plugin);

// A plugin for the library, which owns the older one. Null for null; `why` says why a kind is refused.
OwnedNew wrap(OwnedOld plugin, std::string& why);
#if LATHE_TRT < 8
// Type and version that plugins without a name of their own have in plans.
inline constexpr char kFirstType[] = "IPlugin", kFirstExtType[] = "IPluginExt", kFirstVersion[] = "1";
// Of the first kinds, whose objects the application keeps. `ext` when it is an IPluginExt.
OwnedNew wrap(old::IPlugin& plugin, bool ext);
#endif

// A plugin of the older API for one of the library's own; it owns it.
OwnedOld unwrap(OwnedNew plugin);
// The library's own plugin behind one that unwrap() made; null for others.
v10::IPluginV2* behind(const old::IPluginV2* plugin);

// The fields of a collection for the other API; their values are those of `from`, but for shapes, which it holds.
template <class To, class From>
class Fields {
  public:
    explicit Fields(const From* from);
    const To* collection() const { return given_ ? &collection_ : nullptr; }

  private:
    bool given_;
    std::vector<std::remove_const_t<std::remove_pointer_t<decltype(To::fields)>>> fields_;
    std::deque<std::vector<char>> shapes_;
    To collection_{};
};
using NewFields = Fields<v10::PluginFieldCollection, old::PluginFieldCollection>;
using OldFields = Fields<old::PluginFieldCollection, v10::PluginFieldCollection>;

}  // namespace lathe::compat
