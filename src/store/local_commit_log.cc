#include "store/local_commit_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <random>

#include "base/broken_variant.h"
#include "base/log.h"
#include "store/log_reader.h"

namespace selvage::store {
namespace {

uint32_t random_salt() {
  std::random_device device;
  return device();
}

}  // namespace

LocalCommitLog::LocalCommitLog(FileSystem& files, std::string directory,
                               LocalCommitLogOptions options)
    : files_(files),
      directory_(std::move(directory)),
      options_(options),
      pool_(files, directory_,
            round_up_to_block(std::max(options.segment_size, 2 * kLogBlockSize))) {}

Result<std::unique_ptr<LocalCommitLog>> LocalCommitLog::open(FileSystem& files,
                                                             std::string directory,
                                                             LocalCommitLogOptions options) {
  SELVAGE_CHECK_STATUS(files.create_directories(directory));
  std::unique_ptr<LocalCommitLog> log(
      new LocalCommitLog(files, std::move(directory), std::move(options)));
  SELVAGE_CHECK_STATUS(log->load());
  if (!log->options_.threads) return log;
  log->preparer_ = std::thread([raw = log.get()] { raw->prepare_loop(); });
  log->writer_ = std::thread([raw = log.get()] { raw->write_loop(); });
  log->want_spare();
  return log;
}

LocalCommitLog::~LocalCommitLog() {
  if (!options_.threads) {
    run_queued();
    return;
  }
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_.notify_one();
  if (writer_.joinable()) writer_.join();
  {
    std::lock_guard lock(prepare_mutex_);
    prepare_stopping_ = true;
  }
  prepare_wanted_.notify_one();
  if (preparer_.joinable()) preparer_.join();
}

Status LocalCommitLog::load() {
  SELVAGE_TRY(LogReader reader, LogReader::open(files_, directory_));
  for (const SegmentHeader& segment : reader.segments()) {
    live_objects_[segment.number] = 0;
    last_segment_ = segment.number;
    epoch_ = std::max(epoch_.load(), segment.epoch_floor);
    newest_sequence_ = std::max(newest_sequence_, segment.sequence_floor);
  }
  SELVAGE_CHECK_STATUS(reader.scan([this](const LogEntry& entry, uint64_t segment) -> Status {
    if (entry.type == EntryType::checkpoint) {
      note_checkpoint(entry.object, entry.sequence);
      return {};
    }
    auto found = objects_.find(entry.object);
    if (found != objects_.end() && !found->second.spans.empty()) {
      const ObjectState& state = found->second;
      bool follows = entry.epoch == state.epoch
                         ? entry.sequence == state.last_sequence + 1
                         : entry.epoch > state.epoch && entry.sequence > state.last_sequence;
      if (!follows) {
        return fail(ErrorCode::corrupt,
                    fmt::format("{}/{}: record {} of epoch {} follows record {} of epoch {}",
                                directory_, segment_file_name(segment), entry.sequence, entry.epoch,
                                state.last_sequence, state.epoch));
      }
    }
    note_record(entry.object, entry.epoch, entry.sequence, segment);
    epoch_ = std::max(epoch_.load(), entry.epoch);
    newest_sequence_ = std::max(newest_sequence_, entry.sequence);
    return {};
  }));
  next_batch_ = reader.next_batch();
  position_ = reader.bytes();
  if (last_segment_ != 0) {
    // The last batches may have been read from memory only. What is built on them must find them
    // again after a power loss.
    SELVAGE_TRY(std::unique_ptr<File> last,
                files_.open(directory_ + "/" + segment_file_name(last_segment_), OpenMode::write));
    SELVAGE_CHECK_STATUS(last->sync_data());
    SELVAGE_CHECK_STATUS(files_.sync_directory(directory_));
    if (!SELVAGE_BROKEN("trust-sync-at-open")) {
      carried_ = reader.last_batch();
      carried_salt_ = reader.segments().back().salt;
      carried_alone_ = reader.end() == kLogBlockSize + carried_.size();
      const uint64_t before = last_segment_;
      SELVAGE_CHECK_STATUS(carry_over());
      if (last_segment_ != before) cut(before, reader.end());
    }
  }
  statistics_.segments = live_objects_.size();
  return {};
}

/// Takes the last batch into a new segment. The process that wrote it may have ended after its sync
/// had failed; then the system's memory has the batch, the disk need not, and no sync will ever
/// bring it there. In its place it must not be written again: a power loss amid that could take
/// what was acknowledged. A segment that has nothing else is replaced as a whole.
Status LocalCommitLog::carry_over() {
  if (carried_.empty()) return {};
  Status begun = begin_segment();
  // On a full disk what is there can be read; the first segment for which there is room has it.
  if (!begun && begun.error().code == ErrorCode::limit_exceeded) return {};
  return begun;
}

/// Gives back what a segment has behind its last batch, now that nothing is written to it any more:
/// otherwise a process that ends soon after each start leaves a whole segment each time.
void LocalCommitLog::cut(uint64_t segment, uint64_t size) {
  auto file = files_.open(directory_ + "/" + segment_file_name(segment), OpenMode::write);
  Status cut = file ? (*file)->truncate(size) : fail(std::move(file).error());
  if (!cut) log_warn("commit log", cut.error().describe());
}

/// Whether it is a record that the log still has.
bool LocalCommitLog::keeps(const LogEntry& entry) const {
  const auto found = objects_.find(entry.object);
  return entry.type == EntryType::record && found != objects_.end() &&
         !found->second.spans.empty() && entry.sequence >= found->second.first_kept;
}

Status LocalCommitLog::recover(Visitor visitor) {
  SELVAGE_TRY(LogReader reader, LogReader::open(files_, directory_));
  Record record;
  return reader.scan([&](const LogEntry& entry, uint64_t) -> Status {
    if (entry.type != EntryType::record) return {};
    auto found = objects_.find(entry.object);
    if (found == objects_.end() || entry.sequence < found->second.first_kept) return {};
    record.object = entry.object;
    record.epoch = entry.epoch;
    record.sequence = entry.sequence;
    record.payload = entry.payload;
    return visitor(record);
  });
}

Result<Ownership> LocalCommitLog::acquire(std::string_view /*object*/) {
  std::lock_guard lock(mutex_);
  // Numbers above all that were ever given out serve every object: none needs its own kept.
  return Ownership{.epoch = epoch_.fetch_add(1) + 1, .sequence = newest_sequence_};
}

void LocalCommitLog::append(Record record, Callback callback) {
  submit(Request{.kind = Request::Kind::append,
                 .record = std::move(record),
                 .callback = std::move(callback),
                 .task = {}});
}

void LocalCommitLog::checkpoint(std::string_view object, uint64_t sequence) {
  submit(Request{
      .kind = Request::Kind::checkpoint,
      .record =
          Record{.object = std::string(object), .epoch = 0, .sequence = sequence, .payload = {}},
      .callback = {},
      .task = {}});
}

void LocalCommitLog::barrier(Callback callback) {
  submit(Request{.kind = Request::Kind::task,
                 .record = {},
                 .callback = {},
                 .task = [callback = std::move(callback)]() mutable { callback({}); }});
  if (!options_.threads) run_queued();
}

void LocalCommitLog::submit(Request request) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    wake = queue_.empty();
    newest_sequence_ = std::max(newest_sequence_, request.record.sequence);
    if (request.kind != Request::Kind::task) ++statistics_.waiting;
    queue_.push_back(std::move(request));
  }
  if (wake) queued_.notify_one();
}

LocalCommitLog::Statistics LocalCommitLog::statistics() const {
  std::lock_guard lock(mutex_);
  return statistics_;
}

void LocalCommitLog::write_loop() {
  std::vector<Request> requests;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      queued_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      requests.swap(queue_);
    }
    process(requests);
    requests.clear();
  }
}

void LocalCommitLog::run_queued() {
  std::vector<Request> requests;
  {
    std::lock_guard lock(mutex_);
    requests.swap(queue_);
  }
  process(requests);
}

void LocalCommitLog::process(std::vector<Request>& requests) {
  size_t next = 0;
  while (next < requests.size()) {
    if (requests[next].kind == Request::Kind::task) {
      requests[next++].task();
    } else {
      next = process_batch(requests, next);
    }
  }
}

size_t LocalCommitLog::process_batch(std::vector<Request>& requests, size_t first) {
  builder_.start(next_batch_);
  results_.clear();
  uint64_t size = kBatchHeaderSize;
  uint64_t entries = 0;
  size_t end = first;
  for (; end < requests.size() && requests[end].kind != Request::Kind::task; ++end) {
    const Request& request = requests[end];
    LogEntry entry{
        .type = request.kind == Request::Kind::append ? EntryType::record : EntryType::checkpoint,
        .epoch = request.record.epoch,
        .sequence = request.record.sequence,
        .object = request.record.object,
        .payload = request.record.payload};
    if (entries > 0 && size + entry_size(entry) > options_.batch_limit) break;
    results_.push_back(request.kind == Request::Kind::append ? admit(request.record) : Status{});
    if (!results_.back()) continue;
    builder_.add(entry);
    size += entry_size(entry);
    ++entries;
  }

  Status written;
  if (entries > 0) {
    written = ensure_segment(round_up_to_block(size));
    if (written) written = write_batch(builder_.finish(header_.salt));
  }
  for (size_t i = first; i < end; ++i) {
    const Record& record = requests[i].record;
    if (!written) {
      if (SELVAGE_BROKEN("acknowledge-failed-batch")) continue;
      if (requests[i].kind == Request::Kind::append) note_failure(record);
      if (results_[i - first]) results_[i - first] = written;
    } else if (requests[i].kind == Request::Kind::checkpoint) {
      note_checkpoint(record.object, record.sequence);
    } else if (results_[i - first]) {
      // admit() has noted the rest already.
      note_record(record.object, record.epoch, record.sequence, header_.number);
    }
  }
  retire_segments();
  {
    std::lock_guard lock(mutex_);
    statistics_.waiting -= end - first;
    statistics_.batches += written && entries > 0 ? 1 : 0;
    statistics_.records += written ? entries : 0;
    statistics_.failures += written ? 0 : 1;
    statistics_.bytes = position_.load();
    statistics_.segments = live_objects_.size();
  }
  for (size_t i = first; i < end; ++i) {
    if (requests[i].callback) requests[i].callback(results_[i - first]);
    requests[i].callback = nullptr;  // what it owns goes before the next one, or a barrier, runs
  }
  return end;
}

/// Whether the record may follow what the log has of its object; if so it counts as followed, so
/// that the next record of the same batch is measured against it.
Status LocalCommitLog::admit(const Record& record) {
  if (record.object.empty() || record.object.size() > kMaxObjectNameSize) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("an object's name of {} bytes; 1 to {} are allowed",
                            record.object.size(), kMaxObjectNameSize));
  }
  auto [position, inserted] = objects_.try_emplace(record.object);
  ObjectState& state = position->second;
  if (SELVAGE_BROKEN("no-fence")) return {};
  if (state.failed_epoch && record.epoch <= *state.failed_epoch) {
    return fail(ErrorCode::aborted,
                "an earlier write of this object failed, so its outcome is unknown",
                "Acquire the object anew and rebuild it from the log");
  }
  if (!inserted && record.epoch < state.epoch) {
    return fail(ErrorCode::aborted, fmt::format("epoch {} was succeeded by {}: another owner has "
                                                "the object",
                                                record.epoch, state.epoch));
  }
  bool known = !inserted && state.last_sequence != 0;
  bool follows = record.epoch == state.epoch ? record.sequence == state.last_sequence + 1
                                             : record.sequence > state.last_sequence;
  if (known && !follows) {
    note_failure(record);
    return fail(ErrorCode::aborted,
                fmt::format("record {} does not follow {}", record.sequence, state.last_sequence));
  }
  state.epoch = record.epoch;
  state.last_sequence = record.sequence;
  state.failed_epoch.reset();
  return {};
}

Status LocalCommitLog::ensure_segment(uint64_t batch_size) {
  // An own segment for a batch that no segment could hold; its file grows.
  bool fits = segment_ &&
              (segment_end_ + batch_size <= pool_.segment_size() || segment_end_ == kLogBlockSize);
  if (fits) return {};
  auto now = std::chrono::steady_clock::now();
  if (!last_failure_ && now < next_try_) return last_failure_;

  segment_.reset();
  if (Status begun = begin_segment(); !begun) {
    if (last_failure_) log_error("commit log", begun.error().describe());
    last_failure_ = fail(std::move(begun).error().within("the commit log cannot grow"));
    next_try_ = now + options_.retry_interval;
    return last_failure_;
  }
  if (!last_failure_) log_info("commit log", "writing again");
  last_failure_ = {};
  want_spare();
  return {};
}

/// From then on no batch of an earlier segment counts that has the new one's first number, or a
/// greater one.
Status LocalCommitLog::begin_segment() {
  const std::optional<Batch> carried = decode_batch(carried_, carried_salt_);
  const bool replaces = carried && carried_alone_;
  SegmentHeader header{.number = last_segment_ + (replaces ? 0 : 1),
                       .first_batch = carried ? carried->number : next_batch_,
                       .salt = random_salt(),
                       .epoch_floor = epoch_.load(),
                       .sequence_floor = 0};
  {
    std::lock_guard lock(mutex_);
    header.sequence_floor = newest_sequence_;
  }
  BatchBuilder copy;  // the other one may be building what the segment is for
  std::string_view batch;
  if (carried) {
    copy.start(carried->number);
    for (const LogEntry& entry : carried->entries) copy.add(entry);
    batch = copy.finish(header.salt);
  }
  SELVAGE_TRY(segment_, pool_.begin(header, batch));
  header_ = header;
  segment_end_ = kLogBlockSize + batch.size();
  last_segment_ = header.number;
  live_objects_.try_emplace(header.number, 0);
  if (carried && !replaces) {
    for (const LogEntry& entry : carried->entries)
      if (keeps(entry)) note_record(entry.object, entry.epoch, entry.sequence, header.number);
  }
  carried_.clear();
  doubtful_ = false;
  return {};
}

Status LocalCommitLog::write_batch(std::string_view batch) {
  Status written = segment_->write_at(segment_end_, batch);
  if (written) written = segment_->sync_data();
  if (!written) {
    // Nobody knows what of the batch is on the disk. The next segment's header will say that it
    // never happened, whatever is.
    if (!SELVAGE_BROKEN("failed-batch-not-void")) segment_.reset();
    doubtful_ = true;
    log_error("commit log", written.error().describe());
    return written;
  }
  segment_end_ += batch.size();
  ++next_batch_;
  position_.fetch_add(batch.size(), std::memory_order_relaxed);
  return {};
}

void LocalCommitLog::note_record(std::string_view object, uint64_t epoch, uint64_t sequence,
                                 uint64_t segment) {
  auto found = objects_.find(object);
  if (found == objects_.end()) found = objects_.try_emplace(std::string(object)).first;
  ObjectState& state = found->second;
  state.epoch = epoch;
  state.last_sequence = std::max(state.last_sequence, sequence);
  if (state.spans.empty()) state.first_kept = sequence;
  if (state.spans.empty() || state.spans.back().segment != segment) {
    state.spans.push_back({.segment = segment, .last_sequence = sequence});
    ++live_objects_[segment];
  } else {
    state.spans.back().last_sequence = sequence;
  }
}

void LocalCommitLog::note_checkpoint(std::string_view object, uint64_t sequence) {
  auto found = objects_.find(object);
  if (found == objects_.end()) return;
  ObjectState& state = found->second;
  state.first_kept = std::max(state.first_kept, sequence + 1);
  auto first_kept = std::find_if(state.spans.begin(), state.spans.end(),
                                 [&](const auto& span) { return span.last_sequence > sequence; });
  for (auto span = state.spans.begin(); span != first_kept; ++span) --live_objects_[span->segment];
  state.spans.erase(state.spans.begin(), first_kept);
  if (state.spans.empty() && !state.failed_epoch) objects_.erase(found);
}

void LocalCommitLog::note_failure(const Record& record) {
  auto found = objects_.find(record.object);
  if (found == objects_.end()) return;
  ObjectState& state = found->second;
  state.failed_epoch = std::max(state.failed_epoch.value_or(0), record.epoch);
}

/// Lets go of the oldest segments that no object needs, never of one in the middle.
void LocalCommitLog::retire_segments() {
  std::unique_lock lock(prepare_mutex_);
  uint64_t still_needed = SELVAGE_BROKEN("reuse-segment-too-early") ? 1 : 0;
  while (!live_objects_.empty() && live_objects_.begin()->second <= still_needed &&
         live_objects_.begin()->first != last_segment_) {
    retired_.push_back(live_objects_.begin()->first);
    live_objects_.erase(live_objects_.begin());
  }
  if (retired_.empty()) return;
  if (options_.threads) {
    prepare_wanted_.notify_one();
    return;
  }
  while (!retired_.empty()) {
    if (Status status = pool_.retire(retired_.front()); !status) {
      log_warn("commit log", status.error().describe());
      return;  // stays the first: a later one must not go before it
    }
    retired_.erase(retired_.begin());
  }
}

void LocalCommitLog::want_spare() {
  if (!options_.threads) return;
  {
    std::lock_guard lock(prepare_mutex_);
    spare_wanted_ = true;
  }
  prepare_wanted_.notify_one();
}

void LocalCommitLog::prepare_loop() {
  std::unique_lock lock(prepare_mutex_);
  for (;;) {
    prepare_wanted_.wait(
        lock, [this] { return prepare_stopping_ || spare_wanted_ || !retired_.empty(); });
    if (!retired_.empty()) {
      uint64_t number = retired_.front();
      lock.unlock();
      Status status = pool_.retire(number);
      lock.lock();
      if (!status) {
        log_warn("commit log", status.error().describe());
        // What is left is found again at the next open.
        if (prepare_wanted_.wait_for(lock, options_.retry_interval,
                                     [this] { return prepare_stopping_; }))
          return;
        continue;
      }
      retired_.erase(retired_.begin());
      continue;
    }
    if (prepare_stopping_) return;
    spare_wanted_ = false;
    lock.unlock();
    // A failure shows again, and is answered, when the segment is needed.
    if (Status status = pool_.prepare(); !status) log_warn("commit log", status.error().describe());
    lock.lock();
  }
}

Status LocalCommitLog::read(std::string_view object, Visitor visitor) {
  std::promise<Status> done;
  submit(Request{.kind = Request::Kind::task, .record = {}, .callback = {}, .task = [&] {
                   done.set_value(read_on_writer(object, visitor));
                 }});
  if (!options_.threads) run_queued();
  return done.get_future().get();
}

Status LocalCommitLog::read_on_writer(std::string_view object, Visitor& visitor) {
  // After a failure a new segment must say first that the failed batch never happened: otherwise
  // it could come back with the next crash, after the object went on without it.
  if (doubtful_ && !SELVAGE_BROKEN("rebuild-without-void")) SELVAGE_CHECK_STATUS(ensure_segment(0));
  auto found = objects_.find(object);
  if (found == objects_.end() || found->second.spans.empty()) return {};
  uint64_t first_kept = found->second.first_kept;
  SELVAGE_TRY(LogReader reader, LogReader::open(files_, directory_));
  Record record;
  return reader.scan([&](const LogEntry& entry, uint64_t) -> Status {
    if (entry.type != EntryType::record || entry.object != object) return {};
    if (entry.sequence < first_kept) return {};
    record.object = entry.object;
    record.epoch = entry.epoch;
    record.sequence = entry.sequence;
    record.payload = entry.payload;
    return visitor(record);
  });
}

}  // namespace selvage::store
