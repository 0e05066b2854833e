// What the command line asks of a platform's state, answered on the stores themselves: by the
// engine when one runs, by the command when none does.
//
// A request and its answer are JSON. Bytes of values travel as base64.
//
//   {"op":"kv.get", "namespace", "key"}          -> {"found", "value", "metadata", "expiration"}
//   {"op":"kv.write", "namespace", "entries":[   -> {}; all of them or none
//       {"key", "value", "metadata"?, "expiration"?}    as it is: an import's
//       {"key", "value", "metadata"?, "put_expiration"?, "put_ttl"?}   by the rules of a put
//       {"key"}]}                                       erases
//   {"op":"kv.list", "namespace", "prefix"?, "limit"?, "values"?}
//       items {"key", "expiration"?, "metadata"?, "value"?}; everything when there is no limit
//   {"op":"kv.namespaces"}                       items {"id", "keys", "bytes"}
//   {"op":"kv.create" | "kv.erase", "namespace"} -> {}
//   {"op":"kv.rename", "namespace", "to"}        -> {}
//   {"op":"do.namespaces"}                       items {"id", "objects", "bytes"}
//   {"op":"do.list", "namespace"}                items {"id", "bytes"}
//   {"op":"do.copy", "namespace", "id", "path"}  -> {}; a SQLite file of the object's state
//   {"op":"do.delete", "namespace", "id"?}       -> {}; without an id, all objects
//   {"op":"do.history", "namespace", "id", "time"? | "bookmark"?}
//       -> {"bookmark", "time", "bytes", "since", "wanted"?:{"bookmark", "time", "bytes"}}
//       the state of now, since when there is a history, and the one that was asked about
//   {"op":"do.restore", "namespace", "id", "bookmark"}  -> {"undo"}: a bookmark
//   {"op":"tail", "worker"?, "filters"?}         items: records (signals/record.h) as they come,
//   and {}
//       once a second, until whoever asked has closed; filters as in signals/tail_filter.h
//
// "metadata" is text: the JSON that was stored.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "base/function.h"
#include "base/result.h"
#include "kv/kv_limits.h"
#include "kv/kv_store.h"
#include "object/object_store.h"
#include "signals/hub.h"

namespace selvage::state {

/// Takes one item of an answer. An error ends the answer: nobody listens any more.
using ItemCallback = UniqueFunction<Status(const nlohmann::json& item)>;

/// One thread's. The stores must outlive it; one of them may be missing when it is not asked about.
class Service {
 public:
  Service(kv::KvStore* kv, object::ObjectStore* objects, const kv::KvLimits& limits,
          signals::Hub* hub = nullptr)
      : kv_(kv), objects_(objects), limits_(limits), hub_(hub) {}

  /// Blocks until it is done; what was written is durable then.
  Result<nlohmann::json> answer(const nlohmann::json& request, ItemCallback& item);

 private:
  Result<kv::KvReader*> reader();
  Result<nlohmann::json> kv_get(const nlohmann::json& request);
  Result<nlohmann::json> kv_write(const nlohmann::json& request);
  Result<nlohmann::json> kv_list(const nlohmann::json& request, ItemCallback& item);
  Result<nlohmann::json> objects(const std::string& operation, const nlohmann::json& request,
                                 ItemCallback& item);
  Result<nlohmann::json> history(const nlohmann::json& request);
  Result<nlohmann::json> tail(const nlohmann::json& request, ItemCallback& item);

  kv::KvStore* kv_;
  object::ObjectStore* objects_;
  const kv::KvLimits& limits_;
  signals::Hub* hub_;  // nullptr: no engine runs
  std::unique_ptr<kv::KvReader> reader_;
};

}  // namespace selvage::state
