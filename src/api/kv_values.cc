// What is in KV namespaces: keys, values, bulk. Writes have the rules that scripts' puts have, and
// are durable when they are answered.
#include <charconv>
#include <condition_variable>
#include <mutex>

#include "api/multipart.h"
#include "api/resources.h"
#include "base/base64.h"
#include "base/wall_clock.h"

namespace selvage::api {
namespace {

constexpr size_t kMostBulkPairs = 10'000;
constexpr size_t kMostBulkGet = 100;

/// Blocks until the writes are durable.
Status write_and_wait(Platform& platform, std::vector<kv::KvWrite> writes) {
  struct Waiter {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<Status> outcome;
  };
  auto waiter = std::make_shared<Waiter>();
  platform.kv.write(std::move(writes), [waiter](const Status& status) {
    std::lock_guard lock(waiter->mutex);
    waiter->outcome = status;
    waiter->done.notify_all();
  });
  std::unique_lock lock(waiter->mutex);
  waiter->done.wait(lock, [&] { return waiter->outcome.has_value(); });
  return *waiter->outcome;
}

std::optional<int64_t> integer_of(const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// One entry, checked as a put of a script is.
Result<kv::KvWrite> make_write(Platform& platform, const std::string& space, std::string key,
                               std::string_view value, std::optional<std::string> metadata,
                               std::optional<int64_t> expiration, std::optional<int64_t> ttl) {
  const kv::KvLimits& limits = platform.kv_limits;
  SELVAGE_CHECK_STATUS(kv::check_key(limits, kv::KvOperation::put, key));
  kv::KvEntry entry;
  // In a temporary file where it is long.
  kv::KvUpload upload(limits, platform.kv.directory());
  SELVAGE_CHECK_STATUS(upload.append(value));
  if (metadata) {
    SELVAGE_CHECK_STATUS(kv::check_metadata_size(limits, metadata->size()));
    entry.metadata = std::move(metadata);
  }
  SELVAGE_TRY(entry.expiration, kv::expiration_time(limits, expiration, ttl, wall_clock_seconds()));
  SELVAGE_TRY(auto uploaded, upload.finish());
  entry.value = std::move(uploaded.bytes);
  entry.long_value = std::move(uploaded.spilled);
  return kv::KvWrite{space, std::move(key), std::move(entry)};
}

Result<ApiResponse> put_value(Platform& platform, const ApiRequest& request,
                              const std::string& space) {
  std::string_view value = request.body;
  std::optional<std::string> metadata;
  if (const std::string boundary = multipart_boundary(request.content_type); !boundary.empty()) {
    SELVAGE_TRY(const auto parts, parse_multipart(request.body, boundary));
    bool found = false;
    for (const Part& part : parts) {
      if (part.name == "value") {
        value = part.body;
        found = true;
      } else if (part.name == "metadata") {
        const auto json = nlohmann::json::parse(part.body, nullptr, false);
        if (json.is_discarded()) return failure(400, 10012, "the metadata is not valid JSON");
        metadata = json.dump();
      }
    }
    if (!found) return failure(400, 10012, "the body has no part \"value\"");
  }
  for (const char* key : {"expiration", "expiration_ttl"}) {
    if (!request.option(key).empty() && !integer_of(request.option(key))) {
      return failure(400, 10012, "\"" + std::string(key) + "\" is not a number");
    }
  }
  SELVAGE_TRY(kv::KvWrite write, make_write(platform, space, request.name("key"), value, metadata,
                                            integer_of(request.option("expiration")),
                                            integer_of(request.option("expiration_ttl"))));
  std::vector<kv::KvWrite> writes;
  writes.push_back(std::move(write));
  SELVAGE_CHECK_STATUS(write_and_wait(platform, std::move(writes)));
  return success(nlohmann::json::object());
}

Result<ApiResponse> get_value(Platform& platform, const ApiRequest& request,
                              const std::string& space) {
  SELVAGE_TRY(const auto entry, platform.kv_reader.open(space, request.name("key")));
  if (entry == nullptr) return failure(404, 10009, "get: 'key not found'");
  ApiResponse response;
  response.content_type = "application/octet-stream";
  if (entry->long_value) {
    SELVAGE_TRY(response.body, entry->long_value->read(0, entry->size()));
  } else {
    response.body = entry->value;
  }
  if (entry->expiration) {
    response.headers = "Expiration: " + std::to_string(*entry->expiration) + "\r\n";
  }
  return response;
}

Result<ApiResponse> get_metadata(Platform& platform, const ApiRequest& request,
                                 const std::string& space) {
  SELVAGE_TRY(const auto entry, platform.kv_reader.open(space, request.name("key")));
  if (entry == nullptr) return failure(404, 10009, "get: 'key not found'");
  return success(entry->metadata ? nlohmann::json::parse(*entry->metadata, nullptr, false)
                                 : nlohmann::json());
}

Result<ApiResponse> list_keys(Platform& platform, const ApiRequest& request,
                              const std::string& space) {
  kv::KvListOptions options;
  options.prefix = request.option("prefix");
  options.cursor = request.option("cursor");
  if (const auto limit = integer_of(request.option("limit"))) {
    SELVAGE_CHECK_STATUS(kv::check_list(platform.kv_limits, *limit, options.prefix));
    options.limit = static_cast<uint64_t>(*limit);
  }
  SELVAGE_TRY(const kv::KvListPage page, platform.kv_reader.list(space, options));
  nlohmann::json keys = nlohmann::json::array();
  for (const auto& key : page.keys) {
    nlohmann::json shown = {{"name", key.name}};
    if (key.expiration) shown["expiration"] = *key.expiration;
    if (key.metadata) shown["metadata"] = nlohmann::json::parse(*key.metadata, nullptr, false);
    keys.push_back(std::move(shown));
  }
  const size_t count = keys.size();
  return success(keys, {{"count", count}, {"cursor", page.cursor}});
}

Result<ApiResponse> put_bulk(Platform& platform, const ApiRequest& request,
                             const std::string& space) {
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_array() || body.size() > kMostBulkPairs) {
    return failure(400, 10012, "the body is not an array of at most 10000 pairs");
  }
  std::vector<kv::KvWrite> writes;
  for (const auto& each : body) {
    if (!each.is_object() || !each.contains("key") || !each["key"].is_string() ||
        !each.contains("value") || !each["value"].is_string()) {
      return failure(400, 10012, "a pair has no \"key\" or no \"value\" that is a string");
    }
    auto value = each["value"].get<std::string>();
    if (each.value("base64", nlohmann::json(false)) == true) {
      std::optional<std::string> bytes = base64_decode(value);
      if (!bytes) return failure(400, 10012, "the value of a pair is not base64");
      value = std::move(*bytes);
    }
    const auto number = [&](const char* key) -> std::optional<int64_t> {
      const auto found = each.find(key);
      if (found == each.end() || !found->is_number_integer()) return std::nullopt;
      return found->get<int64_t>();
    };
    std::optional<std::string> metadata;
    if (each.contains("metadata") && !each["metadata"].is_null())
      metadata = each["metadata"].dump();
    SELVAGE_TRY(kv::KvWrite write,
                make_write(platform, space, each["key"].get<std::string>(), value,
                           std::move(metadata), number("expiration"), number("expiration_ttl")));
    writes.push_back(std::move(write));
  }
  const size_t count = writes.size();
  if (count > 0) SELVAGE_CHECK_STATUS(write_and_wait(platform, std::move(writes)));
  return success({{"successful_key_count", count}, {"unsuccessful_keys", nlohmann::json::array()}});
}

Result<ApiResponse> erase_keys(Platform& platform, const ApiRequest& request,
                               const std::string& space) {
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_array() || body.size() > kMostBulkPairs) {
    return failure(400, 10012, "the body is not an array of at most 10000 keys");
  }
  std::vector<kv::KvWrite> writes;
  for (const auto& each : body) {
    const nlohmann::json key = each.is_object() ? each.value("name", nlohmann::json()) : each;
    if (!key.is_string()) return failure(400, 10012, "a key is not a string");
    writes.push_back({space, key.get<std::string>()});
  }
  const size_t count = writes.size();
  if (count > 0) SELVAGE_CHECK_STATUS(write_and_wait(platform, std::move(writes)));
  return success({{"successful_key_count", count}, {"unsuccessful_keys", nlohmann::json::array()}});
}

Result<ApiResponse> get_bulk(Platform& platform, const ApiRequest& request,
                             const std::string& space) {
  SELVAGE_TRY(const nlohmann::json body, request.json());
  if (!body.is_object() || !body.contains("keys") || !body["keys"].is_array() ||
      body["keys"].size() > kMostBulkGet) {
    return failure(400, 10012, "the body is not {\"keys\":[...]} with at most 100 keys");
  }
  nlohmann::json values = nlohmann::json::object();
  for (const auto& key : body["keys"]) {
    if (!key.is_string()) return failure(400, 10012, "a key is not a string");
    SELVAGE_TRY(const auto entry, platform.kv_reader.get(space, key.get<std::string>()));
    const auto& name = key.get_ref<const std::string&>();
    values[name] = entry == nullptr ? nlohmann::json() : nlohmann::json(entry->value);
  }
  return success({{"values", values}});
}

using SpaceHandler = Result<ApiResponse> (*)(Platform&, const ApiRequest&, const std::string&);

}  // namespace

void add_kv_values(Router& router, Platform& platform) {
  const std::string space = "/accounts/:account/storage/kv/namespaces/:namespace";
  // The namespace must be the account's.
  const auto add = [&](const char* method, const std::string& path, Access access,
                       SpaceHandler handler) {
    router.add(method, space + path, access,
               [&platform, handler](const ApiRequest& request) -> Result<ApiResponse> {
                 const std::string id = request.name("namespace");
                 SELVAGE_TRY(const auto record,
                             platform.store.find_kv_namespace(request.account.id, id));
                 if (!record) return failure(404, 10013, "namespace not found");
                 return handler(platform, request, id);
               });
  };
  add("PUT", "/values/:key", Access::write, put_value);
  add("GET", "/values/:key", Access::read, get_value);
  add("DELETE", "/values/:key", Access::write,
      [](Platform& owner, const ApiRequest& request, const std::string& id) -> Result<ApiResponse> {
        std::vector<kv::KvWrite> writes;
        writes.push_back({id, request.name("key")});
        SELVAGE_CHECK_STATUS(write_and_wait(owner, std::move(writes)));
        return success(nlohmann::json::object());
      });
  add("GET", "/metadata/:key", Access::read, get_metadata);
  add("GET", "/keys", Access::read, list_keys);
  add("PUT", "/bulk", Access::write, put_bulk);
  add("DELETE", "/bulk", Access::write, erase_keys);
  add("POST", "/bulk/delete", Access::write, erase_keys);
  add("POST", "/bulk/get", Access::read, get_bulk);
}

}  // namespace selvage::api
