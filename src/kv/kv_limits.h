// What Workers KV accepts, and the words in which Cloudflare refuses the rest. Pure functions; the
// messages are those a script on Cloudflare sees.
//
// A refusal with ErrorCode::invalid_argument is a TypeError to the script, any other an Error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace selvage::kv {

struct KvLimits {
  size_t max_key_bytes = 512;
  size_t max_value_bytes = size_t{25} * 1024 * 1024;
  /// Of the metadata as JSON.
  size_t max_metadata_bytes = 1024;
  int64_t min_expiration_ttl_seconds = 60;
  int64_t min_cache_ttl_seconds = 30;
  int64_t max_list_keys = 1000;
  size_t max_bulk_keys = 100;
  /// Of all values together that one bulk get returns.
  size_t max_bulk_bytes = size_t{25} * 1024 * 1024;
  /// Of one invocation, on all namespaces together; a bulk operation counts once.
  uint32_t max_operations = 1000;

  bool operator==(const KvLimits&) const = default;
};

/// As it appears in messages: "KV GET failed: ...".
enum class KvOperation { get, get_bulk, put, erase };
std::string_view to_string(KvOperation operation);

/// "KV <operation> failed: <status> <message>".
tl::unexpected<Error> refuse(KvOperation operation, int status, std::string_view message);

/// The key of a get, put or delete.
Status check_key(const KvLimits& limits, KvOperation operation, std::string_view key);

/// The `cacheTtl` of a get, in seconds.
Status check_cache_ttl(const KvLimits& limits, KvOperation operation, int64_t seconds);

/// When an entry expires, in seconds since the epoch, from the options of a put: `ttl` goes before
/// `expiration`; nullopt when neither is given.
Result<std::optional<int64_t>> expiration_time(const KvLimits& limits,
                                               std::optional<int64_t> expiration,
                                               std::optional<int64_t> ttl, int64_t now);

Status check_value_size(const KvLimits& limits, size_t bytes);
Status check_metadata_size(const KvLimits& limits, size_t json_bytes);

/// The options of a list; `limit` nullopt when not given.
Status check_list(const KvLimits& limits, std::optional<int64_t> limit, std::string_view prefix);

/// How many keys a bulk get asks for, each of the keys, what it wants them as ("text" when it does
/// not say), and how much they came to.
Status check_bulk_count(const KvLimits& limits, size_t keys);
Status check_bulk_key(const KvLimits& limits, std::string_view key);
Status check_bulk_type(std::string_view type);
Status check_bulk_size(const KvLimits& limits, size_t bytes);
/// When a script wanted JSON and one of the values is none.
tl::unexpected<Error> refuse_bulk_json();

/// The number of this operation in its invocation, from 1.
Status check_operations(const KvLimits& limits, uint32_t count);

}  // namespace selvage::kv
