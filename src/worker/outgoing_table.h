// The bodies that a script writes: of responses, and of requests that it sends.
#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "loop/pipe.h"
#include "worker/event.h"

namespace selvage::worker {

class Operation;

/// The loop's holder only; from inside the isolate.
class OutgoingTable {
 public:
  explicit OutgoingTable(WorkerIsolate& isolate) : isolate_(isolate) {}
  ~OutgoingTable();

  /// A new pipe with its number. `response`: it is the body of the invocation's response, which is
  /// over when the pipe ends.
  int32_t open(InvocationId invocation, bool response, std::shared_ptr<loop::Pipe>& pipe);
  /// The number of a pipe that somebody else made, and reads.
  int32_t adopt(InvocationId invocation, std::shared_ptr<loop::Pipe> pipe);
  /// It breaks off with `invocation` from now on.
  void reassign(int32_t id, InvocationId invocation);
  /// True: write on. False: wait for drained().
  bool write(int32_t id, std::string bytes);
  /// A promise for the moment when there is room; rejects when the reader is gone.
  v8::MaybeLocal<v8::Value> drained(int32_t id);
  void end(int32_t id);
  void fail(int32_t id, Error error);
  /// The invocation was cut short: what it was writing breaks off.
  void break_of(InvocationId invocation, const Error& error);
  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    std::shared_ptr<loop::Pipe> pipe;
    InvocationId invocation = 0;
    bool response = false;
    bool full = false;
    std::shared_ptr<Operation> waiting;
    Error canceled;
  };
  void close(int32_t id);

  WorkerIsolate& isolate_;
  int32_t last_id_ = 0;
  std::unordered_map<int32_t, Entry> entries_;
};

}  // namespace selvage::worker
