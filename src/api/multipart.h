// multipart/form-data (RFC 7578), parsed as a whole, within limits. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace selvage::api {

struct Part {
  std::string name;
  std::string filename;      // "" when absent
  std::string content_type;  // without parameters, lower case; "" when absent
  std::string_view body;     // into what was parsed
};

struct MultipartLimits {
  size_t parts = 10'000;
  size_t head_bytes = 16 * 1024;  // of one part
};

/// The boundary of a Content-Type; "" when it is no multipart/form-data or has none that is valid.
std::string multipart_boundary(std::string_view content_type);

/// The views in the parts are into `body`.
Result<std::vector<Part>> parse_multipart(std::string_view body, std::string_view boundary,
                                          const MultipartLimits& limits = {});

}  // namespace selvage::api
