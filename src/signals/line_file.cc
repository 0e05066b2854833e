#include "signals/line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace selvage::signals {
namespace {

constexpr int kMode = 0600;  // requests may hold what is nobody else's business

int open_file(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kMode);
}

/// Whether a file ends in the middle of a line: the machine failed, or the disk was full.
bool is_torn(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return file.seekg(-1, std::ios::end) && file.get() != '\n';
}

}  // namespace

Result<std::unique_ptr<LineFile>> LineFile::open(const std::string& path,
                                                 const LineFileOptions& options) {
  if (path == "-") {
    return std::unique_ptr<LineFile>(new LineFile(path, options, STDOUT_FILENO, 0, false));
  }
  std::error_code error;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  const int fd = open_file(path);
  if (fd < 0) return fail_errno(errno, "cannot write " + path);
  struct stat status{};
  (void)::fstat(fd, &status);
  const bool torn = S_ISREG(status.st_mode) && is_torn(path);
  return std::unique_ptr<LineFile>(
      new LineFile(path, options, fd, static_cast<uint64_t>(status.st_size), torn));
}

LineFile::LineFile(std::string path, const LineFileOptions& options, int fd, uint64_t size,
                   bool torn)
    : path_(std::move(path)), options_(options), fd_(fd), size_(size), torn_(torn) {
  thread_ = std::thread([this] { write_loop(); });
}

LineFile::~LineFile() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  if (fd_ > STDOUT_FILENO) ::close(fd_);
}

void LineFile::append(std::string_view line) {
  {
    std::lock_guard lock(mutex_);
    if (waiting_.size() + line.size() + 1 > options_.max_waiting) {
      ++lost_;
      return;
    }
    waiting_ += line;
    waiting_ += '\n';
    ++waiting_lines_;
  }
  wake_.notify_one();
}

void LineFile::flush() {
  std::unique_lock lock(mutex_);
  written_.wait(lock, [this] { return waiting_.empty() && !writing_; });
}

uint64_t LineFile::lost() const {
  std::lock_guard lock(mutex_);
  return lost_;
}

uint64_t LineFile::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_lines_;
}

void LineFile::write_loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::string lines = std::exchange(waiting_, {});
    const uint64_t count = waiting_lines_;
    writing_ = true;
    lock.unlock();
    write(lines);
    lock.lock();
    writing_ = false;
    waiting_lines_ -= count;
    written_.notify_all();
  }
}

void LineFile::write(std::string_view lines) {
  const uint64_t most = std::max<uint64_t>(1, options_.max_bytes / std::max(2u, options_.files));
  while (!lines.empty()) {
    // As many whole lines as fit; one at least.
    size_t length = lines.size();
    if (path_ != "-" && size_ + length > most) {
      if (size_ > 0) {
        const size_t room = most > size_ ? static_cast<size_t>(most - size_) : 0;
        const size_t last = room == 0 ? std::string_view::npos : lines.rfind('\n', room - 1);
        if (last == std::string_view::npos) {
          rotate();
          continue;
        }
        length = last + 1;
      } else {
        const size_t last = lines.rfind('\n', static_cast<size_t>(most) - 1);
        length = last == std::string_view::npos ? lines.find('\n') + 1 : last + 1;
      }
    }
    std::string_view part = lines.substr(0, length);
    lines.remove_prefix(length);
    if (!torn_ || write_some("\n").empty()) part = write_some(part);
    if (part.empty()) continue;
    std::lock_guard lock(mutex_);
    lost_ += static_cast<uint64_t>(std::count(part.begin(), part.end(), '\n'));
  }
}

/// What of it could not be written.
std::string_view LineFile::write_some(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = fd_ < 0 ? -1 : ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && fd_ >= 0 && errno == EINTR) continue;
    if (written <= 0) break;
    const auto length = static_cast<size_t>(written);
    torn_ = bytes[length - 1] != '\n';
    size_ += length;
    bytes.remove_prefix(length);
  }
  return bytes;
}

void LineFile::rotate() {
  const unsigned old_files = std::max(2u, options_.files) - 1;
  for (unsigned i = old_files; i > 1; --i) {
    (void)std::rename((path_ + "." + std::to_string(i - 1)).c_str(),
                      (path_ + "." + std::to_string(i)).c_str());
  }
  (void)std::rename(path_.c_str(), (path_ + ".1").c_str());
  if (fd_ >= 0) ::close(fd_);
  fd_ = open_file(path_);
  size_ = 0;
  torn_ = false;
}

}  // namespace selvage::signals
