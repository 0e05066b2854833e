// Which objects are to be brought back to an earlier state when they are opened next.
//
// One small file, replaced as a whole. An entry counts the restores that its object had had when it
// was made; the restore's own commit raises that count. So an entry that outlives its restore, for
// a process that died in between, does nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "store/file.h"

namespace selvage::object {

/// Any thread.
class ScheduledRestores {
 public:
  struct Entry {
    /// The commit whose state is wanted.
    uint64_t sequence = 0;
    /// How many restores the object had had.
    uint32_t restores = 0;

    bool operator==(const Entry&) const = default;
  };

  /// Without a file at `path` there are none, and none is made. `files` must outlive it.
  static Result<std::unique_ptr<ScheduledRestores>> open(std::string path,
                                                         store::FileSystem& files);

  /// Whether there is none at all. Cheap.
  [[nodiscard]] bool empty() const { return empty_.load(std::memory_order_relaxed); }
  /// By the object's name in the commit log.
  [[nodiscard]] std::optional<Entry> find(const std::string& object) const;
  /// Durable when it returns. An error: outcome unknown until save().
  Status set(const std::string& object, Entry entry);
  /// This entry is done, or cannot be; the file learns of it with the next save().
  void forget(const std::string& object, Entry entry);
  /// Writes what the file lacks.
  Status save();

 private:
  ScheduledRestores(std::string path, store::FileSystem& files)
      : path_(std::move(path)), files_(files) {}
  Status write_locked();

  const std::string path_;
  store::FileSystem& files_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::atomic<bool> empty_{true};
  /// The file differs, or may.
  bool stale_ = false;
};

}  // namespace selvage::object
