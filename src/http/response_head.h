// Writes the head of a response: status line, Date, the program's header block without the fields
// that belong to the connection, and these as the connection wants them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace selvage::http {

/// How the client is to find the end of the body (RFC 9112, section 6.3).
enum class BodyFraming : uint8_t {
  length,        // Content-Length: `length`
  chunked,       // Transfer-Encoding: chunked
  until_close,   // nothing
  none,          // there is never a body: 1xx, 204, 304
  head_length,   // answers HEAD: Content-Length of the block if it has one, else `length`
  head_unknown,  // answers HEAD: Content-Length of the block if it has one, else nothing
};

/// What the Connection field says.
enum class ConnectionField : uint8_t { none, close, keep_alive, upgrade };

struct ResponseHeadParts {
  int status = 200;              // 100 to 999
  std::string_view status_text;  // "" for the standard phrase
  std::string_view headers;      // a header block
  std::string_view date_line;    // see DateField
  BodyFraming framing = BodyFraming::length;
  uint64_t length = 0;
  ConnectionField connection = ConnectionField::none;
};

/// Room that write_response_head() never exceeds.
size_t response_head_bound(const ResponseHeadParts& parts);

/// Writes the head with its empty line to `out`; returns where it ends. Content-Length,
/// Transfer-Encoding, Connection, Keep-Alive and Date fields of the block are dropped (see
/// BodyFraming for HEAD). A status text with control characters is replaced by the standard phrase.
char* write_response_head(char* out, const ResponseHeadParts& parts);

}  // namespace selvage::http
