#include "object/alarm_index.h"

#include <algorithm>

#include "store/coding.h"
#include "store/crc32c.h"

namespace selvage::object {

using store::Decoder;
using store::put_number;
using store::set_number;

namespace {

constexpr std::string_view kMagic = "SLVGALM1";
/// Of an entry: its checksum and its size.
constexpr size_t kEntryHead = 8;
/// A journal shorter than this is not worth shortening.
constexpr uint64_t kLong = 256 * 1024;

void put_entry(std::string& out, std::string_view object, const Alarm& alarm) {
  const size_t start = out.size();
  put_number<uint32_t>(out, 0);
  put_number<uint32_t>(out, 0);
  put_number<uint64_t>(out, alarm.time);
  put_number<uint16_t>(out, static_cast<uint16_t>(object.size()));
  out += object;
  put_number<uint16_t>(out, static_cast<uint16_t>(alarm.object_name.size()));
  out += alarm.object_name;
  set_number<uint32_t>(out.data() + start + 4,
                       static_cast<uint32_t>(out.size() - start - kEntryHead));
  set_number<uint32_t>(out.data() + start, store::crc32c(std::string_view(out).substr(start + 4)));
}

void apply(AlarmIndex::Alarms& alarms, std::string object, Alarm alarm) {
  if (alarm) {
    alarms[std::move(object)] = std::move(alarm);
  } else {
    alarms.erase(object);
  }
}

}  // namespace

AlarmIndex::AlarmIndex(std::string path, store::FileSystem& files)
    : path_(std::move(path)), files_(files) {}

Result<std::unique_ptr<AlarmIndex>> AlarmIndex::open(std::string path, store::FileSystem& files) {
  std::unique_ptr<AlarmIndex> index(new AlarmIndex(std::move(path), files));
  Result<std::unique_ptr<store::File>> file = files.open(index->path_, store::OpenMode::write);
  if (!file) {
    if (file.error().code == ErrorCode::not_found) return index;
    return fail(std::move(file).error());
  }
  SELVAGE_TRY(uint64_t size, (*file)->size());
  std::string bytes(size, '\0');
  SELVAGE_TRY(size_t got, (*file)->read_at(0, std::span(bytes)));
  const std::string_view all(bytes.data(), got);
  // A file that was being made has another name, so one that starts otherwise is damaged.
  if (!all.starts_with(kMagic)) {
    return fail(ErrorCode::corrupt, index->path_ + " is not an index of alarms",
                "Restore it from a copy, or remove it: alarms of objects that are not opened by "
                "other events are lost then");
  }
  size_t at = kMagic.size();
  while (at + kEntryHead <= all.size()) {
    Decoder head(all.substr(at, kEntryHead));
    const auto checksum = head.number<uint32_t>();
    const auto length = head.number<uint32_t>();
    if (length > all.size() - at - kEntryHead ||
        store::crc32c(all.substr(at + 4, 4 + length)) != checksum)
      break;
    Decoder entry(all.substr(at + kEntryHead, length));
    Alarm alarm{.time = entry.number<uint64_t>(), .object_name = {}};
    std::string object(entry.bytes(entry.number<uint16_t>()));
    alarm.object_name = entry.bytes(entry.number<uint16_t>());
    if (!entry.ok()) break;
    apply(index->alarms_, std::move(object), std::move(alarm));
    at += kEntryHead + length;
  }
  // What follows the last whole entry was never acknowledged. Nor is it known what of the file, or
  // of its name, would survive a power loss: so the first write is to a new one.
  return index;
}

Status AlarmIndex::write(const std::vector<Change>& changes) {
  if (changes.empty()) return {};
  if (!to_write_anew_ && size_ < long_) return append(changes);
  for (const Change& change : changes) apply(alarms_, change.object, change.alarm);
  return write_anew();
}

Status AlarmIndex::append(const std::vector<Change>& changes) {
  std::string bytes;
  for (const Change& change : changes) {
    put_entry(bytes, change.object, change.alarm);
    apply(alarms_, change.object, change.alarm);
  }
  // If this fails, nobody knows what the disk has.
  to_write_anew_ = true;
  SELVAGE_CHECK_STATUS(file_->write_at(size_, bytes));
  SELVAGE_CHECK_STATUS(file_->sync_data());
  size_ += bytes.size();
  to_write_anew_ = false;
  return {};
}

Status AlarmIndex::write_anew() {
  to_write_anew_ = true;
  std::string bytes(kMagic);
  for (const auto& [object, alarm] : alarms_) put_entry(bytes, object, alarm);
  const std::string temporary = path_ + ".tmp";
  SELVAGE_TRY(file_, files_.open(temporary, store::OpenMode::create_empty));
  SELVAGE_CHECK_STATUS(file_->write_at(0, bytes));
  SELVAGE_CHECK_STATUS(file_->sync_data());
  SELVAGE_CHECK_STATUS(files_.rename(temporary, path_));
  SELVAGE_CHECK_STATUS(files_.sync_directory(store::parent_directory(path_)));
  size_ = bytes.size();
  long_ = std::max(kLong, 2 * size_);
  to_write_anew_ = false;
  return {};
}

}  // namespace selvage::object
