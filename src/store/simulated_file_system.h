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

/// What the disk is asked to do.
enum class DiskOperation {
  create,
  write,
  truncate,
  sync,
  rename,
  remove,
  sync_directory,
  sync_everything,
  read,
};
constexpr size_t kDiskOperations = 9;
std::string_view to_string(DiskOperation operation);

/// Any thread.
class SimulatedFileSystem final : public FileSystem {
 public:
  explicit SimulatedFileSystem(uint64_t seed) : random_(seed) { stop_faults(); }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Status create_directories(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Status sync_everything(const std::string& path) override;

  // --- Faults. Those that count operations count all but reads.

  /// The power goes at the operation after `operations` more: that one may take effect in part, and
  /// it and all that follow fail.
  void cut_power_after(uint64_t operations);
  [[nodiscard]] bool power_is_out() const;
  /// The machine comes back, with what survived; all of it if only the process had been killed.
  void restart(bool power_was_lost = true);
  /// `count` operations after `operations` more fail, in part or without effect, and the ones after
  /// them work again.
  void fail_after(uint64_t operations, uint64_t count = 1);
  /// The operation of this kind after `operations` more of its kind fails.
  void fail_one(DiskOperation kind, uint64_t operations);
  /// The same, and from then on everything fails.
  void fail_from(DiskOperation kind, uint64_t operations);
  /// Writes that would make all files together larger than `bytes` fail as on a full disk, and so
  /// does the making of files when there is no byte left.
  void set_capacity(uint64_t bytes);
  /// From the operation after `operations` more on, all fail as on a file system that is mounted
  /// read-only; reading works.
  void become_read_only_after(uint64_t operations);
  /// Takes back what was asked for.
  void stop_faults();
  [[nodiscard]] uint64_t operations() const;
  /// Bytes of all files.
  [[nodiscard]] uint64_t used() const;
  /// How many operations of this kind failed because it was asked for, the power cut included.
  [[nodiscard]] uint64_t failed(DiskOperation kind) const;

  /// Called before each operation that counts, without a lock: what other threads would do
  /// meanwhile. It may use the file system.
  void set_meanwhile(std::function<void()> meanwhile) { meanwhile_ = std::move(meanwhile); }
  /// Gets a line for each operation.
  void set_trace(std::function<void(const std::string&)> trace) { trace_ = std::move(trace); }

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
  static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

  void meanwhile() const {
    if (meanwhile_) meanwhile_();
  }
  Verdict next_operation(DiskOperation kind, const std::string& path);
  /// Of the operation that failed last.
  [[nodiscard]] Status failure(const std::string& what) const { return fail_errno(error_, what); }
  [[nodiscard]] Status outage(const std::string& what) const { return fail_errno(EIO, what); }
  Directory* directory_of(const std::string& path, std::string& name);
  static void apply(std::map<std::string, std::shared_ptr<Inode>>& names, const NameChange& change);
  static void apply(std::string& content, const Change& change);
  Result<size_t> read(const Inode& inode, const std::string& path, uint64_t offset,
                      std::span<char> into);
  Status write(Inode& inode, const std::string& path, uint64_t offset, std::string_view bytes);
  Status truncate(Inode& inode, const std::string& path, uint64_t size);
  Status sync(Inode& inode, const std::string& path);
  static void persist(Inode& inode);
  enum class Sizes : uint8_t { kept, by_chance };
  void survive(Inode& inode, Sizes sizes);
  [[nodiscard]] uint64_t used_locked() const;
  void stop_faults_locked();
  uint64_t pick(uint64_t bound) { return random_() % bound; }

  std::function<void()> meanwhile_;
  std::function<void(const std::string&)> trace_;
  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  std::map<std::string, Directory> directories_{{"/", {}}};
  uint64_t operations_ = 0;
  std::array<uint64_t, kDiskOperations> operations_by_kind_{};
  std::array<uint64_t, kDiskOperations> failed_{};
  uint64_t power_cut_ = kNever;
  uint64_t first_failure_ = kNever;
  uint64_t failures_ = 0;
  std::array<uint64_t, kDiskOperations> one_failure_{};
  bool fails_for_good_ = false;  // after one_failure_
  uint64_t read_only_from_ = kNever;
  uint64_t capacity_ = kNever;
  bool power_out_ = false;
  int error_ = 0;
  /// Counts restarts: files opened before one are dead.
  uint64_t generation_ = 0;
};

}  // namespace selvage::store
