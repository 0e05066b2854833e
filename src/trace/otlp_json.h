// Spans as the body of a request to a collector: an ExportTraceServiceRequest of OTLP 1.x in its
// JSON encoding. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "trace/span.h"

namespace selvage::trace {

/// Who sends them.
struct Resource {
  std::string service_name;  // "": each worker is a service of its name
  std::string instance;      // of the process, random
  std::string version;       // of this program
};

/// One resource for each worker and version. Bytes that are not UTF-8 are replaced.
std::string to_otlp_json(const Resource& resource, std::span<const Span> spans);

/// How many spans a collector's answer of status 200 says that it refused (partial_success), and
/// why. Zero for anything that is not understood.
struct PartialSuccess {
  uint64_t rejected = 0;
  std::string message;
};
PartialSuccess parse_partial_success(std::string_view json);

}  // namespace selvage::trace
