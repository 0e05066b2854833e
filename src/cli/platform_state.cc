#include "cli/platform_state.h"

#include <fstream>

#include "base/base64.h"
#include "base/percent.h"
#include "cli/json_text.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;

/// An entry of the service (state/service.h) as a pair of the API's bulk.
Json pair_of(const Json& entry) {
  Json pair{{"key", entry["key"]}, {"value", entry["value"]}, {"base64", true}};
  for (const char* key : {"expiration", "put_expiration"}) {
    if (entry.contains(key)) pair["expiration"] = entry[key];
  }
  if (entry.contains("put_ttl")) pair["expiration_ttl"] = entry["put_ttl"];
  if (entry.contains("metadata")) {
    pair["metadata"] = Json::parse(text_of(entry, "metadata"), nullptr, false);
  }
  return pair;
}

}  // namespace

Result<PlatformNamespaces*> PlatformState::namespaces() {
  if (!namespaces_) {
    SELVAGE_TRY(namespaces_, PlatformNamespaces::load(*api_));
  }
  return &*namespaces_;
}

Result<std::string> PlatformState::path_of(const std::string& space) {
  SELVAGE_TRY(const PlatformNamespaces* known, namespaces());
  const std::optional<std::string> id = known->find(space);
  if (id) return "/storage/kv/namespaces/" + *id;
  return fail(ErrorCode::not_found, "the platform has no KV namespace \"" + space + "\"",
              "`selvage kv namespace list --remote` lists them");
}

Result<Json> PlatformState::ask(const Json& request, state::ItemCallback item) {
  const std::string operation = text_of(request, "op");
  const std::string space = text_of(request, "namespace");
  if (operation == "kv.namespaces") {
    SELVAGE_TRY(const PlatformNamespaces* known, namespaces());
    for (const auto& [id, title] : known->all()) {
      SELVAGE_CHECK_STATUS(item({{"id", id}, {"title", title}}));
    }
    return Json::object();
  }
  if (operation == "kv.create") {
    SELVAGE_TRY(PlatformNamespaces * known, namespaces());
    SELVAGE_TRY(const std::string id, known->create(*api_, space));
    return Json{{"id", id}};
  }
  if (operation.starts_with("do.")) return objects(operation, request, item);
  if (!operation.starts_with("kv.")) {
    return fail(ErrorCode::unsupported, "the API of a platform does not tell this",
                "Run the command on the platform's machine, with --data");
  }
  SELVAGE_TRY(const std::string path, path_of(space));
  if (operation == "kv.get") return get(path, text_of(request, "key"));
  if (operation == "kv.write") return write(path, field(request, "entries"));
  if (operation == "kv.list") return list(path, request, item);
  const bool renames = operation == "kv.rename";
  SELVAGE_TRY(
      const ApiAnswer done,
      renames ? api_->ask_account("PUT", path, ApiContent::of({{"title", text_of(request, "to")}}))
              : api_->ask_account("DELETE", path));
  namespaces_.reset();
  return Json::object();
}

Result<Json> PlatformState::objects(const std::string& operation, const Json& request,
                                    state::ItemCallback& item) {
  const std::string namespaces = "/workers/durable_objects/namespaces";
  const std::string path = namespaces + "/" + text_of(request, "namespace") + "/objects";
  const std::string id = text_of(request, "id");
  if (operation == "do.namespaces") {
    constexpr size_t kPerPage = 1'000;
    for (int page = 1;; ++page) {
      SELVAGE_TRY(const ApiAnswer answer,
                  api_->ask_account("GET", namespaces +
                                               "?stored=true&per_page=" + std::to_string(kPerPage) +
                                               "&page=" + std::to_string(page)));
      for (const Json& each : answer.result) {
        SELVAGE_CHECK_STATUS(item({{"id", each["id"]},
                                   {"worker", each["script"]},
                                   {"class", each["class"]},
                                   {"objects", each.value("objects", uint64_t{0})},
                                   {"bytes", each.value("bytes", uint64_t{0})}}));
      }
      if (answer.result.size() < kPerPage) return Json::object();
    }
  }
  if (operation == "do.named") {
    SELVAGE_TRY(
        const ApiAnswer answer,
        api_->ask_account("GET", path + "?name=" + percent_encode(text_of(request, "name"))));
    if (answer.result.size() == 1) return answer.result[0];
    return fail(ErrorCode::unsupported, "the platform does not tell ids of names",
                "Find the object by its ID");
  }
  if (operation == "do.list") {
    std::string cursor;
    do {
      SELVAGE_TRY(const ApiAnswer page, api_->ask_account("GET", path + "?cursor=" + cursor));
      for (const Json& each : page.result) SELVAGE_CHECK_STATUS(item(each));
      cursor = text_of(page.info, "cursor");
    } while (!cursor.empty());
    return Json::object();
  }
  if (operation == "do.copy") {
    SELVAGE_TRY(const ApiClient::Value database, api_->read_account(path + "/" + id + "/database"));
    const std::string destination = text_of(request, "path");
    std::ofstream file(destination, std::ios::binary);
    if (!(file << database.bytes).flush()) {
      return fail(ErrorCode::io, "cannot write " + destination);
    }
    return Json::object();
  }
  if (operation == "do.history") {
    std::string query;
    if (request.contains("time")) query = "?time=" + request["time"].dump();
    if (request.contains("bookmark")) {
      query = "?bookmark=" + percent_encode(text_of(request, "bookmark"));
    }
    SELVAGE_TRY(const ApiAnswer past,
                api_->ask_account("GET", path + "/" + id + "/history" + query));
    return past.result;
  }
  if (operation == "do.restore") {
    SELVAGE_TRY(const ApiAnswer restored,
                api_->ask_account("POST", path + "/" + id + "/restore",
                                  ApiContent::of({{"bookmark", text_of(request, "bookmark")}})));
    return restored.result;
  }
  SELVAGE_TRY(const ApiAnswer done,
              api_->ask_account("DELETE", id.empty() ? path : path + "/" + id));
  return Json::object();
}

Result<Json> PlatformState::get(const std::string& path, const std::string& key) {
  const std::string encoded = percent_encode(key);
  const auto value = api_->read_account(path + "/values/" + encoded);
  if (!value) {
    if (value.error().code == ErrorCode::not_found) return Json{{"found", false}};
    return fail(value.error());
  }
  Json found{{"found", true}, {"value", base64_encode(value->bytes)}};
  if (value->expiration) found["expiration"] = *value->expiration;
  SELVAGE_TRY(const ApiAnswer metadata, api_->ask_account("GET", path + "/metadata/" + encoded));
  if (!metadata.result.is_null()) found["metadata"] = metadata.result.dump();
  return found;
}

Result<Json> PlatformState::write(const std::string& path, const Json& entries) {
  Json pairs = Json::array();
  Json erased = Json::array();
  for (const Json& each : entries) {
    if (each.contains("value")) {
      pairs.push_back(pair_of(each));
    } else {
      erased.push_back(each["key"]);
    }
  }
  if (!pairs.empty()) {
    SELVAGE_TRY(const ApiAnswer done,
                api_->ask_account("PUT", path + "/bulk", ApiContent::of(pairs)));
  }
  if (!erased.empty()) {
    SELVAGE_TRY(const ApiAnswer done,
                api_->ask_account("DELETE", path + "/bulk", ApiContent::of(erased)));
  }
  return Json::object();
}

Result<Json> PlatformState::list(const std::string& path, const Json& request,
                                 state::ItemCallback& item) {
  const bool values = field(request, "values") == true;
  std::string cursor;
  do {
    SELVAGE_TRY(const ApiAnswer page,
                api_->ask_account(
                    "GET", path + "/keys?prefix=" + percent_encode(text_of(request, "prefix")) +
                               "&cursor=" + percent_encode(cursor)));
    for (const Json& each : page.result) {
      const std::string key = text_of(each, "name");
      Json shown{{"key", key}};
      if (each.contains("expiration")) shown["expiration"] = each["expiration"];
      if (each.contains("metadata")) shown["metadata"] = each["metadata"].dump();
      if (values) {
        SELVAGE_TRY(const Json entry, get(path, key));
        if (!entry.value("found", false)) continue;  // gone since
        shown["value"] = entry["value"];
      }
      SELVAGE_CHECK_STATUS(item(shown));
    }
    cursor = text_of(page.info, "cursor");
  } while (!cursor.empty());
  return Json::object();
}

}  // namespace selvage::cli
