#include "object/scheduled_restores.h"

#include <algorithm>
#include <utility>

#include "store/coding.h"
#include "store/crc32c.h"

namespace selvage::object {

using store::put_number;

namespace {

constexpr std::string_view kMagic = "SLVGRST1";

}  // namespace

Result<std::unique_ptr<ScheduledRestores>> ScheduledRestores::open(std::string path,
                                                                   store::FileSystem& files) {
  std::unique_ptr<ScheduledRestores> opened(new ScheduledRestores(std::move(path), files));
  auto file = files.open(opened->path_, store::OpenMode::write);
  if (!file) {
    if (file.error().code == ErrorCode::not_found) return opened;
    return fail(std::move(file).error());
  }
  SELVAGE_TRY(const uint64_t size, (*file)->size());
  std::string bytes(size, '\0');
  SELVAGE_TRY(const size_t got, (*file)->read_at(0, std::span(bytes)));
  store::Decoder in(std::string_view(bytes).substr(0, got));
  const bool ours = in.bytes(kMagic.size()) == kMagic;
  const auto checksum = in.number<uint32_t>();
  const std::string_view body =
      std::string_view(bytes).substr(std::min<size_t>(got, kMagic.size() + 4), got);
  if (!ours || !in.ok() || store::crc32c(body) != checksum) {
    return fail(ErrorCode::corrupt, opened->path_ + " is not a list of scheduled restores",
                "Restore it from a copy, or remove it: restores that were asked for and have not "
                "happened yet are forgotten then");
  }
  while (!in.empty() && in.ok()) {
    Entry entry;
    entry.sequence = in.number<uint64_t>();
    entry.restores = in.number<uint32_t>();
    std::string object(in.bytes(in.number<uint16_t>()));
    if (in.ok()) opened->entries_.emplace(std::move(object), entry);
  }
  opened->empty_ = opened->entries_.empty();
  return opened;
}

std::optional<ScheduledRestores::Entry> ScheduledRestores::find(const std::string& object) const {
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(object);
  return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

Status ScheduledRestores::set(const std::string& object, Entry entry) {
  std::lock_guard lock(mutex_);
  auto before = entries_;
  entries_[object] = entry;
  Status written = write_locked();
  if (!written) entries_ = std::move(before);
  empty_ = entries_.empty();
  return written;
}

void ScheduledRestores::forget(const std::string& object, Entry entry) {
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(object);
  if (found == entries_.end() || found->second != entry) return;
  entries_.erase(found);
  empty_ = entries_.empty();
  stale_ = true;
}

Status ScheduledRestores::save() {
  std::lock_guard lock(mutex_);
  return stale_ ? write_locked() : Status();
}

Status ScheduledRestores::write_locked() {
  stale_ = true;
  std::string body;
  for (const auto& [object, entry] : entries_) {
    put_number<uint64_t>(body, entry.sequence);
    put_number<uint32_t>(body, entry.restores);
    put_number<uint16_t>(body, static_cast<uint16_t>(object.size()));
    body += object;
  }
  std::string bytes(kMagic);
  put_number<uint32_t>(bytes, store::crc32c(body));
  bytes += body;
  const std::string temporary = path_ + ".tmp";
  SELVAGE_TRY(const std::unique_ptr<store::File> file,
              files_.open(temporary, store::OpenMode::create_empty));
  SELVAGE_CHECK_STATUS(file->write_at(0, bytes));
  SELVAGE_CHECK_STATUS(file->sync_data());
  SELVAGE_CHECK_STATUS(files_.rename(temporary, path_));
  SELVAGE_CHECK_STATUS(files_.sync_directory(store::parent_directory(path_)));
  stale_ = false;
  return {};
}

}  // namespace selvage::object
