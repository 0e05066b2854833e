#include "api/pages.h"

#include "api/shapes.h"
#include "deploy/platform/route_table.h"

namespace selvage::api {

using nlohmann::json;

ApiResponse refuse_pages(const std::string& message) {
  constexpr int kBadRequest = 8000001;
  return failure(400, kBadRequest, message);
}

json pages_of(const deploy::Script& script) {
  return script.settings.value("pages", json::object());
}

std::string annotation(const deploy::VersionRecord& version, const char* key) {
  return version.document.value("annotations", json::object()).value(key, "");
}

json show_pages_deployment(const Platform& platform, const deploy::Account& account,
                           const deploy::Script& script, const deploy::VersionRecord& version) {
  const std::string short_id = version.id.substr(0, 8);
  const json stage = {{"name", "deploy"},
                      {"status", "success"},
                      {"started_on", version.created_on},
                      {"ended_on", version.created_on}};
  const std::string branch = annotation(version, "pages/branch");
  const std::string label = deploy::branch_label(branch);
  const auto all = aliases_of(script);
  json aliases = nullptr;
  if (const auto alias = all.find(label); alias != all.end() && alias->second == version.id) {
    aliases = json::array({platform.url_below(account, script.name, label)});
  }
  return {{"id", version.id},
          {"short_id", short_id},
          {"project_id", script.tag},
          {"project_name", script.name},
          {"environment", annotation(version, "pages/environment")},
          {"url", platform.url_below(account, script.name, short_id)},
          {"aliases", std::move(aliases)},
          {"created_on", version.created_on},
          {"modified_on", version.created_on},
          {"latest_stage", stage},
          {"stages", {stage}},
          {"is_skipped", false},
          {"uses_functions", version.document.contains("main_module")},
          {"deployment_trigger",
           {{"type", "ad_hoc"},
            {"metadata",
             {{"branch", branch},
              {"commit_hash", annotation(version, "pages/commit_hash")},
              {"commit_message", annotation(version, "workers/message")},
              {"commit_dirty", annotation(version, "pages/commit_dirty") == "true"}}}}}};
}

}  // namespace selvage::api
