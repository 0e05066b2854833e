#include "cli/file_watcher.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace selvage::cli {
namespace {

constexpr std::chrono::milliseconds kQuiet{10};
constexpr uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR;

}  // namespace

Result<std::unique_ptr<FileWatcher>> FileWatcher::create(Reactor& reactor,
                                                         ChangedCallback changed) {
  Descriptor inotify(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify.valid()) {
    return fail(ErrorCode::unavailable, "cannot watch files: " + std::string(strerror(errno)),
                "The limit is fs.inotify.max_user_instances; other programs may use them up");
  }
  return std::unique_ptr<FileWatcher>(
      new FileWatcher(reactor, std::move(inotify), std::move(changed)));
}

FileWatcher::FileWatcher(Reactor& reactor, Descriptor inotify, ChangedCallback changed)
    : reactor_(reactor), inotify_(std::move(inotify)), changed_(std::move(changed)) {
  reactor_.watch(inotify_.get(), POLLIN, [this](short) { read_events(); });
}

FileWatcher::~FileWatcher() {
  reactor_.cancel(timer_);
  reactor_.forget(inotify_.get());
}

void FileWatcher::watch(const std::vector<std::string>& directories) {
  const std::set<std::string> wanted(directories.begin(), directories.end());
  for (auto it = watches_.begin(); it != watches_.end();) {
    if (wanted.contains(it->first)) {
      ++it;
      continue;
    }
    inotify_rm_watch(inotify_.get(), it->second);
    directories_.erase(it->second);
    it = watches_.erase(it);
  }
  for (const std::string& directory : wanted) {
    // Again for known ones: a directory may have been removed and made anew.
    const int watch = inotify_add_watch(inotify_.get(), directory.c_str(), kEvents);
    if (watch < 0) continue;
    watches_[directory] = watch;
    directories_[watch] = directory;
  }
}

void FileWatcher::read_events() {
  alignas(inotify_event) std::array<char, 16'384> buffer{};
  for (;;) {
    const ssize_t got = read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) break;
    for (size_t at = 0; at < static_cast<size_t>(got);) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += sizeof(inotify_event) + event->len;
      const auto directory = directories_.find(event->wd);
      if ((event->mask & IN_IGNORED) != 0) {
        if (directory != directories_.end()) {
          watches_.erase(directory->second);
          directories_.erase(directory);
        }
      } else if (directory != directories_.end() && event->len > 0) {
        pending_.insert(directory->second + "/" + event->name);
      }
    }
  }
  if (pending_.empty()) return;
  reactor_.cancel(timer_);
  timer_ = reactor_.after(kQuiet, [this] {
    timer_ = 0;
    changed_(std::exchange(pending_, {}));
  });
}

}  // namespace selvage::cli
