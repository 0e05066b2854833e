// The bytes of modules: files named by their SHA-256, so that versions share what they have in
// common. A file appears under its name only when it is whole and synced.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "deploy/platform/platform_store.h"
#include "deploy/platform/seal.h"

namespace selvage::deploy {
namespace {

namespace fs = std::filesystem;

Status write_file(const std::string& path, std::string_view content) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return fail_errno(errno, "cannot create " + path);
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      ::close(fd);
      return fail_errno(error, "cannot write " + path);
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  const bool synced = ::fdatasync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!synced) return fail_errno(error, "cannot sync " + path);
  return {};
}

Status sync_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail_errno(errno, "cannot open " + path);
  const bool synced = ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!synced) return fail_errno(error, "cannot sync " + path);
  return {};
}

}  // namespace

std::string PlatformStore::module_path(const std::string& hash) const {
  return directory_ + "/modules/" + hash;
}

Result<std::string> PlatformStore::put_module(std::string_view content) {
  const std::string hash = sha256_hex(content);
  const std::string path = module_path(hash);
  std::error_code error;
  if (fs::exists(path, error)) return hash;
  const std::string unfinished = path + "." + random_id() + ".tmp";
  Status written = write_file(unfinished, content);
  if (written && ::rename(unfinished.c_str(), path.c_str()) != 0) {
    written = fail_errno(errno, "cannot rename " + unfinished);
  }
  if (!written) {
    ::unlink(unfinished.c_str());
    return fail(std::move(written).error());
  }
  SELVAGE_CHECK_STATUS(sync_directory(directory_ + "/modules"));
  return hash;
}

Status PlatformStore::remove_unused_modules() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_ + "/modules", error)) {
    const std::string hash = entry.path().filename();
    bool used = false;
    SELVAGE_CHECK_STATUS(each("SELECT 1 FROM version_modules WHERE hash = ?1 LIMIT 1", {hash},
                              [&](const store::Statement&) -> Status {
                                used = true;
                                return {};
                              }));
    if (!used) fs::remove(entry.path(), error);
  }
  return {};
}

}  // namespace selvage::deploy
