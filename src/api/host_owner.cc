#include "api/host_owner.h"

namespace selvage::api {
namespace {

/// Whether one of the account's own names below the base domain is all that the pattern may mean.
bool is_own_name(const deploy::RoutePattern& pattern, const std::string& base,
                 const deploy::Account& account, const std::vector<deploy::Account>& all) {
  const std::string own = account.subdomain + "." + base;
  if (!account.subdomain.empty() && (pattern.host == own || pattern.host.ends_with("." + own))) {
    return true;
  }
  const std::string below = "." + base;
  if (account.number != 1 || pattern.any_prefix || !pattern.host.ends_with(below)) return false;
  std::string label = pattern.host.substr(0, pattern.host.size() - below.size());
  label.erase(0, label.rfind('.') + 1);
  for (const deploy::Account& each : all) {
    if (each.number != 1 && each.subdomain == label) return false;
  }
  return true;
}

}  // namespace

Result<std::optional<std::string>> host_taken(Platform& platform, const deploy::Account& account,
                                              const deploy::RoutePattern& pattern) {
  using Why = std::optional<std::string>;
  SELVAGE_TRY(const auto all, platform.store.accounts());
  if (all.size() == 1) return Why();
  const std::string& base = platform.options.base_domain;
  const bool platforms_own = deploy::hosts_overlap(pattern, {.host = base, .any_prefix = true});
  if (platforms_own && !is_own_name(pattern, base, account, all)) {
    return Why("names below " + base + " belong to the platform, and to other accounts");
  }
  SELVAGE_TRY(const auto routes, platform.store.routes(""));
  for (const deploy::RouteRecord& each : routes) {
    const auto other = deploy::RoutePattern::parse(each.pattern);
    if (each.account != account.id && other && deploy::hosts_overlap(pattern, *other)) {
      return Why("this host, or a part of it, belongs to another account");
    }
  }
  SELVAGE_TRY(const auto domains, platform.store.domains(""));
  for (const deploy::DomainRecord& each : domains) {
    if (each.account != account.id && deploy::hosts_overlap(pattern, {.host = each.hostname})) {
      return Why("this host, or a part of it, belongs to another account");
    }
  }
  return Why();
}

}  // namespace selvage::api
