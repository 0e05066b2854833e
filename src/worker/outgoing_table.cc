#include "worker/outgoing_table.h"

#include <vector>

#include "worker/operation.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {

OutgoingTable::~OutgoingTable() {
  for (auto& [id, entry] : entries_) {
    entry.pipe->on_drain(nullptr);
    entry.pipe->on_cancel(nullptr);
    entry.pipe->fail(Error{ErrorCode::aborted, "the worker that wrote this body is gone", ""});
  }
}

int32_t OutgoingTable::open(InvocationId invocation, bool response,
                            std::shared_ptr<loop::Pipe>& pipe) {
  pipe = loop::Pipe::create();
  const int32_t id = adopt(invocation, pipe);
  entries_.at(id).response = response;
  return id;
}

int32_t OutgoingTable::adopt(InvocationId invocation, std::shared_ptr<loop::Pipe> pipe) {
  const int32_t id = ++last_id_;
  entries_[id] = Entry{pipe, invocation, false, false, nullptr, {}};
  pipe->on_drain([this, id] {
    Entry& entry = entries_.at(id);
    entry.full = false;
    if (entry.waiting) std::exchange(entry.waiting, nullptr)->complete(Status());
  });
  pipe->on_cancel([this, id](const Error& error) {
    Entry& entry = entries_.at(id);
    entry.canceled = error;
    if (entry.waiting) std::exchange(entry.waiting, nullptr)->complete(selvage::fail(error));
  });
  return id;
}

void OutgoingTable::reassign(int32_t id, InvocationId invocation) {
  if (const auto found = entries_.find(id); found != entries_.end()) {
    found->second.invocation = invocation;
  }
}

bool OutgoingTable::write(int32_t id, std::string bytes) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return true;
  // The reader may be called from within write, and change the table.
  const std::shared_ptr<loop::Pipe> pipe = found->second.pipe;
  if (pipe->canceled()) return false;
  found->second.full = true;
  const bool more = pipe->write(std::move(bytes));
  if (const auto again = entries_.find(id); again != entries_.end()) again->second.full = !more;
  return more;
}

v8::MaybeLocal<v8::Value> OutgoingTable::drained(int32_t id) {
  v8::Local<v8::Promise> promise;
  std::shared_ptr<Operation> operation = isolate_.operations().start(isolate_, promise);
  if (!operation) return {};
  const auto found = entries_.find(id);
  if (found == entries_.end()) {
    operation->complete(selvage::fail(ErrorCode::aborted, "the reader of this body is gone"));
  } else if (found->second.pipe->canceled()) {
    operation->complete(selvage::fail(found->second.canceled));
  } else if (!found->second.full) {
    operation->complete(Status());
  } else {
    found->second.waiting = std::move(operation);
  }
  return promise;
}

void OutgoingTable::close(int32_t id) {
  const auto found = entries_.find(id);
  Entry entry = std::move(found->second);
  entries_.erase(found);
  entry.pipe->on_drain(nullptr);
  entry.pipe->on_cancel(nullptr);
  if (!entry.response) return;
  if (Invocation* invocation = isolate_.find(entry.invocation)) {
    invocation->set_streaming(false);
    invocation->unhold();
    isolate_.settle(*invocation);
  }
}

void OutgoingTable::end(int32_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  const std::shared_ptr<loop::Pipe> pipe = found->second.pipe;
  close(id);
  pipe->end();
}

void OutgoingTable::fail(int32_t id, Error error) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  const std::shared_ptr<loop::Pipe> pipe = found->second.pipe;
  close(id);
  pipe->fail(std::move(error));
}

void OutgoingTable::break_of(InvocationId invocation, const Error& error) {
  std::vector<int32_t> ids;
  for (const auto& [id, entry] : entries_) {
    if (entry.invocation == invocation) ids.push_back(id);
  }
  for (int32_t id : ids) {
    const std::shared_ptr<loop::Pipe> pipe = entries_.at(id).pipe;
    entries_.at(id).response = false;  // whoever breaks it ends the invocation
    close(id);
    pipe->fail(error);
  }
}

}  // namespace selvage::worker
