// SPDX-License-Identifier: Apache-2.0
// Attributes of a node: a plain struct with one `fields` list, from which hashing, equality, printing, parsing and plan
// serialization all come.
//
//   struct SoftmaxAttrs : ir::AttrsOf<SoftmaxAttrs> {
//       int64_t axis = -1;
//       bool log = false;
//       void fields(ir::AttrVisitor& f) {
//           f("axis", axis);
//           f("log", log);
//       }
//   };
//
// A field that is added later needs a default that means what its absence meant; names are never reused.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/dtype.h"
#include "base/status.h"

namespace lathe::ir {

class AttrVisitor {
  public:
    virtual ~AttrVisitor() = default;
    virtual void operator()(const char* name, int64_t& v) = 0;
    virtual void operator()(const char* name, double& v) = 0;
    virtual void operator()(const char* name, bool& v) = 0;
    virtual void operator()(const char* name, std::string& v) = 0;
    virtual void operator()(const char* name, DType& v) = 0;
    virtual void operator()(const char* name, std::vector<int64_t>& v) = 0;
    virtual void operator()(const char* name, std::vector<double>& v) = 0;
    // An enumeration with consecutive values from 0 and their names, which are what is printed and stored.
    virtual void enumeration(const char* name, int64_t& v, std::span<const char* const> names) = 0;

    template <class E>
    void operator()(const char* name, E& v, std::span<const char* const> names) {
        int64_t i = static_cast<int64_t>(v);
        enumeration(name, i, names);
        v = static_cast<E>(i);
    }
};

struct Attrs {
    virtual ~Attrs() = default;
    virtual std::unique_ptr<Attrs> clone() const = 0;
    // Shows every field in order. Visitors that only read leave the values alone.
    virtual void visit(AttrVisitor& visitor) = 0;
};

template <class D>
struct AttrsOf : Attrs {
    std::unique_ptr<Attrs> clone() const override { return std::make_unique<D>(static_cast<const D&>(*this)); }
    void visit(AttrVisitor& visitor) override { static_cast<D*>(this)->fields(visitor); }
};

struct NoAttrs : AttrsOf<NoAttrs> {
    void fields(AttrVisitor&) {}
};

// "axis=-1 log=false"; doubles print so that they read back to the same bits, strings in quotes with escapes,
// lists as [1, 2]. Fields whose value equals `defaults`' are left out when it is given.
std::string printAttrs(const Attrs& attrs, const Attrs* defaults = nullptr);

// One "name=value" of printAttrs's form. Errors: unknown field, malformed value (the field is named).
Status setAttr(Attrs& attrs, std::string_view name, std::string_view value);

// A whole printAttrs text: fields separated by spaces; those not named keep their values.
Status parseAttrs(Attrs& attrs, std::string_view text);

bool equalAttrs(const Attrs& a, const Attrs& b);
uint64_t hashAttrs(const Attrs& attrs);

}  // namespace lathe::ir
