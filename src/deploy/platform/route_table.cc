#include "deploy/platform/route_table.h"

#include <algorithm>
#include <cstdint>

namespace selvage::deploy {
namespace {

constexpr size_t kPreviewDigits = 8;
constexpr size_t kBranchLabel = 28;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// Whether these are digits of a version's id.
bool is_preview(std::string_view digits) {
  return digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string_view without_port(std::string_view host) {
  if (host.starts_with("[")) return host.substr(0, host.find(']') + 1);
  const size_t colon = host.find(':');
  host = host.substr(0, colon);
  if (host.ends_with(".")) host.remove_suffix(1);
  return host;
}

/// FNV-1a, finished as in MurmurHash3: the same on every machine and in every release, since
/// stickiness must outlive a restart.
double fraction_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
  hash ^= hash >> 33;
  return static_cast<double>(hash >> 11) * 0x1.0p-53;
}

/// The version that `overrides` names for `worker`: a dictionary of RFC 8941, of which the quoted
/// strings are all that matters.
std::string_view override_for(std::string_view overrides, std::string_view worker) {
  while (!overrides.empty()) {
    const size_t comma = overrides.find(',');
    std::string_view entry = overrides.substr(0, comma);
    overrides = comma == std::string_view::npos ? "" : overrides.substr(comma + 1);
    const size_t start = entry.find_first_not_of(" \t");
    if (start == std::string_view::npos) continue;
    entry.remove_prefix(start);
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos || entry.substr(0, equals) != worker) continue;
    entry.remove_prefix(equals + 1);
    if (!entry.starts_with('"')) continue;
    entry.remove_prefix(1);
    return entry.substr(0, entry.find('"'));
  }
  return "";
}

}  // namespace

Result<RoutePattern> RoutePattern::parse(std::string_view text) {
  const auto refuse = [&](std::string why) {
    return fail(
        ErrorCode::invalid_argument, "the route \"" + std::string(text) + "\" " + why,
        "Write <host>/<path>, with a * at the beginning of the host or the end of the path");
  };
  std::string_view rest = text;
  for (const std::string_view scheme : {"https://", "http://", "*://"}) {
    if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  }
  RoutePattern pattern;
  const size_t slash = rest.find('/');
  std::string_view host = rest.substr(0, slash);
  std::string_view path = slash == std::string_view::npos ? "" : rest.substr(slash);
  if (host.starts_with("*")) {
    pattern.any_prefix = true;
    host.remove_prefix(1);
  }
  if (host.empty() && !pattern.any_prefix) return refuse("has no host");
  if (host.find_first_of("*:@ \t\r\n?#") != std::string_view::npos) {
    return refuse("has a * in the middle of its host, or a character that no host has");
  }
  if (path.ends_with("*")) {
    pattern.any_suffix = true;
    path.remove_suffix(1);
  }
  if (path.find('*') != std::string_view::npos) return refuse("has a * in the middle of its path");
  if (path.find_first_of("?#") != std::string_view::npos) return refuse("has a query");
  if (path.empty() && !pattern.any_suffix) path = "/";
  pattern.host = lower(host);
  pattern.path = path;
  return pattern;
}

bool RoutePattern::matches_host(std::string_view host_name) const {
  if (!any_prefix) return host_name == host;
  if (!host_name.ends_with(host)) return false;
  // "*example.com" also means example.com itself and its subdomains, not notexample.com.
  const std::string_view before = host_name.substr(0, host_name.size() - host.size());
  return before.empty() || host.empty() || host.starts_with(".") || before.ends_with(".");
}

bool hosts_overlap(const RoutePattern& a, const RoutePattern& b) {
  if (!a.any_prefix) return b.matches_host(a.host);
  if (!b.any_prefix) return a.matches_host(b.host);
  return a.host.ends_with(b.host) || b.host.ends_with(a.host);
}

bool RoutePattern::matches(std::string_view host_name, std::string_view target) const {
  if (!matches_host(host_name)) return false;
  if (any_suffix) return target.starts_with(path);
  return target.substr(0, target.find('?')) == path;
}

bool RoutePattern::before(const RoutePattern& other) const {
  if (any_prefix != other.any_prefix) return !any_prefix;
  if (host.size() != other.host.size()) return host.size() > other.host.size();
  if (any_suffix != other.any_suffix && path == other.path) return !any_suffix;
  return path.size() > other.path.size();
}

std::shared_ptr<const RouteTable> RouteTable::build(Input input) {
  auto table = std::make_shared<RouteTable>();
  table->base_domain_ = lower(input.base_domain);
  for (LiveWorker& worker : input.workers) {
    const auto subdomain = input.subdomains.find(worker.account);
    if (subdomain != input.subdomains.end() && !subdomain->second.empty()) {
      table->names_[lower(worker.name) + "." + lower(subdomain->second)] = worker.key;
    }
    if (worker.account == input.first_account) table->names_[lower(worker.name)] = worker.key;
    table->workers_.emplace(worker.key, std::move(worker));
  }
  table->routes_ = std::move(input.routes);
  std::ranges::sort(table->routes_,
                    [](const Route& a, const Route& b) { return a.pattern.before(b.pattern); });
  for (auto& [hostname, worker] : input.domains) table->domains_[lower(hostname)] = worker;
  return table;
}

const LiveWorker* RouteTable::worker(std::string_view key) const {
  const auto found = workers_.find(std::string(key));
  return found == workers_.end() ? nullptr : &found->second;
}

RouteTable::Match RouteTable::find(std::string_view host, std::string_view target) const {
  const std::string name = lower(without_port(host));
  for (const Route& route : routes_) {
    if (!route.pattern.matches(name, target)) continue;
    if (route.worker.empty()) break;  // this path is taken out; what lies below may answer
    return {worker(route.worker), "", name};
  }
  if (const auto domain = domains_.find(name); domain != domains_.end()) {
    return {worker(domain->second), "", name};
  }
  return find_below_base(name);
}

const LiveWorker* RouteTable::named(std::string_view name) const {
  const auto found = names_.find(std::string(name));
  return found == names_.end() ? nullptr : worker(found->second);
}

RouteTable::Match RouteTable::find_below_base(std::string_view host) const {
  Match match;
  if (!host.ends_with(base_domain_) || host.size() <= base_domain_.size() + 1) return match;
  host.remove_suffix(base_domain_.size());
  if (!host.ends_with(".")) return match;
  host.remove_suffix(1);
  match.wanted = host;
  if (const LiveWorker* found = named(host)) {
    if (found->on_subdomain) match.worker = found;
    return match;
  }
  const size_t dot = host.find('.');
  const std::string_view label = host.substr(0, dot);
  if (const LiveWorker* project =
          dot == std::string_view::npos ? nullptr : named(host.substr(dot + 1));
      project != nullptr && project->pages && project->previews) {
    if (const auto alias = project->aliases.find(std::string(label));
        alias != project->aliases.end()) {
      match.worker = project;
      match.preview = alias->second;
      return match;
    }
    if (label.size() == kPreviewDigits && is_preview(label)) {
      match.worker = project;
      match.preview = label;
      return match;
    }
  }
  if (host.size() < kPreviewDigits + 2 || host[kPreviewDigits] != '-') return match;
  const std::string_view digits = host.substr(0, kPreviewDigits);
  if (!is_preview(digits)) return match;
  if (const LiveWorker* found = named(host.substr(kPreviewDigits + 1)); found && found->previews) {
    match.worker = found;
    match.preview = digits;
  }
  return match;
}

std::string branch_label(std::string_view branch) {
  std::string label = lower(branch.substr(0, kBranchLabel));
  for (char& c : label) {
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) c = '-';
  }
  label.erase(0, label.find_first_not_of('-'));
  label.erase(label.find_last_not_of('-') + 1);
  return label;
}

const std::string& object_version(const LiveWorker& worker) {
  static const std::string kNone;
  if (worker.versions.empty()) return kNone;
  return std::ranges::max_element(worker.versions, {}, &VersionShare::percentage)->version_id;
}

const std::string& choose_version(const LiveWorker& worker, std::string_view overrides,
                                  std::string_view sticky, double random) {
  if (worker.versions.size() == 1 && overrides.empty()) return worker.versions.front().version_id;
  if (!overrides.empty()) {
    const std::string_view wanted = override_for(overrides, worker.name);
    for (const VersionShare& share : worker.versions) {
      if (share.version_id == wanted) return share.version_id;
    }
  }
  double left = (sticky.empty() ? random : fraction_of(sticky)) * 100;
  for (const VersionShare& share : worker.versions) {
    if (left < share.percentage) return share.version_id;
    left -= share.percentage;
  }
  // The percentages come to a hair less than 100.
  for (auto share = worker.versions.rbegin(); share != worker.versions.rend(); ++share) {
    if (share->percentage > 0) return share->version_id;
  }
  return worker.versions.front().version_id;
}

}  // namespace selvage::deploy
