// What people see: colours where there is a terminal, and the words around them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "deploy/project/project_config.h"

namespace selvage::cli {

/// Where lines for people go. Colours only when standard output is a terminal that has them and
/// NO_COLOR (no-color.org) is unset; FORCE_COLOR sets them.
class Terminal {
 public:
  Terminal();
  explicit Terminal(bool colour) : colour_(colour) {}

  [[nodiscard]] bool colour() const { return colour_; }
  [[nodiscard]] std::string bold(std::string_view text) const { return wrap("1", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return wrap("2", text); }
  [[nodiscard]] std::string red(std::string_view text) const { return wrap("31", text); }
  [[nodiscard]] std::string green(std::string_view text) const { return wrap("32", text); }
  [[nodiscard]] std::string yellow(std::string_view text) const { return wrap("33", text); }
  [[nodiscard]] std::string cyan(std::string_view text) const { return wrap("36", text); }

  /// A line on standard output, written at once.
  void line(std::string_view text) const;
  /// "error: message" and its remedy, on standard error.
  void error(const Error& error) const;
  /// Text that brings its own form (esbuild's messages), on standard error.
  void verbatim(std::string_view text) const;
  void diagnostics(const std::vector<deploy::Diagnostic>& diagnostics) const;

 private:
  [[nodiscard]] std::string wrap(std::string_view code, std::string_view text) const;
  bool colour_;
};

}  // namespace selvage::cli
