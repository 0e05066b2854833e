// Content codings applied as the bytes come (RFC 9110 section 8.4): gzip and br.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::http {

/// One body that is being compressed.
class Compressor {
 public:
  virtual ~Compressor() = default;

  /// "gzip" or "br"; nullptr for all else.
  static std::unique_ptr<Compressor> create(std::string_view coding);

  /// Appends to `output` all of `input`, so that a reader gets to see it; with `last` also the end.
  virtual Status compress(std::string_view input, bool last, std::string& output) = 0;
};

}  // namespace selvage::http
