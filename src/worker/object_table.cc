#include "worker/object_table.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "js/native.h"
#include "worker/operation.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {

ObjectTable::~ObjectTable() { *alive_ = false; }

Result<int32_t> ObjectTable::open(std::string_view namespace_key, std::string_view id) {
  if (!detached_.empty()) return fail(ErrorCode::aborted, detached_);
  SELVAGE_TRY(std::unique_ptr<object::ObjectStorage> storage,
              isolate_.host().objects.open_object(namespace_key, id));
  const int32_t handle = ++last_handle_;
  Entry& entry = entries_[handle];
  entry.storage = std::move(storage);
  entry.storage->limit_sql_cpu_time(
      std::chrono::milliseconds(isolate_.worker().version().limits.cpu_ms));
  entry.committed = entry.durable = entry.gate = entry.storage->sequence();
  if (!entry.storage->durable()) {
    // It was closed with commits on their way: what is read of them may not leave before they have
    // arrived.
    --entry.durable;
    entry.storage->when_durable([this, handle, sequence = entry.committed, alive = alive_,
                                 &loop = isolate_.host().loop](const Status& status) {
      loop.post([this, handle, sequence, status, alive] {
        if (*alive) on_durable(handle, sequence, status);
      });
    });
  }
  return handle;
}

void ObjectTable::close(int32_t handle, bool discard) {
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return;
  if (found->second.in_use) {
    found->second.to_close = true;
    return;
  }
  if (found->second.dirty && !discard && found->second.storage->savepoints() == 0) {
    commit(handle, found->second);
  }
  fail_waiters(found->second,
               Error{ErrorCode::aborted, "The Durable Object's storage was closed.", ""});
  entries_.erase(found);
}

Result<object::ObjectStorage*> ObjectTable::find(int32_t handle) {
  const auto found = entries_.find(handle);
  if (found != entries_.end() && !found->second.to_close) return found->second.storage.get();
  return fail(ErrorCode::aborted, detached_.empty()
                                      ? "The Durable Object was reset: its storage is closed."
                                      : detached_);
}

void ObjectTable::expect_use(int32_t handle) {
  if (std::exchange(last_expected_, handle) == handle) return;
  const auto found = entries_.find(handle);
  if (found != entries_.end()) found->second.storage->expect_use();
}

Result<object::ObjectStorage*> ObjectTable::find_to_write(int32_t handle, bool unconfirmed) {
  SELVAGE_TRY(object::ObjectStorage * storage, find(handle));
  mark_dirty(handle, entries_.at(handle), unconfirmed);
  return storage;
}

void ObjectTable::mark_dirty(int32_t handle, Entry& entry, bool unconfirmed) {
  entry.gating |= !unconfirmed;
  entry.touched = true;
  if (entry.dirty) return;
  entry.dirty = true;
  dirty_.push_back(handle);
}

Result<object::ObjectStorage*> ObjectTable::use(int32_t handle) {
  SELVAGE_TRY(object::ObjectStorage * storage, find(handle));
  entries_.at(handle).in_use = true;
  return storage;
}

bool ObjectTable::expects_alarm() {
  return std::ranges::any_of(entries_, [](auto& each) {
    auto alarm = each.second.storage->alarm();
    return alarm && *alarm;
  });
}

void ObjectTable::end_use(int32_t handle) {
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.in_use = false;
  entry.storage->note_use();
  if (entry.storage->in_transaction()) mark_dirty(handle, entry, false);
  if (entry.to_close) close(handle, false);
}

void ObjectTable::commit() {
  if (dirty_.empty()) return;
  std::vector<int32_t> open_transactions;
  for (int32_t handle : dirty_) {
    const auto found = entries_.find(handle);
    if (found == entries_.end() || !found->second.dirty) continue;
    found->second.touched = false;
    if (found->second.storage->savepoints() > 0) {
      open_transactions.push_back(handle);  // transaction() is still running
    } else {
      commit(handle, found->second);
    }
  }
  dirty_.swap(open_transactions);
}

std::vector<int32_t> ObjectTable::cut_short() {
  std::vector<int32_t> handles;
  for (int32_t handle : dirty_) {
    const auto found = entries_.find(handle);
    if (found == entries_.end() || !std::exchange(found->second.touched, false)) continue;
    handles.push_back(handle);
  }
  return handles;
}

void ObjectTable::commit(int32_t handle, Entry& entry) {
  entry.dirty = false;
  ++entry.commits;
  const bool gating = std::exchange(entry.gating, false);
  if (gating) entry.last_gating = entry.commits;
  auto committed =
      entry.storage->commit([this, handle, alive = alive_, &loop = isolate_.host().loop](
                                uint64_t sequence, const Status& status) {
        loop.post([this, handle, sequence, status, alive] {
          if (*alive) on_durable(handle, sequence, status);
        });
      });
  if (!committed) {
    log_error(isolate_.worker().name(),
              "a Durable Object's write failed: " + committed.error().describe());
    fail_waiters(entry, committed.error());
    return;
  }
  entry.storage->note_use();
  if (*committed) {
    entry.committed = **committed;
    isolate_.counters().count(signals::ObjectCount::commit);
  }
  if (gating) entry.gate = entry.committed;
  for (Waiter& waiter : entry.waiters) {
    if (waiter.sequence == kNextCommit) waiter.sequence = entry.committed;
  }
  if (entry.committed == entry.durable) on_durable(handle, entry.durable, Status());
}

uint64_t ObjectTable::sequence_of(const Entry& entry, bool sync) {
  if (sync ? entry.dirty : entry.gating) return kNextCommit;
  return sync ? entry.committed : entry.gate;
}

v8::MaybeLocal<v8::Value> ObjectTable::barrier(int32_t handle, bool sync) {
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return {};
  Entry& entry = found->second;
  const bool broken = entry.storage->broken();
  const bool durable = sync ? !entry.dirty && entry.committed == entry.durable : entry.open();
  if (!broken && durable && *entry.settling == 0) return {};
  v8::Local<v8::Promise> promise;
  std::shared_ptr<Operation> operation = isolate_.operations().start(
      isolate_, promise, sync ? async_context(isolate_.v8()) : AsyncContext{});
  if (!operation) return {};
  Waiter waiter{sequence_of(entry, sync), std::move(operation), {}};
  if (broken) {
    // Nothing leaves an object that may believe what never became durable.
    settle(entry, waiter, entry.storage->usable());
  } else if (durable) {
    settle(entry, waiter, {});
  } else {
    entry.waiters.push_back(std::move(waiter));
  }
  return promise;
}

uint64_t ObjectTable::pending_commit(int32_t handle) const {
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return 0;
  const Entry& entry = found->second;
  if (entry.gating || entry.storage->broken()) return entry.commits + 1;
  return entry.open() ? 0 : entry.last_gating;
}

void ObjectTable::when_durable(int32_t handle, UniqueFunction<void(const Status&)> callback) {
  const auto found = entries_.find(handle);
  Status known;
  bool pending = false;
  if (found != entries_.end()) {
    Entry& entry = found->second;
    if (entry.storage->broken())
      known = entry.storage->usable();
    else
      pending = !entry.open();
  }
  if (!pending) {
    isolate_.host().loop.defer(
        [callback = std::move(callback), known]() mutable { callback(known); });
    return;
  }
  Entry& entry = found->second;
  entry.waiters.push_back({sequence_of(entry, false), nullptr, std::move(callback)});
}

void ObjectTable::on_durable(int32_t handle, uint64_t sequence, const Status& status) {
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (!status) {
    log_error(isolate_.worker().name(),
              "a Durable Object's write may be lost: " + status.error().describe());
    fail_waiters(entry, status.error());
    return;
  }
  entry.durable = std::max(entry.durable, sequence);
  std::erase_if(entry.waiters, [&](Waiter& waiter) {
    if (waiter.sequence > entry.durable) return false;
    settle(entry, waiter, {});
    return true;
  });
}

void ObjectTable::settle(Entry& entry, Waiter& waiter, Status status) {
  if (!waiter.operation) {
    waiter.callback(status);
    return;
  }
  ++*entry.settling;
  waiter.operation->complete([settling = entry.settling, status = std::move(status)](
                                 WorkerIsolate& isolate, Operation::Resolver resolver) {
    --*settling;
    if (status) {
      resolver->Resolve(isolate.context(), v8::Undefined(isolate.v8())).Check();
    } else {
      reject(isolate.v8(), resolver, status.error());
    }
  });
}

void ObjectTable::fail_waiters(Entry& entry, const Error& error) {
  for (Waiter& waiter : std::exchange(entry.waiters, {})) {
    settle(entry, waiter, fail(error));
  }
}

void ObjectTable::detach_all(std::string_view message) {
  detached_ = message;
  commit();
  std::vector<int32_t> handles;
  for (const auto& [handle, entry] : entries_) handles.push_back(handle);
  for (const int32_t handle : handles) close(handle, false);
}

void ObjectTable::close_all() {
  while (!entries_.empty()) {
    entries_.begin()->second.in_use = false;  // by a call that the isolate's end cut off
    close(entries_.begin()->first, true);
  }
  dirty_.clear();
  events_pending = false;
}

}  // namespace selvage::worker
