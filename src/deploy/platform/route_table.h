// Which worker answers a request: an immutable snapshot of all that is live, made anew after every
// change and shared by the loops.
//
// In this order: routes (the most specific pattern wins), custom domains, then names below the base
// domain: "<worker>.<subdomain>.<base>" of any account, "<worker>.<base>" of the first one,
// previews
// "<8 digits of a version>-<worker>...", and of a Pages project "<branch>.<project>..." and
// "<8 digits of a version>.<project>...".
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "deploy/platform/records.h"

namespace selvage::deploy {

/// A worker with its active deployment. Immutable.
struct LiveWorker {
  std::string key;  // worker_key()
  std::string account;
  std::string name;
  int64_t script = 0;
  std::vector<VersionShare> versions;  // empty: only its previews answer
  bool on_subdomain = true;            // answers below the base domain
  bool previews = true;
  bool pages = false;                          // a Pages project
  std::map<std::string, std::string> aliases;  // of a Pages project: branch_label() -> version id
};

/// "example.com/api/*": the host may begin with "*" ("*example.com", "*.example.com"), the path may
/// end with "*".
struct RoutePattern {
  std::string host = {};  // lower case, without the "*"
  bool any_prefix = false;
  std::string path = {};  // without the "*"
  bool any_suffix = false;

  /// A scheme in front is allowed and ignored.
  static Result<RoutePattern> parse(std::string_view text);
  [[nodiscard]] bool matches(std::string_view host_name, std::string_view target) const;
  [[nodiscard]] bool matches_host(std::string_view host_name) const;
  /// Orders patterns: what is more specific comes first.
  [[nodiscard]] bool before(const RoutePattern& other) const;
};

/// Whether there may be a host that both mean.
bool hosts_overlap(const RoutePattern& a, const RoutePattern& b);

/// Any thread.
class RouteTable {
 public:
  struct Route {
    RoutePattern pattern;
    std::string worker;  // key; "" = nobody answers
  };
  struct Input {
    std::string base_domain = "localhost";
    std::vector<LiveWorker> workers;
    std::map<std::string, std::string> subdomains;  // account -> subdomain
    std::string first_account;                      // whose workers answer at <worker>.<base>
    std::vector<Route> routes;
    std::map<std::string, std::string> domains;  // hostname -> worker key
  };
  static std::shared_ptr<const RouteTable> build(Input input);

  struct Match {
    const LiveWorker* worker = nullptr;  // nullptr: nobody
    std::string preview;  // how the id of the version asked for begins, "" = what is deployed
    std::string wanted;   // the name that was looked for, for an error page
  };
  /// `host` as received, with port; `target` begins with "/".
  [[nodiscard]] Match find(std::string_view host, std::string_view target) const;
  [[nodiscard]] const LiveWorker* worker(std::string_view key) const;
  [[nodiscard]] size_t size() const { return workers_.size(); }
  [[nodiscard]] const std::string& base_domain() const { return base_domain_; }

 private:
  [[nodiscard]] Match find_below_base(std::string_view host) const;
  [[nodiscard]] const LiveWorker* named(std::string_view name) const;

  std::string base_domain_;
  std::unordered_map<std::string, LiveWorker> workers_;
  std::unordered_map<std::string, std::string> names_;  // "demo.sub" and "demo" -> key
  std::vector<Route> routes_;
  std::map<std::string, std::string> domains_;
};

/// What a branch is called in host names: in lower case, with "-" for all but letters and digits,
/// of at most 28 characters. "" when nothing is left.
std::string branch_label(std::string_view branch);

/// Which of a worker's versions, of which there is one at least, answers a request. `overrides` is
/// the value of
/// Cloudflare-Workers-Version-Overrides (`demo="<version id>"`), which may name any version of the
/// active deployment; `sticky`, when not empty, always gives the same version for the same text;
/// otherwise `random` in [0, 1) decides.
const std::string& choose_version(const LiveWorker& worker, std::string_view overrides,
                                  std::string_view sticky, double random);

/// The version that a worker's Durable Objects run on: the one with the greatest share, of equal
/// ones the first. While shares move, objects move once. "" when nothing is deployed.
const std::string& object_version(const LiveWorker& worker);

}  // namespace selvage::deploy
