#include "store/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>

#include "store/transfer.h"

namespace selvage::store {
namespace {

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~PosixFile() override { ::close(fd_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Result<size_t> read_at(uint64_t offset, std::span<char> into) override {
    size_t done = transfer(into.size(), [&](size_t at) {
      return ::pread(fd_, into.data() + at, into.size() - at, static_cast<off_t>(offset + at));
    });
    if (done < into.size() && errno != 0) return fail_errno(errno, "cannot read " + path_);
    return done;
  }

  Status write_at(uint64_t offset, std::string_view bytes) override {
    size_t done = transfer(bytes.size(), [&](size_t at) {
      return ::pwrite(fd_, bytes.data() + at, bytes.size() - at, static_cast<off_t>(offset + at));
    });
    if (done == bytes.size()) return {};
    return fail_errno(errno != 0 ? errno : EIO, "cannot write " + path_);
  }

  Status sync_data() override {
    if (::fdatasync(fd_) != 0) return fail_errno(errno, "cannot sync " + path_);
    return {};
  }

  Status truncate(uint64_t size) override {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0)
      return fail_errno(errno, "cannot truncate " + path_);
    return {};
  }

  Result<uint64_t> size() override {
    struct stat info{};
    if (::fstat(fd_, &info) != 0) return fail_errno(errno, "cannot stat " + path_);
    return static_cast<uint64_t>(info.st_size);
  }

 private:
  int fd_;
  std::string path_;
};

class PosixFileSystem final : public FileSystem {
 public:
  PosixFileSystem() = default;
  ~PosixFileSystem() override {
    for (const auto& [path, fd] : watched_)
      if (fd >= 0) ::close(fd);
  }
  PosixFileSystem(const PosixFileSystem&) = delete;
  PosixFileSystem& operator=(const PosixFileSystem&) = delete;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC;
    switch (mode) {
      case OpenMode::read: flags |= O_RDONLY; break;
      case OpenMode::write: flags |= O_RDWR; break;
      case OpenMode::create: flags |= O_RDWR | O_CREAT; break;
      case OpenMode::create_empty: flags |= O_RDWR | O_CREAT | O_TRUNC; break;
    }
    int fd = ::open(path.c_str(), flags, 0644);
    if (fd < 0) return fail_errno(errno, "cannot open " + path);
    return std::make_unique<PosixFile>(fd, path);
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0)
      return fail_errno(errno, "cannot rename " + from + " to " + to);
    return {};
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return fail_errno(errno, "cannot remove " + path);
    return {};
  }

  Result<bool> exists(const std::string& path) override {
    if (::access(path.c_str(), F_OK) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return fail_errno(errno, "cannot look at " + path);
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    DIR* handle = ::opendir(directory.c_str());
    if (handle == nullptr) return fail_errno(errno, "cannot list " + directory);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(handle)) {
      std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
      errno = 0;
    }
    int error = errno;
    ::closedir(handle);
    if (error != 0) return fail_errno(error, "cannot list " + directory);
    std::sort(names.begin(), names.end());
    return names;
  }

  Status create_directories(const std::string& path) override {
    if (::mkdir(path.c_str(), 0755) == 0) return sync_directory(parent_directory(path));
    if (errno == EEXIST) return {};
    if (errno != ENOENT) return fail_errno(errno, "cannot create folder " + path);
    SELVAGE_CHECK_STATUS(create_directories(parent_directory(path)));
    if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
      return fail_errno(errno, "cannot create folder " + path);
    return sync_directory(parent_directory(path));
  }

  Status sync_directory(const std::string& path) override {
    int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail_errno(errno, "cannot open folder " + path);
    int result = ::fsync(fd);
    int error = errno;
    ::close(fd);
    if (result != 0) return fail_errno(error, "cannot sync folder " + path);
    return {};
  }

  Status sync_everything(const std::string& path) override {
    std::lock_guard lock(mutex_);
    // A descriptor that is kept hears of every write that failed since its last syncfs, also of
    // those that were reported to another process meanwhile.
    auto [position, inserted] = watched_.try_emplace(path, -1);
    int& fd = position->second;
    if (fd < 0) fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail_errno(errno, "cannot open folder " + path);
    if (::syncfs(fd) != 0) return fail_errno(errno, "cannot sync the file system of " + path);
    return {};
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> watched_;
};

}  // namespace

std::unique_ptr<FileSystem> real_file_system() { return std::make_unique<PosixFileSystem>(); }

std::string parent_directory(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  if (slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

}  // namespace selvage::store
