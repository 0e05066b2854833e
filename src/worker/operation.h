// What a script waits for: a promise, and the event that settles it.
#pragma once

#include <v8.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "base/function.h"
#include "base/result.h"
#include "worker/async_context.h"
#include "worker/event.h"

namespace selvage::worker {

/// Owned by the isolate's table; whoever will complete it shares a handle. When the isolate goes
/// away first, completing it does nothing; when all handles are dropped first, the promise never
/// settles.
class Operation final : public Event {
 public:
  using Resolver = v8::Local<v8::Promise::Resolver>;
  /// Inside the isolate: settles the promise.
  using Settle = UniqueFunction<void(WorkerIsolate&, Resolver)>;

  Operation(WorkerIsolate& isolate, AsyncContext context, Resolver resolver);

  /// The loop's holder, once. The promise is settled in the isolate's next turn.
  void complete(Settle settle);
  /// Completes with undefined, or rejects with an Error of the status's message.
  void complete(Status status);
  /// It will never be completed.
  void give_up();
  /// Whether the isolate is gone.
  [[nodiscard]] bool canceled() const { return isolate_ == nullptr; }

  void deliver(WorkerIsolate& isolate) override;
  void release(bool dropped) override;

 private:
  friend class OperationTable;
  WorkerIsolate* isolate_;
  v8::Global<v8::Promise::Resolver> resolver_;
  Settle settle_;
  bool completed_ = false;
  bool mute_ = false;
};

/// The operations of an isolate that are not settled yet.
class OperationTable {
 public:
  /// Inside. A new operation of the running invocation; its promise is put in `promise`. Empty when
  /// an exception is pending. The last reference is to be dropped by the loop's holder.
  std::shared_ptr<Operation> start(WorkerIsolate& isolate, v8::Local<v8::Promise>& promise);
  /// The same for `context`: its invocation waits, its input gate holds.
  std::shared_ptr<Operation> start(WorkerIsolate& isolate, v8::Local<v8::Promise>& promise,
                                   AsyncContext context);
  /// The promises of what `invocation` waits for never settle.
  void cancel_of(InvocationId invocation);
  /// The isolate is going away. `lost`: V8 must not be touched.
  void cancel_all(bool lost);
  [[nodiscard]] bool empty() const { return live_.empty(); }

 private:
  friend class Operation;
  std::unordered_map<Operation*, std::shared_ptr<Operation>> live_;
};

/// Rejects with an Error that has the message of `error`; "TypeError: ..." and the like, which a
/// script threw elsewhere, become errors of that kind.
void reject(v8::Isolate* isolate, Operation::Resolver resolver, const Error& error);

}  // namespace selvage::worker
