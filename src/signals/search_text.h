// What somebody looks for in what was logged.
#pragma once

#include <string>
#include <string_view>

namespace selvage::signals {

/// A value. Case matters.
class SearchText {
 public:
  SearchText() = default;
  explicit SearchText(std::string text);

  [[nodiscard]] bool empty() const { return text_.empty(); }
  /// Whether it is in `json`, as it is or as it looks within a string of it, where a quotation mark
  /// has a backslash before it.
  [[nodiscard]] bool found_in(std::string_view json) const;

 private:
  std::string text_;
  std::string quoted_;  // "" when it looks the same
};

}  // namespace selvage::signals
