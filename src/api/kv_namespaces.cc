// KV namespaces: their names, and whose they are.
#include "api/resources.h"

namespace selvage::api {
namespace {

constexpr size_t kLongestTitle = 512;

nlohmann::json show(const deploy::KvNamespaceRecord& record) {
  return {{"id", record.id}, {"title", record.title}, {"supports_url_encoding", true}};
}

Result<std::string> title_in(const ApiRequest& request) {
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_object() || !body.contains("title") || !body["title"].is_string()) {
    return fail(ErrorCode::invalid_argument, "the body has no \"title\"");
  }
  auto title = body["title"].get<std::string>();
  if (title.empty() || title.size() > kLongestTitle) {
    return fail(ErrorCode::invalid_argument, "a title has 1 to 512 bytes");
  }
  return title;
}

Result<bool> title_taken(Platform& platform, const ApiRequest& request, const std::string& title) {
  SELVAGE_TRY(const auto all, platform.store.kv_namespaces(request.account.id));
  for (const auto& each : all) {
    if (each.title == title && each.id != request.name("namespace")) return true;
  }
  return false;
}

Result<ApiResponse> create(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const std::string title, title_in(request));
  SELVAGE_TRY(const bool taken, title_taken(platform, request, title));
  if (taken) {
    return failure(400, 10014, "A namespace with this account ID and title already exists.");
  }
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_TRY(const auto record,
              platform.store.create_kv_namespace(change, request.account.id, title));
  SELVAGE_CHECK_STATUS(change.commit());
  return success(show(record));
}

Result<ApiResponse> rename(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(auto record,
              platform.store.find_kv_namespace(request.account.id, request.name("namespace")));
  if (!record) return failure(404, 10013, "namespace not found");
  SELVAGE_TRY(record->title, title_in(request));
  SELVAGE_TRY(const bool taken, title_taken(platform, request, record->title));
  if (taken) {
    return failure(400, 10014, "A namespace with this account ID and title already exists.");
  }
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.rename_kv_namespace(change, *record));
  SELVAGE_CHECK_STATUS(change.commit());
  return success(show(*record));
}

/// The record first: after a crash in between, entries without an owner remain, unreachable.
Result<ApiResponse> remove(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto record,
              platform.store.find_kv_namespace(request.account.id, request.name("namespace")));
  if (!record) return failure(404, 10013, "namespace not found");
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.delete_kv_namespace(change, *record));
  SELVAGE_CHECK_STATUS(change.commit());
  const Status erased = platform.kv.erase_namespace(record->id);
  if (!erased && erased.error().code != ErrorCode::not_found) return fail(erased.error());
  return success(nlohmann::json::object());
}

}  // namespace

void add_kv_namespaces(Router& router, Platform& platform) {
  const std::string namespaces = "/accounts/:account/storage/kv/namespaces";
  router.add("GET", namespaces, Access::read,
             [&](const ApiRequest& request) -> Result<ApiResponse> {
               SELVAGE_TRY(const auto all, platform.store.kv_namespaces(request.account.id));
               nlohmann::json list = nlohmann::json::array();
               for (const auto& each : all) list.push_back(show(each));
               if (request.option("direction") == "desc") std::reverse(list.begin(), list.end());
               return one_page(request, list, 20);
             });
  router.add("POST", namespaces, Access::write,
             [&](const ApiRequest& request) { return create(platform, request); });
  router.add("GET", namespaces + "/:namespace", Access::read,
             [&](const ApiRequest& request) -> Result<ApiResponse> {
               SELVAGE_TRY(const auto record, platform.store.find_kv_namespace(
                                                  request.account.id, request.name("namespace")));
               return record ? success(show(*record)) : failure(404, 10013, "namespace not found");
             });
  router.add("PUT", namespaces + "/:namespace", Access::write,
             [&](const ApiRequest& request) { return rename(platform, request); });
  router.add("DELETE", namespaces + "/:namespace", Access::write,
             [&](const ApiRequest& request) { return remove(platform, request); });
}

}  // namespace selvage::api
