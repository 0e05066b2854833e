// SQLite over the file-system seam: a VFS whose files are a FileSystem's. For tests that put a disk
// that fails beneath a database (simulated_file_system.h).
//
// It asks of the file system what SQLite's own VFS for Unix asks of the kernel, and ignores the
// failures that one ignores: the folder of a new journal or log is synced together with the file's
// first sync, and nobody is told when that fails. Locks and the shared memory of write-ahead logs
// are this process's: they end with the connections, as they would with a process.
#pragma once

#include <memory>

#include "store/file.h"

namespace selvage::store {

/// Registered with SQLite while it lives. Any thread.
class FileVfs {
 public:
  /// `files` must outlive it.
  explicit FileVfs(FileSystem& files);
  /// Every connection must be closed.
  ~FileVfs();
  FileVfs(const FileVfs&) = delete;
  FileVfs& operator=(const FileVfs&) = delete;

  /// For Database::open().
  [[nodiscard]] const char* name() const;

 private:
  struct Definition;
  std::unique_ptr<Definition> definition_;
};

}  // namespace selvage::store
