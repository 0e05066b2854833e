#include "kv/kv_limits.h"

#include <fmt/format.h>

namespace selvage::kv {
namespace {

constexpr int kBadRequest = 400;
constexpr int kContentTooLarge = 413;
constexpr int kUriTooLong = 414;

Status check_key_size(const KvLimits& limits, KvOperation operation, std::string_view key) {
  if (key.size() <= limits.max_key_bytes) return {};
  return refuse(operation, kUriTooLong,
                fmt::format("UTF-8 encoded length of {} exceeds key length limit of {}.",
                            key.size(), limits.max_key_bytes));
}

}  // namespace

std::string_view to_string(KvOperation operation) {
  switch (operation) {
    case KvOperation::get: return "GET";
    case KvOperation::get_bulk: return "GET_BULK";
    case KvOperation::put: return "PUT";
    case KvOperation::erase: return "DELETE";
  }
  return "";
}

tl::unexpected<Error> refuse(KvOperation operation, int status, std::string_view message) {
  return fail(ErrorCode::limit_exceeded,
              fmt::format("KV {} failed: {} {}", to_string(operation), status, message));
}

Status check_key(const KvLimits& limits, KvOperation operation, std::string_view key) {
  if (key.empty()) return fail(ErrorCode::invalid_argument, "Key name cannot be empty.");
  if (key == "." || key == "..") {
    return fail(ErrorCode::invalid_argument,
                fmt::format("\"{}\" is not allowed as a key name.", key));
  }
  return check_key_size(limits, operation, key);
}

Status check_cache_ttl(const KvLimits& limits, KvOperation operation, int64_t seconds) {
  if (seconds >= limits.min_cache_ttl_seconds) return {};
  return refuse(operation, kBadRequest,
                fmt::format("Invalid cache_ttl of {}. Cache TTL must be at least {}.", seconds,
                            limits.min_cache_ttl_seconds));
}

Result<std::optional<int64_t>> expiration_time(const KvLimits& limits,
                                               std::optional<int64_t> expiration,
                                               std::optional<int64_t> ttl, int64_t now) {
  if (ttl) {
    if (*ttl <= 0) {
      return refuse(
          KvOperation::put, kBadRequest,
          fmt::format("Invalid expiration_ttl of {}. Please specify integer greater than 0.",
                      *ttl));
    }
    if (*ttl < limits.min_expiration_ttl_seconds) {
      return refuse(KvOperation::put, kBadRequest,
                    fmt::format("Invalid expiration_ttl of {}. Expiration TTL must be at least {}.",
                                *ttl, limits.min_expiration_ttl_seconds));
    }
    return now + *ttl;
  }
  if (!expiration) return std::nullopt;
  if (*expiration <= now) {
    return refuse(KvOperation::put, kBadRequest,
                  fmt::format("Invalid expiration of {}. Please specify integer greater than the "
                              "current number of seconds since the UNIX epoch.",
                              *expiration));
  }
  if (*expiration < now + limits.min_expiration_ttl_seconds) {
    return refuse(KvOperation::put, kBadRequest,
                  fmt::format("Invalid expiration of {}. Expiration times must be at least {} "
                              "seconds in the future.",
                              *expiration, limits.min_expiration_ttl_seconds));
  }
  return expiration;
}

Status check_value_size(const KvLimits& limits, size_t bytes) {
  if (bytes <= limits.max_value_bytes) return {};
  return refuse(
      KvOperation::put, kContentTooLarge,
      fmt::format("Value length of {} exceeds limit of {}.", bytes, limits.max_value_bytes));
}

Status check_metadata_size(const KvLimits& limits, size_t json_bytes) {
  if (json_bytes <= limits.max_metadata_bytes) return {};
  return refuse(KvOperation::put, kContentTooLarge,
                fmt::format("Metadata length of {} exceeds limit of {}.", json_bytes,
                            limits.max_metadata_bytes));
}

Status check_list(const KvLimits& limits, std::optional<int64_t> limit, std::string_view prefix) {
  if (limit && *limit < 1) {
    return refuse(KvOperation::get, kBadRequest,
                  fmt::format("Invalid key_count_limit of {}. Please specify an integer greater "
                              "than 0.",
                              *limit));
  }
  if (limit && *limit > limits.max_list_keys) {
    return refuse(KvOperation::get, kBadRequest,
                  fmt::format("Invalid key_count_limit of {}. Please specify an integer less than "
                              "{}.",
                              *limit, limits.max_list_keys));
  }
  return check_key_size(limits, KvOperation::get, prefix);
}

Status check_bulk_count(const KvLimits& limits, size_t keys) {
  if (keys > limits.max_bulk_keys) {
    return refuse(KvOperation::get_bulk, kBadRequest,
                  fmt::format("You can request a maximum of {} keys", limits.max_bulk_keys));
  }
  if (keys < 1)
    return refuse(KvOperation::get_bulk, kBadRequest, "You must request a minimum of 1 key");
  return {};
}

Status check_bulk_key(const KvLimits& limits, std::string_view key) {
  if (key.empty()) return refuse(KvOperation::get_bulk, kBadRequest, "Key names must not be empty");
  if (key == "." || key == "..") {
    return refuse(KvOperation::get_bulk, kBadRequest,
                  fmt::format("Illegal key name \"{}\". Please use a different name.", key));
  }
  return check_key_size(limits, KvOperation::get_bulk, key);
}

Status check_bulk_type(std::string_view type) {
  if (type.empty() || type == "text" || type == "json") return {};
  return refuse(KvOperation::get_bulk, kBadRequest,
                fmt::format("\"{}\" is not a valid type. Use \"json\" or \"text\"", type));
}

Status check_bulk_size(const KvLimits& limits, size_t bytes) {
  if (bytes <= limits.max_bulk_bytes) return {};
  return refuse(KvOperation::get_bulk, kContentTooLarge,
                fmt::format("Total size of request exceeds the limit of {}MB",
                            limits.max_bulk_bytes / 1024 / 1024));
}

tl::unexpected<Error> refuse_bulk_json() {
  return refuse(KvOperation::get_bulk, kBadRequest,
                "At least one of the requested keys corresponds to a non-json value");
}

Status check_operations(const KvLimits& limits, uint32_t count) {
  if (count <= limits.max_operations) return {};
  return fail(ErrorCode::limit_exceeded, "Too many API requests by single worker invocation.");
}

}  // namespace selvage::kv
