// A file for a moment.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "base/result.h"

namespace selvage::cli {

/// A file that goes with its owner.
class TemporaryFile {
 public:
  static Result<TemporaryFile> create() {
    std::error_code error;
    std::string pattern =
        (std::filesystem::temp_directory_path(error) / "selvage-object-XXXXXX").string();
    const int fd = ::mkstemp(pattern.data());
    if (fd < 0) return fail_errno(errno, "cannot make a temporary file " + pattern);
    ::close(fd);
    return TemporaryFile(pattern);
  }
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  TemporaryFile(TemporaryFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace selvage::cli
