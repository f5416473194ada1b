// SPDX-License-Identifier: Apache-2.0
// Errors as values. A Status says what went wrong, where, and with which numbers; a Result<T> is a T or such a Status.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace lathe {

// Values equal nvinfer1::ErrorCode, so that the API layer passes them through unchanged.
enum class Code : int32_t {
    kOk = 0,
    kUnspecified = 1,
    kInternal = 2,          // our own bug
    kInvalidArgument = 3,   // the caller gave something wrong
    kInvalidConfig = 4,     // the caller's settings contradict each other or the network
    kFailedAllocation = 5,  // out of host or device memory
    kFailedInitialization = 6,
    kFailedExecution = 7,    // a kernel or a library call failed
    kFailedComputation = 8,  // data made a computation impossible (a failed assertion in the network)
    kInvalidState = 9,       // calls in the wrong order
    kUnsupported = 10,       // valid, but not supported here
};

std::string_view toString(Code code);

class [[nodiscard]] Status {
  public:
    Status() = default;
    Status(Code code, std::string message);

    bool ok() const { return rep_ == nullptr; }
    Code code() const { return rep_ ? rep_->code : Code::kOk; }
    const std::string& message() const;
    // "INVALID_ARGUMENT: message", or "OK".
    std::string toString() const;

    // Puts "context: " before the message; no effect on an OK status.
    Status& prefix(std::string_view context);

    // For TRY: a Status has no value to hand on.
    const Status& status() const& { return *this; }
    Status&& status() && { return std::move(*this); }
    void take() {}

  private:
    struct Rep {
        Code code;
        std::string message;
    };
    std::shared_ptr<Rep> rep_;
};

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : value_(std::move(value)) {}
    Result(Status status) : status_(std::move(status)) {}

    bool ok() const { return value_.has_value(); }
    const Status& status() const& { return status_; }
    Status&& status() && { return std::move(status_); }
    T& value() & { return *value_; }
    const T& value() const& { return *value_; }
    T take() { return std::move(*value_); }
    T* operator->() { return &*value_; }
    const T* operator->() const { return &*value_; }
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }

  private:
    std::optional<T> value_;
    Status status_;
};

template <class... A>
Status makeStatus(Code code, fmt::format_string<A...> format, A&&... args) {
    return Status(code, fmt::format(format, std::forward<A>(args)...));
}

template <class... A>
Status invalidArgument(fmt::format_string<A...> format, A&&... args) {
    return Status(Code::kInvalidArgument, fmt::format(format, std::forward<A>(args)...));
}

template <class... A>
Status unsupported(fmt::format_string<A...> format, A&&... args) {
    return Status(Code::kUnsupported, fmt::format(format, std::forward<A>(args)...));
}

template <class... A>
Status internalError(fmt::format_string<A...> format, A&&... args) {
    return Status(Code::kInternal, fmt::format(format, std::forward<A>(args)...));
}

namespace detail {
[[noreturn]] void assertionFailed(const char* condition, const char* file, int line);
}

// Evaluates an expression of type Status or Result<T>; returns its failure from the enclosing function, or yields the
// T.
#define TRY(...)                                   \
    ({                                             \
        auto tryResult_ = (__VA_ARGS__);           \
        if (!tryResult_.ok()) [[unlikely]]         \
            return std::move(tryResult_).status(); \
        tryResult_.take();                         \
    })

// As TRY, with "context: " put before the message of a failure.
#define TRY_IN(context, ...)                                             \
    ({                                                                   \
        auto tryResult_ = (__VA_ARGS__);                                 \
        if (!tryResult_.ok()) [[unlikely]] {                             \
            ::lathe::Status tryStatus_ = std::move(tryResult_).status(); \
            tryStatus_.prefix(context);                                  \
            return tryStatus_;                                           \
        }                                                                \
        tryResult_.take();                                               \
    })

// For our own bugs only: no input file, plan or API call may reach a failing one.
#define ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : ::lathe::detail::assertionFailed(#condition, __FILE__, __LINE__))

}  // namespace lathe
