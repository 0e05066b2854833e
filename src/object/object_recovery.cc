// Point-in-time recovery of one object: bookmarks, and what they bring back.
#include <fmt/format.h>

#include <cstring>

#include "base/broken_variant.h"
#include "base/log.h"
#include "object/bookmark.h"
#include "object/checkpointer.h"
#include "object/history_search.h"
#include "object/object_storage.h"
#include "object/object_store.h"

namespace selvage::object {
namespace {

constexpr size_t kPagesAtOnce = 64;

Status none_kept() {
  return fail(ErrorCode::unsupported,
              "This Durable Object's storage back-end does not implement point-in-time recovery.");
}

tl::unexpected<Error> too_early() {
  return fail(ErrorCode::invalid_argument,
              "The given time is before what is kept of this Durable Object's history.");
}

}  // namespace

Result<std::string> ObjectStorage::bookmark() {
  SELVAGE_CHECK_STATUS(usable());
  Bookmark bookmark{.sequence = pages_->durable_sequence()};
  if (!store_.keeps_history()) {
    // It leads nowhere, but compares.
    SELVAGE_CHECK_STATUS(own());
    bookmark.sequence = std::max(bookmark.sequence, pages_->ownership.sequence);
    return bookmark.to_string(key().id);
  }
  if (bookmark.sequence == 0 || !pages_->restores) {
    const uint64_t unfinished = pages_->first_unfinished();
    SELVAGE_TRY(const auto history, store_.open_history(pages_->history_path()));
    HistoryPoint point;
    if (history) {
      SELVAGE_TRY(const auto end, history->end(unfinished));
      point = end.point;
    }
    if (!pages_->restores) pages_->restores = point.restores;
    if (bookmark.sequence == 0) bookmark.sequence = point.sequence;
  }
  bookmark.restores = *pages_->restores;
  return bookmark.to_string(key().id);
}

Result<std::string> ObjectStorage::bookmark_at(uint64_t time) {
  SELVAGE_CHECK_STATUS(usable());
  if (!store_.keeps_history()) return fail(none_kept().error());
  const auto retention = static_cast<uint64_t>(store_.options().history_retention.count());
  const uint64_t now = store_.now();
  if (now > retention && time < now - retention) return too_early();
  SELVAGE_TRY(const auto history, store_.whole_history(pages_));
  if (!history) return bookmark();
  SELVAGE_TRY(const auto point, point_at(*history, time, ObjectHistory::kNone));
  if (!point) return too_early();
  return Bookmark{.restores = point->restores, .sequence = point->sequence}.to_string(key().id);
}

Result<std::string> ObjectStorage::restore_when_opened(std::string_view text) {
  SELVAGE_CHECK_STATUS(usable());
  if (!store_.keeps_history()) return fail(none_kept().error());
  SELVAGE_TRY(const auto history, store_.whole_history(pages_));
  SELVAGE_TRY(const uint64_t sequence, sequence_of(history, text, key().id, ObjectHistory::kNone));
  HistoryPoint current;
  if (history) {
    SELVAGE_TRY(const auto end, history->end(ObjectHistory::kNone));
    current = end.point;
  }
  SELVAGE_CHECK_STATUS(
      store_.scheduled_restores().set(pages_->log_name(), {sequence, current.restores}));
  return Bookmark{.restores = current.restores, .sequence = Bookmark::kBeforeNextRestore}.to_string(
      key().id);
}

/// Makes the pages of `state` those of the transaction.
Status ObjectStorage::bring_back(store::File& state, uint32_t page_count) {
  std::string pages(kPagesAtOnce * kPageSize, '\0');
  PageBytes current;
  for (uint32_t first = 1; first <= page_count; first += kPagesAtOnce) {
    SELVAGE_TRY(const size_t got, state.read_at(uint64_t{first - 1} * kPageSize, pages));
    for (size_t at = 0; at + kPageSize <= got; at += kPageSize) {
      const uint32_t number = first + static_cast<uint32_t>(at / kPageSize);
      const char* wanted = pages.data() + at;
      if (number <= pages_->committed_page_count()) {
        SELVAGE_CHECK_STATUS(pages_->read(number, 0, current.data(), kPageSize));
        if (std::memcmp(current.data(), wanted, kPageSize) == 0) continue;
      }
      pages_->write(number, wanted);
    }
    if (pages_->transaction_pages() > store_.options().max_restored_pages) {
      return fail(ErrorCode::unsupported,
                  fmt::format("it would change more than the {} MiB that it may",
                              uint64_t{store_.options().max_restored_pages} * kPageSize >> 20));
    }
  }
  pages_->set_page_count(page_count);
  alarm_touched_ = true;
  return page_count != 0 ? check_database() : Status();
}

/// Commits what was brought back, be it a change or not.
Status ObjectStorage::commit_restore(uint32_t number, DurableCallback callback) {
  in_transaction_ = true;
  restore_ = number;
  SELVAGE_CHECK_STATUS(commit(std::move(callback)));
  pages_->restores = number;
  return {};
}

Result<std::optional<ObjectHistory>> ObjectStore::open_history(const std::string& path) {
  return ObjectHistory::open(files_, path, &memory_.damaged_histories);
}

/// The object's history with all of its commits in it; nullopt when it has none. Blocks.
Result<std::optional<ObjectHistory>> ObjectStore::whole_history(
    const std::shared_ptr<ObjectPages>& pages) {
  if (!pages->unfinished_commits().empty()) {
    SELVAGE_CHECK_STATUS(checkpoint_alone(pages));
    if (pages->broken()) return fail(pages->reason());
  }
  return open_history(pages->history_path());
}

Status ObjectStore::checkpoint_alone(const std::shared_ptr<ObjectPages>& pages) {
  {
    std::lock_guard lock(mutex_);
    std::erase(dirty_, pages);
    oldest_dirty_ = dirty_.empty() ? UINT64_MAX : dirty_.front()->dirty_since;
  }
  return checkpointer_->run_one(pages);
}

bool ObjectStore::restore_is_due(std::string_view namespace_id,
                                 std::string_view object_id_hex) const {
  if (scheduled_restores_->empty() || !keeps_history()) return false;
  const auto key = ObjectKey::make(namespace_id, object_id_hex);
  return key && scheduled_restores_->find(key->log_name());
}

void ObjectStore::restore_before_opening(std::string_view namespace_id,
                                         std::string_view object_id_hex, Restorer::Callback done) {
  auto key = ObjectKey::make(namespace_id, object_id_hex);
  if (!key) return done(fail(std::move(key).error()));
  restorer_->add(std::move(*key), std::move(done));
}

/// Does what was asked for while the object was open before. Fails when that cannot be done (then
/// it is forgotten), or not now.
Status ObjectStore::restore_scheduled(ObjectStorage& storage) {
  const std::shared_ptr<ObjectPages>& pages = storage.pages_;
  const std::string& name = pages->log_name();
  const auto wanted = scheduled_restores_->find(name);
  if (!wanted || !keeps_history()) return {};
  Status restored = restore(storage, *wanted);
  if (restored) return {};
  Error error = std::move(restored).error().within("the bookmark cannot be restored");
  log_error("object storage",
            pages->key().namespace_id + "/" + pages->key().id + ": " + error.describe());
  const bool for_good = error.code == ErrorCode::corrupt || error.code == ErrorCode::unsupported ||
                        error.code == ErrorCode::invalid_argument;
  if (for_good) scheduled_restores_->forget(name, *wanted);
  return fail(std::move(error));
}

Status ObjectStore::restore(ObjectStorage& storage, ScheduledRestores::Entry wanted) {
  const std::shared_ptr<ObjectPages>& pages = storage.pages_;
  const std::string& name = pages->log_name();
  SELVAGE_TRY(const auto history, whole_history(pages));
  HistoryPoint current;
  if (history) {
    SELVAGE_TRY(const auto end, history->end(ObjectHistory::kNone));
    current = end.point;
  }
  if (current.restores != wanted.restores && !SELVAGE_BROKEN("restore-again-after-crash")) {
    scheduled_restores_->forget(name, wanted);  // it has happened
    return {};
  }
  const uint32_t number = current.restores + 1;
  const auto done = [this, name, wanted](uint64_t, const Status& status) {
    if (status) scheduled_restores_->forget(name, wanted);
  };
  // It was never written to, or not since histories are kept: that state is the one it is in.
  if (!history) return storage.commit_restore(number, done);
  if (wanted.sequence < history->base().sequence)
    return fail(ErrorCode::invalid_argument, "it is older than what is kept of the history");
  const std::string path = pages->history_path() + ".restore";
  // What is there under that name is anybody's who finds it between two batches.
  std::lock_guard batch(checkpointer_->batch_mutex());
  SELVAGE_TRY(const std::unique_ptr<store::File> state,
              files_.open(path, store::OpenMode::create_empty));
  SELVAGE_TRY(const HistoryPoint point,
              history->materialize(wanted.sequence, ObjectHistory::kNone, *state, 0));
  SELVAGE_CHECK_STATUS(storage.bring_back(*state, point.page_count));
  (void)files_.remove(path);  // else the next look at all histories does
  return storage.commit_restore(number, done);
}

Result<ObjectStore::Past> ObjectStore::past_of(std::string_view namespace_id,
                                               std::string_view object_id_hex,
                                               const Moment& moment) {
  SELVAGE_TRY(const ObjectKey key, ObjectKey::make(namespace_id, object_id_hex));
  if (!keeps_history()) return fail(none_kept().error());
  SELVAGE_CHECK_STATUS(checkpoint());
  // Nobody appends to a history, or puts another in its place, between two batches.
  std::lock_guard batch(checkpointer_->batch_mutex());
  uint64_t unfinished = ObjectHistory::kNone;
  {
    std::lock_guard lock(mutex_);
    const std::string name = key.log_name();
    if (to_rebuild_.contains(name)) {
      return fail(ErrorCode::unavailable,
                  "a write of object " + key.id + " failed, and it was not opened since",
                  "Send it a request, then try again");
    }
    if (const auto found = objects_.find(name); found != objects_.end())
      unfinished = found->second->first_unfinished();
  }
  SELVAGE_TRY(const auto history, open_history(directory_ + "/" + key.relative_history_path()));
  if (!history) {
    return fail(ErrorCode::not_found,
                "object " + key.id + " of " + key.namespace_id + " has no history",
                "It stores nothing, or has stored nothing since histories are kept");
  }
  const auto state_at = [&key](const HistoryPoint& point) {
    const Bookmark bookmark{.restores = point.restores, .sequence = point.sequence};
    return PastState{bookmark.to_string(key.id), point.time,
                     uint64_t{point.page_count} * kPageSize};
  };
  SELVAGE_TRY(const auto end, history->end(unfinished));
  Past past{.now = state_at(end.point)};
  SELVAGE_TRY(past.since, first_time(*history, unfinished));
  const auto retention = static_cast<uint64_t>(options_.history_retention.count());
  const uint64_t cutoff = now() > retention ? now() - retention : 0;
  past.since = std::max(past.since, cutoff);
  if (const auto* time = std::get_if<uint64_t>(&moment)) {
    if (*time < cutoff) return too_early();
    SELVAGE_TRY(const auto point, point_at(*history, *time, unfinished));
    if (!point) return too_early();
    past.wanted = state_at(*point);
  } else if (const auto* bookmark = std::get_if<std::string>(&moment)) {
    SELVAGE_TRY(const uint64_t sequence, sequence_of(history, *bookmark, key.id, unfinished));
    SELVAGE_TRY(const HistoryPoint point, point_of(*history, sequence, unfinished));
    past.wanted = state_at(point);
  }
  return past;
}

Result<std::string> ObjectStore::restore_object(std::string_view namespace_id,
                                                std::string_view object_id_hex,
                                                std::string_view bookmark) {
  // Of one that never stored anything, not even an empty history is to be made.
  SELVAGE_TRY(const Past past, past_of(namespace_id, object_id_hex, std::string(bookmark)));
  SELVAGE_TRY(std::unique_ptr<ObjectStorage> storage, open_object(namespace_id, object_id_hex));
  SELVAGE_TRY(std::string undo, storage->restore_when_opened(bookmark));
  storage.reset();
  auto restored = open_object(namespace_id, object_id_hex);
  if (restored) {
    SELVAGE_CHECK_STATUS(wait_until_durable(**restored));
  } else if (restored.error().code != ErrorCode::already_exists) {
    return fail(std::move(restored).error());
  }  // else somebody called it meanwhile: then it was brought back before it ran
  return undo;
}

}  // namespace selvage::object
