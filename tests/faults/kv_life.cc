#include "kv_life.h"

#include <fmt/format.h>

#include <filesystem>

namespace selvage::faults {

using kv::KvEntry;
using kv::KvReader;
using kv::KvStore;
using kv::KvUpload;
using kv::KvWrite;

namespace {

constexpr const char* kFolder = "/data/kv";
constexpr int kSteps = 40;
constexpr uint64_t kNamespaces = 4;
constexpr uint64_t kKeys = 12;
constexpr int kLongestRow = 50'000;
constexpr size_t kLongestInRow = 3000;
constexpr size_t kPiece = 2000;
constexpr size_t kSpilledFrom = 1000;
constexpr size_t kUploadPiece = 10'000;

/// The first entry in which they differ.
std::string difference(const std::map<std::string, std::map<std::string, KvEntry>>& found,
                       const std::map<std::string, std::map<std::string, KvEntry>>& expected) {
  for (const auto& [space, entries] : expected) {
    const auto there = found.find(space);
    if (there == found.end()) return "namespace " + space + " is missing";
    for (const auto& [key, entry] : entries) {
      const auto other = there->second.find(key);
      if (other == there->second.end()) return fmt::format("{}/{} is missing", space, key);
      if (other->second != entry)
        return fmt::format("{}/{} has {} bytes instead of {}, or others", space, key,
                           other->second.size(), entry.size());
    }
    for (const auto& [key, entry] : there->second)
      if (!entries.contains(key)) return fmt::format("{}/{} should not be there", space, key);
  }
  for (const auto& [space, entries] : found)
    if (!expected.contains(space)) return "namespace " + space + " should not be there";
  return "nothing";
}

}  // namespace

bool KvLife::open() {
  vfs_ = std::make_unique<store::FileVfs>(files());
  auto opened = KvStore::open(kFolder, feed_,
                              {.cache_bytes = pick(2) * 20'000,
                               .group_bytes = 2000 + pick(2) * 100'000,
                               .max_row_bytes = kLongestRow,
                               .longest_in_row = kLongestInRow,
                               .piece_bytes = kPiece,
                               .wal_bytes = pick(4) * 40'000,
                               .now = [this] { return now_; },
                               .threads = false,
                               .files = &files(),
                               .vfs = vfs_->name()});
  if (!opened) {
    read_error("the store does not open", opened.error());
    return false;
  }
  store_ = std::move(*opened);
  auto reader = store_->reader();
  if (!reader) {
    read_error("a reader does not open", reader.error());
    return false;
  }
  reader_ = std::move(*reader);
  compare_after_crash();
  return fine();
}

void KvLife::close() {
  held_.clear();
  reader_.reset();
  store_.reset();
  vfs_.reset();
}

void KvLife::read_error(const std::string& what, const Error& error) {
  trace(what + ": " + error.describe());
  if (error.code == ErrorCode::corrupt) wrong(what + ": " + error.describe());
}

std::string KvLife::some_namespace() { return fmt::format("space{}", pick(kNamespaces)); }
std::string KvLife::some_key() { return fmt::format("key{}", pick(kKeys)); }

KvWrite KvLife::random_write(const std::string& space) {
  KvWrite write{.namespace_id = space, .key = some_key()};
  if (pick(4) == 0) return write;
  KvEntry entry;
  entry.value = std::string(pick(pick(4) == 0 ? 30'000 : 600), static_cast<char>(pick(256)));
  if (pick(3) == 0) entry.metadata = fmt::format("{{\"n\":{}}}", pick(1000));
  if (pick(3) == 0) entry.expiration = now_ + 1 + static_cast<int64_t>(pick(40));
  write.entry = std::move(entry);
  return write;
}

std::optional<KvEntry> KvLife::spilled(const KvEntry& entry) {
  static const kv::KvLimits limits;
  // In memory, where the system has such a folder.
  static const std::string folder = std::filesystem::is_directory("/dev/shm")
                                        ? "/dev/shm"
                                        : std::filesystem::temp_directory_path().string();
  KvUpload upload(limits, folder, kSpilledFrom);
  for (size_t at = 0; at < entry.value.size(); at += kUploadPiece)
    if (!upload.append(std::string_view(entry.value).substr(at, kUploadPiece))) return std::nullopt;
  auto value = upload.finish();
  if (!value) return std::nullopt;
  KvEntry other = entry;
  other.value = std::move(value->bytes);
  other.long_value = std::move(value->spilled);
  return other;
}

void KvLife::queue_write(std::vector<KvWrite> writes) {
  const size_t number = results_.size();
  results_.emplace_back();
  queued_.push_back([writes, now = now_](Contents& contents) {
    bool any = false;
    for (const KvWrite& write : writes) {
      const auto [space, made] = contents.try_emplace(write.namespace_id);
      if (write.entry) {
        space->second[write.key] = *write.entry;
        any = true;
      } else {
        // What has expired may have been swept, and then nothing is written.
        const auto found = space->second.find(write.key);
        const bool there = found != space->second.end() && !found->second.expired(now);
        space->second.erase(write.key);
        any = there || made || any;
      }
    }
    return any;
  });
  if (traced()) {
    std::string list;
    for (const KvWrite& write : writes)
      list += fmt::format(" {}/{}{}", write.namespace_id, write.key,
                          write.entry ? fmt::format("={}", write.entry->size()) : " erased");
    trace(fmt::format("request {}:{}", number, list));
  }
  for (KvWrite& write : writes) {
    if (!write.entry || write.entry->value.size() < kSpilledFrom || pick(3) != 0) continue;
    if (std::optional<KvEntry> other = spilled(*write.entry)) write.entry = std::move(other);
  }
  ++figures_.writes;
  store_->write(std::move(writes),
                [this, number](const Status& status) { results_[number] = status; });
}

void KvLife::write_some() {
  for (uint64_t more = 1 + pick(4); more > 0; --more) {
    std::vector<KvWrite> writes;
    const std::string space = some_namespace();
    for (uint64_t count = pick(4) == 0 ? 2 + pick(8) : 1; count > 0; --count)
      writes.push_back(random_write(space));
    // One that cannot be written: its request fails, alone and as a whole.
    if (pick(10) == 0)
      writes.push_back({space, some_key(), KvEntry{.value = std::string(kLongestRow + 1, 'x')}});
    queue_write(std::move(writes));
  }
  run_queued();
}

void KvLife::run_queued() {
  store_->run_queued();
  for (size_t i = 0; i < results_.size(); ++i) {
    if (!results_[i]) return wrong(fmt::format("request {} got no answer", i));
    figures_.acknowledged += *results_[i] ? 1 : 0;
    if (traced())
      trace(fmt::format("request {}: {}", i,
                        *results_[i] ? "acknowledged" : results_[i]->error().describe()));
  }
  settle(queued_, results_);
  queued_.clear();
  results_.clear();
}

void KvLife::settle(std::vector<Change>& changes,
                    const std::vector<std::optional<Status>>& results) {
  std::vector<Change> failed;
  for (size_t i = 0; i < changes.size(); ++i) {
    if (*results[i]) {
      if (!changes[i](acknowledged_)) continue;
      doubts_.clear();
      failed.clear();
    } else {
      failed.push_back(std::move(changes[i]));
    }
  }
  if (!failed.empty()) doubts_.push_back(std::move(failed));
}

void KvLife::change_namespaces() {
  const std::string space = some_namespace();
  const std::string other = some_namespace();
  const bool there = acknowledged_.contains(space);
  Status status;
  Change change;
  std::optional<ErrorCode> expected;
  ++figures_.writes;
  switch (pick(3)) {
    case 0:
      trace("create " + space);
      if (there) expected = ErrorCode::already_exists;
      change = [space](Contents& contents) { return contents.try_emplace(space).second; };
      status = store_->create_namespace(space);
      break;
    case 1:
      trace("erase " + space);
      if (!there) expected = ErrorCode::not_found;
      change = [space](Contents& contents) { return contents.erase(space) > 0; };
      status = store_->erase_namespace(space);
      break;
    default:
      trace("rename " + space + " to " + other);
      if (acknowledged_.contains(other)) expected = ErrorCode::already_exists;
      if (!there) expected = ErrorCode::not_found;
      change = [space, other](Contents& contents) {
        contents[other] = std::move(contents[space]);
        return contents.erase(space) > 0;
      };
      status = store_->rename_namespace(space, other);
      break;
  }
  if (!status) trace("  " + status.error().describe());
  figures_.acknowledged += status ? 1 : 0;
  const bool known = !status && (status.error().code == ErrorCode::already_exists ||
                                 status.error().code == ErrorCode::not_found);
  if (status && expected) return wrong("a namespace is made twice, or one that is not is changed");
  if (known) {
    if (expected != status.error().code) wrong(status.error().describe());
    return;
  }
  std::vector<Change> changes{std::move(change)};
  settle(changes, {std::optional(status)});
}

KvLife::Contents KvLife::visible(const Contents& contents) const {
  Contents shown = contents;
  for (auto& [space, entries] : shown)
    std::erase_if(entries, [this](const auto& each) { return each.second.expired(now_); });
  return shown;
}

bool KvLife::read_namespace(const std::string& space, Entries& entries) {
  kv::KvListOptions options{.limit = 1 + pick(6)};
  for (;;) {
    auto page = reader_->list(space, options);
    if (!page) {
      read_error("list", page.error());
      return false;
    }
    for (const kv::KvListPage::Key& key : page->keys) {
      auto entry = reader_->get(space, key.name);
      if (!entry) {
        read_error("get", entry.error());
        return false;
      }
      if (!*entry) {
        wrong(fmt::format("{}/{} is listed, and is not there", space, key.name));
        return false;
      }
      if ((*entry)->metadata != key.metadata || (*entry)->expiration != key.expiration)
        wrong(fmt::format("{}/{}: list and get disagree", space, key.name));
      entries[key.name] = **entry;
    }
    if (page->complete) return true;
    options.cursor = page->cursor;
  }
}

std::optional<KvLife::Contents> KvLife::read_everything() {
  auto spaces = reader_->namespaces();
  if (!spaces) {
    read_error("namespaces", spaces.error());
    return std::nullopt;
  }
  Contents found;
  for (const KvReader::Namespace& space : *spaces) {
    if (!read_namespace(space.id, found[space.id])) return std::nullopt;
    if (found[space.id].size() != space.keys)
      wrong(fmt::format("{} has {} keys, and lists {}", space.id, space.keys,
                        found[space.id].size()));
  }
  return found;
}

void KvLife::read_one() {
  const std::string space = some_namespace();
  const std::string key = some_key();
  auto entry = reader_->get(space, key);
  if (!entry) return read_error("get", entry.error());
  const auto entries = acknowledged_.find(space);
  const KvEntry* expected = nullptr;
  if (entries != acknowledged_.end()) {
    const auto found = entries->second.find(key);
    if (found != entries->second.end() && !found->second.expired(now_)) expected = &found->second;
  }
  if ((expected != nullptr) != (*entry != nullptr) || (expected && **entry != *expected))
    wrong(fmt::format("{}/{} is read, and is not what was acknowledged", space, key));
}

void KvLife::hold_one() {
  const auto& [space, entries] =
      *std::next(acknowledged_.begin(), static_cast<std::ptrdiff_t>(pick(acknowledged_.size())));
  if (entries.empty()) return;
  const auto& [key, expected] =
      *std::next(entries.begin(), static_cast<std::ptrdiff_t>(pick(entries.size())));
  auto entry = reader_->open(space, key);
  if (!entry) return read_error("open", entry.error());
  if (*entry && (*entry)->long_value)
    held_.push_back({.value = (*entry)->long_value, .expected = expected.value});
}

void KvLife::read_held() {
  for (const Held& held : held_) {
    auto read = held.value->read(0, held.value->size());
    if (!read) {
      read_error("a value that is held", read.error());
    } else if (*read != held.expected) {
      wrong("a value that is held has become another one");
    }
  }
  held_.clear();
}

void KvLife::compare() {
  const std::optional<Contents> found = read_everything();
  if (found && *found != visible(acknowledged_))
    wrong("the store shows something else than what was acknowledged: " +
          difference(*found, visible(acknowledged_)));
}

void KvLife::compare_after_crash() {
  const std::optional<Contents> found = read_everything();
  if (!found || !fine()) return;
  if (*found == visible(acknowledged_)) return;
  for (const std::vector<Change>& group : doubts_) {
    for (uint64_t which = 1; which < uint64_t{1} << group.size(); ++which) {
      Contents possible = acknowledged_;
      for (size_t i = 0; i < group.size(); ++i)
        if ((which >> i & 1) != 0) (void)group[i](possible);
      if (*found != visible(possible)) continue;
      trace("what had failed has happened");
      acknowledged_ = std::move(possible);
      doubts_.clear();
      return;
    }
  }
  wrong("an acknowledged write is lost, or something is there that nobody wrote: " +
        difference(*found, visible(acknowledged_)));
}

void KvLife::check_database() {
  auto database = store::Database::open(std::string(kFolder) + "/kv.sqlite", SQLITE_OPEN_READWRITE,
                                        vfs_->name());
  if (!database) return wrong("the database does not open: " + database.error().describe());
  auto ask = [&](const char* sql) -> std::string {
    auto statement = database->prepare(sql);
    if (!statement) return statement.error().describe();
    const auto row = statement->step();
    return row ? std::string(statement->bytes(0)) : row.error().describe();
  };
  if (const std::string result = ask("PRAGMA integrity_check"); result != "ok")
    wrong("integrity check: " + result);
  if (const std::string strays =
          ask("SELECT count(*) FROM entries WHERE namespace NOT IN (SELECT id FROM namespaces)");
      strays != "0")
    wrong(strays + " entries are in no namespace");
  if (const std::string strays =
          ask("SELECT count(DISTINCT value) FROM pieces WHERE value NOT IN (SELECT value FROM "
              "dropped UNION ALL SELECT long_value FROM entries WHERE long_value IS NOT NULL)");
      strays != "0")
    wrong(strays + " long values are nobody's");
}

void KvLife::work() {
  for (int step = 0; step < kSteps && fine() && !disk_.power_is_out(); ++step) {
    write_some();
    if (pick(3) == 0) now_ += static_cast<int64_t>(pick(12));
    if (pick(5) == 0) change_namespaces();
    if (pick(8) == 0) {
      trace(fmt::format("sweep at {}", now_));
      if (Status swept = store_->sweep(); !swept) read_error("sweep", swept.error());
    }
    for (uint64_t reads = pick(3); reads > 0 && fine(); --reads) read_one();
    if (pick(4) == 0 && fine() && !acknowledged_.empty()) hold_one();
    if (pick(6) == 0 && fine()) read_held();
    if (pick(8) == 0 && fine()) compare();
  }
}

void KvLife::check_everything() {
  if (!open()) return wrong("the store does not open");
  check_database();
}

void KvLife::check_service() {
  for (uint64_t space = 0; space < kNamespaces && fine(); ++space) {
    queue_write({random_write(fmt::format("space{}", space))});
    const size_t before = doubts_.size();
    run_queued();
    if (doubts_.size() > before) wrong("a write on a sound disk fails");
  }
  if (Status swept = store_->sweep(); !swept)
    wrong("a sweep on a sound disk fails: " + swept.error().describe());
  compare();
}

}  // namespace selvage::faults
