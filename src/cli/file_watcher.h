// Tells when files change, with inotify(7). Watches directories, since editors save by renaming a
// new file over the old one.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/function.h"
#include "base/result.h"
#include "cli/reactor.h"

namespace selvage::cli {

class FileWatcher {
 public:
  /// `changed` gets the paths that were written, renamed, created or removed, from the reactor,
  /// once nothing more has come for a few milliseconds: saving ten files is one call.
  using ChangedCallback = UniqueFunction<void(const std::set<std::string>& paths)>;

  static Result<std::unique_ptr<FileWatcher>> create(Reactor& reactor, ChangedCallback changed);
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  /// Replaces the directories that are watched. Those that do not exist are skipped.
  void watch(const std::vector<std::string>& directories);

 private:
  FileWatcher(Reactor& reactor, Descriptor inotify, ChangedCallback changed);
  void read_events();

  Reactor& reactor_;
  Descriptor inotify_;
  ChangedCallback changed_;
  std::map<std::string, int> watches_;
  std::map<int, std::string> directories_;
  std::set<std::string> pending_;
  Reactor::TimerId timer_ = 0;
};

}  // namespace selvage::cli
