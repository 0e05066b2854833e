// The records that the events of one isolate make of themselves while somebody listens (signals/
// hub.h): those of requests and the like from their beginning, when all are wanted; else only once
// an invocation logs something or fails.
//
// A Durable Object's life has many events. Each makes a record of its own, and what the object logs
// goes to the newest that has no answer yet, as on workerd. What it logs outside of any, or while
// only notable events are recorded, makes a record of kind "other", which ends within a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "signals/record.h"
#include "worker/event.h"

namespace selvage::worker {

class Invocation;
class WorkerIsolate;

/// The loop's holder only.
class RecordTable {
 public:
  explicit RecordTable(WorkerIsolate& isolate) : isolate_(isolate) {}

  [[nodiscard]] bool empty() const { return open_.empty(); }
  [[nodiscard]] bool finished() const { return !finished_.empty(); }
  /// All are wanted: that of an invocation that begins.
  void begin(const Invocation& invocation);
  /// That of an RPC session that begins.
  void begin_rpc(const Invocation& invocation, std::string method, std::string entrypoint);
  /// That of an object's event; its number, for end_event().
  int32_t begin_event(const Invocation& object, signals::Record record);
  void end_event(const Invocation& object, int32_t number, int status, signals::Outcome outcome);

  // Without effect when nobody listens, or the invocation is over.
  void log(InvocationId id, std::string level, std::string message);
  /// `fails`: the invocation has failed by it.
  void except(InvocationId id, std::string_view described, std::string stack, bool fails);
  void responded(InvocationId id, int status);
  void fail(InvocationId id, signals::Outcome outcome);

  /// The invocation is over: so are its records.
  void end_of(const Invocation& invocation);
  /// The stretch of code that `payer` pays for is over: what ended in it is published.
  void publish_finished(InvocationId payer, std::chrono::nanoseconds cpu);
  /// Ends the records that belong to no event.
  void end_strays();

 private:
  struct Open {
    std::shared_ptr<signals::Record> record;
    int32_t number = 0;  // of an object's event
    bool stray = false;
    std::chrono::steady_clock::time_point started;
  };
  struct Finished {
    InvocationId id = 0;
    std::shared_ptr<signals::Record> record;
    std::chrono::nanoseconds cpu{};
  };

  signals::Record blank() const;
  void describe(const Invocation& invocation, signals::Record& record) const;
  /// The one that takes what the invocation logs; made when it is missing and wanted.
  signals::Record* current(InvocationId id);
  void finish(const Invocation& invocation, Open open);
  void publish(Finished finished) const;

  WorkerIsolate& isolate_;
  int32_t last_number_ = 0;
  std::unordered_map<InvocationId, std::vector<Open>> open_;
  std::vector<Finished> finished_;
};

}  // namespace selvage::worker
