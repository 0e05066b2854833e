// Fields of requests for files: Range and Accept-Encoding. And lists of files, read back.
#include <algorithm>
#include <string>

#include "assets/byte_range.h"
#include "assets/content_coding.h"
#include "assets/manifest.h"
#include "expect.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selvage::assets;
  using selvage::fuzz::expect;
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const uint64_t length : {uint64_t{0}, uint64_t{1}, uint64_t{data[0]}, ~uint64_t{0}}) {
    const ByteRange range = parse_range(text, length);
    if (range.kind != ByteRange::Kind::part) continue;
    expect(range.length > 0 && range.first < length && range.length <= length - range.first,
           "a part is within the file");
  }
  const CodingPreference preference = parse_accept_encoding(text);
  expect(preference.count >= 1 && preference.count <= kCodings, "a coding once");
  expect(preference.takes(Coding::identity), "a file as it is can always be sent");
  if (const auto assets = read_manifest(text)) {
    expect(write_manifest(*assets) == text, "a list that is read was written so");
  }
  return 0;
}
