#include "object/crash_simulation.h"

#include <fmt/format.h>

#include "store/sqlite.h"

namespace selvage::object {
namespace {

constexpr const char* kNamespace = "sim";

std::string id_of(int object) { return std::string(64, static_cast<char>('0' + object)); }

/// Whether the bytes are a sound database that holds what they should.
std::string inspect(const std::string& bytes, const std::map<std::string, std::string>& expected) {
  auto database = store::Database::open(":memory:", SQLITE_OPEN_READWRITE);
  if (!database) return database.error().describe();
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), copy);
  auto size = static_cast<sqlite3_int64>(bytes.size());
  sqlite3_deserialize(database->handle(), "main", copy, size, size, SQLITE_DESERIALIZE_FREEONCLOSE);
  auto check = database->prepare("PRAGMA integrity_check");
  if (!check) return check.error().describe();
  if (auto row = check->step(); !row || !*row || check->bytes(0) != "ok")
    return "integrity check: " + std::string(row && *row ? check->bytes(0) : "failed");
  auto read = database->prepare("SELECT key, value FROM _cf_KV");
  if (!read) return read.error().describe();
  std::map<std::string, std::string> contents;
  for (;;) {
    auto row = read->step();
    if (!row) return row.error().describe();
    if (!*row) break;
    contents.emplace(read->bytes(0), read->bytes(1));
  }
  return contents == expected ? "" : "the file holds other keys or values than the object";
}

}  // namespace

CrashSimulation::CrashSimulation(uint64_t seed, Options options)
    : options_(std::move(options)), random_(seed), disk_(seed * 31 + 7) {}

CrashSimulation::~CrashSimulation() { close(); }

void CrashSimulation::wrong(std::string what) {
  if (!wrong_) wrong_ = std::move(what);
}

std::optional<std::string> CrashSimulation::run() {
  for (int round = 0; round < options_.rounds && !wrong_; ++round) {
    switch (pick(5)) {
      case 0: break;
      case 1: disk_.fail_once_after(pick(200)); break;
      case 2: disk_.set_capacity(150'000 + pick(600'000)); break;
      default: disk_.cut_power_after(pick(pick(3) == 0 ? 20 : 300)); break;
    }
    if (open()) work();
    // The process ends in an orderly way, or is killed, or loses its power, if it has not already.
    uint64_t end = pick(4);
    if (end != 0) disk_.cut_power_after(0);
    close();
    if (disk_.power_is_out()) {
      disk_.restart(/*power_was_lost=*/end != 1);
    } else {
      disk_.stop_faults();
    }
    if (!wrong_) check_everything();
  }
  close();
  return wrong_;
}

bool CrashSimulation::open() {
  store::FileSystem* files = &disk_;
  if (options_.wrap_files) {
    wrapped_files_ = options_.wrap_files(disk_);
    files = wrapped_files_.get();
  }
  auto log = store::LocalCommitLog::open(*files, "/data/log",
                                         {.segment_size = 32 * 1024 + pick(3) * 32 * 1024,
                                          .batch_limit = 4096 + pick(2) * 100'000,
                                          .retry_interval = std::chrono::milliseconds(0),
                                          .threads = false});
  if (!log) {
    // With the power out or an operation failing, opening may fail; finding damage it may not.
    if (log.error().code == ErrorCode::corrupt) wrong("open: " + log.error().describe());
    return false;
  }
  log_ = std::move(*log);
  store::CommitLog* commit_log = log_.get();
  if (options_.wrap_log) {
    wrapped_log_ = options_.wrap_log(*log_);
    commit_log = wrapped_log_.get();
  }
  auto store = ObjectStore::open("/data/objects", *commit_log, *files,
                                 {.dirty_pages = 4 + pick(100), .checkpoint_in_background = false});
  if (!store) {
    if (store.error().code == ErrorCode::corrupt) wrong("open: " + store.error().describe());
    return false;
  }
  store_ = std::move(*store);
  return true;
}

void CrashSimulation::close() {
  for (auto& [object, model] : models_) model.storage.reset();
  store_.reset();
  wrapped_log_.reset();
  log_.reset();
  wrapped_files_.reset();
}

void CrashSimulation::work() {
  for (int step = 0; step < options_.steps && !wrong_ && !disk_.power_is_out(); ++step) {
    turn(static_cast<int>(pick(kObjects)));
    if (pick(3) == 0) log_->run_queued();
    if (pick(12) == 0) (void)store_->checkpoint();
    if (pick(15) == 0) models_[static_cast<int>(pick(kObjects))].storage.reset();
  }
  if (!disk_.power_is_out() && pick(2) == 0) (void)store_->checkpoint();
}

ObjectStorage* CrashSimulation::opened(int object) {
  Model& model = models_[object];
  if (model.storage && model.storage->broken()) model.storage.reset();
  if (model.storage) return model.storage.get();
  auto storage = store_->open_object(kNamespace, id_of(object));
  if (!storage) {
    if (storage.error().code == ErrorCode::corrupt)
      wrong("open of an object: " + storage.error().describe());
    return nullptr;
  }
  model.storage = std::move(*storage);
  if (!check(object, *model.storage)) model.storage.reset();
  return model.storage.get();
}

void CrashSimulation::turn(int object) {
  ObjectStorage* storage = opened(object);
  if (storage == nullptr) return;
  Model& model = models_[object];
  Contents contents = model.states.back().contents;
  for (uint64_t writes = pick(5); writes > 0; --writes)
    if (!write_something(*storage, contents)) return;
  if (pick(6) == 0) {
    (void)storage->rollback();
    return;
  }
  uint64_t number = model.next_number++;
  // Counts as possible from now on, whatever commit() says.
  model.states.push_back({number, contents});
  auto committed = storage->commit([this, object, number](uint64_t, const Status& status) {
    if (status) acknowledged(object, number);
  });
  if (committed && !*committed && contents != model.states[model.states.size() - 2].contents)
    wrong(fmt::format("object {}: a commit with changes was taken for one without", object));
}

bool CrashSimulation::write_something(ObjectStorage& storage, Contents& contents) {
  std::string key = fmt::format("key{}", pick(24));
  switch (pick(14)) {
    case 0:
    case 1:
    case 2: contents.erase(key); return storage.erase(key).has_value();
    case 3:
      if (pick(6) != 0) return true;
      contents.clear();
      return storage.delete_all().has_value();
    default: {
      std::string value(pick(10) == 0 ? pick(12'000) : pick(300), static_cast<char>(pick(256)));
      contents[key] = value;
      return storage.put(key, value).has_value();
    }
  }
}

void CrashSimulation::acknowledged(int object, uint64_t number) {
  std::deque<State>& states = models_[object].states;
  while (states.size() > 1 && states.front().number < number) states.pop_front();
}

bool CrashSimulation::check(int object, ObjectStorage& storage) {
  auto entries = storage.list({});
  if (!entries) {
    if (entries.error().code == ErrorCode::corrupt)
      wrong(fmt::format("object {}: {}", object, entries.error().describe()));
    return false;
  }
  Contents seen;
  for (auto& entry : *entries) seen.emplace(entry.key, entry.value);
  std::deque<State>& states = models_[object].states;
  for (size_t i = states.size(); i-- > 0;) {
    if (states[i].contents != seen) continue;
    // Nothing later happened; and what is durable cannot be lost again.
    states.erase(states.begin() + static_cast<ptrdiff_t>(i) + 1, states.end());
    if (storage.durable()) states.erase(states.begin(), states.end() - 1);
    return true;
  }
  wrong(fmt::format("object {} holds {} keys, which is none of the {} states it may be in", object,
                    seen.size(), states.size()));
  return false;
}

void CrashSimulation::check_everything() {
  if (!open()) {
    wrong("the store does not open");
    return;
  }
  for (int object = 0; object < kObjects; ++object) {
    models_[object].storage.reset();
    if (opened(object) == nullptr) wrong(fmt::format("object {} does not open", object));
  }
  if (!wrong_ && pick(3) == 0) check_files();
  close();
}

void CrashSimulation::check_files() {
  if (Status status = store_->checkpoint(); !status) wrong(status.error().describe());
  for (int object = 0; object < kObjects; ++object) {
    const Contents& contents = models_[object].states.back().contents;
    auto bytes = disk_.content("/data/objects/sim/" + id_of(object) + ".sqlite");
    if (!bytes) {
      if (!contents.empty()) wrong(fmt::format("object {} has no file", object));
      continue;
    }
    std::string found = inspect(*bytes, contents);
    if (!found.empty()) wrong(fmt::format("file of object {}: {}", object, found));
  }
}

}  // namespace selvage::object
