#include "cli/backup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "assets/file_hash.h"
#include "deploy/platform/platform_store.h"
#include "object/alarm_index.h"
#include "object/object_key.h"
#include "store/sqlite.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kFormat = 1;
constexpr const char* kList = "backup.json";
constexpr const char* kObjects = "state/objects";

tl::unexpected<Error> io_error(const std::string& what, const std::error_code& error) {
  return fail(ErrorCode::io, what + ": " + error.message());
}

/// What is not copied as a file: made again, meaningless elsewhere, or brought by another way.
bool is_left_out(const std::string& relative) {
  for (const char* each : {"lock", "cache", "bundles", "state/log", kObjects}) {
    if (relative == each) return true;
  }
  return relative.ends_with("-wal") || relative.ends_with("-shm") || relative.ends_with(".tmp");
}

bool is_database(const fs::path& path) { return path.extension() == ".sqlite"; }

/// All of it, as of now, whoever writes to it meanwhile.
Status copy_database(const std::string& from, const std::string& to) {
  SELVAGE_TRY(const store::Database source, store::Database::open(from, SQLITE_OPEN_READONLY));
  SELVAGE_TRY(const store::Database target,
              store::Database::open(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  constexpr int kBusyMilliseconds = 10'000;
  sqlite3_busy_timeout(source.handle(), kBusyMilliseconds);
  sqlite3_backup* copy = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
  if (copy == nullptr) {
    return fail(store::sqlite_error(target.handle(), sqlite3_extended_errcode(target.handle()),
                                    "cannot copy " + from));
  }
  // In one step, it sees one state and need not begin again when somebody writes.
  sqlite3_backup_step(copy, -1);
  const int result = sqlite3_backup_finish(copy);
  if (result == SQLITE_OK) return {};
  return fail(store::sqlite_error(target.handle(), result, "cannot copy " + from));
}

/// The owner's only: the key of the installation is among them.
Status make_private_folder(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);  // of an attempt that was ended
  fs::create_directories(fs::path(path).parent_path(), error);
  if (::mkdir(path.c_str(), S_IRWXU) != 0) return fail_errno(errno, "cannot create " + path);
  return {};
}

class Backup {
 public:
  Backup(StateSource& source, std::string data, std::string target)
      : source_(source),
        data_(std::move(data)),
        target_(std::move(target)),
        files_(store::real_file_system()) {}

  Result<BackupReport> run() {
    // What names others comes before them: contents are there before anything mentions them.
    SELVAGE_CHECK_STATUS(copy_files(/*databases=*/true));
    SELVAGE_CHECK_STATUS(copy_objects());
    SELVAGE_CHECK_STATUS(copy_files(/*databases=*/false));
    SELVAGE_CHECK_STATUS(write_list());
    return report_;
  }

 private:
  Status copy_files(bool databases) {
    std::error_code error;
    for (fs::recursive_directory_iterator it(data_, error), end; !error && it != end;
         it.increment(error)) {
      const std::string relative = it->path().lexically_relative(data_).string();
      std::error_code gone;  // a file may go meanwhile
      if (is_left_out(relative)) {
        it.disable_recursion_pending();
      } else if (it->is_regular_file(gone) && is_database(it->path()) == databases) {
        SELVAGE_CHECK_STATUS(copy_file(it->path(), target_ + "/" + relative));
      }
    }
    if (error) return io_error("cannot read " + data_, error);
    return {};
  }

  static Status copy_file(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    if (is_database(from)) return copy_database(from.string(), to.string());
    fs::copy_file(from, to, error);
    if (error && error != std::errc::no_such_file_or_directory) {
      return io_error("cannot copy " + from.string(), error);
    }
    return {};
  }

  Status copy_objects() {
    std::vector<std::string> namespaces;
    SELVAGE_TRY(const Json listed,
                source_.client().ask({{"op", "do.namespaces"}}, [&](const Json& item) {
                  namespaces.push_back(item["id"].get<std::string>());
                  return Status();
                }));
    std::vector<object::AlarmIndex::Change> alarms;
    for (const std::string& each : namespaces) {
      std::vector<std::string> ids;
      SELVAGE_TRY(const Json done, source_.client().ask({{"op", "do.list"}, {"namespace", each}},
                                                        [&](const Json& item) {
                                                          ids.push_back(item["id"]);
                                                          return Status();
                                                        }));
      for (const std::string& id : ids) {
        SELVAGE_CHECK_STATUS(copy_object({each, id}, alarms));
      }
    }
    if (alarms.empty()) return {};
    SELVAGE_TRY(const auto index,
                object::AlarmIndex::open(target_ + "/" + kObjects + "/alarms", *files_));
    return index->write(alarms);
  }

  Status copy_object(const object::ObjectKey& key,
                     std::vector<object::AlarmIndex::Change>& alarms) {
    const std::string path = target_ + "/" + kObjects + "/" + key.relative_path();
    std::error_code error;
    fs::create_directories(fs::path(path).parent_path(), error);
    const auto copied = source_.client().ask(
        {{"op", "do.copy"}, {"namespace", key.namespace_id}, {"id", key.id}, {"path", path}});
    if (!copied) {
      if (copied.error().code == ErrorCode::not_found) return {};  // deleted meanwhile
      return fail(copied.error());
    }
    ++report_.objects;
    SELVAGE_TRY(const object::Alarm alarm, alarm_of(path));
    if (alarm) alarms.push_back({key.log_name(), alarm});
    return {};
  }

  /// As the object's database has it (docs/storage-format.md).
  static Result<object::Alarm> alarm_of(const std::string& path) {
    SELVAGE_TRY(store::Database database, store::Database::open(path, SQLITE_OPEN_READONLY));
    SELVAGE_TRY(store::Statement look,
                database.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_cf_METADATA'"));
    SELVAGE_TRY(const bool has_any, look.step());
    object::Alarm alarm;
    if (!has_any) return alarm;
    SELVAGE_TRY(store::Statement get,
                database.prepare("SELECT key, value FROM _cf_METADATA WHERE key IN (1, 2)"));
    while (true) {
      SELVAGE_TRY(const bool row, get.step());
      if (!row) return alarm;
      if (get.integer(0) == 1) {
        alarm.time = static_cast<uint64_t>(get.integer(1));
      } else {
        alarm.object_name = get.bytes(1);
      }
    }
  }

  Status write_list() {
    Json files = Json::array();
    std::error_code error;
    for (fs::recursive_directory_iterator it(target_, error), end; !error && it != end;
         it.increment(error)) {
      if (!it->is_regular_file(error)) continue;
      SELVAGE_TRY(const std::string hash, assets::file_hash(it->path().string()));
      const uint64_t bytes = it->file_size(error);
      files.push_back({{"path", it->path().lexically_relative(target_).string()},
                       {"bytes", bytes},
                       {"hash", hash}});
      ++report_.files;
      report_.bytes += bytes;
    }
    if (error) return io_error("cannot read " + target_, error);
    const Json list{{"format", kFormat},
                    {"made_on", deploy::iso_time_now()},
                    {"objects", report_.objects},
                    {"files", files}};
    std::ofstream out(target_ + "/" + kList);
    if (!(out << list.dump(1) << "\n").flush()) {
      return fail(ErrorCode::io, "cannot write " + target_ + "/" + kList);
    }
    return {};
  }

  StateSource& source_;
  const std::string data_;
  const std::string target_;
  std::unique_ptr<store::FileSystem> files_;
  BackupReport report_;
};

/// Gives the finished folder its name, for good.
Status publish(const std::string& unfinished, const std::string& destination) {
  const auto files = store::real_file_system();
  SELVAGE_CHECK_STATUS(files->sync_everything(unfinished));
  ::rmdir(destination.c_str());  // an empty one; anything else stays, and is the next error
  SELVAGE_CHECK_STATUS(files->rename(unfinished, destination));
  return files->sync_directory(store::parent_directory(destination));
}

Status check_free(const std::string& path, const char* remedy) {
  std::error_code error;
  if (!fs::exists(path, error) || (fs::is_directory(path, error) && fs::is_empty(path, error))) {
    return {};
  }
  return fail(ErrorCode::already_exists, path + " is there already", remedy);
}

Result<Json> read_list(const std::string& backup) {
  std::ifstream file(backup + "/" + kList);
  if (!file) {
    return fail(ErrorCode::not_found, backup + " is no backup: it has no " + kList,
                "`selvage backup` makes one");
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  Json list = Json::parse(text, nullptr, false);
  if (!list.is_object() || !list.contains("files") || !list["files"].is_array()) {
    return fail(ErrorCode::corrupt, backup + "/" + kList + " is damaged");
  }
  if (list.value("format", 0) != kFormat) {
    return fail(ErrorCode::unsupported, backup + " is a backup of another version of Selvage",
                "Restore it with a newer one");
  }
  return list;
}

/// Only downwards.
bool is_below(const fs::path& relative) {
  return !relative.empty() && relative.is_relative() &&
         std::ranges::none_of(relative, [](const fs::path& part) { return part == ".."; });
}

}  // namespace

Result<BackupReport> back_up(StateSource& source, const std::string& data,
                             const std::string& destination) {
  SELVAGE_CHECK_STATUS(
      check_free(destination, "A backup gets a folder of its own: choose another name"));
  const std::string unfinished = destination + ".unfinished";
  SELVAGE_CHECK_STATUS(make_private_folder(unfinished));
  Result<BackupReport> report = Backup(source, data, unfinished).run();
  if (report) {
    if (Status published = publish(unfinished, destination); !published) {
      report = fail(std::move(published).error());
    }
  }
  std::error_code error;
  if (!report) fs::remove_all(unfinished, error);
  return report;
}

Result<BackupReport> restore(const std::string& backup, const std::string& data) {
  SELVAGE_TRY(const Json list, read_list(backup));
  SELVAGE_CHECK_STATUS(check_free(data,
                                  "Stop what runs on it and move it away, or name another "
                                  "folder with --data"));
  const std::string unfinished = data + ".restoring";
  SELVAGE_CHECK_STATUS(make_private_folder(unfinished));
  BackupReport report{.objects = list.value("objects", uint64_t{0})};
  const auto copy_all = [&]() -> Status {
    for (const Json& each : list["files"]) {
      const std::string relative = each.value("path", "");
      if (!is_below(relative)) {
        return fail(ErrorCode::corrupt, backup + "/" + kList + " names the file " + relative);
      }
      const std::string from = backup + "/" + relative;
      const fs::path to = fs::path(unfinished) / relative;
      std::error_code error;
      fs::create_directories(to.parent_path(), error);
      fs::copy_file(from, to, error);
      if (error) return io_error("cannot copy " + from, error);
      SELVAGE_TRY(const std::string hash, assets::file_hash(to.string()));
      if (hash != each.value("hash", "")) {
        return fail(ErrorCode::corrupt, from + " is not what was backed up",
                    "The backup is damaged; nothing was restored. Take another one");
      }
      ++report.files;
      report.bytes += each.value("bytes", uint64_t{0});
    }
    return publish(unfinished, data);
  };
  if (Status copied = copy_all(); !copied) {
    std::error_code error;
    fs::remove_all(unfinished, error);
    return fail(std::move(copied).error());
  }
  return report;
}

}  // namespace selvage::cli
