// The seams to the log and the file system, passed through: for variants to break one thing of.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/commit_log.h"
#include "store/file.h"

namespace selvage::faults {

class ForwardingLog : public store::CommitLog {
 public:
  explicit ForwardingLog(store::CommitLog& log) : log_(log) {}
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

class ForwardingFiles : public store::FileSystem {
 public:
  explicit ForwardingFiles(store::FileSystem& files) : files_(files) {}
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

class ForwardingFile : public store::File {
 public:
  explicit ForwardingFile(std::unique_ptr<store::File> file) : file_(std::move(file)) {}
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

}  // namespace selvage::faults
