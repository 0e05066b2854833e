#include "state/service.h"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/wall_clock.h"

namespace selvage::state {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kKeysAtOnce = 500;

/// A text field; empty when it is absent.
std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<int64_t> integer_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<int64_t>();
}

void describe(Json& json, const std::optional<int64_t>& expiration,
              const std::optional<std::string>& metadata) {
  if (expiration) json["expiration"] = *expiration;
  if (metadata) json["metadata"] = *metadata;
}

Result<kv::KvWrite> read_entry(const Json& json, const std::string& space,
                               const kv::KvLimits& limits) {
  kv::KvWrite write{.namespace_id = space, .key = text_of(json, "key")};
  const bool erases = !json.contains("value");
  SELVAGE_CHECK_STATUS(
      kv::check_key(limits, erases ? kv::KvOperation::erase : kv::KvOperation::put, write.key));
  if (erases) return write;
  kv::KvEntry entry;
  std::optional<std::string> value = base64_decode(text_of(json, "value"));
  if (!value) return fail(ErrorCode::invalid_argument, "a value is not base64");
  entry.value = std::move(*value);
  SELVAGE_CHECK_STATUS(kv::check_value_size(limits, entry.value.size()));
  if (json.contains("metadata")) {
    entry.metadata = text_of(json, "metadata");
    SELVAGE_CHECK_STATUS(kv::check_metadata_size(limits, entry.metadata->size()));
  }
  entry.expiration = integer_of(json, "expiration");
  const auto put_expiration = integer_of(json, "put_expiration");
  const auto put_ttl = integer_of(json, "put_ttl");
  if (put_expiration || put_ttl) {
    SELVAGE_TRY(entry.expiration,
                kv::expiration_time(limits, put_expiration, put_ttl, wall_clock_seconds()));
  }
  write.entry = std::move(entry);
  return write;
}

Error unless_in_use(const Error& error, const std::string& what, const std::string& not_done) {
  if (error.code != ErrorCode::already_exists) return error;
  return {ErrorCode::unavailable, what + " is in use, and was not " + not_done,
          "It leaves memory when nobody has called it for ten seconds (--object-idle): "
          "try again then, or stop what runs it"};
}

Json shown(const object::ObjectStore::PastState& state) {
  return {{"bookmark", state.bookmark}, {"time", state.time}, {"bytes", state.bytes}};
}

}  // namespace

Result<kv::KvReader*> Service::reader() {
  if (!reader_) {
    SELVAGE_TRY(reader_, kv_->reader());
  }
  return reader_.get();
}

Result<Json> Service::answer(const Json& request, ItemCallback& item) {
  const std::string operation = text_of(request, "op");
  const std::string space = text_of(request, "namespace");
  if (operation == "kv.get") return kv_get(request);
  if (operation == "kv.write") return kv_write(request);
  if (operation == "kv.list") return kv_list(request, item);
  if (operation == "kv.namespaces") {
    SELVAGE_TRY(kv::KvReader * reads, reader());
    SELVAGE_TRY(const auto namespaces, reads->namespaces());
    for (const auto& each : namespaces) {
      SELVAGE_CHECK_STATUS(item({{"id", each.id}, {"keys", each.keys}, {"bytes", each.bytes}}));
    }
    return Json::object();
  }
  if (operation == "kv.create" || operation == "kv.erase" || operation == "kv.rename") {
    if (space.empty()) return fail(ErrorCode::invalid_argument, "which namespace?");
    SELVAGE_CHECK_STATUS(operation == "kv.create" ? kv_->create_namespace(space)
                         : operation == "kv.erase"
                             ? kv_->erase_namespace(space)
                             : kv_->rename_namespace(space, text_of(request, "to")));
    return Json::object();
  }
  if (operation == "tail") return tail(request, item);
  if (operation.starts_with("do.")) return objects(operation, request, item);
  return fail(ErrorCode::unsupported, "the engine does not know \"" + operation + "\"",
              "It is of another version: restart it");
}

Result<Json> Service::kv_get(const Json& request) {
  SELVAGE_TRY(kv::KvReader * reads, reader());
  const std::string key = text_of(request, "key");
  SELVAGE_CHECK_STATUS(kv::check_key(limits_, kv::KvOperation::get, key));
  SELVAGE_TRY(const auto entry, reads->get(text_of(request, "namespace"), key));
  Json json{{"found", entry != nullptr}};
  if (!entry) return json;
  json["value"] = base64_encode(entry->value);
  describe(json, entry->expiration, entry->metadata);
  return json;
}

Result<Json> Service::kv_write(const Json& request) {
  const std::string space = text_of(request, "namespace");
  if (space.empty()) return fail(ErrorCode::invalid_argument, "which namespace?");
  const auto entries = request.find("entries");
  if (entries == request.end() || !entries->is_array()) {
    return fail(ErrorCode::invalid_argument, "no entries to write");
  }
  std::vector<kv::KvWrite> writes;
  writes.reserve(entries->size());
  for (const Json& each : *entries) {
    auto write = read_entry(each, space, limits_);
    if (!write)
      return fail(std::move(write).error().within("key \"" + text_of(each, "key") + "\""));
    writes.push_back(std::move(*write));
  }
  if (writes.empty()) return Json::object();
  std::promise<Status> done;
  kv_->write(std::move(writes), [&done](const Status& status) { done.set_value(status); });
  SELVAGE_CHECK_STATUS(done.get_future().get());
  return Json::object();
}

Result<Json> Service::kv_list(const Json& request, ItemCallback& item) {
  SELVAGE_TRY(kv::KvReader * reads, reader());
  const std::string space = text_of(request, "namespace");
  const auto asked = request.find("values");
  const bool values = asked != request.end() && *asked == true;
  uint64_t wanted = static_cast<uint64_t>(integer_of(request, "limit").value_or(INT64_MAX));
  kv::KvListOptions options{.prefix = text_of(request, "prefix"), .limit = kKeysAtOnce};
  for (;;) {
    SELVAGE_TRY(const kv::KvListPage page, reads->list(space, options));
    for (const kv::KvListPage::Key& key : page.keys) {
      if (wanted-- == 0) return Json::object();
      Json json{{"key", key.name}};
      describe(json, key.expiration, key.metadata);
      if (values) {
        SELVAGE_TRY(const auto entry, reads->get(space, key.name));
        if (!entry) continue;  // gone since
        json = Json{{"key", key.name}, {"value", base64_encode(entry->value)}};
        describe(json, entry->expiration, entry->metadata);
      }
      SELVAGE_CHECK_STATUS(item(json));
    }
    if (page.complete) return Json::object();
    options.cursor = page.cursor;
  }
}

Result<Json> Service::objects(const std::string& operation, const Json& request,
                              ItemCallback& item) {
  const std::string space = text_of(request, "namespace");
  const std::string id = text_of(request, "id");
  if (operation == "do.namespaces") {
    SELVAGE_TRY(const std::vector<std::string> namespaces, objects_->namespaces());
    for (const std::string& each : namespaces) {
      SELVAGE_TRY(const auto stored, objects_->list(each));
      uint64_t bytes = 0;
      for (const auto& object : stored) bytes += object.bytes;
      SELVAGE_CHECK_STATUS(item({{"id", each}, {"objects", stored.size()}, {"bytes", bytes}}));
    }
    return Json::object();
  }
  if (operation == "do.list") {
    SELVAGE_TRY(const auto stored, objects_->list(space));
    for (const auto& object : stored) {
      SELVAGE_CHECK_STATUS(item({{"id", object.id}, {"bytes", object.bytes}}));
    }
    return Json::object();
  }
  if (operation == "do.copy") {
    SELVAGE_CHECK_STATUS(objects_->copy_object(space, id, text_of(request, "path")));
    return Json::object();
  }
  if (operation == "do.delete") {
    const Status erased =
        id.empty() ? objects_->erase_namespace(space) : objects_->erase_object(space, id);
    if (!erased) return fail(unless_in_use(erased.error(), "an object", "deleted"));
    return Json::object();
  }
  if (operation == "do.history") return history(request);
  if (operation == "do.restore") {
    auto undo = objects_->restore_object(space, id, text_of(request, "bookmark"));
    if (!undo) return fail(unless_in_use(std::move(undo).error(), "the object", "restored"));
    return Json{{"undo", *undo}};
  }
  return fail(ErrorCode::unsupported, "the engine does not know \"" + operation + "\"",
              "It is of another version: restart it");
}

Result<Json> Service::history(const Json& request) {
  object::ObjectStore::Moment moment;
  if (const auto time = integer_of(request, "time")) {
    moment = static_cast<uint64_t>(std::max<int64_t>(*time, 0));
  } else if (request.contains("bookmark")) {
    moment = text_of(request, "bookmark");
  }
  SELVAGE_TRY(const auto past,
              objects_->past_of(text_of(request, "namespace"), text_of(request, "id"), moment));
  Json answer = shown(past.now);
  answer["since"] = past.since;
  if (past.wanted) answer["wanted"] = shown(*past.wanted);
  return answer;
}

}  // namespace selvage::state
