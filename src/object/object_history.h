// One object's history on the disk: what its database was at every commit of the retention, for
// point-in-time recovery. Bytes: history_format.h and docs/storage-format.md.
//
// How it stays right. Checkpoints append the commits that the log is about to let go of, and the
// log lets go of them only when the history was synced. So of the commits that the log still has
// ("unfinished" ones) the file may hold any part, and none of it counts: the file ends before the
// first of them, wherever a crash or a failed write left its last byte. Reading is a function of
// two things that do not change each other: the file up to there, and the unfinished commits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/function.h"
#include "base/result.h"
#include "object/damaged_histories.h"
#include "object/history_format.h"
#include "store/file.h"

namespace selvage::object {

/// Any thread may read; one at a time appends or folds, and no reader is harmed by it.
class ObjectHistory {
 public:
  /// nullopt: there is none, or one whose making was interrupted. Notes in `damages`, which must
  /// outlive it, when it turns out to be damaged, now or later.
  static Result<std::optional<ObjectHistory>> open(store::FileSystem& files,
                                                   const std::string& path,
                                                   DamagedHistories* damages = nullptr);
  /// Begins one whose base has no pages. Nothing is synced.
  static Result<ObjectHistory> begin(store::FileSystem& files, const std::string& path,
                                     HistoryPoint base);
  /// Begins one with the pages of `database` as its base. Synced, and in place when it returns; its
  /// folder is to be synced.
  static Result<ObjectHistory> begin_with(store::FileSystem& files, const std::string& path,
                                          HistoryPoint base, store::File& database);

  [[nodiscard]] const HistoryHead& head() const { return head_; }
  /// The state that it starts from.
  [[nodiscard]] HistoryPoint base() const;
  [[nodiscard]] Result<uint64_t> size() const { return file_->size(); }
  [[nodiscard]] const std::shared_ptr<store::File>& file() const { return file_; }
  /// How long it may become when it may have so many bytes besides its base, or four times the
  /// base.
  [[nodiscard]] uint64_t longest(uint64_t bytes) const;

  struct End {
    HistoryPoint point;
    uint64_t offset = 0;
  };
  /// Where it ends, when `unfinished` is the number of the first unfinished commit; kNone: all are
  /// finished. ErrorCode::corrupt when it does not end there.
  Result<End> end(uint64_t unfinished) const;
  static constexpr uint64_t kNone = UINT64_MAX;

  /// Makes `commits`, unfinished ones as put_history_commit() put them, the file's end. They count
  /// once the file was synced, and are to be given again when that fails.
  Status append(std::string_view commits);

  /// All chunks before `unfinished`, oldest first, until the visitor says false or fails.
  using ChunkVisitor = UniqueFunction<Result<bool>(const HistoryChunk&)>;
  Status scan(uint64_t unfinished, ChunkVisitor visitor) const;

  /// Writes the database as of commit `sequence` (its last commit that is not later) to `out`, from
  /// byte `at` on; nothing may follow there.
  Result<HistoryPoint> materialize(uint64_t sequence, uint64_t unfinished, store::File& out,
                                   uint64_t at) const;

  /// Puts another history in its place that starts from `sequence`: what came before is not to be
  /// told of any more. Durable when it returns.
  static Status fold(store::FileSystem& files, const std::string& path, uint64_t sequence,
                     uint64_t unfinished, DamagedHistories* damages = nullptr);

 private:
  ObjectHistory(std::shared_ptr<store::File> file, HistoryHead head)
      : file_(std::move(file)), head_(head) {}

  /// The error that says so, noted.
  [[nodiscard]] tl::unexpected<Error> damaged(std::string what) const;

  std::shared_ptr<store::File> file_;
  HistoryHead head_;
  std::string path_;
  DamagedHistories* damages_ = nullptr;
};

}  // namespace selvage::object
