#include "cli/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace selvage::cli {

namespace fs = std::filesystem;

namespace {

// The session that wrote the lock file; 0 if none did.
pid_t owner_of(int lock) {
  std::array<char, 32> text{};
  if (pread(lock, text.data(), text.size() - 1, 0) <= 0) return 0;
  return std::atoi(text.data());
}

// An engine outlives a session that was killed by a moment, and then lets go: that is waited for.
bool take_lock(int lock) {
  constexpr std::chrono::milliseconds kPause{10};
  constexpr int kTries = 500;
  for (int i = 0; i < kTries; ++i) {
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) return true;
    const pid_t owner = owner_of(lock);
    if (owner <= 0 || kill(owner, 0) == 0 || errno != ESRCH) return false;
    std::this_thread::sleep_for(kPause);
  }
  return false;
}

}  // namespace

Result<DataDirectory> open_data_directory(const std::string& path) {
  std::error_code error;
  const fs::path root = fs::absolute(path, error).lexically_normal();
  DataDirectory data;
  data.state = (root / "state").string();
  data.cache = (root / "cache").string();
  data.bundles = (root / "bundles").string();
  for (const std::string& directory : {data.state, data.cache, data.bundles}) {
    fs::create_directories(directory, error);
    if (error) {
      return fail(ErrorCode::io, "cannot create " + directory + ": " + error.message(),
                  "Choose another folder with --data");
    }
  }
  // A project's folder must not end up in version control.
  const fs::path ignore = root / ".gitignore";
  if (!fs::exists(ignore, error)) std::ofstream(ignore) << "*\n";

  const std::string lock = (root / "lock").string();
  data.lock = Descriptor(open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!data.lock.valid()) return fail_errno(errno, "cannot open " + lock);
  if (!take_lock(data.lock.get())) {
    const pid_t owner = owner_of(data.lock.get());
    std::string who = "another selvage";
    if (owner > 0) who += " (process " + std::to_string(owner) + ")";
    return fail(ErrorCode::already_exists, who + " is using " + root.string(),
                "Stop it, or give this one a folder of its own with --data");
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(data.lock.get(), 0) != 0 ||
      pwrite(data.lock.get(), pid.data(), pid.size(), 0) < 0) {
    return fail_errno(errno, "cannot write " + lock);
  }
  return data;
}

}  // namespace selvage::cli
