// Multipart bodies, as anybody may send them to the deploy API: refused, or read into parts that
// lie in the body; and what was read survives being written and read again.
#include <string>
#include <string_view>

#include "api/multipart.h"
#include "api/multipart_writer.h"
#include "expect.h"

using selvage::fuzz::expect;
namespace api = selvage::api;

namespace {

void check_parts(const std::vector<api::Part>& parts, std::string_view body) {
  const char* last = body.data();
  for (const api::Part& part : parts) {
    if (part.body.data() == nullptr) continue;  // an empty one
    expect(part.body.data() >= last &&
               part.body.data() + part.body.size() <= body.data() + body.size(),
           "parts lie in the body, one after the other");
    last = part.body.data() + part.body.size();
  }
}

/// The boundary must be in no part; the input may have put any text there.
void check_round_trip(const std::vector<api::Part>& parts, std::string_view body) {
  std::string boundary = "b";
  while (body.find(boundary) != std::string_view::npos) boundary += "b";
  api::MultipartWriter writer(boundary);
  for (const api::Part& part : parts) {
    if (part.filename.empty() && part.content_type.empty()) {
      writer.add_field(part.name, part.body);
    } else {
      writer.add_file(part.name, part.filename, part.content_type, part.body);
    }
  }
  const std::string type = writer.content_type();
  const std::string written = writer.finish();
  const auto again = api::parse_multipart(written, api::multipart_boundary(type));
  if (parts.empty()) return;
  expect(again.has_value(), "what was read can be written and read again");
  expect(again->size() == parts.size(), "with as many parts");
  for (size_t i = 0; i < parts.size(); ++i) {
    expect((*again)[i].body == parts[i].body, "with the same contents");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The first line is the Content-Type.
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = input.find('\n');
  const std::string boundary = api::multipart_boundary(input.substr(0, end));
  const std::string_view body =
      end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
  const api::MultipartLimits limits{.parts = 64, .head_bytes = 4096};
  const auto parts = api::parse_multipart(body, boundary, limits);
  if (!parts) {
    expect(!parts.error().message.empty(), "a refusal says why");
    return 0;
  }
  expect(!boundary.empty(), "nothing is read without a boundary");
  expect(parts->size() <= limits.parts, "the limits are kept");
  check_parts(*parts, body);
  check_round_trip(*parts, body);
  return 0;
}
