#include "cli/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace selvage::cli {

namespace fs = std::filesystem;

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
  if (flock(data.lock.get(), LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> owner{};
    const ssize_t got = read(data.lock.get(), owner.data(), owner.size() - 1);
    std::string who = "another selvage";
    if (got > 0) who += " (process " + std::to_string(std::atoi(owner.data())) + ")";
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
