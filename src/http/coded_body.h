// Bodies that are compressed or decompressed on their way.
#pragma once

#include <string_view>

#include "http/message.h"

namespace selvage::http {

/// Whether `coding`, the value of a Content-Encoding field, is one of those that these functions
/// are for: gzip and br, as on Workers.
bool can_code(std::string_view coding);

/// What `body`, which is coded, stands for. The loop's carrier only, as are bodies.
Body decoded(Body body, std::string_view coding);
/// `body`, coded.
Body encoded(Body body, std::string_view coding);

}  // namespace selvage::http
