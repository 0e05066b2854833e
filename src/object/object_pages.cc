#include "object/object_pages.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/broken_variant.h"
#include "store/sqlite_memory.h"

namespace selvage::object {

using store::File;
using store::OpenMode;

ObjectPages::ObjectPages(ObjectKey key, std::string path, store::FileSystem& files,
                         PagesInMemory& memory)
    : key_(std::move(key)),
      log_name_(key_.log_name()),
      path_(std::move(path)),
      files_(files),
      memory_(memory) {}

ObjectPages::~ObjectPages() {
  memory_.dirty_pages -= committed_.size();
  memory_.history_bytes -= taken_commits_.size() + new_commits_.size();
}

Result<std::shared_ptr<ObjectPages>> ObjectPages::open(ObjectKey key, std::string path,
                                                       store::FileSystem& files,
                                                       PagesInMemory& memory) {
  std::shared_ptr<ObjectPages> pages(
      new ObjectPages(std::move(key), std::move(path), files, memory));
  Result<std::unique_ptr<File>> file = files.open(pages->path_, OpenMode::write);
  if (!file) {
    if (file.error().code == ErrorCode::not_found) return pages;
    return fail(std::move(file).error());
  }
  SELVAGE_TRY(uint64_t size, (*file)->size());
  pages->file_ = std::move(*file);
  pages->file_pages_ = static_cast<uint32_t>((size + kPageSize - 1) / kPageSize);
  pages->page_count_ = pages->committed_page_count_ = pages->file_pages_;
  pages->smallest_count_since_snapshot_ = pages->file_pages_;
  return pages;
}

Result<std::shared_ptr<File>> ObjectPages::file() {
  std::lock_guard lock(mutex_);
  if (!file_) {
    SELVAGE_TRY(std::unique_ptr<File> handle, files_.open(path_, OpenMode::write));
    file_ = std::move(handle);
  }
  return file_;
}

Status ObjectPages::read(uint32_t number, uint32_t offset, char* into, uint32_t size) {
  if (auto found = transaction_.find(number); found != transaction_.end()) {
    std::memcpy(into, found->second->data() + offset, size);
    return {};
  }
  {
    std::lock_guard lock(mutex_);
    if (auto found = committed_.find(number); found != committed_.end()) {
      std::memcpy(into, found->second.page->data() + offset, size);
      return {};
    }
    if (number > file_pages_) {
      std::memset(into, 0, size);
      return {};
    }
  }
  // Only this thread adds to what is above the file, so the page stays where it was looked for.
  return read_from_file(number, offset, into, size);
}

Status ObjectPages::read_from_file(uint32_t number, uint32_t offset, char* into, uint32_t size) {
  SELVAGE_TRY(std::shared_ptr<File> open_file, file());
  uint64_t position = uint64_t{number - 1} * kPageSize + offset;
  SELVAGE_TRY(size_t got, open_file->read_at(position, std::span(into, size)));
  std::memset(into + got, 0, size - got);
  return {};
}

void ObjectPages::write(uint32_t number, const char* page) {
  PagePointer& slot = transaction_[number];
  if (!slot) {
    slot = std::allocate_shared_for_overwrite<PageBytes>(store::SqliteAllocator<PageBytes>());
  }
  std::memcpy(slot->data(), page, kPageSize);
  page_count_ = std::max(page_count_, number);
}

void ObjectPages::set_page_count(uint32_t count) {
  if (count < page_count_)
    std::erase_if(transaction_, [count](const auto& entry) { return entry.first > count; });
  page_count_ = count;
}

void ObjectPages::discard() {
  transaction_.clear();
  transaction_alarm_.reset();
  page_count_ = committed_page_count_;
}

std::optional<ObjectPages::Commit> ObjectPages::commit(uint64_t sequence, uint64_t time,
                                                       uint32_t restore) {
  std::optional<Alarm> alarm = std::exchange(transaction_alarm_, std::nullopt);
  PageDeltaWriter delta({.page_count = page_count_,
                         .alarm = alarm,
                         .time = time,
                         .from_nothing = committed_page_count_ == 0,
                         .restore = restore});
  std::lock_guard lock(mutex_);
  size_t before = committed_.size();
  bool changed = page_count_ != committed_page_count_;
  if (page_count_ < committed_page_count_) shrink_locked(page_count_);
  for (auto& [number, page] : transaction_) {
    Committed& committed = committed_[number];
    // While a checkpoint may be writing the version that we have, and may leave it torn, only an
    // image is safe to redo from.
    const PageBytes* base = committed.page && (committed.generation == generation_ ||
                                               SELVAGE_BROKEN("delta-over-torn-page"))
                                ? committed.page.get()
                                : nullptr;
    if (!delta.add(number, base, *page)) continue;
    committed.page = std::move(page);
    committed.generation = generation_;
    last_written_ = number;
    last_written_bytes_ = committed.page.get();
  }
  transaction_.clear();
  committed_page_count_ = page_count_;
  count_dirty(before);
  if (!changed && delta.empty() && restore == 0) return std::nullopt;
  if (alarm) alarm_ = alarm;
  sequence_ = sequence;
  bool became_dirty = !dirty_;
  dirty_ = true;
  std::string payload = std::move(delta).finish();
  keep_commit_locked(sequence, payload);
  return Commit{std::move(payload), std::move(alarm), became_dirty};
}

void ObjectPages::add_to(HotMemory& memory) const {
  memory.add(this, sizeof(*this));
  std::lock_guard lock(mutex_);
  if (const auto found = committed_.find(last_written_); found != committed_.end())
    memory.add(&*found, sizeof(*found));
}

void ObjectPages::keep_commit_locked(uint64_t sequence, std::string_view payload) {
  if (!memory_.keep_history) return;
  const size_t before = new_commits_.size();
  put_history_commit(new_commits_, sequence, payload);
  memory_.history_bytes += new_commits_.size() - before;
}

/// Pages beyond `count` are gone: should the database grow again, they are zeros until written.
void ObjectPages::shrink_locked(uint32_t count) {
  std::erase_if(committed_, [count](const auto& entry) { return entry.first > count; });
  file_pages_ = std::min(file_pages_, count);
  smallest_count_since_snapshot_ = std::min(smallest_count_since_snapshot_, count);
}

void ObjectPages::count_dirty(size_t before) {
  if (committed_.size() >= before) {
    memory_.dirty_pages += committed_.size() - before;
  } else {
    memory_.dirty_pages -= before - committed_.size();
  }
}

Status ObjectPages::redo(const store::Record& record) {
  size_t before = committed_.size();
  auto page = [this](uint32_t number, bool image) -> Result<PageBytes*> {
    Committed& committed = committed_[number];
    if (!committed.page || image) {
      committed.page = std::make_shared<PageBytes>();
      committed.page->fill('\0');
      if (!image && number <= file_pages_)
        SELVAGE_CHECK_STATUS(read_from_file(number, 0, committed.page->data(), kPageSize));
    }
    committed.generation = 0;  // whatever comes next is described as an image
    return committed.page.get();
  };
  SELVAGE_TRY(Commitment commitment, apply_page_delta(record.payload, page));
  shrink_locked(commitment.page_count);
  count_dirty(before);
  page_count_ = committed_page_count_ = commitment.page_count;
  if (commitment.alarm) alarm_ = std::move(commitment.alarm);
  if (commitment.restore != 0) restores = commitment.restore;
  sequence_ = durable_sequence_ = record.sequence;
  keep_commit_locked(record.sequence, record.payload);
  dirty_ = true;
  // Perhaps, by a process that died before it synced.
  folder_changed_ = true;
  file_intact_ = false;
  history_is_finished_ = false;
  return {};
}

void ObjectPages::note_durable(uint64_t sequence) {
  std::lock_guard lock(mutex_);
  durable_sequence_ = std::max(durable_sequence_, sequence);
}

void ObjectPages::break_with(Error reason) {
  std::lock_guard lock(mutex_);
  if (!reason_) reason_ = std::move(reason);
  broken_.store(true, std::memory_order_release);
}

Error ObjectPages::reason() const {
  std::lock_guard lock(mutex_);
  return reason_.value_or(Error{});
}

uint64_t ObjectPages::sequence() const {
  std::lock_guard lock(mutex_);
  return sequence_;
}

bool ObjectPages::all_durable() const {
  std::lock_guard lock(mutex_);
  return durable_sequence_ >= sequence_;
}

uint64_t ObjectPages::durable_sequence() const {
  std::lock_guard lock(mutex_);
  return durable_sequence_;
}

std::string ObjectPages::unfinished_commits() const {
  std::lock_guard lock(mutex_);
  return taken_commits_ + new_commits_;
}

uint64_t ObjectPages::first_unfinished() const {
  std::lock_guard lock(mutex_);
  std::string_view commits = taken_commits_.empty() ? new_commits_ : taken_commits_;
  const auto first = take_history_commit(commits);
  return first ? first->sequence : ObjectHistory::kNone;
}

ObjectPages::Snapshot ObjectPages::snapshot() {
  std::lock_guard lock(mutex_);
  if (taken_commits_.empty()) {
    taken_commits_.swap(new_commits_);
  } else {
    taken_commits_ += std::exchange(new_commits_, {});
  }
  Snapshot snapshot{.sequence = sequence_,
                    .page_count = committed_page_count_,
                    .kept_pages = file_pages_,
                    .pages = {},
                    .alarm = alarm_};
  snapshot.pages.reserve(committed_.size());
  for (const auto& [number, committed] : committed_)
    snapshot.pages.emplace_back(number, committed.page);
  std::sort(snapshot.pages.begin(), snapshot.pages.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  ++generation_;
  smallest_count_since_snapshot_ = committed_page_count_;
  return snapshot;
}

bool ObjectPages::durable(const Snapshot& snapshot) const {
  std::lock_guard lock(mutex_);
  return durable_sequence_ >= snapshot.sequence;
}

Result<ObjectPages::Written> ObjectPages::write_out(const Snapshot& snapshot) {
  Written written;
  // Before the file changes: it may be what the history is to start from.
  SELVAGE_CHECK_STATUS(write_history(written));
  SELVAGE_CHECK_STATUS(write_file(snapshot, written));
  if (memory_.keep_history && !written.history && !taken_commits_.empty())
    SELVAGE_CHECK_STATUS(begin_history_after(snapshot, written));
  std::lock_guard lock(mutex_);
  written.folder_changed = folder_changed_;
  return written;
}

void ObjectPages::note_folder_changed() {
  std::lock_guard lock(mutex_);
  folder_changed_ = true;
}

Status ObjectPages::write_file(const Snapshot& snapshot, Written& written) {
  {
    std::lock_guard lock(mutex_);
    file_intact_ = false;
  }
  if (snapshot.page_count == 0) {
    Status removed = files_.remove(path_);
    bool absent = !removed && removed.error().code == ErrorCode::not_found;
    std::lock_guard lock(mutex_);
    file_.reset();
    // When it is absent, an earlier attempt may have removed it without getting further.
    folder_changed_ = folder_changed_ || !absent;
    if (!removed && !absent) return fail(std::move(removed).error());
    return {};
  }
  Result<std::shared_ptr<File>> existing = file();
  if (existing) {
    written.file = std::move(*existing);
  } else if (existing.error().code == ErrorCode::not_found) {
    SELVAGE_CHECK_STATUS(files_.create_directories(store::parent_directory(path_)));
    // Before it is made: a failed attempt may have made it all the same.
    note_folder_changed();
    SELVAGE_TRY(std::unique_ptr<File> created, files_.open(path_, OpenMode::create));
    written.file = std::move(created);
  } else {
    return fail(std::move(existing).error());
  }
  {
    std::lock_guard lock(mutex_);
    file_ = written.file;
  }
  SELVAGE_TRY(uint64_t old_size, written.file->size());
  // Where the database shrank and grew again, SQLite need not have written every page. What such a
  // page was before must not come back.
  const uint64_t kept = uint64_t{snapshot.kept_pages} * kPageSize;
  if (old_size > kept) {
    SELVAGE_CHECK_STATUS(written.file->truncate(kept));
    old_size = kept;
  }
  for (const auto& [number, page] : snapshot.pages) {
    SELVAGE_CHECK_STATUS(written.file->write_at(uint64_t{number - 1} * kPageSize,
                                                std::string_view(page->data(), kPageSize)));
    old_size = std::max(old_size, uint64_t{number} * kPageSize);
  }
  const uint64_t size = uint64_t{snapshot.page_count} * kPageSize;
  if (old_size != size) SELVAGE_CHECK_STATUS(written.file->truncate(size));
  return {};
}

bool ObjectPages::finish(const Snapshot& snapshot) {
  std::lock_guard lock(mutex_);
  size_t before = committed_.size();
  for (const auto& [number, page] : snapshot.pages) {
    auto found = committed_.find(number);
    if (found != committed_.end() && found->second.page == page) committed_.erase(found);
  }
  count_dirty(before);
  folder_changed_ = false;
  file_intact_ = true;
  memory_.history_bytes -= taken_commits_.size();
  std::string().swap(taken_commits_);
  // Where the database shrank meanwhile, the file has pages that are no longer part of it.
  file_pages_ = std::min(snapshot.page_count, smallest_count_since_snapshot_);
  if (alarm_ == snapshot.alarm) alarm_.reset();
  dirty_ = sequence_ > snapshot.sequence;
  return dirty_;
}

void ObjectPages::finish_spill(const Snapshot& snapshot) {
  finish(snapshot);
  std::lock_guard lock(mutex_);
  if (!alarm_) alarm_ = snapshot.alarm;  // a spill leaves the index alone
  dirty_ = true;
}

bool ObjectPages::dirty() const {
  std::lock_guard lock(mutex_);
  return dirty_;
}

void ObjectPages::release_file() {
  std::lock_guard lock(mutex_);
  file_.reset();
}

}  // namespace selvage::object
