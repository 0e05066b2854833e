// Status codes: their standard reason phrases and what they say about a response's body.
#pragma once

#include <string_view>

namespace selvage::http {

/// The phrase of the IANA registry, e.g. "Not Found"; "" for codes that are not in it.
std::string_view reason_phrase(int status);

/// Whether a response with this status has a body at all (RFC 9110, section 6.4.1).
constexpr bool allows_body(int status) {
  return status >= 200 && status != 204 && status != 205 && status != 304;
}

}  // namespace selvage::http
