#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace selvage {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid argument";
    case ErrorCode::not_found: return "not found";
    case ErrorCode::already_exists: return "already exists";
    case ErrorCode::limit_exceeded: return "limit exceeded";
    case ErrorCode::permission_denied: return "permission denied";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::aborted: return "aborted";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::io: return "input/output error";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::internal: return "internal error";
  }
  return "unknown error";
}

std::string Error::describe() const {
  if (remedy.empty()) return message;
  return message + ". " + remedy;
}

Error Error::within(std::string_view context) && {
  message.insert(0, std::string(context) + ": ");
  return std::move(*this);
}

tl::unexpected<Error> fail_errno(int error_number, std::string what) {
  ErrorCode code = ErrorCode::io;
  switch (error_number) {
    case ENOENT: code = ErrorCode::not_found; break;
    case EEXIST: code = ErrorCode::already_exists; break;
    case EACCES:
    case EPERM: code = ErrorCode::permission_denied; break;
    case ENOSPC:
    case EDQUOT: code = ErrorCode::limit_exceeded; break;
    default: break;
  }
  char buffer[256];
  return fail(code, std::move(what) + ": " + strerror_r(error_number, buffer, sizeof buffer));
}

}  // namespace selvage
