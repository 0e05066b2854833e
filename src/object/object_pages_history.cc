// How a checkpoint brings an object's history up to date (see object_pages.h).
#include <utility>

#include "base/log.h"
#include "object/object_pages.h"

namespace selvage::object {

using store::File;

std::string ObjectPages::history_path() const {
  constexpr std::string_view kDatabase = ".sqlite";
  return path_.substr(0, path_.size() - kDatabase.size()) + ".history";
}

/// Leaves `written.history` empty when it cannot begin before the file is up to date.
Status ObjectPages::write_history(Written& written) {
  if (!memory_.keep_history) {
    // It must not be continued later, with the commits of now missing.
    Status removed = files_.remove(history_path());
    if (removed) note_folder_changed();
    if (!removed && removed.error().code != ErrorCode::not_found) return removed;
    return {};
  }
  if (taken_commits_.empty()) return {};
  SELVAGE_TRY(std::optional<ObjectHistory> history,
              ObjectHistory::open(files_, history_path(), &memory_.damaged_histories));
  if (std::exchange(history_is_finished_, false) && history) {
    // Later nobody can tell a finished chunk that was damaged from what an attempt left. Commits
    // behind a gap would make states that never were.
    const auto whole = history->end(ObjectHistory::kNone);
    if (!whole && whole.error().code != ErrorCode::corrupt) return fail(whole.error());
    if (!whole) {
      log_warn("object storage", history_path() + ": " + whole.error().describe() +
                                     ". A new one is begun; what came before cannot be told");
      history.reset();
    }
  }
  if (!history) {
    SELVAGE_CHECK_STATUS(files_.create_directories(store::parent_directory(path_)));
    note_folder_changed();
    SELVAGE_TRY(history, begin_history());
    if (!history) return {};
  }
  SELVAGE_CHECK_STATUS(history->append(taken_commits_));
  SELVAGE_TRY(const uint64_t size, history->size());
  written.history_is_long = size > history->longest(memory_.history_bytes_each);
  written.history = history->file();
  return {};
}

/// The first history: from what the file has, if that is the state before the commits; or from the
/// first commit that found nothing. nullopt: neither.
Result<std::optional<ObjectHistory>> ObjectPages::begin_history() {
  std::string_view commits = taken_commits_;
  bool intact = false;
  {
    std::lock_guard lock(mutex_);
    intact = file_intact_;
  }
  for (bool first = true; const auto commit = take_history_commit(commits); first = false) {
    SELVAGE_TRY(const Commitment said, read_commitment(commit->payload));
    HistoryPoint base;
    if (said.from_nothing) {
      if (!first) base = {.sequence = commit->sequence - 1, .time = said.time};
      SELVAGE_TRY(ObjectHistory begun, ObjectHistory::begin(files_, history_path(), base));
      return begun;
    }
    if (!intact) continue;
    SELVAGE_TRY(const std::shared_ptr<File> database, file());
    SELVAGE_TRY(const uint64_t size, database->size());
    base = {.time = said.time, .page_count = static_cast<uint32_t>(size / kPageSize)};
    SELVAGE_TRY(ObjectHistory begun,
                ObjectHistory::begin_with(files_, history_path(), base, *database));
    return begun;
  }
  return std::nullopt;
}

/// The file is as of the snapshot now: the history starts there.
Status ObjectPages::begin_history_after(const Snapshot& snapshot, Written& written) {
  HistoryPoint base{.sequence = snapshot.sequence, .page_count = snapshot.page_count};
  std::string_view commits = taken_commits_;
  while (const auto commit = take_history_commit(commits)) {
    SELVAGE_TRY(const Commitment said, read_commitment(commit->payload));
    if (said.time != 0) base.time = said.time;
    if (said.restore != 0) base.restores = said.restore;
  }
  if (written.file) {
    SELVAGE_TRY(const ObjectHistory begun,
                ObjectHistory::begin_with(files_, history_path(), base, *written.file));
    written.history = begun.file();
  } else {
    SELVAGE_TRY(const ObjectHistory begun, ObjectHistory::begin(files_, history_path(), base));
    written.history = begun.file();
  }
  return {};
}

}  // namespace selvage::object
