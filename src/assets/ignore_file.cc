#include "assets/ignore_file.h"

#include <algorithm>
#include <ranges>

namespace selvage::assets {
namespace {

/// A class "[...]" at the beginning of `glob`; its length, 0 when it is not closed.
size_t match_class(std::string_view glob, char c, bool& matched) {
  size_t i = 1;
  const bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
  if (negated) ++i;
  bool in = false;
  for (bool first = true; i < glob.size() && (glob[i] != ']' || first); first = false) {
    char low = glob[i++];
    if (low == '\\' && i < glob.size()) low = glob[i++];
    char high = low;
    if (i + 1 < glob.size() && glob[i] == '-' && glob[i + 1] != ']') {
      high = glob[i + 1];
      i += 2;
    }
    in = in || (low <= c && c <= high);
  }
  if (i >= glob.size()) return 0;
  matched = in != negated && c != '/';
  return i + 1;
}

class GlobMatcher {
 public:
  GlobMatcher(std::string_view glob, std::string_view path)
      : glob_(glob), path_(path), failed_((glob.size() + 1) * (path.size() + 1)) {}

  bool match(size_t g, size_t p) {
    const size_t state = g * (path_.size() + 1) + p;
    if (failed_[state]) return false;
    if (match_here(g, p)) return true;
    failed_[state] = true;
    return false;
  }

 private:
  bool match_here(size_t g, size_t p) {
    for (; g < glob_.size(); ++g) {
      const char c = glob_[g];
      if (c == '*') return match_star(g, p);
      if (p >= path_.size()) return false;
      if (c == '?') {
        if (path_[p] == '/') return false;
      } else if (c == '[') {
        bool matched = false;
        const size_t length = match_class(glob_.substr(g), path_[p], matched);
        if (length == 0 ? path_[p] != '[' : !matched) return false;
        if (length > 0) g += length - 1;
      } else {
        if (c == '\\' && g + 1 < glob_.size()) ++g;
        if (glob_[g] != path_[p]) return false;
      }
      ++p;
    }
    return p == path_.size();
  }

  bool match_star(size_t g, size_t p) {
    const bool after_slash = g == 0 || glob_[g - 1] == '/';
    if (after_slash && glob_.substr(g).starts_with("**/")) {
      // Any number of folders, also none.
      if (match(g + 3, p)) return true;
      for (size_t slash = path_.find('/', p); slash != std::string_view::npos;
           slash = path_.find('/', slash + 1)) {
        if (match(g + 3, slash + 1)) return true;
      }
      return false;
    }
    if (after_slash && glob_.substr(g) == "**") return p < path_.size();
    size_t next = g;
    while (next < glob_.size() && glob_[next] == '*') ++next;
    for (size_t at = p; at <= path_.size(); ++at) {
      if (match(next, at)) return true;
      if (at < path_.size() && path_[at] == '/') return false;
    }
    return false;
  }

  std::string_view glob_;
  std::string_view path_;
  std::vector<bool> failed_;
};

}  // namespace

bool ignore_glob_matches(std::string_view glob, std::string_view path) {
  return GlobMatcher(glob, path).match(0, 0);
}

IgnoreFile::IgnoreFile(std::string_view text) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    Pattern pattern;
    if (line.starts_with('!')) {
      pattern.negated = true;
      line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
      pattern.only_directories = true;
      line.remove_suffix(1);
    }
    pattern.anchored = line.find('/') != std::string_view::npos;
    if (line.starts_with('/')) line.remove_prefix(1);
    if (line.empty()) continue;
    pattern.glob = line;
    patterns_.push_back(std::move(pattern));
  }
}

bool IgnoreFile::ignores(std::string_view path, bool directory) const {
  const size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  for (const Pattern& pattern : std::ranges::reverse_view(patterns_)) {
    if (pattern.only_directories && !directory) continue;
    if (ignore_glob_matches(pattern.glob, pattern.anchored ? path : name)) return !pattern.negated;
  }
  return false;
}

}  // namespace selvage::assets
