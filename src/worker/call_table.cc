#include "worker/call_table.h"

#include <algorithm>

namespace selvage::worker {

int32_t CallTable::add(std::unique_ptr<http::ClientCall> call, InvocationId invocation) {
  if (entries_.size() >= look_at_) {
    std::erase_if(entries_, [](const auto& entry) { return entry.second.call->over(); });
    look_at_ = std::max(kFewest, entries_.size() * 2);
  }
  const int32_t id = ++last_id_;
  entries_.emplace(id, Entry{std::move(call), invocation});
  return id;
}

void CallTable::cancel(int32_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  // Out of the table first: it may come back here by who is told.
  const std::unique_ptr<http::ClientCall> call = std::move(found->second.call);
  entries_.erase(found);
  call->cancel(Error{ErrorCode::aborted, "The operation was aborted", ""});
}

void CallTable::end_of(InvocationId invocation) {
  if (entries_.empty()) return;
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.invocation == invocation; });
}

}  // namespace selvage::worker
