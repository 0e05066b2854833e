// The seam to the file system: what the stores need of it and nothing more, so that tests can put
// a simulated disk beneath them (simulated_file_system.h) that loses, tears and refuses writes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace selvage::store {

/// One open file. Any thread; the caller keeps writes to the same bytes apart.
class File {
 public:
  virtual ~File() = default;

  /// Reads up to `into.size()` bytes; fewer only where the file ends.
  virtual Result<size_t> read_at(uint64_t offset, std::span<char> into) = 0;
  /// Writes all of `bytes`, or fails; after a failure any part of them may have been written.
  virtual Status write_at(uint64_t offset, std::string_view bytes) = 0;
  /// Makes what was written, and the size, survive power loss. After a failure nobody knows which
  /// of the writes since the last success are on the disk, and a second call does not tell.
  virtual Status sync_data() = 0;
  virtual Status truncate(uint64_t size) = 0;
  virtual Result<uint64_t> size() = 0;
};

enum class OpenMode {
  read,          ///< must exist
  write,         ///< must exist; for reading and writing
  create,        ///< made when missing; for reading and writing
  create_empty,  ///< made when missing, emptied when not; for reading and writing
};

/// Any thread. Paths are absolute or relative to the working directory.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  /// Replaces `to`. Durable after sync_directory() of the folder.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  /// ErrorCode::not_found when there is no such file.
  virtual Status remove(const std::string& path) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  /// Names in a folder, without "." and "..", sorted.
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Like mkdir -p; new entries are synced into their parents.
  virtual Status create_directories(const std::string& path) = 0;
  /// Makes creations, renames and removals in the folder survive power loss.
  virtual Status sync_directory(const std::string& path) = 0;
  /// Makes everything written and created so far on the file system that holds `path` survive
  /// power loss: cheaper than many single syncs.
  virtual Status sync_everything(const std::string& path) = 0;
};

/// The operating system's.
std::unique_ptr<FileSystem> real_file_system();

/// The folder part of a path: "a/b" of "a/b/c", "." of "c".
std::string parent_directory(std::string_view path);

}  // namespace selvage::store
