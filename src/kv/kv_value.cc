#include "kv/kv_value.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace selvage::kv {
namespace {

Result<int> open_unnamed(const std::string& directory) {
  int fd = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  // Not every file system has unnamed files.
  std::string name = directory + "/upload-XXXXXX";
  fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return fail_errno(errno, "cannot make a temporary file in " + directory);
  ::unlink(name.c_str());
  return fd;
}

}  // namespace

Result<std::shared_ptr<const SpilledValue>> SpilledValue::map(int fd, size_t size) {
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  const int error = errno;
  ::close(fd);
  if (data == MAP_FAILED) return fail_errno(error, "cannot map a value's temporary file");
  return std::shared_ptr<const SpilledValue>(
      new SpilledValue(static_cast<const char*>(data), size));
}

SpilledValue::~SpilledValue() { ::munmap(const_cast<char*>(data_), size_); }

KvUpload::~KvUpload() {
  if (fd_ >= 0) ::close(fd_);
}

Status KvUpload::append(std::string_view bytes) {
  SELVAGE_CHECK_STATUS(check_value_size(limits_, size_ + bytes.size()));
  if (fd_ < 0 && size_ + bytes.size() > kInMemory) {
    SELVAGE_TRY(fd_, open_unnamed(directory_));
    SELVAGE_CHECK_STATUS(spill(memory_));
    memory_ = {};
  }
  if (fd_ >= 0) {
    SELVAGE_CHECK_STATUS(spill(bytes));
  } else {
    memory_ += bytes;
  }
  size_ += bytes.size();
  return {};
}

Status KvUpload::spill(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail_errno(errno, "cannot write a value's temporary file");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<KvUpload::Value> KvUpload::finish() {
  Value value;
  if (fd_ >= 0) {
    SELVAGE_TRY(value.spilled, SpilledValue::map(std::exchange(fd_, -1), size_));
  } else {
    value.bytes = std::move(memory_);
  }
  size_ = 0;
  return value;
}

}  // namespace selvage::kv
