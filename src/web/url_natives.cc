// URLs: parsing and changing, by Ada. A URL exists here only during a call; JavaScript keeps the
// href and the positions of its parts.
#include <cstring>

#include "web/ada.h"
#include "web/natives.h"
#include "web/utf8_text.h"

namespace selvage::web {
namespace {

class ParsedUrl {
 public:
  ParsedUrl(std::string_view input) : url_(ada_parse(input.data(), input.size())) {}
  ParsedUrl(std::string_view input, std::string_view base)
      : url_(ada_parse_with_base(input.data(), input.size(), base.data(), base.size())) {}
  ~ParsedUrl() { ada_free(url_); }
  ParsedUrl(const ParsedUrl&) = delete;
  ParsedUrl& operator=(const ParsedUrl&) = delete;

  [[nodiscard]] bool valid() const { return ada_is_valid(url_); }
  [[nodiscard]] ada_url get() const { return url_; }

  /// Returns the href and writes the positions to `components`, a Uint32Array.
  void give(const js::Arguments& info, v8::Local<v8::Value> components) const {
    const ada_string href = ada_get_href(url_);
    const std::span<uint8_t> target = js::bytes_of(components);
    if (target.size() < sizeof(ada_url_components)) return;
    memcpy(target.data(), ada_get_components(url_), sizeof(ada_url_components));
    // An href is ASCII: hosts are in Punycode, all else is percent-encoded.
    info.GetReturnValue().Set(js::make_latin1(info.GetIsolate(), {href.data, href.length}));
  }

 private:
  ada_url url_;
};

void url_parse(const js::Arguments& info) {
  const Utf8Text input(info.GetIsolate(), info[0]);
  if (info[1]->IsUndefined()) {
    const ParsedUrl url(input.view());
    if (url.valid()) url.give(info, info[2]);
    return;
  }
  const Utf8Text base(info.GetIsolate(), info[1]);
  const ParsedUrl url(input.view(), base.view());
  if (url.valid()) url.give(info, info[2]);
}

void url_can_parse(const js::Arguments& info) {
  const Utf8Text input(info.GetIsolate(), info[0]);
  if (info[1]->IsUndefined()) {
    info.GetReturnValue().Set(ada_can_parse(input.data(), input.size()));
    return;
  }
  const Utf8Text base(info.GetIsolate(), info[1]);
  info.GetReturnValue().Set(
      ada_can_parse_with_base(input.data(), input.size(), base.data(), base.size()));
}

/// Numbered as `Part` in builtins/url.ts.
enum class Part {
  href,
  protocol,
  username,
  password,
  host,
  hostname,
  port,
  pathname,
  search,
  hash
};

bool set_part(ada_url url, Part part, std::string_view value) {
  const char* data = value.data();
  const size_t size = value.size();
  switch (part) {
    case Part::href: return ada_set_href(url, data, size);
    case Part::protocol: return ada_set_protocol(url, data, size);
    case Part::username: return ada_set_username(url, data, size);
    case Part::password: return ada_set_password(url, data, size);
    case Part::host: return ada_set_host(url, data, size);
    case Part::hostname: return ada_set_hostname(url, data, size);
    case Part::port: return ada_set_port(url, data, size);
    case Part::pathname: return ada_set_pathname(url, data, size);
    case Part::search: ada_set_search(url, data, size); return true;
    case Part::hash: ada_set_hash(url, data, size); return true;
  }
  return false;
}

void url_set(const js::Arguments& info) {
  const Utf8Text href(info.GetIsolate(), info[0]);
  const Utf8Text value(info.GetIsolate(), info[2]);
  const ParsedUrl url(href.view());
  if (!url.valid()) return;
  const auto part = static_cast<Part>(info[1].As<v8::Int32>()->Value());
  if (set_part(url.get(), part, value.view())) url.give(info, info[3]);
}

void url_parser_version(const js::Arguments& info) {
  info.GetReturnValue().Set(ada_get_version_components().major);
}

constexpr js::Native kTable[] = {
    {"urlParse", url_parse},
    {"urlCanParse", url_can_parse},
    {"urlSet", url_set},
    {"urlParserVersion", url_parser_version},
};

}  // namespace

const std::span<const js::Native> kUrlNatives = kTable;

}  // namespace selvage::web
