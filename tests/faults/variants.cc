#include "variants.h"

#include <utility>

#include "object/page_delta.h"
#include "seams.h"
#include "store/coding.h"

namespace selvage::faults {
namespace {

using store::CommitLog;
using store::File;
using store::FileSystem;
using store::OpenMode;
using store::Record;

bool is_segment(const std::string& path) { return path.find("segment-") != std::string::npos; }
/// A segment has the spare's name while it is being made.
bool is_segment_or_spare(const std::string& path) {
  return is_segment(path) || path.ends_with("spare.log");
}

/// The file of a Durable Object.
bool is_object(const std::string& path) {
  return path.starts_with("/data/objects/") && path.ends_with(".sqlite");
}
bool is_kv_database(const std::string& path) { return path.ends_with("/kv.sqlite"); }
bool is_kv_log(const std::string& path) { return path.ends_with("/kv.sqlite-wal"); }

/// A commit's payload without its last page. What is none stays as it is.
std::string without_last_page(const std::string& payload) {
  store::Decoder in(payload);
  auto version = in.number<uint8_t>();
  constexpr uint8_t kHasTime = 2;
  constexpr uint8_t kFromNothing = 4;
  const auto flags = in.number<uint8_t>();
  bool commit = version == 1 && (flags & ~kFromNothing) == kHasTime;
  in.number<uint16_t>();
  in.number<uint32_t>();
  auto pages = in.number<uint32_t>();
  in.number<uint64_t>();  // the time
  if (!commit || !in.ok() || pages == 0) return payload;
  size_t last = 0;
  for (uint32_t page = 0; page < pages; ++page) {
    last = static_cast<size_t>(in.bytes(0).data() - payload.data());
    in.number<uint32_t>();
    in.number<uint16_t>();
    for (auto ranges = in.number<uint16_t>(); ranges > 0 && in.ok(); --ranges) {
      in.number<uint16_t>();
      in.bytes(in.number<uint16_t>());
    }
    if (!in.ok()) return payload;
  }
  std::string shorter = payload.substr(0, last);
  store::set_number<uint32_t>(shorter.data() + 8, pages - 1);
  return shorter;
}

class EagerLog : public ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  void append(Record record, Callback callback) override {
    log_.append(std::move(record), nullptr);
    callback({});
  }
};

class LossyLog : public ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  void append(Record record, Callback callback) override {
    if (++count_ % 7 == 0) record.payload = without_last_page(record.payload);
    log_.append(std::move(record), std::move(callback));
  }

 private:
  int count_ = 0;
};

class GreedyCheckpointLog : public ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  void checkpoint(std::string_view object, uint64_t sequence) override {
    log_.checkpoint(object, sequence + 1);
  }
};

/// Acknowledges the last two records of an object in the wrong order.
class SwappingLog : public ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  void append(Record record, Callback callback) override {
    log_.append(std::move(record),
                [this, callback = std::move(callback)](const Status& status) mutable {
                  if (!held_ && status) {
                    held_ = std::move(callback);
                    return;
                  }
                  callback(status);
                  if (held_) std::exchange(held_, nullptr)(Status());
                });
  }
  void barrier(Callback callback) override {
    log_.barrier([this, callback = std::move(callback)](const Status& status) mutable {
      if (held_) std::exchange(held_, nullptr)(Status());
      callback(status);
    });
  }

 private:
  Callback held_;
};

class LateWriteFile : public ForwardingFile {
 public:
  using ForwardingFile::ForwardingFile;
  ~LateWriteFile() override {
    if (!held_.empty()) (void)file_->write_at(held_at_, held_);
  }
  Status write_at(uint64_t offset, std::string_view bytes) override {
    if (held_.empty() && offset > 0 && ++count_ % 5 == 0) {
      held_at_ = offset;
      held_ = bytes;
      return {};
    }
    Status written = file_->write_at(offset, bytes);
    if (written && !held_.empty()) written = file_->write_at(held_at_, std::exchange(held_, {}));
    return written;
  }

 private:
  int count_ = 0;
  uint64_t held_at_ = 0;
  std::string held_;
};

class PretendingFile : public ForwardingFile {
 public:
  using ForwardingFile::ForwardingFile;
  Status sync_data() override { return {}; }
};

class OptimisticFile : public ForwardingFile {
 public:
  using ForwardingFile::ForwardingFile;
  Status sync_data() override {
    (void)file_->sync_data();
    return {};
  }
};

class LossyPageFile : public ForwardingFile {
 public:
  using ForwardingFile::ForwardingFile;
  Status write_at(uint64_t offset, std::string_view bytes) override {
    if (bytes.size() == object::kPageSize && ++count_ % 5 == 0) return {};
    return file_->write_at(offset, bytes);
  }

 private:
  int count_ = 0;
};

/// Opens files of `Wrapper` where `wanted(path)`.
template <class Wrapper>
class WrappingFiles : public ForwardingFiles {
 public:
  WrappingFiles(FileSystem& files, bool (*wanted)(const std::string&))
      : ForwardingFiles(files), wanted_(wanted) {}
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    SELVAGE_TRY(std::unique_ptr<File> file, files_.open(path, mode));
    if (!wanted_(path)) return file;
    return std::make_unique<Wrapper>(std::move(file));
  }

 private:
  bool (*wanted_)(const std::string&);
};

class UnsyncedCheckpointFiles final : public WrappingFiles<PretendingFile> {
 public:
  explicit UnsyncedCheckpointFiles(FileSystem& files) : WrappingFiles(files, &is_object) {}
  Status sync_everything(const std::string&) override { return {}; }
};

class ForgetfulFolderFiles : public ForwardingFiles {
 public:
  using ForwardingFiles::ForwardingFiles;
  Status sync_directory(const std::string&) override { return {}; }
};

class OptimisticFiles final : public WrappingFiles<OptimisticFile> {
 public:
  explicit OptimisticFiles(FileSystem& files)
      : WrappingFiles(files, [](const std::string&) { return true; }) {}
  Status sync_everything(const std::string& path) override {
    (void)files_.sync_everything(path);
    return {};
  }
};

template <class Log>
LifeOptions with_log() {
  LifeOptions options;
  options.wrap_log = [](CommitLog& log) { return std::make_unique<Log>(log); };
  return options;
}

template <class Files, class... Arguments>
LifeOptions with_files(Arguments... arguments) {
  LifeOptions options;
  options.wrap_files = [arguments...](FileSystem& files) {
    return std::make_unique<Files>(files, arguments...);
  };
  return options;
}

}  // namespace

std::vector<Variant> variants() {
  auto everything = [](const std::string&) { return true; };
  std::vector<Variant> all{
      {"acknowledge-before-sync", "the log acknowledges what it has not synced",
       with_log<EagerLog>()},
      {"acknowledge-out-of-order", "the log acknowledges a later record before an earlier one",
       with_log<SwappingLog>()},
      {"reorder-batches", "a batch of the log is written after the one that follows it",
       with_files<WrappingFiles<LateWriteFile>>(&is_segment_or_spare)},
      {"drop-page-of-delta", "some commits' records lack a page", with_log<LossyLog>()},
      {"drop-page-of-checkpoint", "some checkpoints leave a page out",
       with_files<WrappingFiles<LossyPageFile>>(&is_object)},
      {"skip-sync", "nothing is ever synced",
       with_files<WrappingFiles<PretendingFile>>(+everything)},
      {"skip-checkpoint-sync", "checkpoints are not synced", with_files<UnsyncedCheckpointFiles>()},
      {"forget-folder-sync", "folders are not synced", with_files<ForgetfulFolderFiles>()},
      {"ignore-failed-sync", "a sync that failed counts as one that did not",
       with_files<OptimisticFiles>()},
      {"checkpoint-too-much", "a checkpoint lets the log drop one record more than the file has",
       with_log<GreedyCheckpointLog>()},
  };
  auto add_kv = [&all](std::string name, std::string what, LifeOptions options, bool in_source) {
    all.push_back({.name = std::move(name),
                   .what = std::move(what),
                   .options = std::move(options),
                   .in_source = in_source,
                   .lives = {Kind::kv}});
  };
  add_kv("kv-skip-log-sync", "SQLite's log of the KV store is not synced",
         with_files<WrappingFiles<PretendingFile>>(&is_kv_log), false);
  add_kv("kv-skip-checkpoint-sync", "SQLite's checkpoints of the KV store are not synced",
         with_files<WrappingFiles<PretendingFile>>(&is_kv_database), false);
  add_kv("kv-reorder-log", "a write to SQLite's log happens after the one that follows it",
         with_files<WrappingFiles<LateWriteFile>>(&is_kv_log), false);
  add_kv("kv-drop-page-of-log", "some pages are not written to SQLite's log",
         with_files<WrappingFiles<LossyPageFile>>(&is_kv_log), false);
  add_kv("kv-drop-page-of-checkpoint", "SQLite's checkpoints leave a page out",
         with_files<WrappingFiles<LossyPageFile>>(&is_kv_database), false);
  add_kv("kv-ignore-failed-sync", "a sync that failed counts as one that did not",
         with_files<OptimisticFiles>(), false);
#ifdef SELVAGE_BROKEN_VARIANTS
  auto add = [&all](std::string name, std::string what) {
    all.push_back(
        {.name = std::move(name), .what = std::move(what), .options = {}, .in_source = true});
  };
  add("checkpoint-before-log", "a checkpoint writes what the log does not have yet");
  add("checkpoint-entry-before-sync",
      "the log drops records before the file that has them is synced");
  add("delta-over-torn-page", "a page that a checkpoint may be writing is described as a delta");
  add("reuse-segment-too-early", "a segment is recycled while one object still needs it");
  add("retire-without-folder-sync", "a segment is recycled before its removal is durable");
  add("failed-batch-not-void", "after a failed sync the log goes on in the same segment");
  add("no-checksum", "batches are not checked against their checksum");
  add("no-fence", "stale owners and gaps are accepted");
  add("acknowledge-failed-batch", "a batch that failed is acknowledged");
  add("rebuild-without-void", "an object is rebuilt before the failed batch is void");
  add("skip-alarm-index", "the log drops what it has of alarms, and no index has them");
  add("history-keeps-unfinished", "a history goes on behind what a failed checkpoint left there");
  add("skip-history-sync", "the log drops records before the history that has them is synced");
  add("drop-commit-of-history", "some commits are left out of the history");
  add("fold-too-early", "a history loses commits that are still within the retention");
  add("restore-again-after-crash", "a restore that has happened happens again");
  add("trust-sync-at-open", "what a process read back after a failed sync counts as synced");
  auto add_kv_source = [&](std::string name, std::string what) {
    add_kv(std::move(name), std::move(what), {}, true);
  };
  add_kv_source("kv-commit-without-sync", "commits are acknowledged before they are synced");
  add_kv_source("kv-acknowledge-failed-commit", "a commit that failed is acknowledged");
  add_kv_source("kv-go-on-after-rollback",
                "writes go on, each by itself, after SQLite has rolled their group back");
  add_kv_source("kv-remember-rolled-back", "a namespace is remembered that was rolled back");
  add_kv_source("kv-half-a-request", "a request that fails leaves its first writes behind");
  add_kv_source("kv-trust-log-at-open", "SQLite's log is taken over as a killed process left it");
  add_kv_source("kv-end-log-in-use",
                "SQLite's log is ended whether all of it was taken over or not");
  add_kv_source("kv-forget-folder-sync", "the folder is not synced when the store opens");
  add_kv_source("kv-tell-nobody", "readers are not told of changes");
  add_kv_source("kv-shorten-upload", "the last byte of a long upload is lost");
  add_kv_source("kv-forget-dropped", "pieces of a value that was overwritten stay for ever");
  add_kv_source("kv-remove-what-is-read", "pieces are removed while somebody reads them");
  add_kv_source("kv-fill-over-log", "the log is filled up over what was written to it");
  add_kv_source("kv-sweep-too-early", "entries are removed before they have expired");
  add_kv_source("kv-show-expired", "entries are shown after they have expired");
#endif
  return all;
}

}  // namespace selvage::faults
