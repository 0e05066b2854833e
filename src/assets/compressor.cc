#include "assets/compressor.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "assets/file_hash.h"
#include "base/file_content.h"

namespace selvage::assets {
namespace {

namespace fs = std::filesystem;

constexpr int kLowestPriority = 19;

std::string name_of(const CompressionSource& source) {
  return source.hash + "." + std::string(to_string(source.coding));
}

}  // namespace

Compressor::Compressor(std::string directory)
    : directory_(std::move(directory)), thread_([this] { work(); }) {}

Compressor::~Compressor() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    wake_.notify_all();
  }
  thread_.join();
}

void Compressor::make(CompressionSource source, loop::Loop& loop, DoneCallback done) {
  std::lock_guard lock(mutex_);
  std::string name = name_of(source);
  auto [job, added] = jobs_.try_emplace(name, Job{std::move(source), {}});
  job->second.waiters.push_back({&loop, std::move(done)});
  if (added) {
    queue_.push_back(std::move(name));
    wake_.notify_one();
  }
}

void Compressor::work() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kLowestPriority);
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (ending_) return;
    const std::string name = std::move(queue_.front());
    queue_.pop_front();
    const CompressionSource source = jobs_.at(name).source;
    lock.unlock();
    const Result<CompressedCopy> copy = copy_of(source);
    lock.lock();
    std::vector<Waiter> waiters = std::move(jobs_.at(name).waiters);
    jobs_.erase(name);
    for (Waiter& waiter : waiters) {
      waiter.loop->post([copy, done = std::move(waiter.done)]() mutable { done(std::move(copy)); });
    }
  }
}

Result<CompressedCopy> Compressor::copy_of(const CompressionSource& source) {
  const std::string path = directory_ + "/" + source.hash.substr(0, 2) + "/" + name_of(source);
  std::error_code error;
  // An empty file says that compression did not help.
  if (const uint64_t size = fs::file_size(path, error); !error) return CompressedCopy{path, size};
  SELVAGE_TRY(const std::string content, read_file(source.path));
  if (source.verify && content_hash(content) != source.hash) {
    return fail(ErrorCode::aborted, source.path + " has changed");
  }
  SELVAGE_TRY(std::string compressed, compress(content, source.coding));
  if (compressed.size() >= content.size() - content.size() / 16) compressed.clear();
  fs::create_directories(fs::path(path).parent_path(), error);
  // Other processes may make the same copy: each writes a file of its own and renames it.
  const std::string unfinished = path + "." + std::to_string(getpid());
  std::ofstream file(unfinished, std::ios::binary);
  if (!(file << compressed).flush()) return fail(ErrorCode::io, "cannot write " + unfinished);
  file.close();
  fs::rename(unfinished, path, error);
  if (error) return fail(ErrorCode::io, "cannot write " + path + ": " + error.message());
  return CompressedCopy{path, compressed.size()};
}

}  // namespace selvage::assets
