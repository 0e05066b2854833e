#include "object_life.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite.h"

namespace selvage::faults {

using object::ObjectStorage;
using object::ObjectStore;
using store::LocalCommitLog;

namespace {

constexpr const char* kNamespace = "sim";
constexpr int kSteps = 100;
constexpr uint64_t kRetention = 700;
constexpr size_t kMostKnown = 40;
/// Stands for the alarm in a model's contents.
const std::string kAlarm = "(alarm)";

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
  std::map<std::string, std::string> contents;
  auto table = database->prepare("SELECT 1 FROM sqlite_schema WHERE name = '_cf_KV'");
  if (!table) return table.error().describe();
  const auto there = table->step();
  if (!there) return there.error().describe();
  auto read = database->prepare(*there ? "SELECT key, value FROM _cf_KV" : "SELECT 1 WHERE 0");
  if (!read) return read.error().describe();
  for (;;) {
    auto row = read->step();
    if (!row) return row.error().describe();
    if (!*row) break;
    contents.emplace(read->bytes(0), read->bytes(1));
  }
  auto wanted = expected;
  wanted.erase(kAlarm);
  return contents == wanted ? "" : "the file holds other keys or values than the object";
}

}  // namespace

bool ObjectLife::open() {
  auto log = LocalCommitLog::open(files(), "/data/log",
                                  {.segment_size = 32 * 1024 + pick(3) * 32 * 1024,
                                   .batch_limit = 4096 + pick(2) * 100'000,
                                   .retry_interval = std::chrono::milliseconds(0),
                                   .threads = false});
  if (!log) {
    trace("the log does not open: " + log.error().describe());
    if (log.error().code == ErrorCode::corrupt) wrong("open: " + log.error().describe());
    return false;
  }
  log_ = std::move(*log);
  store::CommitLog* commit_log = log_.get();
  if (options_.wrap_log) {
    wrapped_log_ = options_.wrap_log(*log_);
    commit_log = wrapped_log_.get();
  }
  auto opened = ObjectStore::open("/data/objects", *commit_log, files(),
                                  {.dirty_pages = 4 + pick(100),
                                   .history_bytes_in_memory = 10'000 + pick(100'000),
                                   .history_retention = std::chrono::milliseconds(kRetention),
                                   .history_bytes = short_histories_ ? 20'000 : uint64_t{1} << 30,
                                   .checkpoint_in_background = false,
                                   .clock = [this] { return now_; }});
  if (!opened) {
    trace("the store does not open: " + opened.error().describe());
    if (opened.error().code == ErrorCode::corrupt) wrong("open: " + opened.error().describe());
    return false;
  }
  store_ = std::move(*opened);
  disk_.set_meanwhile([this] { meanwhile(); });
  return true;
}

void ObjectLife::close_all() {
  disk_.set_meanwhile(nullptr);
  for (auto& [object, model] : models_) model.storage.reset();
  store_.reset();
  wrapped_log_.reset();
  log_.reset();
}

void ObjectLife::run_log() {
  ++depth_;
  log_->run_queued();
  --depth_;
}

void ObjectLife::checkpoint() {
  trace("checkpoint");
  ++depth_;
  Status status = store_->checkpoint();
  --depth_;
  if (!status) trace("checkpoint: " + status.error().describe());
}

/// What the objects' threads do while the log's or the checkpoints' thread waits for the disk.
void ObjectLife::meanwhile() {
  if (depth_ != 1 || pick(6) != 0 || !fine()) return;
  ++depth_;
  auto object = static_cast<int>(pick(kObjects));
  trace("meanwhile:");
  if (!models_[object].busy) turn(object, /*may_open=*/false);
  --depth_;
}

void ObjectLife::work() {
  for (int step = 0; step < kSteps && fine() && !disk_.power_is_out(); ++step) {
    turn(static_cast<int>(pick(kObjects)), /*may_open=*/true);
    if (pick(3) == 0) run_log();
    if (pick(4) == 0) note_bookmark(static_cast<int>(pick(kObjects)));
    if (pick(12) == 0) schedule_restore(static_cast<int>(pick(kObjects)));
    if (pick(20) == 0) fold_histories();
    if (pick(12) == 0) checkpoint();
    if (pick(15) == 0) {
      auto object = static_cast<int>(pick(kObjects));
      trace(fmt::format("object {}: closed", object));
      models_[object].storage.reset();
    }
  }
  if (!disk_.power_is_out() && pick(2) == 0) checkpoint();
}

ObjectStorage* ObjectLife::opened(int object) {
  Model& model = models_[object];
  if (model.storage && model.storage->broken()) model.storage.reset();
  if (model.storage) return model.storage.get();
  auto storage = store_->open_object(kNamespace, id_of(object));
  if (!storage) {
    trace(fmt::format("object {} does not open: {}", object, storage.error().describe()));
    if (storage.error().code == ErrorCode::corrupt)
      wrong("open of an object: " + storage.error().describe());
    return nullptr;
  }
  model.storage = std::move(*storage);
  if (model.scheduled) note_restore(object);
  if (!check(object, *model.storage)) model.storage.reset();
  return model.storage.get();
}

void ObjectLife::note_bookmark(int object) {
  Model& model = models_[object];
  if (!model.storage || model.storage->broken() || !model.storage->durable()) return;
  const auto bookmark = model.storage->bookmark();
  if (!bookmark) {
    if (bookmark.error().code == ErrorCode::corrupt) wrong(bookmark.error().describe());
    return;
  }
  if (traced()) trace(fmt::format("object {}: bookmark {}", object, *bookmark));
  for (const Known& known : model.known) {
    if (known.by_time && known.bookmark > *bookmark)
      wrong(fmt::format("object {}: bookmark {} after {}", object, *bookmark, known.bookmark));
  }
  if (model.known.size() >= kMostKnown) model.known.erase(model.known.begin());
  model.known.push_back({*bookmark, model.states.back().contents, now_++, true});
}

void ObjectLife::schedule_restore(int object) {
  if (models_[object].known.empty()) return;
  ObjectStorage* storage = opened(object);
  if (storage == nullptr || storage->in_transaction()) return;
  Model& model = models_[object];
  const Known known = model.known[pick(model.known.size())];
  // What the bookmark leads to, the time leads to as well.
  const bool by_time = known.by_time && pick(2) == 0;
  Result<std::string> bookmark = by_time ? storage->bookmark_at(known.time) : known.bookmark;
  Result<std::string> undo =
      bookmark ? storage->restore_when_opened(*bookmark) : Result<std::string>(bookmark);
  if (traced()) {
    trace(fmt::format("object {}: restore of {}{}: {}", object, known.bookmark,
                      by_time ? fmt::format(" by its time {}", known.time) : "",
                      undo ? *undo : undo.error().describe()));
  }
  if (!undo) {
    const bool may_be_gone = short_histories_ || now_ - known.time > kRetention;
    if (undo.error().code == ErrorCode::corrupt ||
        (undo.error().code == ErrorCode::invalid_argument && !may_be_gone)) {
      wrong(fmt::format("object {}: {} of {}: {}", object, known.bookmark, known.time,
                        undo.error().describe()));
    }
    // One that has happened is over; one that was asked for before still holds, if this does not.
    if (!storage->broken() && storage->durable()) settle_restore(model);
    if (bookmark && undo.error().code != ErrorCode::invalid_argument && !model.scheduled)
      model.scheduled = {.contents = known.contents, .undo = {}, .doubtful = true};
    else if (bookmark && model.scheduled && undo.error().code != ErrorCode::invalid_argument)
      model.scheduled->or_contents.push_back(known.contents);
  } else {
    settle_restore(model);
    model.scheduled = {.contents = known.contents, .undo = *undo};
  }
  if (pick(3) != 0) model.storage.reset();
}

void ObjectLife::note_restore(int object) {
  Model& model = models_[object];
  Scheduled& scheduled = *model.scheduled;
  std::deque<State>& states = model.states;
  if (scheduled.number != 0) return;
  const bool one = std::ranges::all_of(
      states, [&](const State& each) { return each.contents == states.front().contents; });
  if (one) scheduled.before = states.front().contents;
  scheduled.time = now_ - 1;  // now it is the restored one
  if (scheduled.doubtful) {
    // It shows whether it has happened, or is not known to differ.
    states.push_back({model.next_number++, scheduled.contents});
    for (const Contents& other : scheduled.or_contents)
      states.push_back({model.next_number++, other});
    return;
  }
  scheduled.number = model.next_number++;
  states.assign(1, {scheduled.number, scheduled.contents});
  for (const Contents& other : scheduled.or_contents)
    states.push_front({scheduled.number - 1, other});
  ++figures_.writes;
}

void ObjectLife::settle_restore(Model& model) {
  if (!model.scheduled || model.scheduled->number == 0) return;
  if (model.scheduled->before && model.scheduled->or_contents.empty())
    model.known.push_back(
        {model.scheduled->undo, *model.scheduled->before, model.scheduled->time, false});
  model.scheduled.reset();
}

void ObjectLife::fold_histories() {
  trace("histories are folded");
  // The history of one that has been nothing for long goes, and its bookmarks lead nowhere.
  for (auto& [object, model] : models_)
    if (std::ranges::all_of(model.states, [](const State& each) { return each.contents.empty(); }))
      model.known.clear();
  if (Status status = store_->fold_histories(); !status) {
    trace("folding: " + status.error().describe());
    if (status.error().code == ErrorCode::corrupt) wrong("folding: " + status.error().describe());
  }
}

bool ObjectLife::turn(int object, bool may_open) {
  Model& model = models_[object];
  if (!may_open && (!model.storage || model.storage->broken())) return false;
  now_ += 1 + pick(20);
  model.busy = true;
  struct Done {
    bool& busy;
    ~Done() { busy = false; }
  } done{model.busy};
  ObjectStorage* storage = may_open ? opened(object) : model.storage.get();
  if (storage == nullptr) return false;
  Contents contents = model.states.back().contents;
  for (uint64_t writes = pick(5); writes > 0; --writes) {
    if (write_something(*storage, contents)) continue;
    trace(fmt::format("object {}: a write fails", object));
    (void)storage->rollback();
    return false;
  }
  if (pick(6) == 0) {
    (void)storage->rollback();
    return true;
  }
  return commit(object, *storage, std::move(contents)).has_value();
}

Status ObjectLife::commit(int object, ObjectStorage& storage, Contents contents) {
  Model& model = models_[object];
  uint64_t number = model.next_number++;
  // Counts as possible from now on, whatever commit() says.
  model.states.push_back({number, contents});
  ++figures_.writes;
  auto committed = storage.commit([this, object, number](uint64_t, const Status& status) {
    if (status) {
      acknowledged(object, number);
    } else {
      trace(fmt::format("object {}: commit {} failed: {}", object, number, status.error().message));
    }
  });
  if (traced()) {
    trace(fmt::format("object {}: commit {} of {} keys{}", object, number, contents.size(),
                      !committed    ? ": " + committed.error().describe()
                      : !*committed ? ": no change"
                                    : fmt::format(", sequence {}", **committed)));
  }
  if (committed && !*committed && contents != model.states[model.states.size() - 2].contents)
    wrong(fmt::format("object {}: a commit with changes was taken for one without", object));
  if (!committed) return fail(std::move(committed).error());
  return {};
}

bool ObjectLife::write_something(ObjectStorage& storage, Contents& contents) {
  std::string key = fmt::format("key{}", pick(24));
  switch (pick(16)) {
    case 0:
    case 1:
    case 2: contents.erase(key); return storage.erase(key).has_value();
    case 14: contents.erase(kAlarm); return storage.set_alarm({}).has_value();
    case 15: {
      const uint64_t time = 2'000'000 + pick(1'000'000);
      contents[kAlarm] = std::to_string(time);
      return storage.set_alarm({.time = time}).has_value();
    }
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

void ObjectLife::acknowledged(int object, uint64_t number) {
  if (traced()) trace(fmt::format("object {}: commit {} acknowledged", object, number));
  ++figures_.acknowledged;
  Model& model = models_[object];
  if (number <= model.last_acknowledged) {
    wrong(fmt::format("object {}: commit {} is acknowledged after commit {}", object, number,
                      model.last_acknowledged));
  }
  model.last_acknowledged = number;
  if (model.scheduled && model.scheduled->number != 0 && number > model.scheduled->number)
    settle_restore(model);
  while (model.states.size() > 1 && model.states.front().number < number) model.states.pop_front();
}

bool ObjectLife::check(int object, ObjectStorage& storage) {
  auto entries = storage.list({});
  if (!entries) {
    if (entries.error().code == ErrorCode::corrupt)
      wrong(fmt::format("object {}: {}", object, entries.error().describe()));
    return false;
  }
  auto alarm = storage.alarm();
  if (!alarm) return false;
  Contents seen;
  for (auto& entry : *entries) seen.emplace(entry.key, entry.value);
  if (*alarm) seen.emplace(kAlarm, std::to_string(**alarm));
  std::deque<State>& states = models_[object].states;
  for (size_t i = states.size(); i-- > 0;) {
    if (states[i].contents != seen) continue;
    if (traced()) trace(fmt::format("object {}: holds commit {}", object, states[i].number));
    // Nothing later happened; and what is durable cannot be lost again.
    states.erase(states.begin() + static_cast<ptrdiff_t>(i) + 1, states.end());
    if (storage.durable()) {
      states.erase(states.begin(), states.end() - 1);
      settle_restore(models_[object]);
    }
    return true;
  }
  wrong(
      fmt::format("object {} holds {} keys, which is none of the {} states it may be in, commits "
                  "{} to {}",
                  object, seen.size(), states.size(), states.front().number, states.back().number));
  return false;
}

void ObjectLife::check_everything() {
  if (!open()) {
    wrong("the store does not open");
    return;
  }
  for (int object = 0; object < kObjects; ++object) {
    models_[object].storage.reset();
    if (opened(object) == nullptr) wrong(fmt::format("object {} does not open", object));
  }
  if (fine()) check_alarms();
  if (fine() && pick(3) == 0) check_files();
  for (int object = 0; object < kObjects && fine(); ++object) {
    schedule_restore(object);
    models_[object].storage.reset();
    if (fine() && opened(object) == nullptr) wrong(fmt::format("object {} does not open", object));
  }
}

/// What was set must ring without anybody opening the object.
void ObjectLife::check_alarms() {
  run_log();
  std::map<std::string, uint64_t> known;
  for (const auto& [key, alarm] : store_->alarms()) known.emplace(key.id, alarm.time);
  for (int object = 0; object < kObjects; ++object) {
    const Model& model = models_[object];
    if (!model.storage || !model.storage->durable()) continue;
    const Contents& contents = model.states.back().contents;
    const auto wanted = contents.find(kAlarm);
    const auto found = known.find(id_of(object));
    if (wanted == contents.end()) continue;  // then the object's own word counts
    if (found == known.end() || std::to_string(found->second) != wanted->second)
      wrong(fmt::format("object {}: its alarm of {} is not known", object, wanted->second));
  }
}

void ObjectLife::check_service() {
  // What failed may break objects once more; then all must be well, and stay so.
  run_log();
  for (int object = 0; object < kObjects && fine(); ++object) {
    if (opened(object) == nullptr) {
      wrong(fmt::format("object {} does not open on a sound disk", object));
      return;
    }
    Model& model = models_[object];
    uint64_t number = model.next_number;
    Contents contents = model.states.back().contents;
    contents["again"] = std::to_string(number);
    if (!model.storage->put("again", contents["again"])) {
      wrong(fmt::format("object {} takes no write on a sound disk", object));
      return;
    }
    ++model.next_number;
    model.states.push_back({number, contents});
    ++figures_.writes;
    (void)model.storage->commit([this, object, number](uint64_t, const Status& status) {
      if (status) {
        acknowledged(object, number);
      } else {
        wrong(fmt::format("object {}: a commit on a sound disk fails: {}", object,
                          status.error().describe()));
      }
    });
    run_log();
  }
  if (fine())
    if (Status status = store_->checkpoint(); !status)
      wrong("a checkpoint on a sound disk fails: " + status.error().describe());
}

void ObjectLife::check_files() {
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

}  // namespace selvage::faults
