#include "object/object_history.h"

#include <algorithm>
#include <random>
#include <unordered_map>

#include "base/broken_variant.h"
#include "base/log.h"
#include "object/page_delta.h"
#include "store/crc32c.h"
#include "store/read_window.h"

namespace selvage::object {

using store::File;
using store::FileSystem;
using store::OpenMode;

namespace {

/// A chunk takes no more commits once it holds this many bytes.
constexpr size_t kChunkLimit = size_t{256} * 1024;
constexpr size_t kCopyAtOnce = 64 * size_t{kPageSize};
constexpr size_t kPagesInMemory = 4096;

uint32_t random_salt() {
  std::random_device device;
  return device();
}

/// Copies `size` bytes; gives their checksum; nullopt when there are fewer.
Result<std::optional<uint32_t>> copy(File& from, uint64_t from_offset, uint64_t size, File* to,
                                     uint64_t to_offset) {
  uint32_t checksum = 0;
  std::string buffer(std::min<uint64_t>(size, kCopyAtOnce), '\0');
  for (uint64_t done = 0; done < size;) {
    const std::span<char> part(buffer.data(), std::min<uint64_t>(size - done, buffer.size()));
    SELVAGE_TRY(const size_t got, from.read_at(from_offset + done, part));
    if (got < part.size()) return std::nullopt;
    const std::string_view bytes(part.data(), part.size());
    checksum = store::crc32c(bytes, checksum);
    if (to != nullptr) SELVAGE_CHECK_STATUS(to->write_at(to_offset + done, bytes));
    done += part.size();
  }
  return checksum;
}

/// The pages of a file, changed in place.
class PageFile {
 public:
  PageFile(File& file, uint64_t at) : file_(file), at_(at) {}

  Result<PageBytes*> page(uint32_t number, bool image) {
    std::unique_ptr<PageBytes>& slot = pages_[number];
    if (slot && !image) return slot.get();
    if (!slot) slot = std::make_unique_for_overwrite<PageBytes>();
    slot->fill('\0');
    if (image) return slot.get();
    if (auto got = file_.read_at(offset_of(number), *slot); !got)
      return fail(std::move(got).error());
    return slot.get();
  }
  Status shrink(uint32_t count) {
    std::erase_if(pages_, [count](const auto& each) { return each.first > count; });
    SELVAGE_TRY(const uint64_t size, file_.size());
    if (size > offset_of(count + 1)) return file_.truncate(offset_of(count + 1));
    return {};
  }
  /// Called between two commits.
  Status spill() { return pages_.size() < kPagesInMemory ? Status() : flush(); }
  Status flush() {
    for (const auto& [number, page] : pages_) {
      SELVAGE_CHECK_STATUS(
          file_.write_at(offset_of(number), std::string_view(page->data(), kPageSize)));
    }
    pages_.clear();
    return {};
  }

 private:
  [[nodiscard]] uint64_t offset_of(uint32_t number) const {
    return at_ + uint64_t{number - 1} * kPageSize;
  }
  File& file_;
  const uint64_t at_;
  std::unordered_map<uint32_t, std::unique_ptr<PageBytes>> pages_;
};

/// Writes commits as chunks, one after the other.
class ChunkWriter {
 public:
  ChunkWriter(File& file, uint32_t salt, ObjectHistory::End end)
      : file_(file), salt_(salt), end_(end) {}

  Status add(const HistoryCommit& commit) {
    SELVAGE_TRY(const Commitment said, read_commitment(commit.payload));
    put_history_commit(commits_, commit.sequence, commit.payload);
    next_.sequence = commit.sequence;
    next_.page_count = said.page_count;
    if (said.time != 0) next_.time = said.time;
    if (said.restore != 0) next_.restores = said.restore;
    return commits_.size() < kChunkLimit ? Status() : flush();
  }
  Status flush() {
    if (commits_.empty()) return {};
    const std::string chunk =
        encode_history_chunk(commits_, end_.point.sequence, next_, salt_, end_.offset);
    SELVAGE_CHECK_STATUS(file_.write_at(end_.offset, chunk));
    end_.offset += chunk.size();
    end_.point = next_;
    commits_.clear();
    return {};
  }
  [[nodiscard]] const ObjectHistory::End& end() const { return end_; }

 private:
  File& file_;
  const uint32_t salt_;
  ObjectHistory::End end_;
  HistoryPoint next_ = end_.point;
  std::string commits_;
};

/// A chunk that may not be there.
Result<std::optional<HistoryChunk>> chunk_at(store::ReadWindow& window, uint64_t offset,
                                             uint32_t salt) {
  SELVAGE_TRY(const std::string_view head, window.view(offset, kHistoryChunkHead));
  if (head.size() < kHistoryChunkHead) return std::nullopt;
  const uint64_t size = history_chunk_size(head);
  if (size == 0 || size % kHistoryBlock != 0) return std::nullopt;
  SELVAGE_TRY(const std::string_view bytes, window.view(offset, size));
  return decode_history_chunk(bytes, salt, offset);
}

/// Where the finished chunk leads that begins at `offset`, or of which that block is the end; all
/// before has led to `before`. nullopt: there is none.
Result<std::optional<ObjectHistory::End>> finished_at(store::ReadWindow& window, uint64_t offset,
                                                      uint32_t salt, const HistoryPoint& before,
                                                      uint64_t unfinished) {
  SELVAGE_TRY(const auto chunk, chunk_at(window, offset, salt));
  if (chunk && chunk->previous >= before.sequence) {
    std::string_view commits = chunk->commits;
    const auto first = take_history_commit(commits);
    if (first && first->sequence < unfinished)
      return ObjectHistory::End{.point = chunk->end, .offset = offset + chunk->size};
  }
  const uint64_t block_end = offset + kHistoryBlock;
  SELVAGE_TRY(const std::string_view block, window.view(offset, kHistoryBlock));
  const auto last = decode_history_trailer(block, salt, block_end);
  if (last && last->sequence > before.sequence && last->sequence < unfinished)
    return ObjectHistory::End{.point = *last, .offset = block_end};
  return std::nullopt;
}

HistoryHead head_for(HistoryPoint base, uint32_t checksum) {
  return {.salt = random_salt(),
          .page_count = base.page_count,
          .checksum = checksum,
          .sequence = base.sequence,
          .time = base.time,
          .restores = base.restores};
}

}  // namespace

HistoryPoint ObjectHistory::base() const {
  return {.sequence = head_.sequence,
          .time = head_.time,
          .page_count = head_.page_count,
          .restores = head_.restores};
}

uint64_t ObjectHistory::longest(uint64_t bytes) const {
  const uint64_t base = uint64_t{head_.page_count} * kPageSize;
  return base + std::max(std::min(bytes, UINT64_MAX / 2), 4 * base);
}

tl::unexpected<Error> ObjectHistory::damaged(std::string what) const {
  if (damages_ != nullptr) damages_->note(path_);
  return fail(ErrorCode::corrupt, "the object's history is damaged: " + std::move(what));
}

Result<std::optional<ObjectHistory>> ObjectHistory::open(FileSystem& files, const std::string& path,
                                                         DamagedHistories* damages) {
  auto file = files.open(path, OpenMode::write);
  if (!file) {
    if (file.error().code == ErrorCode::not_found) return std::nullopt;
    return fail(std::move(file).error());
  }
  std::string block(kHistoryBlock, '\0');
  SELVAGE_TRY(const size_t got, (*file)->read_at(0, block));
  block.resize(got);
  Result<HistoryHead> head = decode_history_head(block);
  // A head is written with the first bytes that are synced: where it is none, nothing was kept yet.
  // A crash leaves nothing or zeros of one that was not synced; other bytes are damage.
  if (!head) {
    if (got == kHistoryBlock && block.find_first_not_of('\0') != std::string::npos) {
      if (damages != nullptr) damages->note(path);
      log_warn("object storage",
               std::move(head).error().within(path).describe() +
                   ". The object is whole, but cannot be brought back to earlier states; its next "
                   "checkpoint begins a new history. To keep the old one, stop now and take the "
                   "file from a backup");
    }
    return std::nullopt;
  }
  ObjectHistory opened(std::move(*file), *head);
  opened.path_ = path;
  opened.damages_ = damages;
  return opened;
}

Result<ObjectHistory> ObjectHistory::begin(FileSystem& files, const std::string& path,
                                           HistoryPoint base) {
  const HistoryHead head = head_for(base, 0);
  SELVAGE_TRY(std::unique_ptr<File> file, files.open(path, OpenMode::create_empty));
  SELVAGE_CHECK_STATUS(file->write_at(0, encode_history_head(head)));
  return ObjectHistory(std::move(file), head);
}

Result<ObjectHistory> ObjectHistory::begin_with(FileSystem& files, const std::string& path,
                                                HistoryPoint base, File& database) {
  const std::string temporary = path + ".tmp";
  SELVAGE_TRY(std::unique_ptr<File> file, files.open(temporary, OpenMode::create_empty));
  SELVAGE_TRY(const auto checksum,
              copy(database, 0, uint64_t{base.page_count} * kPageSize, file.get(), kHistoryBase));
  if (!checksum) return fail(ErrorCode::corrupt, "the object's database is too short");
  const HistoryHead head = head_for(base, *checksum);
  SELVAGE_CHECK_STATUS(file->write_at(0, encode_history_head(head)));
  SELVAGE_CHECK_STATUS(file->sync_data());
  SELVAGE_CHECK_STATUS(files.rename(temporary, path));
  return ObjectHistory(std::move(file), head);
}

Result<ObjectHistory::End> ObjectHistory::end(uint64_t unfinished) const {
  End end{.point = base(), .offset = history_chunks(head_)};
  SELVAGE_TRY(const uint64_t size, file_->size());
  // The usual case: its last chunk is finished, and so are all before it.
  if (size > end.offset && size % kHistoryBlock == 0) {
    std::string block(kHistoryBlock, '\0');
    SELVAGE_TRY(const size_t got, file_->read_at(size - kHistoryBlock, block));
    block.resize(got);
    const auto last = decode_history_trailer(block, head_.salt, size);
    if (last && (last->sequence < unfinished || SELVAGE_BROKEN("history-keeps-unfinished")))
      return End{.point = *last, .offset = size};
  }
  store::ReadWindow window(*file_, size);
  for (uint64_t at = end.offset; at < size && end.point.sequence < unfinished;) {
    SELVAGE_TRY(const std::optional<End> next,
                finished_at(window, at, head_.salt, end.point, unfinished));
    if (next) {
      end = *next;
      at = end.offset;
    } else {
      // What failed attempts left is unfinished. If something finished is further on, this is
      // damage, and what comes after it is not to be written over.
      at += kHistoryBlock;
    }
  }
  if (unfinished == kNone && end.offset != size) return damaged("it does not end as it should");
  return end;
}

Status ObjectHistory::append(std::string_view commits) {
  std::string_view first = commits;
  const auto next = take_history_commit(first);
  if (!next) return {};
  SELVAGE_TRY(const End end, this->end(next->sequence));
  // Until a chunk was synced, the head may be one whose sync has failed: the system's memory has
  // it, and no later sync takes it to the disk unless it is written again.
  if (end.offset == kHistoryBase)
    SELVAGE_CHECK_STATUS(file_->write_at(0, encode_history_head(head_)));
  ChunkWriter writer(*file_, head_.salt, end);
  while (const auto commit = take_history_commit(commits)) {
    // One that was folded in before the log had forgotten it.
    if (commit->sequence <= end.point.sequence) continue;
    if (SELVAGE_BROKEN("drop-commit-of-history") && commit->sequence % 16 == 0) continue;
    SELVAGE_CHECK_STATUS(writer.add(*commit));
  }
  SELVAGE_CHECK_STATUS(writer.flush());
  SELVAGE_TRY(const uint64_t size, file_->size());
  if (size > writer.end().offset) SELVAGE_CHECK_STATUS(file_->truncate(writer.end().offset));
  return {};
}

Status ObjectHistory::scan(uint64_t unfinished, ChunkVisitor visitor) const {
  SELVAGE_TRY(const End end, this->end(unfinished));
  store::ReadWindow window(*file_, end.offset);
  uint64_t offset = history_chunks(head_);
  for (uint64_t last = head_.sequence; offset < end.offset;) {
    SELVAGE_TRY(const auto chunk, chunk_at(window, offset, head_.salt));
    if (!chunk || chunk->previous != last)
      return damaged("a part of it does not match its checksum");
    last = chunk->end.sequence;
    offset += chunk->size;
    SELVAGE_TRY(const bool more, visitor(*chunk));
    if (!more) break;
  }
  return {};
}

Result<HistoryPoint> ObjectHistory::materialize(uint64_t sequence, uint64_t unfinished, File& out,
                                                uint64_t at) const {
  HistoryPoint point = base();
  SELVAGE_TRY(const auto checksum,
              copy(*file_, kHistoryBase, uint64_t{head_.page_count} * kPageSize, &out, at));
  if (!checksum) return damaged("it is too short");
  if (*checksum != head_.checksum) return damaged("its base does not match its checksum");
  PageFile pages(out, at);
  const auto page = [&pages](uint32_t number, bool image) { return pages.page(number, image); };
  SELVAGE_CHECK_STATUS(scan(unfinished, [&](const HistoryChunk& chunk) -> Result<bool> {
    std::string_view commits = chunk.commits;
    while (const auto commit = take_history_commit(commits)) {
      if (commit->sequence > sequence) return false;
      SELVAGE_TRY(const Commitment said, apply_page_delta(commit->payload, page));
      SELVAGE_CHECK_STATUS(pages.shrink(said.page_count));
      SELVAGE_CHECK_STATUS(pages.spill());
      point.sequence = commit->sequence;
      point.page_count = said.page_count;
      if (said.time != 0) point.time = said.time;
      if (said.restore != 0) point.restores = said.restore;
    }
    // What comes after it does not matter, damaged or not.
    return point.sequence < sequence;
  }));
  SELVAGE_CHECK_STATUS(pages.flush());
  SELVAGE_CHECK_STATUS(out.truncate(at + uint64_t{point.page_count} * kPageSize));
  return point;
}

Status ObjectHistory::fold(FileSystem& files, const std::string& path, uint64_t sequence,
                           uint64_t unfinished, DamagedHistories* damages) {
  SELVAGE_TRY(const std::optional<ObjectHistory> old, open(files, path, damages));
  if (!old) return {};
  const std::string temporary = path + ".tmp";
  SELVAGE_TRY(const std::unique_ptr<File> file, files.open(temporary, OpenMode::create_empty));
  SELVAGE_TRY(const HistoryPoint base, old->materialize(sequence, unfinished, *file, kHistoryBase));
  SELVAGE_TRY(const auto checksum,
              copy(*file, kHistoryBase, uint64_t{base.page_count} * kPageSize, nullptr, 0));
  if (!checksum) return fail(ErrorCode::io, temporary + " was cut short");
  const HistoryHead head = head_for(base, *checksum);
  ChunkWriter writer(*file, head.salt, End{.point = base, .offset = history_chunks(head)});
  SELVAGE_CHECK_STATUS(old->scan(unfinished, [&](const HistoryChunk& chunk) -> Result<bool> {
    std::string_view commits = chunk.commits;
    while (const auto commit = take_history_commit(commits)) {
      if (commit->sequence <= base.sequence) continue;
      SELVAGE_CHECK_STATUS(writer.add(*commit));
    }
    return true;
  }));
  SELVAGE_CHECK_STATUS(writer.flush());
  SELVAGE_CHECK_STATUS(file->write_at(0, encode_history_head(head)));
  SELVAGE_CHECK_STATUS(file->sync_data());
  SELVAGE_CHECK_STATUS(files.rename(temporary, path));
  return files.sync_directory(store::parent_directory(path));
}

}  // namespace selvage::object
