#include "api/shapes.h"

#include <algorithm>

namespace selvage::api {
namespace {

nlohmann::json field(const nlohmann::json& json, const char* key, nlohmann::json otherwise) {
  const auto found = json.find(key);
  return found == json.end() ? std::move(otherwise) : *found;
}

std::string author_of(const std::string& token) { return token + "@selvage"; }

}  // namespace

std::string Platform::url_of(const deploy::Account& account, const std::string& worker) const {
  std::string host = worker;
  if (account.number != 1) host += "." + account.subdomain;
  host += "." + options.base_domain;
  if (options.port != 0) host += ":" + std::to_string(options.port);
  return options.scheme + "://" + host;
}

std::string Platform::url_below(const deploy::Account& account, const std::string& worker,
                                const std::string& label) const {
  std::string url = url_of(account, worker);
  return url.insert(options.scheme.size() + 3, label + ".");
}

std::string Platform::preview_suffix(const deploy::Account& account,
                                     const std::string& worker) const {
  return "-" + url_of(account, worker).substr(options.scheme.size() + 3);
}

bool subdomain_enabled(const deploy::Script& script) {
  return field(script.settings, "subdomain", nlohmann::json::object()).value("enabled", true);
}

bool previews_enabled(const deploy::Script& script) {
  const auto subdomain = field(script.settings, "subdomain", nlohmann::json::object());
  return subdomain.value("previews_enabled", subdomain.value("enabled", true));
}

std::map<std::string, std::string> aliases_of(const deploy::Script& script) {
  const auto pages = field(script.settings, "pages", nlohmann::json::object());
  return pages.value("aliases", std::map<std::string, std::string>());
}

nlohmann::json show_subdomain(const deploy::Script& script) {
  return {{"enabled", subdomain_enabled(script)}, {"previews_enabled", previews_enabled(script)}};
}

nlohmann::json show_script(const deploy::Script& script, const deploy::VersionRecord* version) {
  nlohmann::json shown = {{"id", script.name},
                          {"tag", script.tag},
                          {"tags", field(script.settings, "tags", nlohmann::json::array())},
                          {"created_on", script.created_on},
                          {"modified_on", script.modified_on},
                          {"usage_model", "standard"},
                          {"logpush", field(script.settings, "logpush", false)},
                          {"has_modules", true}};
  if (version == nullptr) return shown;
  const nlohmann::json& document = version->document;
  shown["etag"] = field(document, "etag", "");
  shown["handlers"] = field(document, "handlers", nlohmann::json::array());
  shown["named_handlers"] = field(document, "named_handlers", nlohmann::json::array());
  shown["compatibility_date"] = field(document, "compatibility_date", "");
  shown["compatibility_flags"] = field(document, "compatibility_flags", nlohmann::json::array());
  shown["last_deployed_from"] = field(document, "source", "wrangler");
  shown["startup_time_ms"] = field(document, "startup_time_ms", 0);
  shown["has_assets"] = document.contains("assets");
  shown["has_modules"] = !document.value("service_worker", false);
  if (document.contains("migration_tag")) shown["migration_tag"] = document["migration_tag"];
  std::string id = version->id;
  std::erase(id, '-');
  shown["deployment_id"] = id;
  return shown;
}

nlohmann::json show_version(const deploy::VersionRecord& version, bool with_resources) {
  const nlohmann::json& document = version.document;
  nlohmann::json shown = {
      {"id", version.id},
      {"number", version.number},
      {"metadata",
       {{"created_on", version.created_on},
        {"modified_on", version.created_on},
        {"source", field(document, "source", "wrangler")},
        {"author_id", field(document, "author", "")},
        {"author_email", author_of(document.value("author", ""))},
        {"has_preview", true}}},
      {"annotations", field(document, "annotations", nlohmann::json::object())}};
  if (!with_resources) return shown;
  shown["resources"] = {
      {"bindings", deploy::visible_bindings(document)},
      {"script",
       {{"etag", field(document, "etag", "")},
        {"handlers", field(document, "handlers", nlohmann::json::array())},
        {"named_handlers", field(document, "named_handlers", nlohmann::json::array())},
        {"last_deployed_from", field(document, "source", "wrangler")}}},
      {"script_runtime",
       {{"compatibility_date", field(document, "compatibility_date", "")},
        {"compatibility_flags", field(document, "compatibility_flags", nlohmann::json::array())},
        {"usage_model", "standard"},
        {"limits", field(document, "limits", nlohmann::json::object())}}}};
  shown["startup_time_ms"] = field(document, "startup_time_ms", 0);
  return shown;
}

nlohmann::json show_deployment(const deploy::DeploymentRecord& deployment) {
  nlohmann::json versions = nlohmann::json::array();
  for (const deploy::VersionShare& each : deployment.versions) {
    versions.push_back({{"version_id", each.version_id}, {"percentage", each.percentage}});
  }
  return {{"id", deployment.id},
          {"source", deployment.source},
          {"strategy", "percentage"},
          {"author_email", author_of(deployment.author)},
          {"annotations", deployment.annotations},
          {"created_on", deployment.created_on},
          {"versions", std::move(versions)}};
}

ApiResponse no_such_worker() {
  return failure(404, 10007, "This Worker does not exist on your account.");
}

}  // namespace selvage::api
