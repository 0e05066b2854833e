// The file _headers (developers.cloudflare.com/workers/static-assets/headers): which header fields
// answers get, by path.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assets/file_remark.h"
#include "assets/path_pattern.h"

namespace selvage::assets {

struct HeaderRuleLimits {
  size_t max_rules = 100;
  size_t max_line_length = 2000;
};

/// Header fields of an answer: few, in order, names compared without regard to case.
class HeaderList {
 public:
  void set(std::string_view name, std::string_view value);
  void append(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  /// "" when there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  /// As a header block (http/message.h).
  [[nodiscard]] std::string block() const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// Immutable once parsed; any thread.
class HeaderRules {
 public:
  /// Never fails: lines that cannot be used are left out, and said in `remarks`.
  static HeaderRules parse(std::string_view text, std::vector<FileRemark>& remarks,
                           const HeaderRuleLimits& limits = {});

  /// Changes `headers` as the rules that match say, in the order of the file.
  void apply(std::string_view hostname, std::string_view path, HeaderList& headers) const;
  [[nodiscard]] bool depends_on_host() const;
  [[nodiscard]] size_t size() const { return rules_.size(); }

 private:
  struct Rule {
    PathPattern pattern;
    std::vector<std::pair<std::string, std::string>> set;  // a name once
    std::vector<std::string> unset;
  };
  std::vector<Rule> rules_;
};

}  // namespace selvage::assets
