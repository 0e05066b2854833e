#include "api/multipart.h"

#include <algorithm>

namespace selvage::api {
namespace {

constexpr size_t kLongestBoundary = 200;

tl::unexpected<Error> malformed(std::string what) {
  return fail(ErrorCode::invalid_argument, "malformed multipart body: " + std::move(what));
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The parameter `name` of a header's value: `; name="value"` or `; name=value`. In quotes, %22,
/// %0D and %0A stand for what cannot be there (HTML, "multipart/form-data"), and \" as older
/// clients write it.
std::string parameter(std::string_view value, std::string_view name, bool& found) {
  found = false;
  size_t at = value.find(';');
  while (at != std::string_view::npos && at < value.size()) {
    ++at;
    const size_t equals = value.find('=', at);
    if (equals == std::string_view::npos) return {};
    const std::string key = lower(trimmed(value.substr(at, equals - at)));
    std::string text;
    at = equals + 1;
    if (at < value.size() && value[at] == '"') {
      for (++at; at < value.size() && value[at] != '"'; ++at) {
        if (value[at] == '\\' && at + 1 < value.size() &&
            (value[at + 1] == '"' || value[at + 1] == '\\')) {
          ++at;
        }
        text += value[at];
      }
      at = value.find(';', at);
    } else {
      const size_t end = value.find(';', at);
      text = trimmed(value.substr(at, end == std::string_view::npos ? end : end - at));
      at = end;
    }
    if (key != name) continue;
    found = true;
    for (const auto& [escaped, plain] :
         {std::pair{"%22", "\""}, std::pair{"%0D", "\r"}, std::pair{"%0A", "\n"}}) {
      for (size_t hit = 0; (hit = text.find(escaped, hit)) != std::string::npos; ++hit) {
        text.replace(hit, 3, plain);
      }
    }
    return text;
  }
  return {};
}

Status read_head(std::string_view head, Part& part) {
  bool named = false;
  while (!head.empty()) {
    const size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head = end == std::string_view::npos ? "" : head.substr(end + 2);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos)
      return malformed("a line without a colon in a part's head");
    const std::string name = lower(trimmed(line.substr(0, colon)));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "content-disposition") {
      if (lower(value.substr(0, value.find(';'))) != "form-data") {
        return malformed("a part that is not form-data");
      }
      bool has_file = false;
      part.name = parameter(value, "name", named);
      part.filename = parameter(value, "filename", has_file);
    } else if (name == "content-type") {
      part.content_type = lower(trimmed(value.substr(0, value.find(';'))));
    } else if (name == "content-transfer-encoding" && lower(value) != "binary" &&
               lower(value) != "8bit" && lower(value) != "7bit") {
      return malformed("the transfer encoding " + std::string(value) + " is not supported");
    }
  }
  if (!named) return malformed("a part without a name");
  return {};
}

}  // namespace

std::string multipart_boundary(std::string_view content_type) {
  if (lower(trimmed(content_type.substr(0, content_type.find(';')))) != "multipart/form-data") {
    return {};
  }
  bool found = false;
  std::string boundary = parameter(content_type, "boundary", found);
  if (boundary.size() > kLongestBoundary || boundary.find_first_of("\r\n") != std::string::npos) {
    return {};
  }
  return boundary;
}

Result<std::vector<Part>> parse_multipart(std::string_view body, std::string_view boundary,
                                          const MultipartLimits& limits) {
  if (boundary.empty()) {
    return fail(ErrorCode::invalid_argument, "the body is not multipart/form-data with a boundary");
  }
  const std::string opening = "--" + std::string(boundary);
  const std::string delimiter = "\r\n" + opening;
  std::vector<Part> parts;
  size_t at = 0;
  if (!body.starts_with(opening)) {  // a preamble
    at = body.find(delimiter);
    if (at == std::string_view::npos) return malformed("the boundary never comes");
    at += 2;
  }
  at += opening.size();
  while (true) {
    std::string_view rest = body.substr(at);
    if (rest.starts_with("--")) return parts;
    const size_t padding = rest.find_first_not_of(" \t");
    if (padding == std::string_view::npos || !rest.substr(padding).starts_with("\r\n")) {
      return malformed("no end of line after a boundary");
    }
    at += padding + 2;
    rest = body.substr(at);
    if (parts.size() == limits.parts) {
      return fail(ErrorCode::limit_exceeded,
                  "more than " + std::to_string(limits.parts) + " parts");
    }
    Part part;
    size_t head_end = 0;
    if (!rest.starts_with("\r\n")) {
      head_end = rest.substr(0, limits.head_bytes).find("\r\n\r\n");
      if (head_end == std::string_view::npos) return malformed("a part's head has no end");
      SELVAGE_CHECK_STATUS(read_head(rest.substr(0, head_end), part));
      at += head_end + 4;
    } else {
      return malformed("a part without a head");
    }
    // The empty body's delimiter begins with the head's last line break.
    const size_t end = body.find(delimiter, at - 2);
    if (end == std::string_view::npos) return malformed("the last boundary is missing");
    part.body = end < at ? std::string_view() : body.substr(at, end - at);
    parts.push_back(std::move(part));
    at = end + delimiter.size();
  }
}

}  // namespace selvage::api
