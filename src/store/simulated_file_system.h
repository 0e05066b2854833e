// A disk in memory for tests: it forgets what was not synced when the power goes, tears writes,
// and fails on demand, all from one seed.
//
// What it assumes of a real disk is little: a sector (512 bytes) that was synced, and not written
// since, keeps its bytes. Of what was written since the last sync, each sector is old, new or
// garbage after a power loss, whatever the order of the writes. Creations, renames and removals in
// a folder survive in their order, up to a point at random or the last sync_directory(). Folders
// themselves always survive.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "store/file.h"

namespace selvage::store {

/// Any thread.
class SimulatedFileSystem final : public FileSystem {
 public:
  explicit SimulatedFileSystem(uint64_t seed) : random_(seed) {}

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Status create_directories(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Status sync_everything(const std::string& path) override;

  // --- Faults. An operation is anything that changes or syncs something.

  /// The power goes at the operation after `operations` more: that one may take effect in part, and
  /// it and all that follow fail.
  void cut_power_after(uint64_t operations);
  [[nodiscard]] bool power_is_out() const;
  /// The machine comes back, with what survived; all of it if only the process had been killed.
  void restart(bool power_was_lost = true);
  /// One operation after `operations` more fails, in part or without effect, and the ones after it
  /// work again.
  void fail_once_after(uint64_t operations);
  /// Writes that would make all files together larger than `bytes` fail as on a full disk.
  void set_capacity(uint64_t bytes);
  /// Takes back what was asked for and did not happen yet.
  void stop_faults();
  [[nodiscard]] uint64_t operations() const;

  /// For tests that damage or look at bytes: the current content.
  Result<std::string> content(const std::string& path) const;
  void set_content(const std::string& path, std::string content);

 private:
  class OpenFile;
  struct Change {
    uint64_t offset = 0;
    std::string bytes;
    bool truncate = false;  // to `offset`
  };
  struct Inode {
    std::string current;
    std::string durable;
    std::vector<Change> unsynced;
  };
  struct NameChange {
    std::string name;
    std::shared_ptr<Inode> inode;  // null: the name is removed
    std::string renamed_from;      // removed in the same instant
  };
  struct Directory {
    std::map<std::string, std::shared_ptr<Inode>> current;
    std::map<std::string, std::shared_ptr<Inode>> durable;
    std::vector<NameChange> unsynced;
  };
  enum class Verdict { works, fails_before, fails_after };

  Verdict next_operation();
  Status failure(const std::string& what) const;
  Directory* directory_of(const std::string& path, std::string& name);
  static void apply(std::map<std::string, std::shared_ptr<Inode>>& names, const NameChange& change);
  static void apply(std::string& content, const Change& change);
  Status write(Inode& inode, const std::string& path, uint64_t offset, std::string_view bytes);
  Status truncate(Inode& inode, const std::string& path, uint64_t size);
  Status sync(Inode& inode, const std::string& path);
  void survive(Inode& inode);
  uint64_t pick(uint64_t bound) { return random_() % bound; }

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  std::map<std::string, Directory> directories_{{"/", {}}};
  uint64_t operations_ = 0;
  uint64_t power_cut_ = std::numeric_limits<uint64_t>::max();
  uint64_t single_failure_ = std::numeric_limits<uint64_t>::max();
  uint64_t capacity_ = std::numeric_limits<uint64_t>::max();
  bool power_out_ = false;
  /// Counts restarts: files opened before one are dead.
  uint64_t generation_ = 0;
};

}  // namespace selvage::store
