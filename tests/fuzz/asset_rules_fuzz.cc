// What a site may bring: _headers, _redirects, _routes.json, .assetsignore; and paths to match.
// Nothing fails, nothing takes long, and nothing that comes out could break a response apart.
#include <string>
#include <vector>

#include "assets/asset_set.h"
#include "assets/ignore_file.h"
#include "assets/url_path.h"
#include "expect.h"
#include "http/syntax.h"

namespace {

using namespace selvage::assets;
using selvage::fuzz::expect;

void check_headers(std::string_view text, const std::string& path) {
  std::vector<FileRemark> remarks;
  const HeaderRules rules = HeaderRules::parse(text, remarks);
  expect(rules.size() <= 100, "rules are limited");
  HeaderList headers;
  rules.apply("host", path, headers);
  std::string block = headers.block();
  std::string_view rest = block;
  while (!rest.empty()) {
    const auto line = selvage::http::take_field_line(rest);
    expect(selvage::http::is_token(line.name), "a name is a token");
    expect(selvage::http::is_field_value(line.value), "a value stays on its line");
  }
}

void check_redirects(std::string_view text, const std::string& path) {
  std::vector<FileRemark> remarks;
  const RedirectRules rules = RedirectRules::parse(text, true, remarks);
  expect(rules.size() <= 2100, "rules are limited");
  const auto found = rules.find("host:80", path);
  if (!found) return;
  expect(found->to.starts_with('/') || found->to.starts_with("https://"), "a target is a URL");
  expect(found->to.find_first_of("\r\n") == std::string::npos, "a target is one line");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t cut = std::min(input.find('\0'), input.size());
  const std::string_view text = input.substr(0, cut);
  const std::string path =
      normalize_path("/" + std::string(input.substr(std::min(input.size(), cut + 1))));
  expect(path.starts_with('/') && normalize_path(path) == path, "normal form is normal");
  expect(decode_path(path).find("//") == std::string::npos, "slashes collapse");
  switch (data[0] % 4) {
    case 0: check_headers(text, path); break;
    case 1: check_redirects(text, path); break;
    case 2:
      if (const auto rules = rules_from_routes_json(text)) {
        const auto parsed = RoutingRules::parse(*rules, limits_of(true));
        if (parsed) (void)parsed->decide(path);
      }
      break;
    default: (void)IgnoreFile(text).ignores(path.substr(1), false);
  }
  return 0;
}
