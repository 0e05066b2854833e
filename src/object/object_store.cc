#include "object/object_store.h"

#include <fmt/format.h>

#include <cstring>

#include "base/log.h"
#include "object/checkpointer.h"

namespace selvage::object {

ObjectStore::ObjectStore(std::string directory, store::CommitLog& log, store::FileSystem& files,
                         ObjectStoreOptions options)
    : directory_(std::move(directory)),
      log_(log),
      files_(files),
      options_(options),
      vfs_(options.max_transaction_pages),
      checkpointer_(std::make_unique<Checkpointer>(*this)),
      restorer_(std::make_unique<Restorer>(*this)) {
  memory_.keep_history = options.history_retention.count() > 0;
  memory_.history_bytes_each = options.history_bytes;
}

uint64_t ObjectStoreOptions::wall_clock() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count());
}

Result<std::unique_ptr<ObjectStore>> ObjectStore::open(std::string directory, store::CommitLog& log,
                                                       store::FileSystem& files,
                                                       ObjectStoreOptions options) {
  SELVAGE_CHECK_STATUS(files.create_directories(directory));
  std::unique_ptr<ObjectStore> opened(new ObjectStore(std::move(directory), log, files, options));
  SELVAGE_CHECK_STATUS(opened->make_template());
  SELVAGE_TRY(opened->alarm_index_, AlarmIndex::open(opened->directory_ + "/alarms", files));
  SELVAGE_TRY(opened->scheduled_restores_,
              ScheduledRestores::open(opened->directory_ + "/restores", files));
  SELVAGE_CHECK_STATUS(opened->recover());
  if (options.checkpoint_in_background) opened->checkpointer_->start();
  return opened;
}

ObjectStore::~ObjectStore() {
  restorer_.reset();
  checkpointer_->stop();
  if (options_.checkpoint_in_background) (void)checkpoint();
  // Callbacks of appends in flight refer to the store.
  checkpointer_->wait_for_log();
}

Status ObjectStore::make_template() {
  SELVAGE_TRY(store::Database database,
              store::Database::open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX));
  SELVAGE_CHECK_STATUS(database.execute("PRAGMA page_size = 4096"));
  SELVAGE_CHECK_STATUS(database.execute(kEntriesTable));
  sqlite3_int64 size = 0;
  std::unique_ptr<unsigned char, decltype(&sqlite3_free)> bytes(
      sqlite3_serialize(database.handle(), "main", &size, 0), sqlite3_free);
  if (!bytes || size % kPageSize != 0)
    return fail(ErrorCode::internal, "cannot make the template of an object's database");
  for (sqlite3_int64 offset = 0; offset < size; offset += kPageSize) {
    template_.push_back(std::make_unique<PageBytes>());
    std::memcpy(template_.back()->data(), bytes.get() + offset, kPageSize);
  }
  return {};
}

void ObjectStore::fill_with_template(ObjectPages& pages) const {
  for (size_t i = 0; i < template_.size(); ++i)
    pages.write(static_cast<uint32_t>(i + 1), template_[i]->data());
}

Status ObjectStore::recover() {
  std::vector<std::shared_ptr<ObjectPages>> in_memory;
  SELVAGE_CHECK_STATUS(log_.recover([&](const store::Record& record) -> Status {
    auto found = objects_.find(record.object);
    if (found == objects_.end()) {
      SELVAGE_TRY(ObjectKey key, ObjectKey::from_log_name(record.object));
      std::string path = directory_ + "/" + key.relative_path();
      SELVAGE_TRY(std::shared_ptr<ObjectPages> pages,
                  ObjectPages::open(std::move(key), std::move(path), files_, memory_));
      found = objects_.emplace(record.object, std::move(pages)).first;
      dirty_.push_back(found->second);
    }
    if (!found->second->resident) {
      found->second->resident = true;
      in_memory.push_back(found->second);
    }
    Status redone = found->second->redo(record);
    found->second->release_file();  // there may be more objects than open files
    if (!redone) return fail(std::move(redone).error().within(found->second->path()));
    if (memory_.dirty_pages <= options_.dirty_pages &&
        memory_.history_bytes <= options_.history_bytes_in_memory)
      return {};
    SELVAGE_CHECK_STATUS(checkpointer_->spill(in_memory));
    for (auto& pages : in_memory) pages->resident = false;
    in_memory.clear();
    return {};
  }));
  alarms_ = alarm_index_->alarms();
  for (const auto& [name, pages] : objects_) {
    if (pages->redone_alarm()) note_alarm(*pages, *pages->redone_alarm());
  }
  if (!dirty_.empty()) {
    oldest_dirty_ = 0;
    log_info("object storage",
             fmt::format("recovered {} objects from the commit log", objects_.size()));
  }
  return {};
}

Result<std::unique_ptr<ObjectStorage>> ObjectStore::open_object(std::string_view namespace_id,
                                                                std::string_view object_id_hex) {
  SELVAGE_TRY(ObjectKey key, ObjectKey::make(namespace_id, object_id_hex));
  SELVAGE_TRY(std::shared_ptr<ObjectPages> pages, find_or_load(key));
  std::unique_ptr<ObjectStorage> storage(new ObjectStorage(*this, std::move(pages)));
  SELVAGE_CHECK_STATUS(restore_scheduled(*storage));
  return storage;
}

/// The object's pages, marked as opened.
Result<std::shared_ptr<ObjectPages>> ObjectStore::find_or_load(const ObjectKey& key) {
  std::string name = key.log_name();
  bool rebuild = false;
  {
    std::lock_guard lock(mutex_);
    if (auto found = objects_.find(name); found != objects_.end()) {
      if (found->second->opened) {
        return fail(ErrorCode::already_exists,
                    fmt::format("object {} of {} is open already", key.id, key.namespace_id));
      }
      if (!found->second->broken()) {
        found->second->opened = true;
        ++open_objects_;
        return found->second;
      }
      forget_broken_locked(found);  // by a commit that was on its way when it was closed
    }
    rebuild = to_rebuild_.contains(name);
  }
  std::unique_lock batch(checkpointer_->batch_mutex(), std::defer_lock);
  // A checkpoint of the memory that was dropped may still be writing to the file.
  if (rebuild) batch.lock();
  std::string path = directory_ + "/" + key.relative_path();
  SELVAGE_TRY(std::shared_ptr<ObjectPages> pages,
              ObjectPages::open(key, std::move(path), files_, memory_));
  if (rebuild) {
    SELVAGE_CHECK_STATUS(
        log_.read(name, [&](const store::Record& record) { return pages->redo(record); }));
  }
  std::lock_guard lock(mutex_);
  auto [position, inserted] = objects_.try_emplace(name, pages);
  if (!inserted) {
    return fail(ErrorCode::already_exists,
                fmt::format("object {} of {} is being opened", key.id, key.namespace_id));
  }
  if (rebuild) to_rebuild_.erase(name);
  if (rebuild && pages->dirty()) {
    pages->dirty_since = log_.position();
    if (dirty_.empty()) oldest_dirty_ = pages->dirty_since;
    dirty_.push_back(pages);
  }
  pages->opened = true;
  ++open_objects_;
  return pages;
}

void ObjectStore::append(const std::shared_ptr<ObjectPages>& pages, uint64_t epoch,
                         uint64_t sequence, ObjectPages::Commit commit,
                         ObjectStorage::DurableCallback callback) {
  if (commit.became_dirty) {
    std::lock_guard lock(mutex_);
    pages->dirty_since = log_.position();
    if (dirty_.empty()) oldest_dirty_ = pages->dirty_since;
    dirty_.push_back(pages);
  }
  log_.append(store::Record{.object = pages->log_name(),
                            .epoch = epoch,
                            .sequence = sequence,
                            .payload = std::move(commit.payload)},
              [this, pages, sequence, alarm = std::move(commit.alarm),
               callback = std::move(callback)](const Status& status) mutable {
                if (status) {
                  pages->note_durable(sequence);
                  if (alarm) note_alarm(*pages, *alarm);
                } else {
                  pages->break_with(status.error());
                }
                if (callback) callback(sequence, status);
              });
  if (over_limit(/*well_below=*/false)) checkpointer_->wake();
}

void ObjectStore::note_alarm(const ObjectPages& pages, const Alarm& alarm) {
  std::lock_guard lock(alarms_mutex_);
  if (alarm) {
    alarms_[pages.log_name()] = alarm;
  } else {
    alarms_.erase(pages.log_name());
  }
  if (alarm_listener_) alarm_listener_(pages.key(), alarm);
}

std::vector<std::pair<ObjectKey, Alarm>> ObjectStore::alarms() const {
  std::lock_guard lock(alarms_mutex_);
  std::vector<std::pair<ObjectKey, Alarm>> all;
  all.reserve(alarms_.size());
  for (const auto& [name, alarm] : alarms_) {
    // A name that is none belongs to nobody who could have an alarm.
    if (Result<ObjectKey> key = ObjectKey::from_log_name(name)) all.emplace_back(*key, alarm);
  }
  return all;
}

void ObjectStore::listen_to_alarms(std::function<void(const ObjectKey&, const Alarm&)> listener) {
  std::lock_guard lock(alarms_mutex_);
  alarm_listener_ = std::move(listener);
}

void ObjectStore::close(const std::shared_ptr<ObjectPages>& pages) {
  {
    std::lock_guard lock(mutex_);
    pages->opened = false;
    --open_objects_;
  }
  forget_if_unused(pages);
}

void ObjectStore::forget_if_unused(const std::shared_ptr<ObjectPages>& pages) {
  std::lock_guard lock(mutex_);
  if (pages->opened) return;
  pages->release_file();
  auto found = objects_.find(pages->log_name());
  if (found == objects_.end() || found->second != pages) return;
  if (pages->broken()) {
    forget_broken_locked(found);
  } else if (!pages->dirty()) {
    objects_.erase(found);
  }
}

void ObjectStore::forget_broken_locked(Objects::iterator object) {
  to_rebuild_.insert(object->first);
  std::erase(dirty_, object->second);
  oldest_dirty_ = dirty_.empty() ? UINT64_MAX : dirty_.front()->dirty_since;
  objects_.erase(object);
}

std::vector<std::shared_ptr<ObjectPages>> ObjectStore::take_dirty(size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<ObjectPages>> taken;
  while (!dirty_.empty() && taken.size() < limit) {
    taken.push_back(std::move(dirty_.front()));
    dirty_.pop_front();
  }
  oldest_dirty_ = dirty_.empty() ? UINT64_MAX : dirty_.front()->dirty_since;
  return taken;
}

void ObjectStore::checkpointed(const std::shared_ptr<ObjectPages>& pages, bool dirty,
                               uint64_t position) {
  if (dirty && !pages->broken()) {
    std::lock_guard lock(mutex_);
    pages->dirty_since = position;
    dirty_.push_back(pages);
    if (dirty_.size() == 1) oldest_dirty_ = position;
  }
  forget_if_unused(pages);
}

bool ObjectStore::over_limit(bool well_below) const {
  uint64_t divisor = well_below ? 2 : 1;
  constexpr auto kRelaxed = std::memory_order_relaxed;
  if (memory_.dirty_pages.load(kRelaxed) > options_.dirty_pages / divisor) return true;
  if (memory_.history_bytes.load(kRelaxed) > options_.history_bytes_in_memory / divisor)
    return true;
  uint64_t oldest = oldest_dirty_.load(kRelaxed);
  return oldest != UINT64_MAX && log_.position() - oldest > options_.checkpoint_log_bytes / divisor;
}

Status ObjectStore::checkpoint() {
  SELVAGE_CHECK_STATUS(checkpointer_->run_all());
  return scheduled_restores_->save();
}

ObjectStore::Statistics ObjectStore::statistics() const {
  std::lock_guard lock(mutex_);
  return {.open_objects = open_objects_,
          .objects_in_memory = objects_.size(),
          .dirty_pages = memory_.dirty_pages.load(),
          .checkpointed_objects = checkpointer_->objects(),
          .checkpoint_failures = checkpointer_->failures(),
          .damaged_histories = memory_.damaged_histories.count()};
}

}  // namespace selvage::object
