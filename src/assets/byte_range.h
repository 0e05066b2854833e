// The Range field of a request for a file (RFC 9110, section 14).
#pragma once

#include <cstdint>
#include <string_view>

namespace selvage::assets {

struct ByteRange {
  enum class Kind {
    whole,          // no range, or one that is to be ignored: another unit, several parts, nonsense
    part,           // `length` bytes from `first`
    unsatisfiable,  // 416
  };
  Kind kind = Kind::whole;
  uint64_t first = 0;
  uint64_t length = 0;
};

/// What `field` ("bytes=0-499", "bytes=-500") means for a file of `size` bytes.
ByteRange parse_range(std::string_view field, uint64_t size);

}  // namespace selvage::assets
