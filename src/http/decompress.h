// Content codings undone as the bytes come (RFC 9110 section 8.4): gzip, deflate and br.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::http {

/// One compressed body. Output is made in bounded pieces, so that a small body which unpacks to a
/// huge one costs no more memory than its reader lets it.
class Decompressor {
 public:
  virtual ~Decompressor() = default;

  /// For the value of a Content-Encoding field; nullptr when it is absent, identity, unknown or a
  /// list: the body is then passed on as it is. "deflate" is the zlib format, and the raw one that
  /// some servers send.
  static std::unique_ptr<Decompressor> create(std::string_view content_encoding);

  /// Consumes from the front of `input` and appends at most `most` bytes to `output`. Returns
  /// without having filled that room only when all input is consumed. What follows the compressed
  /// data is passed over.
  virtual Status decompress(std::string_view& input, std::string& output, size_t most) = 0;

  /// The body is over: an error when the compressed data is not. An empty body is a whole one.
  virtual Status finish() = 0;
};

}  // namespace selvage::http
