// Namespaces of Durable Objects, and what their objects store. Of an object, Cloudflare's API tells
// only that it is there; for `selvage do --remote` this one also takes `?name=`, and has below
// .../namespaces/:namespace/objects/:object
//
//   GET .../database   the object's SQLite file, as of its last commit
//   DELETE             deletes what it stores; of .../objects, what all of them store
//   GET .../history    its bookmark, and since when it can be brought back; with ?time= (in
//                      milliseconds since 1970) or ?bookmark= also that state
//   POST .../restore   {"bookmark"}: brings it back to that state; the bookmark that undoes it
#include <algorithm>
#include <charconv>

#include "api/resources.h"

namespace selvage::api {
namespace {

using nlohmann::json;

constexpr int kNoSuchNamespace = 10066;
constexpr int kNoSuchObject = 10067;
constexpr int kBadLimit = 10068;
constexpr int kBadTime = 10069;
constexpr size_t kListed = 1'000;
constexpr size_t kMostListed = 10'000;

struct Namespace {
  std::string id;  // as the API names it
  std::string script;
  deploy::ObjectNamespace record;
};

/// Those of the account's workers.
Result<std::vector<Namespace>> namespaces_of(Platform& platform, const ApiRequest& request) {
  constexpr size_t kDigits = 32;
  SELVAGE_TRY(const auto registry, platform.store.object_namespaces());
  SELVAGE_TRY(const auto scripts, platform.store.scripts(request.account.id));
  std::vector<Namespace> found;
  for (const deploy::Script& script : scripts) {
    const std::string key = deploy::worker_key(request.account.number, script.name);
    for (const auto& each : registry.namespaces) {
      if (each.worker != key) continue;
      found.push_back({deploy::sha256_hex(each.id).substr(0, kDigits), script.name, each});
    }
  }
  return found;
}

/// {"id", "bytes"} of every object of a namespace that stores something, by id.
Result<json> stored_objects(Platform& platform, const std::string& space) {
  json list = json::array();
  SELVAGE_TRY(const json done,
              platform.runtime.ask_objects({{"op", "do.list"}, {"namespace", space}},
                                           [&](const json& item) -> Status {
                                             list.push_back(item);
                                             return {};
                                           }));
  return list;
}

/// With `?stored=true`, which has to look, also how much their objects store.
Result<ApiResponse> list_namespaces(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto namespaces, namespaces_of(platform, request));
  json list = json::array();
  for (const Namespace& each : namespaces) {
    json shown = {{"id", each.id},
                  {"name", each.script + "_" + each.record.class_name},
                  {"script", each.script},
                  {"class", each.record.class_name},
                  {"use_sqlite", each.record.sqlite}};
    if (request.option("stored") == "true") {
      SELVAGE_TRY(const json objects, stored_objects(platform, each.record.id));
      uint64_t bytes = 0;
      for (const json& object : objects) bytes += object.value("bytes", uint64_t{0});
      shown["objects"] = objects.size();
      shown["bytes"] = bytes;
    }
    list.push_back(std::move(shown));
  }
  return one_page(request, list, 100);
}

/// Calls `handle` with the engine's id of the namespace that the path names.
template <class Handle>
Result<ApiResponse> with_namespace(Platform& platform, const ApiRequest& request, Handle handle) {
  SELVAGE_TRY(const auto namespaces, namespaces_of(platform, request));
  const auto found = std::ranges::find(namespaces, request.name("namespace"), &Namespace::id);
  if (found == namespaces.end()) {
    return failure(404, kNoSuchNamespace,
                   "There is no namespace of Durable Objects " + request.name("namespace"));
  }
  return handle(found->record.id);
}

ApiResponse no_such_object(const Error& error) {
  if (error.code != ErrorCode::not_found) return failure(error);
  return failure(404, kNoSuchObject, error.describe());
}

/// By id, from the one after "cursor" on.
Result<ApiResponse> list_objects(Platform& platform, const ApiRequest& request,
                                 const std::string& space) {
  if (const std::string name = request.option("name"); !name.empty()) {
    return success(json::array({{{"id", platform.runtime.object_named(space, name)}}}));
  }
  size_t limit = kListed;
  if (const std::string text = request.option("limit"); !text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit == 0 ||
        limit > kMostListed) {
      return failure(400, kBadLimit,
                     "\"limit\" is not a number from 1 to " + std::to_string(kMostListed));
    }
  }
  SELVAGE_TRY(const json all, stored_objects(platform, space));
  const std::string cursor = request.option("cursor");
  json page = json::array();
  std::string next;
  for (const json& each : all) {
    if (each.value("id", "") <= cursor) continue;
    if (page.size() == limit) {
      next = page.back().value("id", "");
      break;
    }
    page.push_back({{"id", each["id"]}, {"hasStoredData", true}, {"bytes", each["bytes"]}});
  }
  const size_t count = page.size();
  return success(page, {{"count", count}, {"cursor", next}});
}

Result<ApiResponse> get_database(Platform& platform, const ApiRequest& request,
                                 const std::string& space) {
  auto database = platform.runtime.copy_of_object(space, request.name("object"));
  if (!database) return no_such_object(database.error());
  ApiResponse response;
  response.content_type = "application/vnd.sqlite3";
  response.body = std::move(*database);
  return response;
}

Result<json> ask(Platform& platform, const json& question) {
  return platform.runtime.ask_objects(question, [](const json&) -> Status { return {}; });
}

Result<ApiResponse> get_history(Platform& platform, const ApiRequest& request,
                                const std::string& space) {
  json question{{"op", "do.history"}, {"namespace", space}, {"id", request.name("object")}};
  if (const std::string text = request.option("time"); !text.empty()) {
    int64_t time = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time);
    if (error != std::errc() || end != text.data() + text.size()) {
      return failure(400, kBadTime, "\"time\" is not a number of milliseconds since 1970");
    }
    question["time"] = time;
  } else if (const std::string bookmark = request.option("bookmark"); !bookmark.empty()) {
    question["bookmark"] = bookmark;
  }
  const auto past = ask(platform, question);
  return past ? success(*past) : no_such_object(past.error());
}

Result<ApiResponse> restore(Platform& platform, const ApiRequest& request,
                            const std::string& space) {
  SELVAGE_TRY(const json body, request.json());
  if (!body.is_object() || !body.contains("bookmark") || !body["bookmark"].is_string()) {
    return failure(400, kBadTime, "\"bookmark\" is missing: which state?");
  }
  const std::string& object = request.name("object");
  const auto restored = ask(
      platform,
      {{"op", "do.restore"}, {"namespace", space}, {"id", object}, {"bookmark", body["bookmark"]}});
  if (!restored) return no_such_object(restored.error());
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.note(change, "objects.restore", request.name("namespace"),
                                           {{"object", object}, {"bookmark", body["bookmark"]}}));
  SELVAGE_CHECK_STATUS(change.commit());
  return success(*restored);
}

/// Without an object in the path: of all of them.
Result<ApiResponse> erase(Platform& platform, const ApiRequest& request, const std::string& space) {
  json question{{"op", "do.delete"}, {"namespace", space}};
  if (const std::string& object = request.name("object"); !object.empty()) {
    question["id"] = object;
  }
  const auto erased = ask(platform, question);
  if (!erased) return no_such_object(erased.error());
  SELVAGE_TRY(auto change, platform.store.begin(request.actor));
  SELVAGE_CHECK_STATUS(platform.store.note(change, "objects.delete", request.name("namespace"),
                                           {{"object", request.name("object")}}));
  SELVAGE_CHECK_STATUS(change.commit());
  return success(nullptr);
}

}  // namespace

void add_durable_objects(Router& router, Platform& platform) {
  const std::string namespaces = "/accounts/:account/workers/durable_objects/namespaces";
  const std::string objects = namespaces + "/:namespace/objects";
  router.add("GET", namespaces, Access::read,
             [&](const ApiRequest& request) { return list_namespaces(platform, request); });
  const auto add = [&](const char* method, const std::string& path, Access access, auto handler) {
    router.add(method, path, access, [&platform, handler](const ApiRequest& request) {
      return with_namespace(platform, request, [&](const std::string& space) {
        return handler(platform, request, space);
      });
    });
  };
  add("GET", objects, Access::read, list_objects);
  add("DELETE", objects, Access::write, erase);
  add("GET", objects + "/:object/database", Access::read, get_database);
  add("DELETE", objects + "/:object", Access::write, erase);
  add("GET", objects + "/:object/history", Access::read, get_history);
  add("POST", objects + "/:object/restore", Access::write, restore);
}

}  // namespace selvage::api
