// Thousands of lives in `./x faults`; here a sample of them. A failing one is repeated with
// SELVAGE_SIMULATION_SEED=<seed>; SELVAGE_SIMULATION_SEEDS=<count> runs more.
#include "object/crash_simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"

namespace selvage::object {
namespace {

uint64_t number_from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Whether one of the lives finds something wrong.
bool caught(uint64_t seeds, const CrashSimulation::Options& options) {
  for (uint64_t seed = 1; seed <= seeds; ++seed)
    if (CrashSimulation(seed, options).run()) return true;
  return false;
}

class CrashSimulationTest : public testing::Test {
 protected:
  CrashSimulationTest() { set_log_level(static_cast<LogLevel>(4)); }
  ~CrashSimulationTest() override { set_log_level(LogLevel::info); }
};

TEST_F(CrashSimulationTest, NoAcknowledgedWriteIsLostAndNoFileDamaged) {
  uint64_t first = number_from_environment("SELVAGE_SIMULATION_SEED", 0);
  uint64_t count = number_from_environment("SELVAGE_SIMULATION_SEEDS", first != 0 ? 1 : 40);
  if (first == 0) first = 1;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    std::optional<std::string> wrong = CrashSimulation(seed, {}).run();
    ASSERT_FALSE(wrong) << "seed " << seed << ": " << *wrong;
  }
}

/// Forwards to another log, with one thing broken.
class BrokenLog : public store::CommitLog {
 public:
  explicit BrokenLog(store::CommitLog& log) : log_(log) {}
  Result<store::Ownership> acquire(std::string_view object) override {
    return log_.acquire(object);
  }
  void append(store::Record record, Callback callback) override {
    log_.append(std::move(record), std::move(callback));
  }
  void checkpoint(std::string_view object, uint64_t sequence) override {
    log_.checkpoint(object, sequence);
  }
  void barrier(Callback callback) override { log_.barrier(std::move(callback)); }
  Status recover(Visitor visitor) override { return log_.recover(std::move(visitor)); }
  Status read(std::string_view object, Visitor visitor) override {
    return log_.read(object, std::move(visitor));
  }
  [[nodiscard]] uint64_t position() const override { return log_.position(); }

 protected:
  store::CommitLog& log_;
};

TEST_F(CrashSimulationTest, ALogThatAcknowledgesBeforeItSyncsIsCaught) {
  class EagerLog : public BrokenLog {
   public:
    using BrokenLog::BrokenLog;
    void append(store::Record record, Callback callback) override {
      log_.append(std::move(record), nullptr);
      callback({});
    }
  };
  CrashSimulation::Options options;
  options.wrap_log = [](store::CommitLog& log) { return std::make_unique<EagerLog>(log); };
  EXPECT_TRUE(caught(20, options));
}

TEST_F(CrashSimulationTest, ALogThatDropsARecordIsCaught) {
  class ForgetfulLog : public BrokenLog {
   public:
    using BrokenLog::BrokenLog;
    void append(store::Record record, Callback callback) override {
      // The payload of every seventh is lost, the record is not.
      if (++count_ % 7 == 0) record.payload = std::string("\1\0\0\0\2\0\0\0\0\0\0\0", 12);
      log_.append(std::move(record), std::move(callback));
    }

   private:
    int count_ = 0;
  };
  CrashSimulation::Options options;
  options.wrap_log = [](store::CommitLog& log) { return std::make_unique<ForgetfulLog>(log); };
  EXPECT_TRUE(caught(20, options));
}

/// Forwards to another file system, with one thing broken.
class BrokenFiles : public store::FileSystem {
 public:
  explicit BrokenFiles(store::FileSystem& files) : files_(files) {}
  Result<std::unique_ptr<store::File>> open(const std::string& path,
                                            store::OpenMode mode) override {
    return files_.open(path, mode);
  }
  Status rename(const std::string& from, const std::string& to) override {
    return files_.rename(from, to);
  }
  Status remove(const std::string& path) override { return files_.remove(path); }
  Result<bool> exists(const std::string& path) override { return files_.exists(path); }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    return files_.list(directory);
  }
  Status create_directories(const std::string& path) override {
    return files_.create_directories(path);
  }
  Status sync_directory(const std::string& path) override { return files_.sync_directory(path); }
  Status sync_everything(const std::string& path) override { return files_.sync_everything(path); }

 protected:
  store::FileSystem& files_;
};

/// Forwards to another file, with one thing broken.
class BrokenFile : public store::File {
 public:
  explicit BrokenFile(std::unique_ptr<store::File> file) : file_(std::move(file)) {}
  Result<size_t> read_at(uint64_t offset, std::span<char> into) override {
    return file_->read_at(offset, into);
  }
  Status write_at(uint64_t offset, std::string_view bytes) override {
    return file_->write_at(offset, bytes);
  }
  Status sync_data() override { return file_->sync_data(); }
  Status truncate(uint64_t size) override { return file_->truncate(size); }
  Result<uint64_t> size() override { return file_->size(); }

 protected:
  std::unique_ptr<store::File> file_;
};

TEST_F(CrashSimulationTest, ADiskThatOnlyPretendsToSyncIsCaught) {
  class PretendingFile : public BrokenFile {
   public:
    using BrokenFile::BrokenFile;
    Status sync_data() override { return {}; }
  };
  class PretendingFiles : public BrokenFiles {
   public:
    using BrokenFiles::BrokenFiles;
    Result<std::unique_ptr<store::File>> open(const std::string& path,
                                              store::OpenMode mode) override {
      SELVAGE_TRY(std::unique_ptr<store::File> file, files_.open(path, mode));
      return std::make_unique<PretendingFile>(std::move(file));
    }
  };
  CrashSimulation::Options options;
  options.wrap_files = [](store::FileSystem& files) {
    return std::make_unique<PretendingFiles>(files);
  };
  EXPECT_TRUE(caught(20, options));
}

TEST_F(CrashSimulationTest, ACheckpointThatIsNotSyncedIsCaught) {
  class UnsyncedFiles : public BrokenFiles {
   public:
    using BrokenFiles::BrokenFiles;
    Status sync_everything(const std::string&) override { return {}; }
  };
  CrashSimulation::Options options;
  options.wrap_files = [](store::FileSystem& files) {
    return std::make_unique<UnsyncedFiles>(files);
  };
  EXPECT_TRUE(caught(100, options));
}

TEST_F(CrashSimulationTest, ACheckpointThatDropsAPageIsCaught) {
  class LossyFile : public BrokenFile {
   public:
    using BrokenFile::BrokenFile;
    Status write_at(uint64_t offset, std::string_view bytes) override {
      if (bytes.size() == kPageSize && ++count_ % 5 == 0) return {};
      return file_->write_at(offset, bytes);
    }

   private:
    int count_ = 0;
  };
  class LossyFiles : public BrokenFiles {
   public:
    using BrokenFiles::BrokenFiles;
    Result<std::unique_ptr<store::File>> open(const std::string& path,
                                              store::OpenMode mode) override {
      SELVAGE_TRY(std::unique_ptr<store::File> file, files_.open(path, mode));
      if (!path.ends_with(".sqlite")) return file;
      return std::make_unique<LossyFile>(std::move(file));
    }
  };
  CrashSimulation::Options options;
  options.wrap_files = [](store::FileSystem& files) { return std::make_unique<LossyFiles>(files); };
  EXPECT_TRUE(caught(20, options));
}

}  // namespace
}  // namespace selvage::object
