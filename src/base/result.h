// Errors as values. Every operation that can fail for a reason outside the program returns
// Result<T>; exceptions are left to what only a bug can cause.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace selvage {

/// What kind of failure this is: what a caller branches on. The sentence is for people.
enum class ErrorCode {
  invalid_argument,
  not_found,
  already_exists,
  limit_exceeded,
  permission_denied,
  unavailable,
  aborted,
  timeout,
  io,
  corrupt,
  unsupported,
  internal,
};

std::string_view to_string(ErrorCode code);

/// A failure: its code, a sentence that names what and where, and, when known, what to do about it.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string remedy;

  /// "message. remedy", for logs and terminals.
  [[nodiscard]] std::string describe() const;
  /// The same failure with its place in front: "context: message".
  [[nodiscard]] Error within(std::string_view context) &&;
};

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string remedy = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(remedy)});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

/// An Error from errno: `fail_errno(errno, "cannot open " + path)`.
tl::unexpected<Error> fail_errno(int error_number, std::string what);

}  // namespace selvage

/// Returns the error of `expression` from the enclosing function, or binds its value.
#define SELVAGE_TRY_CONCAT_(a, b) a##b
#define SELVAGE_TRY_NAME_(a, b) SELVAGE_TRY_CONCAT_(a, b)
#define SELVAGE_TRY(declaration, expression)                                      \
  auto SELVAGE_TRY_NAME_(try_, __LINE__) = (expression);                          \
  if (!SELVAGE_TRY_NAME_(try_, __LINE__))                                         \
    return ::selvage::fail(std::move(SELVAGE_TRY_NAME_(try_, __LINE__)).error()); \
  declaration = std::move(*SELVAGE_TRY_NAME_(try_, __LINE__))
#define SELVAGE_CHECK_STATUS(expression) \
  if (auto status_ = (expression); !status_) return ::selvage::fail(std::move(status_).error())
