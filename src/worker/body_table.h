// The bodies that a script can read: of requests that came in, and of responses to its fetches.
#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "http/exchange.h"
#include "http/message.h"
#include "loop/pipe.h"
#include "worker/event.h"

namespace selvage::worker {

/// Number of a body in its isolate, from 1. JavaScript's BodyId.
using BodyId = int32_t;

/// The loop's holder only; the reading functions inside the isolate as well.
class BodyTable {
 public:
  explicit BodyTable(WorkerIsolate& isolate) : isolate_(isolate) {}
  ~BodyTable();

  /// The body of a request; taken from the exchange when somebody reads it.
  BodyId add(http::Exchange& exchange, InvocationId invocation);
  /// `coding`: the Content-Encoding that is undone when a script reads it; "" for none.
  BodyId add(http::Body body, InvocationId invocation, std::string coding = {});
  /// It ends with `invocation` from now on.
  void reassign(BodyId id, InvocationId invocation);
  /// The exchange ended: what was not read of its body is gone.
  void detach(const http::Exchange& exchange);
  void end_of(InvocationId invocation);

  /// Everything that is left, as text or bytes: the value if it is here, else a promise.
  v8::MaybeLocal<v8::Value> read_all(BodyId id, bool as_text);
  /// The next chunk as a promise of Uint8Array, or of null at the end.
  v8::MaybeLocal<v8::Value> read(BodyId id);
  void cancel(BodyId id);
  /// -1 when unknown.
  [[nodiscard]] int64_t length(BodyId id) const;
  /// Takes a body away, to be sent on without JavaScript seeing it. Absent when already used.
  http::Body take(BodyId id) { return take_coded(id, {}); }
  /// The same with the content coding `coding`: untouched, if that is the one it came with.
  http::Body take_coded(BodyId id, std::string_view coding);

 private:
  struct Entry {
    http::Exchange* exchange = nullptr;
    http::Body body;
    InvocationId invocation = 0;
    std::string coding;
  };
  class Collector;

  Entry* find(BodyId id);
  static void decode(Entry& entry);
  std::shared_ptr<loop::Pipe> pipe_of(Entry& entry);

  WorkerIsolate& isolate_;
  BodyId last_id_ = 0;
  std::unordered_map<BodyId, Entry> entries_;
};

/// UTF-8 decoded as body.text() does: without a byte order mark, malformed parts replaced.
v8::Local<v8::String> decode_text(v8::Isolate* isolate, std::string_view bytes);

}  // namespace selvage::worker
