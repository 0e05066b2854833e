// Which objects have an alarm, and when: so that a process that starts finds them without opening
// every object there is.
//
// The index on the disk is as of each object's last checkpoint; what the commit log has of later
// commits comes on top (a commit that changes the alarm says so in its record). A checkpoint writes
// the index before it lets go of the records, so an entry is never missing. One may be stale, for a
// process that died in between; the object's own database decides.
//
// The file is a journal: changes are appended, and it is written anew when it has become long.
// Format: docs/storage-format.md.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "object/alarm.h"
#include "store/file.h"

namespace selvage::object {

/// One thread at a time.
class AlarmIndex {
 public:
  /// By the object's name in the commit log.
  using Alarms = std::unordered_map<std::string, Alarm>;
  struct Change {
    std::string object;
    Alarm alarm;  // without a time: it has none any more
  };

  /// Reads the journal at `path`; without a file there are no alarms, and none is made. `files`
  /// must outlive the index.
  static Result<std::unique_ptr<AlarmIndex>> open(std::string path, store::FileSystem& files);

  /// Durable when it returns. After a failure the file is written anew with the next changes.
  Status write(const std::vector<Change>& changes);

  [[nodiscard]] const Alarms& alarms() const { return alarms_; }

 private:
  AlarmIndex(std::string path, store::FileSystem& files);
  Status append(const std::vector<Change>& changes);
  Status write_anew();

  const std::string path_;
  store::FileSystem& files_;
  Alarms alarms_;
  std::unique_ptr<store::File> file_;
  uint64_t size_ = 0;
  /// From this size on it is worth writing anew.
  uint64_t long_ = 0;
  /// What is on the disk is not what it should be, or longer than it need be.
  bool to_write_anew_ = true;
};

}  // namespace selvage::object
