#include "assets/url_path.h"

#include <array>
#include <vector>

#include "base/base64.h"
#include "base/percent.h"

namespace selvage::assets {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

void append_encoded(std::string& to, char c) {
  const auto byte = static_cast<unsigned char>(c);
  to += '%';
  to += kHexDigits[byte >> 4];
  to += kHexDigits[byte & 15];
}

// The percent-encode sets of the URL standard.
bool encoded_in(std::string_view also, char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte >= 0x7f || c == '"' || c == '<' || c == '>' ||
         also.find(c) != std::string_view::npos;
}

std::string encode_with(std::string_view also, std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (encoded_in(also, c)) {
      append_encoded(encoded, c);
    } else {
      encoded += c;
    }
  }
  return encoded;
}

constexpr std::string_view kAlsoInPath = "#?^`{}";

/// 1 for "." and "%2e", 2 for ".." in any of its spellings, else 0.
int dots_of(std::string_view segment) {
  int dots = 0;
  while (!segment.empty()) {
    if (segment[0] == '.') {
      segment.remove_prefix(1);
    } else if (segment.size() >= 3 && segment[0] == '%' && segment[1] == '2' &&
               (segment[2] == 'e' || segment[2] == 'E')) {
      segment.remove_prefix(3);
    } else {
      return 0;
    }
    if (++dots > 2) return 0;
  }
  return dots;
}

bool is_plain(std::string_view path) {
  char before = '\0';
  for (const char c : path) {
    if (encoded_in(kAlsoInPath, c) || c == '\\' || c == '%') return false;
    if (c == '.' && before == '/') return false;
    before = c;
  }
  return true;
}

/// What decodeURIComponent() gives; false where it would throw.
bool decode_component(std::string_view text, std::string& decoded) {
  const std::optional<std::string> component = percent_decode(text);
  if (!component || !is_utf8(*component)) return false;
  decoded += *component;
  return true;
}

template <class Each>
void each_segment(std::string_view path, Each each) {
  while (true) {
    const size_t slash = path.find('/');
    each(path.substr(0, slash), slash != std::string_view::npos);
    if (slash == std::string_view::npos) return;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

SplitTarget split_target(std::string_view target) {
  SplitTarget split;
  const size_t hash = target.find('#');
  if (hash != std::string_view::npos) split.hash = target.substr(hash);
  target = target.substr(0, hash);
  const size_t question = target.find('?');
  if (question != std::string_view::npos) split.search = target.substr(question);
  split.path = target.substr(0, question);
  return split;
}

std::string normalize_path(std::string_view path) {
  if (is_plain(path)) return path.empty() ? "/" : std::string(path);
  std::string turned(path);
  for (char& c : turned) {
    if (c == '\\') c = '/';
  }
  std::vector<std::string> segments;
  std::string_view rest = turned;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  each_segment(rest, [&](std::string_view segment, bool more) {
    const int dots = dots_of(segment);
    if (dots == 2 && !segments.empty()) segments.pop_back();
    if (dots == 0) {
      segments.push_back(encode_with(kAlsoInPath, segment));
    } else if (!more) {
      segments.emplace_back();
    }
  });
  std::string normal;
  for (const std::string& segment : segments) normal += "/" + segment;
  return normal.empty() ? "/" : normal;
}

std::string normalize_search(std::string_view search) {
  return search.size() <= 1 ? "" : encode_with("#'", search);
}

std::string normalize_hash(std::string_view hash) {
  return hash.size() <= 1 ? "" : encode_with("`", hash);
}

std::string collapse_slashes(std::string_view path) {
  std::string collapsed;
  collapsed.reserve(path.size());
  for (const char c : path) {
    if (c != '/' || collapsed.empty() || collapsed.back() != '/') collapsed += c;
  }
  return collapsed;
}

std::string decode_path(std::string_view path) {
  if (path.find('%') == std::string_view::npos) return collapse_slashes(path);
  std::string decoded;
  each_segment(path, [&](std::string_view segment, bool more) {
    const size_t begin = decoded.size();
    if (!decode_component(segment, decoded)) {
      decoded.resize(begin);
      decoded += segment;
    }
    if (more) decoded += '/';
  });
  return collapse_slashes(decoded);
}

std::string encode_path(std::string_view path) {
  std::string encoded;
  encoded.reserve(path.size());
  for (const char c : path) {
    const bool kept = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      std::string_view("/-_.!~*'()").find(c) != std::string_view::npos;
    if (kept) {
      encoded += c;
    } else {
      append_encoded(encoded, c);
    }
  }
  return encoded;
}

}  // namespace selvage::assets
