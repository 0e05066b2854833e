// How histories are kept to the retention, and to their size: commits that nobody can ask for any
// more are folded into the base.
#include <algorithm>
#include <mutex>
#include <optional>

#include "base/broken_variant.h"
#include "object/checkpointer.h"
#include "object/object_store.h"

namespace selvage::object {
namespace {

constexpr std::string_view kSuffix = ".history";

struct Plan {
  /// It tells of nothing but an object that is gone.
  bool remove = false;
  /// The commit to start from instead.
  std::optional<uint64_t> sequence = std::nullopt;
};

/// Commits go that were made until `cutoff`, as soon as they are half of the file or `patience`
/// older; and the oldest ones of a file that is too long.
Result<Plan> plan(const ObjectHistory& history, uint64_t unfinished, uint64_t cutoff,
                  uint64_t patience, uint64_t allowed_bytes) {
  SELVAGE_TRY(const ObjectHistory::End end, history.end(unfinished));
  SELVAGE_TRY(const uint64_t size, history.size());
  const bool over = end.point.page_count == 0 && end.point.time <= cutoff;
  if (over && unfinished == ObjectHistory::kNone) return Plan{.remove = true};

  const uint64_t longest = history.longest(allowed_bytes);
  const uint64_t base = history_chunks(history.head());
  uint64_t too_many = 0;  // bytes that must go
  if (size > longest) too_many = size - base - (longest - base) / 2;

  uint64_t expired = 0;
  uint64_t oldest = 0;  // the time of the first that goes
  uint64_t gone = 0;
  Plan plan;
  SELVAGE_CHECK_STATUS(history.scan(unfinished, [&](const HistoryChunk& chunk) -> Result<bool> {
    std::string_view commits = chunk.commits;
    while (const auto commit = take_history_commit(commits)) {
      SELVAGE_TRY(const Commitment said, read_commitment(commit->payload));
      const bool old = said.time <= cutoff;
      if (!old && gone >= too_many) return false;
      gone += commit->payload.size();
      if (old) expired += commit->payload.size();
      if (oldest == 0) oldest = said.time;
      plan.sequence = commit->sequence;
    }
    return true;
  }));
  const bool worth = too_many != 0 || 2 * expired >= size || oldest + patience <= cutoff;
  return worth ? plan : Plan();
}

}  // namespace

Result<std::vector<std::string>> ObjectStore::history_files() {
  SELVAGE_TRY(const std::vector<std::string> directories, files_.list(directory_));
  std::vector<std::string> found;
  for (const std::string& directory : directories) {
    if (!is_namespace_directory(directory)) continue;
    SELVAGE_TRY(const std::vector<std::string> names, files_.list(directory_ + "/" + directory));
    for (const std::string& name : names)
      if (name.find(kSuffix) != std::string::npos) found.push_back(directory + "/" + name);
  }
  return found;
}

Status ObjectStore::fold_histories() {
  SELVAGE_TRY(const std::vector<std::string> all, history_files());
  Status result;
  for (const std::string& path : all)
    if (Status folded = fold_history(path); !folded && result) result = std::move(folded);
  return result;
}

Status ObjectStore::fold_history(const std::string& relative_path) {
  const std::string path = directory_ + "/" + relative_path;
  const auto remove = [&]() -> Status {
    Status removed = files_.remove(path);
    // Whoever made it may have removed it since it was listed.
    if (!removed && removed.error().code == ErrorCode::not_found) return {};
    SELVAGE_CHECK_STATUS(std::move(removed));
    return files_.sync_directory(store::parent_directory(path));
  };
  // Nobody appends to a history, or makes one, between two batches of checkpoints.
  std::lock_guard batch(checkpointer_->batch_mutex());
  if (!relative_path.ends_with(kSuffix)) return remove();  // its making was interrupted

  const size_t slash = relative_path.find('/');
  const std::string id =
      relative_path.substr(slash + 1, relative_path.size() - kSuffix.size() - slash - 1);
  const auto key = ObjectKey::make(namespace_of_directory(relative_path.substr(0, slash)), id);
  if (!key) return {};  // not ours
  const std::string name = key->log_name();
  uint64_t unfinished = ObjectHistory::kNone;
  bool in_memory = false;
  {
    std::lock_guard lock(mutex_);
    if (to_rebuild_.contains(name)) return {};
    if (const auto found = objects_.find(name); found != objects_.end()) {
      in_memory = true;
      unfinished = found->second->first_unfinished();
    }
  }
  if (!keeps_history()) return unfinished == ObjectHistory::kNone ? remove() : Status();
  SELVAGE_TRY(const auto history, open_history(path));
  if (!history) return {};
  const auto retention = static_cast<uint64_t>(options_.history_retention.count());
  const uint64_t time = now() + (SELVAGE_BROKEN("fold-too-early") ? retention / 2 : 0);
  SELVAGE_TRY(Plan plan, object::plan(*history, unfinished, time > retention ? time - retention : 0,
                                      retention / 10, options_.history_bytes));
  const auto restore = scheduled_restores_->find(name);
  if (plan.remove) {
    // What is in memory counts on its restores not being counted anew.
    return restore || in_memory ? Status() : remove();
  }
  if (restore && plan.sequence) plan.sequence = std::min(*plan.sequence, restore->sequence);
  if (!plan.sequence || *plan.sequence <= history->base().sequence) return {};
  return ObjectHistory::fold(files_, path, *plan.sequence, unfinished, &memory_.damaged_histories);
}

}  // namespace selvage::object
