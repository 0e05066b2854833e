#include "deploy/worker_assets.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "deploy/json_fields.h"
#include "deploy/names.h"

namespace selvage::deploy {
namespace {

constexpr Names<HtmlHandling, 4> kHtmlHandlings{{
    {HtmlHandling::auto_trailing_slash, "auto-trailing-slash"},
    {HtmlHandling::force_trailing_slash, "force-trailing-slash"},
    {HtmlHandling::drop_trailing_slash, "drop-trailing-slash"},
    {HtmlHandling::none, "none"},
}};

constexpr Names<NotFoundHandling, 3> kNotFoundHandlings{{
    {NotFoundHandling::none, "none"},
    {NotFoundHandling::page_404, "404-page"},
    {NotFoundHandling::single_page_application, "single-page-application"},
}};

template <class Type, size_t n>
Result<Type> type_of(const Names<Type, n>& names, std::string_view text) {
  if (const std::optional<Type> type = find_named(names, text)) return *type;
  std::string known;
  for (const auto& [type, name] : names) known += (known.empty() ? "" : ", ") + std::string(name);
  return fail(ErrorCode::invalid_argument, "\"" + std::string(text) + "\" is none of " + known);
}

}  // namespace

std::string_view to_string(HtmlHandling handling) { return name_of(kHtmlHandlings, handling); }
std::string_view to_string(NotFoundHandling handling) {
  return name_of(kNotFoundHandlings, handling);
}
Result<HtmlHandling> html_handling_from(std::string_view text) {
  return type_of(kHtmlHandlings, text);
}
Result<NotFoundHandling> not_found_handling_from(std::string_view text) {
  return type_of(kNotFoundHandlings, text);
}

nlohmann::json to_json(const WorkerAssets& assets) {
  nlohmann::json json{{"manifest", assets.manifest},
                      {"manifest_id", assets.manifest_id},
                      {"directory", assets.directory},
                      {"html_handling", to_string(assets.html_handling)},
                      {"not_found_handling", to_string(assets.not_found_handling)}};
  if (assets.by_hash) json["by_hash"] = true;
  if (assets.run_worker_first) json["run_worker_first"] = true;
  if (!assets.run_worker_first_rules.empty()) {
    json["run_worker_first_rules"] = assets.run_worker_first_rules;
  }
  if (assets.pages) json["pages"] = true;
  if (!assets.headers.empty()) json["headers"] = assets.headers;
  if (!assets.redirects.empty()) json["redirects"] = assets.redirects;
  return json;
}

Result<WorkerAssets> worker_assets_from_json(const nlohmann::json& json) {
  WorkerAssets assets;
  JsonFields fields(json, "assets");
  std::string html_handling(to_string(assets.html_handling));
  std::string not_found_handling(to_string(assets.not_found_handling));
  fields.take("manifest", assets.manifest);
  fields.take("manifest_id", assets.manifest_id);
  fields.take("directory", assets.directory);
  fields.take("by_hash", assets.by_hash);
  fields.take("html_handling", html_handling);
  fields.take("not_found_handling", not_found_handling);
  fields.take("run_worker_first", assets.run_worker_first);
  fields.take_strings("run_worker_first_rules", assets.run_worker_first_rules);
  fields.take("pages", assets.pages);
  fields.take("headers", assets.headers);
  fields.take("redirects", assets.redirects);
  SELVAGE_CHECK_STATUS(fields.status());
  SELVAGE_TRY(assets.html_handling, html_handling_from(html_handling));
  SELVAGE_TRY(assets.not_found_handling, not_found_handling_from(not_found_handling));
  return assets;
}

}  // namespace selvage::deploy
