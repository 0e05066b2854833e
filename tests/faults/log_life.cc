#include "log_life.h"

#include <fmt/format.h>

namespace selvage::faults {

using store::LocalCommitLog;
using store::Ownership;
using store::Record;

namespace {

constexpr int kSteps = 120;

std::string name_of(int object) { return fmt::format("object{}", object); }

}  // namespace

bool LogLife::open() {
  auto log = LocalCommitLog::open(files(), "/log",
                                  {.segment_size = 16 * 1024 + pick(3) * 24 * 1024,
                                   .batch_limit = 2048 + pick(2) * 60'000,
                                   .retry_interval = std::chrono::milliseconds(0),
                                   .threads = false});
  if (!log) {
    trace("the log does not open: " + log.error().describe());
    if (log.error().code == ErrorCode::corrupt) wrong("open: " + log.error().describe());
    return false;
  }
  log_ = std::move(*log);
  if (options_.wrap_log) wrapped_log_ = options_.wrap_log(*log_);
  std::map<std::string, std::vector<Record>> found;
  Status recovered = this->log().recover([&found](const Record& record) -> Status {
    found[record.object].push_back(record);
    return {};
  });
  if (!recovered) {
    trace("recovery: " + recovered.error().describe());
    if (recovered.error().code == ErrorCode::corrupt)
      wrong("recovery: " + recovered.error().describe());
    return false;
  }
  for (int object = 0; object < kObjects; ++object) {
    settle(object, found[name_of(object)]);
    Model& model = models_[object];
    model.owned = false;
    // Numbers that were given out and left no trace may be given out again.
    model.highest_sequence = model.records.empty() ? 0 : model.records.back().sequence;
    model.highest_epoch = model.records.empty() ? 0 : model.records.back().epoch;
  }
  return true;
}

void LogLife::close() {
  // Its callbacks may be those of the wrapper.
  if (log_) log_->run_queued();
  wrapped_log_.reset();
  log_.reset();
}

void LogLife::settle(int object, const std::vector<Record>& found) {
  Model& model = models_[object];
  std::deque<Appended>& records = model.records;
  if (traced()) {
    std::string list;
    for (const Record& record : found) list += fmt::format(" {}", record.sequence);
    trace(fmt::format("object {}: the log holds{}", object, list.empty() ? " nothing" : list));
  }
  size_t next = 0;
  // Of the checkpointed ones any number may be gone, oldest first.
  uint64_t first = found.empty() ? UINT64_MAX : found.front().sequence;
  while (!records.empty() && records.front().sequence < first &&
         records.front().sequence <= model.checkpointed) {
    records.pop_front();
  }
  size_t kept = 0;
  for (; next < found.size() && kept < records.size(); ++next, ++kept) {
    const Appended& expected = records[kept];
    const Record& record = found[next];
    if (record.sequence != expected.sequence || record.epoch != expected.epoch ||
        record.payload != expected.payload) {
      wrong(fmt::format("object {}: record {} of epoch {} where record {} of epoch {} was appended",
                        object, record.sequence, record.epoch, expected.sequence, expected.epoch));
      return;
    }
  }
  if (next < found.size()) {
    wrong(fmt::format("object {}: record {}, which never was or never happened", object,
                      found[next].sequence));
    return;
  }
  for (size_t i = kept; i < records.size(); ++i) {
    if (records[i].acknowledged && records[i].sequence > model.checkpointed) {
      wrong(fmt::format("object {}: record {} was acknowledged and is lost", object,
                        records[i].sequence));
      return;
    }
  }
  records.resize(kept);
  // What was found is what happened.
  for (Appended& record : records) record.acknowledged = true;
}

bool LogLife::read(int object) {
  std::vector<Record> found;
  Status status = log().read(name_of(object), [&found](const Record& record) -> Status {
    found.push_back(record);
    return {};
  });
  if (status) {
    settle(object, found);
    return true;
  }
  trace(fmt::format("object {} cannot be read: {}", object, status.error().describe()));
  if (status.error().code == ErrorCode::corrupt)
    wrong(fmt::format("object {}: {}", object, status.error().describe()));
  return false;
}

bool LogLife::acquire(int object) {
  Model& model = models_[object];
  if (model.owned) return true;
  auto ownership = log().acquire(name_of(object));
  if (!ownership) return false;
  if (ownership->epoch <= model.highest_epoch || ownership->sequence < model.highest_sequence) {
    wrong(fmt::format("object {}: epoch {} from record {} on, after epoch {} and record {}", object,
                      ownership->epoch, ownership->sequence, model.highest_epoch,
                      model.highest_sequence));
  }
  // The new owner rebuilds what it owns before it goes on.
  if (!read(object)) return false;
  model.ownership = *ownership;
  model.highest_epoch = ownership->epoch;
  model.owned = true;
  return true;
}

void LogLife::append(int object, uint64_t size) {
  Model& model = models_[object];
  if (!acquire(object)) return;
  uint64_t sequence = ++model.ownership.sequence;
  uint64_t epoch = model.ownership.epoch;
  model.highest_sequence = sequence;
  std::string payload(size, static_cast<char>(pick(256)));
  model.records.push_back({.epoch = epoch, .sequence = sequence, .payload = payload});
  ++figures_.writes;
  if (traced()) trace(fmt::format("object {}: append {}, {} bytes", object, sequence, size));
  log().append({name_of(object), epoch, sequence, std::move(payload)},
               [this, object, epoch, sequence](const Status& status) {
                 Model& of = models_[object];
                 if (!status) {
                   trace(fmt::format("object {}: append {} fails: {}", object, sequence,
                                     status.error().message));
                   if (of.ownership.epoch == epoch) of.owned = false;
                   return;
                 }
                 if (traced()) trace(fmt::format("object {}: {} acknowledged", object, sequence));
                 ++figures_.acknowledged;
                 for (Appended& record : of.records) {
                   if (record.sequence == sequence) record.acknowledged = true;
                   // An owner is told nothing good after something bad, or out of order.
                   if (record.sequence < sequence && record.epoch == epoch && !record.acknowledged)
                     wrong(fmt::format("object {}: record {} is acknowledged, {} before it is not",
                                       object, sequence, record.sequence));
                 }
               });
}

void LogLife::append_what_must_be_refused(int object) {
  Model& model = models_[object];
  // An object whose records were all checkpointed is forgotten, and so are its numbers.
  if (!model.owned || model.records.empty()) return;
  if (model.records.back().sequence <= model.checkpointed) return;
  uint64_t epoch = model.ownership.epoch;
  uint64_t sequence = model.ownership.sequence + 1;
  if (pick(2) == 0 && model.records.back().epoch == epoch) {
    // An owner that skips a number is broken, so this ends its epoch.
    ++sequence;
    log().append({name_of(object), epoch, sequence, "gap"}, [this, object](const Status& status) {
      if (status) wrong(fmt::format("object {}: a gap is accepted", object));
    });
    model.owned = false;
  } else if (model.records.back().epoch == epoch) {
    log().append({name_of(object), epoch - 1, sequence, "stale"},
                 [this, object](const Status& status) {
                   if (status) wrong(fmt::format("object {}: a stale owner is accepted", object));
                 });
  }
}

void LogLife::checkpoint(int object) {
  Model& model = models_[object];
  uint64_t upto = 0;
  for (const Appended& record : model.records)
    if (record.acknowledged && pick(8) != 0) upto = record.sequence;
  if (upto == 0) return;
  if (traced()) trace(fmt::format("object {}: checkpoint up to {}", object, upto));
  model.checkpointed = std::max(model.checkpointed, upto);
  log().checkpoint(name_of(object), upto);
}

void LogLife::work() {
  for (int step = 0; step < kSteps && fine() && !disk_.power_is_out(); ++step) {
    auto object = static_cast<int>(pick(kObjects));
    switch (pick(16)) {
      case 0: checkpoint(object); break;
      case 1: append_what_must_be_refused(object); break;
      case 2: (void)read(object); break;
      case 3: models_[object].owned = false; break;  // another owner comes
      case 4: append(object, pick(30'000)); break;
      default: append(object, pick(1500)); break;
    }
    if (pick(3) == 0) log_->run_queued();
  }
}

void LogLife::check_everything() {
  if (!open()) wrong("the log does not open");
}

void LogLife::check_service() {
  log_->run_queued();
  for (int object = 0; object < kObjects && fine(); ++object) {
    append(object, 100);
    log_->run_queued();
    const Model& model = models_[object];
    if (model.records.empty() || !model.records.back().acknowledged || !model.owned)
      wrong(fmt::format("object {}: an append on a sound disk fails", object));
  }
}

}  // namespace selvage::faults
