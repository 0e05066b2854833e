// Takes _headers and _redirects apart into the lines that say something.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assets/file_remark.h"
#include "http/syntax.h"

namespace selvage::assets {

/// Trimmed lines with their numbers; comments, empty lines and lines that are too long (a remark)
/// are passed over. The text must outlive it.
class RuleLines {
 public:
  RuleLines(std::string_view text, size_t max_line_length, std::vector<FileRemark>& remarks)
      : rest_(text), max_line_length_(max_line_length), remarks_(remarks) {}

  std::optional<std::pair<int, std::string_view>> next() {
    while (!ended_) {
      const size_t end = rest_.find('\n');
      std::string_view line = rest_.substr(0, end);
      ended_ = end == std::string_view::npos;
      rest_.remove_prefix(ended_ ? rest_.size() : end + 1);
      ++number_;
      if (line.ends_with('\r')) line.remove_suffix(1);
      line = http::trim_whitespace(line);
      if (line.empty() || line.starts_with('#')) continue;
      if (line.size() > max_line_length_) {
        remarks_.push_back({number_, "the line is longer than " + std::to_string(max_line_length_) +
                                         " characters, and has no effect"});
        continue;
      }
      return std::pair(number_, line);
    }
    return std::nullopt;
  }

 private:
  std::string_view rest_;
  size_t max_line_length_;
  std::vector<FileRemark>& remarks_;
  int number_ = 0;
  bool ended_ = false;
};

}  // namespace selvage::assets
