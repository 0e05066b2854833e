#include "cli/triggers.h"

namespace selvage::cli {

using Json = nlohmann::json;

Status set_triggers(ApiClient& api, const deploy::ProjectConfig& config) {
  const std::string script = "/workers/scripts/" + config.name;
  const deploy::DeploymentConfig& wanted = config.deployment;
  if (wanted.workers_dev || wanted.preview_urls) {
    Json body = Json::object();
    if (wanted.workers_dev) body["enabled"] = *wanted.workers_dev;
    if (wanted.preview_urls) body["previews_enabled"] = *wanted.preview_urls;
    SELVAGE_TRY(const ApiAnswer done,
                api.ask_account("POST", script + "/subdomain", ApiContent::of(body)));
  }
  if (wanted.sets_crons) {
    Json body = Json::array();
    for (const std::string& cron : config.crons) body.push_back({{"cron", cron}});
    SELVAGE_TRY(const ApiAnswer done,
                api.ask_account("PUT", script + "/schedules", ApiContent::of(body)));
  }
  if (wanted.routes) {
    Json patterns = Json::array();
    Json origins = Json::array();
    for (const deploy::RouteConfig& each : *wanted.routes) {
      if (each.custom_domain) {
        origins.push_back({{"hostname", each.pattern}});
      } else {
        patterns.push_back({{"pattern", each.pattern}});
      }
    }
    SELVAGE_TRY(const ApiAnswer done,
                api.ask_account("PUT", script + "/routes", ApiContent::of(patterns)));
    if (!origins.empty()) {
      SELVAGE_TRY(const ApiAnswer domains,
                  api.ask_account("PUT", script + "/domains/records",
                                  ApiContent::of({{"override_scope", true},
                                                  {"override_existing_origin", true},
                                                  {"override_existing_dns_record", true},
                                                  {"origins", origins}})));
    }
  }
  return {};
}

}  // namespace selvage::cli
