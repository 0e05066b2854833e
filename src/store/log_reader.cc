#include "store/log_reader.h"

#include <fmt/format.h>

#include <limits>
#include <optional>

#include "store/coding.h"
#include "store/read_window.h"

namespace selvage::store {
namespace {

/// The batch at `offset`, whole and undamaged and not older than `at_least`.
Result<std::optional<Batch>> batch_at(ReadWindow& window, uint64_t offset, uint32_t salt,
                                      uint64_t at_least) {
  SELVAGE_TRY(std::string_view head, window.view(offset, kBatchHeaderSize));
  if (head.size() < kBatchHeaderSize) return std::nullopt;
  if (get_number<uint64_t>(head.data() + 8) < at_least) return std::nullopt;
  uint64_t size = get_number<uint64_t>(head.data() + 16);
  SELVAGE_TRY(std::string_view bytes, window.view(offset, size));
  if (bytes.size() < size) return std::nullopt;
  return decode_batch(bytes, salt);
}

}  // namespace

std::string LogReader::path(uint64_t number) const {
  return directory_ + "/" + segment_file_name(number);
}

Result<LogReader> LogReader::open(FileSystem& files, std::string directory) {
  LogReader reader(files, std::move(directory));
  SELVAGE_TRY(std::vector<std::string> names, files.list(reader.directory_));
  for (const std::string& name : names) {
    std::optional<uint64_t> number = parse_segment_file_name(name);
    if (!number) continue;
    if (!reader.segments_.empty() && *number != reader.segments_.back().number + 1) {
      return fail(ErrorCode::corrupt,
                  fmt::format("the commit log in {} lacks {}", reader.directory_,
                              segment_file_name(reader.segments_.back().number + 1)),
                  "Restore the missing file; without it acknowledged writes would be lost");
    }
    std::string file_path = reader.path(*number);
    SELVAGE_TRY(std::unique_ptr<File> file, files.open(file_path, OpenMode::read));
    std::string block(kLogBlockSize, '\0');
    SELVAGE_TRY(size_t got, file->read_at(0, block));
    block.resize(got);
    Result<SegmentHeader> header = decode_segment_header(block);
    if (!header) return fail(std::move(header).error().within(file_path));
    if (header->number != *number) {
      return fail(ErrorCode::corrupt, fmt::format("{} holds segment {}, not the one of its name",
                                                  file_path, header->number));
    }
    if (!reader.segments_.empty() && header->first_batch < reader.segments_.back().first_batch)
      return fail(ErrorCode::corrupt, fmt::format("{} starts before its predecessor", file_path));
    reader.segments_.push_back(*header);
  }
  return reader;
}

Status LogReader::scan(Visitor visitor) {
  bytes_ = 0;
  next_batch_ = segments_.empty() ? 1 : segments_.front().first_batch;
  for (size_t i = 0; i < segments_.size(); ++i) SELVAGE_CHECK_STATUS(scan_segment(i, visitor));
  return {};
}

Status LogReader::scan_segment(size_t index, Visitor& visitor) {
  const SegmentHeader& header = segments_[index];
  bool last = index + 1 == segments_.size();
  uint64_t end_batch =
      last ? std::numeric_limits<uint64_t>::max() : segments_[index + 1].first_batch;

  SELVAGE_TRY(std::unique_ptr<File> file, files_.open(path(header.number), OpenMode::read));
  SELVAGE_TRY(uint64_t file_size, file->size());
  ReadWindow window(*file, file_size);
  uint64_t offset = kLogBlockSize;
  uint64_t last_size = 0;
  while (next_batch_ < end_batch) {
    SELVAGE_TRY(std::optional<Batch> batch, batch_at(window, offset, header.salt, next_batch_));
    if (!batch || batch->number != next_batch_) break;
    for (const LogEntry& entry : batch->entries)
      SELVAGE_CHECK_STATUS(visitor(entry, header.number));
    bytes_ += batch->size;
    offset += batch->size;
    last_size = batch->size;
    ++next_batch_;
  }

  auto damaged = [&] {
    return fail(ErrorCode::corrupt,
                fmt::format("{} is damaged at byte {}: batch {} does not match its checksum, and "
                            "later ones exist",
                            path(header.number), offset, next_batch_),
                "Restore the file; without it acknowledged writes would be lost");
  };
  if (!last) {
    if (next_batch_ != end_batch) return damaged();
    return {};
  }
  // Whatever is here was never acknowledged, unless a later batch was written after it was synced.
  for (uint64_t later = offset + kLogBlockSize; later < file_size; later += kLogBlockSize) {
    SELVAGE_TRY(std::optional<Batch> batch, batch_at(window, later, header.salt, next_batch_ + 1));
    if (batch) return damaged();
  }
  SELVAGE_TRY(std::string_view end, window.view(offset - last_size, last_size));
  last_batch_ = end;
  end_ = offset;
  return {};
}

}  // namespace selvage::store
