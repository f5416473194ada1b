// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/importer/params.h"

namespace lathe::caffe {
namespace {

Result<int64_t> bounded(const TextField& field, int64_t least, int64_t most) {
    const int64_t value = TRY(toInteger(field));
    if (value >= least && value <= most) return value;
    if (most == std::numeric_limits<int64_t>::max()) {
        return invalidArgument("{} is {}; the least is {}", placeOf(field), value, least);
    }
    return invalidArgument("{} is {}; possible are {} to {}", placeOf(field), value, least, most);
}

// What layers hold for training, or to choose between equal implementations.
bool isForTraining(std::string_view name) {
    return name.ends_with("filler") || name == "engine" || name == "cudnn_convolution_algo_seeker" ||
           name == "force_nd_im2col" || name == "stable_prod_grad";
}

}  // namespace

Result<const TextField*> Params::single(std::string_view field) {
    ignore(field);
    const TextField* found = nullptr;
    if (message_) {
        const auto all = message_->all(field);
        if (all.size() > 1) return invalidArgument("{} is given a second time", placeOf(*all[1]));
        if (!all.empty()) found = all[0];
    }
    return found;
}

Result<int64_t> Params::integer(std::string_view field, int64_t otherwise, int64_t least, int64_t most) {
    const TextField* found = TRY(single(field));
    if (!found) return otherwise;
    return bounded(*found, least, most);
}

Result<double> Params::real(std::string_view field, double otherwise) {
    const TextField* found = TRY(single(field));
    if (!found) return otherwise;
    return static_cast<double>(static_cast<float>(TRY(toReal(*found))));
}

Result<bool> Params::boolean(std::string_view field, bool otherwise) {
    const TextField* found = TRY(single(field));
    if (!found) return otherwise;
    return toBool(*found);
}

Result<int> Params::choice(std::string_view field, int otherwise, std::initializer_list<const char*> choices,
                           int first) {
    const TextField* found = TRY(single(field));
    if (!found) return otherwise;
    int at = 0;
    std::string known;
    for (const char* name : choices) {
        if (found->kind == TextField::Kind::kWord &&
            (found->text == name || found->text == std::to_string(first + at))) {
            return at;
        }
        known += (at ? ", " : "") + std::string(name);
        ++at;
    }
    return invalidArgument("{} is {}; known are {}", placeOf(*found), quoted(found->text), known);
}

Result<Ints> Params::integers(std::string_view field, int64_t least, int64_t most) {
    ignore(field);
    Ints out;
    if (!message_) return out;
    for (const TextField* one : message_->all(field)) out.push_back(TRY(bounded(*one, least, most)));
    return out;
}

Result<std::vector<double>> Params::reals(std::string_view field) {
    ignore(field);
    std::vector<double> out;
    if (!message_) return out;
    for (const TextField* one : message_->all(field)) {
        out.push_back(static_cast<double>(static_cast<float>(TRY(toReal(*one)))));
    }
    return out;
}

Result<std::vector<const TextMessage*>> Params::messages(std::string_view field) {
    ignore(field);
    std::vector<const TextMessage*> out;
    if (!message_) return out;
    for (const TextField* one : message_->all(field)) out.push_back(TRY(toMessage(*one)));
    return out;
}

std::string Params::place(std::string_view field) const {
    const TextField* found = message_ ? message_->find(field) : nullptr;
    return found ? placeOf(*found) : fmt::format("field '{}' of {}", field, name_);
}

Status Params::finish() const {
    if (!message_) return {};
    for (const TextField& field : message_->fields) {
        if (!used_.contains(field.name) && !isForTraining(field.name)) {
            return unsupported("{} of {} is not known", placeOf(field), name_);
        }
    }
    return {};
}

}  // namespace lathe::caffe
