// SQLite over ObjectPages: a VFS whose files are the pages of objects. SQLite sees a plain database
// file that it locks alone and journals in memory; where the bytes live is ObjectPages' business.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "object/object_pages.h"
#include "store/sqlite.h"

namespace selvage::object {

/// One for each store; registered with SQLite while it lives. Any thread.
class PageVfs {
 public:
  /// A transaction may write at most `max_transaction_pages`; then SQLite reports a full disk.
  explicit PageVfs(uint32_t max_transaction_pages);
  /// Every connection must be closed.
  ~PageVfs();
  PageVfs(const PageVfs&) = delete;
  PageVfs& operator=(const PageVfs&) = delete;

  /// A connection to the database in `pages`, which must outlive it.
  Result<store::Database> open(ObjectPages& pages);

 private:
  struct Definition;
  std::unique_ptr<Definition> definition_;
};

}  // namespace selvage::object
