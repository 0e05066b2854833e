#include "assets/asset_set.h"

#include <algorithm>

#include "assets/url_path.h"
#include "base/file_content.h"
#include "http/syntax.h"

namespace selvage::assets {
namespace {

using deploy::NotFoundHandling;

// From this date on a navigation gets not_found_handling before the script.
constexpr std::string_view kNavigationDate = "2025-04-01";
constexpr std::string_view kNavigationFlag = "assets_navigation_prefers_asset_serving";
constexpr std::string_view kNoNavigationFlag = "assets_navigation_has_no_effect";
constexpr std::string_view kRevalidate = "public, max-age=0, must-revalidate";

bool navigation_prefers_assets(const deploy::WorkerVersion& version) {
  const auto has = [&](std::string_view flag) {
    return std::ranges::find(version.compatibility_flags, flag) !=
           version.compatibility_flags.end();
  };
  if (has(kNavigationFlag)) return true;
  return version.compatibility_date >= kNavigationDate && !has(kNoNavigationFlag);
}

std::string_view hostname_of(std::string_view host) {
  const size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos) {
    return host;
  }
  return host.substr(0, colon);
}

bool is_read(std::string_view method) { return method == "GET" || method == "HEAD"; }

/// Where a rule leads: relative to this site where it can be, with the request's query unless the
/// rule has one.
std::string location_of(std::string_view to, const AssetRequest& request) {
  constexpr std::string_view kHttps = "https://";
  std::string origin;
  if (to.starts_with(kHttps)) {
    const size_t slash = std::min(to.find('/', kHttps.size()), to.size());
    std::string host(to.substr(kHttps.size(), slash - kHttps.size()));
    std::ranges::transform(host, host.begin(), http::to_lower);
    if (!request.secure || host != request.host) origin = std::string(kHttps) + host;
    to.remove_prefix(slash);
  }
  const SplitTarget split = split_target(to.empty() ? "/" : to);
  const std::string search = normalize_search(split.search);
  return origin + normalize_path(split.path) + (search.empty() ? request.search : search) +
         normalize_hash(split.hash);
}

}  // namespace

AssetSet::AssetSet(deploy::WorkerAssets settings, std::vector<Asset> assets)
    : settings_(std::move(settings)), manifest_(std::move(assets)) {}

Result<std::shared_ptr<const AssetSet>> AssetSet::load(const deploy::WorkerVersion& version) {
  SELVAGE_TRY(const std::string text, read_file(version.assets->manifest));
  SELVAGE_TRY(std::vector<Asset> assets, read_manifest(text));
  return make(version, std::move(assets));
}

Result<std::shared_ptr<const AssetSet>> AssetSet::make(const deploy::WorkerVersion& version,
                                                       std::vector<Asset> assets) {
  auto set = std::shared_ptr<AssetSet>(new AssetSet(version.assets.value(), std::move(assets)));
  const deploy::WorkerAssets& settings = set->settings_;
  std::vector<FileRemark> remarks;  // said to the author when the project was read
  set->header_rules_ = HeaderRules::parse(settings.headers, remarks);
  set->redirect_rules_ = RedirectRules::parse(
      settings.redirects, settings.html_handling != deploy::HtmlHandling::none, remarks);
  SELVAGE_TRY(set->routing_rules_,
              RoutingRules::parse(settings.run_worker_first_rules, limits_of(settings.pages)));
  set->has_script_ = !version.main.empty();
  set->navigation_prefers_assets_ = navigation_prefers_assets(version);
  set->depends_on_host_ =
      set->header_rules_.depends_on_host() || set->redirect_rules_.depends_on_host();
  return std::shared_ptr<const AssetSet>(std::move(set));
}

std::string AssetSet::file_of(const Asset& asset) const {
  if (!settings_.by_hash) return settings_.directory + asset.path;
  return settings_.directory + "/" + asset.hash.substr(0, 2) + "/" + asset.hash;
}

AssetAnswer AssetSet::route(const AssetRequest& request) const {
  const AssetAnswer to_script{.script = true};
  if (has_script_) {
    switch (routing_rules_.decide(request.path)) {
      case RoutingRules::Decision::assets: return answer(request);
      case RoutingRules::Decision::script: return to_script;
      case RoutingRules::Decision::undecided: break;
    }
    if (settings_.run_worker_first) return to_script;
    const bool has_rules = !settings_.run_worker_first_rules.empty();
    const bool prefers_assets = has_rules || (navigation_prefers_assets_ && request.navigates);
    if (!settings_.pages && !prefers_assets) {
      AssetAnswer found = answer_with(request, NotFoundHandling::none);
      if (found.status == 404) return to_script;
      if (found.asset != nullptr) return found;
    }
    AssetAnswer answered = answer(request);
    const bool nothing = answered.status == 404 && answered.asset == nullptr;
    return nothing && !settings_.pages ? to_script : answered;
  }
  return answer(request);
}

AssetAnswer AssetSet::answer(const AssetRequest& request) const {
  return settings_.pages ? pages_answer(request)
                         : answer_with(request, settings_.not_found_handling);
}

std::optional<AssetAnswer> AssetSet::redirected(const AssetRequest& request,
                                                std::string& path) const {
  const auto redirect = redirect_rules_.find(request.host, request.path);
  if (!redirect) return std::nullopt;
  if (redirect->status == 200) {
    path = normalize_path(split_target(redirect->to).path);
    return std::nullopt;
  }
  return AssetAnswer{.status = redirect->status, .location = location_of(redirect->to, request)};
}

AssetAnswer AssetSet::answer_with(const AssetRequest& request, NotFoundHandling not_found) const {
  std::string path = request.path;
  if (auto redirect = redirected(request, path)) return *std::move(redirect);
  const std::string decoded = decode_path(path);
  const Resolution resolution =
      resolve_path(manifest_, decoded, settings_.html_handling, not_found);
  if (resolution.kind == Resolution::Kind::not_found) return {};
  if (!is_read(request.method)) return {.status = 405};
  const bool redirects = resolution.kind == Resolution::Kind::redirect;
  const std::string encoded = encode_path(redirects ? resolution.location : decoded);
  // An asset has one address: its path, decoded and encoded again.
  if (redirects || encoded != path) return {.status = 307, .location = encoded + request.search};
  return {.status = resolution.status,
          .asset = resolution.asset,
          .repeatable = !resolution.by_not_found_handling && !depends_on_host_};
}

AssetAnswer AssetSet::pages_answer(const AssetRequest& request) const {
  std::string path = request.path;
  if (auto redirect = redirected(request, path)) return *std::move(redirect);
  if (!is_read(request.method)) return {.status = 405};
  const Resolution resolution = resolve_pages_path(manifest_, decode_path(path));
  switch (resolution.kind) {
    case Resolution::Kind::not_found: return {};
    case Resolution::Kind::redirect:
      return {.status = resolution.status,
              .location = encode_path(resolution.location) + request.search};
    case Resolution::Kind::asset: break;
  }
  return {.status = resolution.status,
          .asset = resolution.asset,
          .repeatable = !resolution.by_not_found_handling && !depends_on_host_};
}

HeaderList AssetSet::headers(const AssetRequest& request, const AssetAnswer& answer,
                             bool cacheable) const {
  HeaderList headers;
  if (!answer.location.empty()) headers.append("Location", answer.location);
  if (answer.status == 405) headers.append("Allow", "GET, HEAD");
  if (answer.asset != nullptr) {
    headers.append("ETag", "\"" + answer.asset->hash + "\"");
    if (!answer.asset->media_type.empty()) {
      headers.append("Content-Type", answer.asset->media_type);
    }
    if (settings_.pages && answer.status == 404) {
      headers.append("Cache-Control", "no-store");
    } else if (cacheable) {
      headers.append("Cache-Control", kRevalidate);
    }
    if (!settings_.pages) headers.append("CF-Cache-Status", "HIT");
  }
  if (settings_.pages) {
    headers.append("Access-Control-Allow-Origin", "*");
    headers.append("Referrer-Policy", "strict-origin-when-cross-origin");
    if (answer.asset != nullptr) headers.append("X-Content-Type-Options", "nosniff");
  }
  header_rules_.apply(hostname_of(request.host), request.path, headers);
  return headers;
}

}  // namespace selvage::assets
