// The file _redirects (developers.cloudflare.com/workers/static-assets/redirects): paths that
// answer with a redirect, or with another path's asset (status 200).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "assets/file_remark.h"
#include "assets/path_pattern.h"

namespace selvage::assets {

struct RedirectRuleLimits {
  size_t max_static_rules = 2000;
  size_t max_dynamic_rules = 100;
  size_t max_line_length = 2000;
};

/// What a rule says about one request.
struct Redirect {
  int status = 302;
  std::string to;  // "/path?query#hash" or "https://host/..."
};

/// Immutable once parsed; any thread.
class RedirectRules {
 public:
  /// Never fails: lines that cannot be used are left out, and said in `remarks`. `html_handling`:
  /// paths lose "/index.html", so that a rule from "/" to it would come back for ever.
  static RedirectRules parse(std::string_view text, bool html_handling,
                             std::vector<FileRemark>& remarks,
                             const RedirectRuleLimits& limits = {});

  /// `host` with the port, `path` normalised.
  [[nodiscard]] std::optional<Redirect> find(std::string_view host, std::string_view path) const;
  [[nodiscard]] bool depends_on_host() const { return depends_on_host_; }
  [[nodiscard]] size_t size() const { return static_.size() + dynamic_.size(); }
  /// Lines that were refused because they would redirect for ever: Cloudflare's deploy API
  /// refuses a deployment with one (100324).
  [[nodiscard]] const std::vector<int>& loops() const { return loops_; }

 private:
  struct StaticRule {
    int status;
    std::string to;
    int line;
  };
  struct DynamicRule {
    PathPattern pattern;
    int status;
    std::string to;
  };
  std::unordered_map<std::string, StaticRule> static_;
  std::vector<DynamicRule> dynamic_;
  std::vector<int> loops_;
  bool depends_on_host_ = false;
};

}  // namespace selvage::assets
