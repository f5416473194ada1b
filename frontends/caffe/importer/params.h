// SPDX-License-Identifier: Apache-2.0
// The settings of a layer in one message, such as pooling_param. Everything in it must be looked at: a field that the
// importer leaves alone makes the import fail, so that nothing is silently ignored.
#pragma once

#include <initializer_list>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "frontends/caffe/model/caffe_model.h"
#include "frontends/caffe/text/text_message.h"

namespace lathe::caffe {

class Params {
  public:
    // `message` is null when the layer has none: every field then has its default.
    Params(const TextMessage* message, std::string name) : message_(message), name_(std::move(name)) {}

    bool has(std::string_view field) const { return message_ && message_->find(field); }
    // A value that is given once, or `otherwise`. Fails out of the bounds, which are part of the range.
    Result<int64_t> integer(std::string_view field, int64_t otherwise,
                            int64_t least = std::numeric_limits<int64_t>::min(),
                            int64_t most = std::numeric_limits<int64_t>::max());
    Result<double> real(std::string_view field, double otherwise);  // in float's precision, as Caffe has it
    Result<bool> boolean(std::string_view field, bool otherwise);
    // An enumerator, by name or number; gives its place in `choices`. The first one's number is `first`.
    Result<int> choice(std::string_view field, int otherwise, std::initializer_list<const char*> choices,
                       int first = 0);
    // Values that may be given many times.
    Result<Ints> integers(std::string_view field, int64_t least = std::numeric_limits<int64_t>::min(),
                          int64_t most = std::numeric_limits<int64_t>::max());
    Result<std::vector<double>> reals(std::string_view field);
    Result<std::vector<const TextMessage*>> messages(std::string_view field);
    // Says that a field changes nothing.
    void ignore(std::string_view field) { used_.insert(std::string(field)); }

    // "line 12: field 'pad'", or the message's name when the field is not there.
    std::string place(std::string_view field) const;
    // Fails when a field was not looked at. What only training needs may be left alone.
    Status finish() const;

  private:
    // Null when it is not given; fails when it is given twice.
    Result<const TextField*> single(std::string_view field);

    const TextMessage* message_;
    std::string name_;
    std::set<std::string, std::less<>> used_;
};

}  // namespace lathe::caffe
