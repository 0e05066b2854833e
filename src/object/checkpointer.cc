#include "object/checkpointer.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "base/broken_variant.h"
#include "base/log.h"
#include "object/object_store.h"
#include "store/sqlite_memory.h"

namespace selvage::object {
namespace {

constexpr size_t kBatchObjects = 512;
/// From so many files on, one sync of the whole file system costs less than theirs.
constexpr size_t kManyFiles = 4;
constexpr std::chrono::milliseconds kPauseAfterFailure{500};
/// So many objects that leave memory are worth a look for memory that the system can have back.
constexpr size_t kManyObjects = 1000;
constexpr size_t kHistoriesAtOnce = 16;
/// All histories are looked at so often while commits grow too old; but not more often, or less.
constexpr uint64_t kLooksInRetention = 30;
constexpr uint64_t kShortestLook = 1000;
constexpr uint64_t kLongestLook = uint64_t{24} * 60 * 60 * 1000;

}  // namespace

Checkpointer::~Checkpointer() { stop(); }

void Checkpointer::start() {
  thread_ = std::thread([this] { loop(); });
}

void Checkpointer::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::wake() {
  if (wanted_.load(std::memory_order_relaxed)) return;
  {
    std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  woken_.notify_one();
}

void Checkpointer::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto woken = [this] { return stopping_ || wanted_.load(); };
    lock.unlock();
    const bool more = store_.options_.fold_in_background && fold_some();
    (void)store_.scheduled_restores_->save();  // a failure shows when somebody schedules one
    lock.lock();
    if (more && !woken()) continue;
    if (!woken_.wait_for(lock, store_.options_.quiet_time, woken)) {
      lock.unlock();
      if (quiet()) write_out_all();
      lock.lock();
      continue;
    }
    while (!stopping_ && store_.over_limit(/*well_below=*/true)) {
      lock.unlock();
      std::vector<std::shared_ptr<ObjectPages>> batch = store_.take_dirty(kBatchObjects);
      bool nothing = batch.empty();
      Status status = run_batch(std::move(batch));
      lock.lock();
      if (nothing) break;  // what is over the limit belongs to broken objects
      if (!status) woken_.wait_for(lock, kPauseAfterFailure, [this] { return stopping_; });
    }
    if (stopping_) return;
    wanted_ = false;
  }
}

bool Checkpointer::quiet() {
  const uint64_t position = store_.log_.position();
  const bool same = std::exchange(seen_position_, position) == position;
  return same && store_.oldest_dirty_.load(std::memory_order_relaxed) != UINT64_MAX;
}

void Checkpointer::write_out_all() {
  const uint64_t before = objects_.load();
  if (!run_all()) return;  // the limits, or the next look, try again
  if (objects_.load() - before >= kManyObjects) store::release_unused_memory();
  seen_position_ = store_.log_.position();  // which the checkpoints themselves move
}

Status Checkpointer::run_all() {
  // What becomes dirty again meanwhile is not waited for.
  std::vector<std::shared_ptr<ObjectPages>> all = store_.take_dirty(SIZE_MAX);
  Status result;
  for (size_t first = 0; first < all.size(); first += kBatchObjects) {
    size_t last = std::min(all.size(), first + kBatchObjects);
    Status status = run_batch(
        {all.begin() + static_cast<ptrdiff_t>(first), all.begin() + static_cast<ptrdiff_t>(last)});
    if (!status && result) result = status;
  }
  return result;
}

Status Checkpointer::run_one(const std::shared_ptr<ObjectPages>& pages) {
  return run_batch({pages});
}

bool Checkpointer::fold_some() {
  const uint64_t now = store_.now();
  if (histories_.empty() && now >= next_look_) {
    auto all = store_.history_files();
    if (!all) log_warn("object storage", all.error().describe());
    if (all) histories_ = std::move(*all);
    const auto retention = static_cast<uint64_t>(store_.options_.history_retention.count());
    next_look_ =
        now + std::clamp<uint64_t>(retention / kLooksInRetention, kShortestLook, kLongestLook);
  }
  {
    std::lock_guard lock(mutex_);
    histories_.insert(histories_.end(), long_histories_.begin(), long_histories_.end());
    long_histories_.clear();
  }
  for (size_t i = 0; i < kHistoriesAtOnce && !histories_.empty(); ++i) {
    const std::string path = std::move(histories_.back());
    histories_.pop_back();
    if (Status folded = store_.fold_history(path); !folded)
      log_warn("object storage", path + ": " + folded.error().describe());
  }
  return !histories_.empty();
}

void Checkpointer::wait_for_log() {
  std::promise<void> passed;
  store_.log_.barrier([&passed](const Status&) { passed.set_value(); });
  passed.get_future().wait();
}

Status Checkpointer::run_batch(std::vector<std::shared_ptr<ObjectPages>> batch) {
  if (batch.empty()) return {};
  std::lock_guard lock(batch_mutex_);
  uint64_t position = store_.log_.position();
  std::vector<Item> items;
  items.reserve(batch.size());
  for (auto& pages : batch) {
    Item& item = items.emplace_back();
    item.pages = std::move(pages);
    // One that is up to date may have left memory already, and its successor be at work on the
    // file.
    item.skipped = item.pages->broken() || !item.pages->dirty();
    if (!item.skipped) item.snapshot = item.pages->snapshot();
  }
  if (!SELVAGE_BROKEN("checkpoint-before-log")) {
    wait_for_log();
    for (Item& item : items)
      item.skipped = item.skipped || item.pages->broken() || !item.pages->durable(item.snapshot);
  }
  if (SELVAGE_BROKEN("checkpoint-entry-before-sync")) {
    for (Item& item : items)
      if (!item.skipped) store_.log_.checkpoint(item.pages->log_name(), item.snapshot.sequence);
    wait_for_log();
  }

  Status status = write_and_sync(items);
  if (Status indexed = write_alarms(items); !indexed) status = indexed;
  if (!status) {
    log_warn("object storage", "checkpoint failed: " + status.error().describe());
    ++failures_;
  }
  for (Item& item : items) {
    bool dirty = item.pages->dirty();
    if (!item.skipped && item.status) {
      dirty = item.pages->finish(item.snapshot);
      store_.log_.checkpoint(item.pages->log_name(), item.snapshot.sequence);
      ++objects_;
      if (item.written.history_is_long) {
        std::lock_guard guard(mutex_);
        long_histories_.push_back(item.pages->key().relative_history_path());
      }
    }
    store_.checkpointed(item.pages, dirty, position);
  }
  return status;
}

/// Writes what is not skipped; afterwards each item's status says whether its file is durable.
Status Checkpointer::write_and_sync(std::vector<Item>& items) {
  auto wanted = std::count_if(items.begin(), items.end(), [](auto& item) { return !item.skipped; });
  bool many = static_cast<size_t>(wanted) >= kManyFiles;
  Status result;
  for (Item& item : items) {
    if (item.skipped) continue;
    Result<ObjectPages::Written> written = item.pages->write_out(item.snapshot);
    if (!written) {
      item.status = result = fail(std::move(written).error());
      continue;
    }
    if (many) {
      item.pages->release_file();  // there may be more objects than open files
      written->file.reset();
      written->history.reset();
    }
    item.written = std::move(*written);
  }
  if (many) {
    Status everything = store_.files_.sync_everything(store_.directory_);
    if (everything) return result;
    for (Item& item : items) item.status = everything;
    return everything;
  }
  for (Item& item : items) {
    if (item.skipped || !item.status) continue;
    if (item.written.history && !SELVAGE_BROKEN("skip-history-sync"))
      item.status = item.written.history->sync_data();
    if (item.status && item.written.file) item.status = item.written.file->sync_data();
    if (item.status && item.written.folder_changed)
      item.status = store_.files_.sync_directory(store::parent_directory(item.pages->path()));
    if (!item.status) result = item.status;
  }
  return result;
}

/// The index of alarms must have what the log may forget.
Status Checkpointer::write_alarms(std::vector<Item>& items) {
  std::vector<AlarmIndex::Change> changes;
  for (const Item& item : items) {
    if (!item.skipped && item.status && item.snapshot.alarm)
      changes.push_back({item.pages->log_name(), *item.snapshot.alarm});
  }
  if (SELVAGE_BROKEN("skip-alarm-index")) return {};
  Status written = store_.alarm_index_->write(changes);
  if (written) return {};
  for (Item& item : items) {
    if (item.snapshot.alarm) item.status = written;
  }
  return written;
}

Status Checkpointer::spill(const std::vector<std::shared_ptr<ObjectPages>>& batch) {
  std::vector<Item> items;
  for (const auto& pages : batch) {
    Item& item = items.emplace_back();
    item.pages = pages;
    item.snapshot = pages->snapshot();
  }
  SELVAGE_CHECK_STATUS(write_and_sync(items));
  for (Item& item : items) {
    item.pages->finish_spill(item.snapshot);
    item.pages->release_file();
  }
  return {};
}

}  // namespace selvage::object
