#include "store/segment_pool.h"

#include <algorithm>

#include "base/broken_variant.h"

namespace selvage::store {
namespace {

constexpr std::string_view kSpare = "spare.log";
constexpr std::string_view kUnfinishedSpare = "spare.tmp";
constexpr uint64_t kZeroChunk = 1024 * 1024;

}  // namespace

std::string SegmentPool::path(std::string_view name) const {
  return directory_ + "/" + std::string(name);
}

Status SegmentPool::prepare() {
  std::lock_guard lock(mutex_);
  return prepare_locked();
}

Status SegmentPool::prepare_locked() {
  if (spare_ready_) return {};
  if (auto left_over = files_.open(path(kSpare), OpenMode::read)) {
    SELVAGE_TRY(uint64_t size, (*left_over)->size());
    if (size == segment_size_) {
      // It may be a segment whose renaming is not durable yet; see retire().
      SELVAGE_CHECK_STATUS(files_.sync_directory(directory_));
      spare_ready_ = true;
      return {};
    }
  }
  SELVAGE_TRY(std::unique_ptr<File> file,
              files_.open(path(kUnfinishedSpare), OpenMode::create_empty));
  std::string zeros(std::min(kZeroChunk, segment_size_), '\0');
  for (uint64_t offset = 0; offset < segment_size_; offset += zeros.size()) {
    uint64_t size = std::min<uint64_t>(zeros.size(), segment_size_ - offset);
    Status written = file->write_at(offset, std::string_view(zeros).substr(0, size));
    if (!written) {
      // Give the space back: a full disk is likely the reason.
      (void)files_.remove(path(kUnfinishedSpare));
      return written;
    }
  }
  SELVAGE_CHECK_STATUS(file->sync_data());
  SELVAGE_CHECK_STATUS(files_.rename(path(kUnfinishedSpare), path(kSpare)));
  spare_ready_ = true;
  return {};
}

Result<std::unique_ptr<File>> SegmentPool::begin(const SegmentHeader& header,
                                                 std::string_view batch) {
  std::lock_guard lock(mutex_);
  SELVAGE_CHECK_STATUS(prepare_locked());
  // Whatever happens now, this file is not a spare again: prepare() looks at the folder.
  spare_ready_ = false;
  SELVAGE_TRY(std::unique_ptr<File> file, files_.open(path(kSpare), OpenMode::write));
  SELVAGE_CHECK_STATUS(file->write_at(0, encode_segment_header(header)));
  if (!batch.empty()) SELVAGE_CHECK_STATUS(file->write_at(kLogBlockSize, batch));
  SELVAGE_CHECK_STATUS(file->sync_data());
  SELVAGE_CHECK_STATUS(files_.rename(path(kSpare), path(segment_file_name(header.number))));
  SELVAGE_CHECK_STATUS(files_.sync_directory(directory_));
  return file;
}

Status SegmentPool::retire(uint64_t number) {
  std::lock_guard lock(mutex_);
  std::string name = path(segment_file_name(number));
  bool keep = false;
  if (Result<std::unique_ptr<File>> file = files_.open(name, OpenMode::read)) {
    SELVAGE_TRY(uint64_t size, (*file)->size());
    keep = !spare_ready_ && size == segment_size_;
    if (keep) {
      SELVAGE_CHECK_STATUS(files_.rename(name, path(kSpare)));
    } else {
      SELVAGE_CHECK_STATUS(files_.remove(name));
    }
  } else if (file.error().code != ErrorCode::not_found) {
    return fail(std::move(file).error());
  }  // else an earlier call removed it, and could not sync the folder
  // Before begin() may overwrite the header: a crash must not bring the old name back to new bytes.
  if (!SELVAGE_BROKEN("retire-without-folder-sync"))
    SELVAGE_CHECK_STATUS(files_.sync_directory(directory_));
  if (keep) spare_ready_ = true;
  return {};
}

}  // namespace selvage::store
