// Secrets: each change makes a version; set one by one or in bulk it is deployed at once, set on
// the newest version ("versions secret put") it is not.
#include "api/resources.h"
#include "api/shapes.h"
#include "api/version_plan.h"

namespace selvage::api {
namespace {

constexpr size_t kLongestSecret = 5 * 1024;

/// Sets (a string) or removes (null) secrets among `bindings`. "" or what is wrong with them.
std::string apply_secrets(const nlohmann::json& changes, nlohmann::json& bindings) {
  for (const auto& [name, value] : changes.items()) {
    if (name.empty()) return "a secret has no name";
    nlohmann::json kept = nlohmann::json::array();
    for (auto& each : bindings) {
      if (each.value("name", "") != name) {
        kept.push_back(std::move(each));
      } else if (each.value("type", "") != "secret_text") {
        return "Binding name '" + name +
               "' already in use. Please use a different name and try again.";
      }
    }
    bindings = std::move(kept);
    if (value.is_null()) continue;
    const nlohmann::json text = value.is_object() ? value.value("text", nlohmann::json()) : value;
    if (!text.is_string()) return "the secret " + name + " has no text";
    if (text.get_ref<const std::string&>().size() > kLongestSecret) {
      return "the secret " + name + " is longer than " + std::to_string(kLongestSecret) + " bytes";
    }
    bindings.push_back({{"type", "secret_text"}, {"name", name}, {"text", text}});
  }
  return "";
}

Result<ApiResponse> change_secrets(Platform& platform, const ApiRequest& request,
                                   const nlohmann::json& changes, const nlohmann::json& answer) {
  SELVAGE_TRY(auto script, platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  auto base = deployed_and_latest(platform, *script);
  if (!base) return to_response(base.error());
  nlohmann::json bindings = base->document.value("bindings", nlohmann::json::array());
  if (const std::string problem = apply_secrets(changes, bindings); !problem.empty()) {
    return failure(400, 10053, problem);
  }
  auto published = change_bindings(platform, request, std::move(*script), *base,
                                   std::move(bindings), {{"workers/triggered_by", "secret"}}, true);
  if (!published) return to_response(published.error());
  return success(answer);
}

Result<ApiResponse> put_secret(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string()) {
    return failure(400, 10053, "the secret has no name");
  }
  const auto name = body["name"].get<std::string>();
  if (body.value("type", nlohmann::json("secret_text")) != "secret_text") {
    return failure(400, 10053, "the only type of secrets is secret_text");
  }
  return change_secrets(platform, request, {{name, body}},
                        {{"name", name}, {"type", "secret_text"}});
}

Result<ApiResponse> patch_secrets(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_object() || !body.contains("secrets") || !body["secrets"].is_object()) {
    return failure(400, 10053, "the body has no \"secrets\"");
  }
  return change_secrets(platform, request, body["secrets"], nlohmann::json::object());
}

Result<nlohmann::json> secrets_of(Platform& platform, const deploy::Script& script) {
  nlohmann::json list = nlohmann::json::array();
  SELVAGE_TRY(const auto latest, platform.store.latest_version(script.number));
  if (!latest) return list;
  for (const auto& each : latest->document.value("bindings", nlohmann::json::array())) {
    if (each.value("type", "") != "secret_text") continue;
    list.push_back({{"name", each["name"]}, {"type", "secret_text"}});
  }
  return list;
}

Result<ApiResponse> list_secrets(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const nlohmann::json list, secrets_of(platform, *script));
  return success(list);
}

Result<ApiResponse> delete_secret(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto script,
              platform.store.find_script(request.account.id, request.name("script")));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const nlohmann::json list, secrets_of(platform, *script));
  const std::string name = request.name("secret");
  bool there = false;
  for (const auto& each : list) there = there || each["name"] == name;
  if (!there) return failure(404, 10056, "There is no secret named '" + name + "'.");
  return change_secrets(platform, request, {{name, nullptr}}, nullptr);
}

/// `versions secret put|bulk|delete`: {"env":{"K":{"type":"secret_text","text":"v"}|null}}.
Result<ApiResponse> patch_latest(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(auto script, platform.store.find_script(request.account.id, request.name("worker")));
  if (!script) return no_such_worker();
  SELVAGE_TRY(const auto latest, platform.store.latest_version(script->number));
  if (!latest) return failure(404, 10222, "The Worker has no versions.");
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_object() || (body.contains("env") && !body["env"].is_object())) {
    return failure(400, 10021, "the body is not {\"env\":{...}}");
  }
  nlohmann::json bindings = latest->document.value("bindings", nlohmann::json::array());
  const std::string problem = apply_secrets(body.value("env", nlohmann::json::object()), bindings);
  if (!problem.empty()) return failure(400, 10053, problem);
  nlohmann::json annotations = body.value("annotations", nlohmann::json::object());
  if (!annotations.is_object()) annotations = nlohmann::json::object();
  annotations["workers/triggered_by"] = "secret";
  auto published = change_bindings(platform, request, std::move(*script), *latest,
                                   std::move(bindings), std::move(annotations), false);
  if (!published) return to_response(published.error());
  return success(show_version(published->version, true));
}

}  // namespace

void add_secrets(Router& router, Platform& platform) {
  const std::string script = "/accounts/:account/workers/scripts/:script";
  router.add("GET", script + "/secrets", Access::read,
             [&](const ApiRequest& request) { return list_secrets(platform, request); });
  router.add("PUT", script + "/secrets", Access::write,
             [&](const ApiRequest& request) { return put_secret(platform, request); });
  router.add("PATCH", script + "/secrets-bulk", Access::write,
             [&](const ApiRequest& request) { return patch_secrets(platform, request); });
  router.add("DELETE", script + "/secrets/:secret", Access::write,
             [&](const ApiRequest& request) { return delete_secret(platform, request); });
  router.add("PATCH", "/accounts/:account/workers/workers/:worker/versions/latest", Access::write,
             [&](const ApiRequest& request) { return patch_latest(platform, request); });
}

}  // namespace selvage::api
