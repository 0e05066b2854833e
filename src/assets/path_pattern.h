// Patterns of _headers, _redirects and of routing rules: "/blog/*", "/:year/:slug",
// "https://:project.example.com/*". Values; matching takes time in proportion to pattern and path.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace selvage::assets {

/// What the variable parts stood for, in the order of the pattern: "splat" for '*'.
using Captures = std::vector<std::pair<std::string, std::string>>;

class PathPattern {
 public:
  /// '*' stands for anything, ":name" for one or more characters up to the next '/' (in a host: or
  /// '.'). nullopt for a pattern that has the same name twice ('*' counts as "splat").
  static std::optional<PathPattern> compile(std::string_view text);
  /// Only '*' has a meaning, as often as it comes.
  static PathPattern glob(std::string_view text);

  /// Against the path, or "https://<hostname><path>" when the pattern names a host.
  [[nodiscard]] std::optional<Captures> match(std::string_view hostname,
                                              std::string_view path) const;
  [[nodiscard]] bool names_host() const { return names_host_; }
  /// It has neither '*' nor ":name".
  [[nodiscard]] bool is_static() const { return variables_ == 0; }

 private:
  struct Part {
    enum class Kind { literal, splat, placeholder, host_placeholder };
    Kind kind;
    std::string text;  // literal: itself; placeholder: its name
  };
  void add_literal(std::string_view text);
  [[nodiscard]] bool match_from(size_t part, size_t at, std::string_view text,
                                std::vector<size_t>& begins, std::vector<bool>& failed) const;

  std::vector<Part> parts_;
  size_t variables_ = 0;
  bool names_host_ = false;
};

/// `text` with every ":name" replaced, name by name in the order of the captures.
std::string fill_in(std::string text, const Captures& captures);

}  // namespace selvage::assets
