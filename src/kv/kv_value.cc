#include "kv/kv_value.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "store/transfer.h"

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

SpilledValue::~SpilledValue() { ::close(fd_); }

Result<std::string> LongValue::read(size_t offset, size_t size) const {
  std::string bytes(std::min(size, size_ - std::min(offset, size_)), '\0');
  SELVAGE_CHECK_STATUS(read_into(offset, bytes));
  return bytes;
}

Result<size_t> SpilledValue::read_into(size_t offset, std::span<char> into) const {
  const size_t wanted = std::min(into.size(), size() - std::min(offset, size()));
  const size_t done = store::transfer(wanted, [&](size_t at) {
    return ::pread(fd_, into.data() + at, wanted - at, static_cast<off_t>(offset + at));
  });
  if (done < wanted)
    return fail_errno(errno != 0 ? errno : EIO, "cannot read a value's temporary file");
  return wanted;
}

KvUpload::~KvUpload() {
  if (fd_ >= 0) ::close(fd_);
}

Status KvUpload::append(std::string_view bytes) {
  SELVAGE_CHECK_STATUS(check_value_size(limits_, size_ + bytes.size()));
  if (fd_ < 0 && size_ + bytes.size() > in_memory_) {
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
  const size_t done = store::transfer(
      bytes.size(), [&](size_t at) { return ::write(fd_, bytes.data() + at, bytes.size() - at); });
  if (done < bytes.size())
    return fail_errno(errno != 0 ? errno : EIO, "cannot write a value's temporary file");
  return {};
}

Result<KvUpload::Value> KvUpload::finish() {
  Value value;
  if (fd_ >= 0) {
    value.spilled = std::make_shared<const SpilledValue>(std::exchange(fd_, -1), size_);
  } else {
    value.bytes = std::move(memory_);
  }
  size_ = 0;
  return value;
}

}  // namespace selvage::kv
