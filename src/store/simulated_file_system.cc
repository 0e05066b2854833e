#include "store/simulated_file_system.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/transfer.h"

namespace selvage::store {
namespace {

constexpr uint64_t kSector = 512;
constexpr uint64_t kGarbageOneIn = 16;
constexpr uint64_t kShortTransferOneIn = 16;

}  // namespace

std::string_view to_string(DiskOperation operation) {
  switch (operation) {
    case DiskOperation::create: return "create";
    case DiskOperation::write: return "write";
    case DiskOperation::truncate: return "truncate";
    case DiskOperation::sync: return "sync";
    case DiskOperation::rename: return "rename";
    case DiskOperation::remove: return "remove";
    case DiskOperation::sync_directory: return "sync folder";
    case DiskOperation::sync_everything: return "sync everything";
    case DiskOperation::read: return "read";
  }
  return "";
}

class SimulatedFileSystem::OpenFile final : public File {
 public:
  OpenFile(SimulatedFileSystem& files, std::shared_ptr<Inode> inode, std::string path,
           bool writable)
      : files_(files),
        inode_(std::move(inode)),
        path_(std::move(path)),
        writable_(writable),
        generation_(files.generation_) {}

  Result<size_t> read_at(uint64_t offset, std::span<char> into) override {
    std::lock_guard lock(files_.mutex_);
    if (dead()) return fail(files_.outage("cannot read " + path_).error());
    return files_.read(*inode_, path_, offset, into);
  }
  Status write_at(uint64_t offset, std::string_view bytes) override {
    files_.meanwhile();
    std::lock_guard lock(files_.mutex_);
    if (!writable_) return fail_errno(EBADF, "cannot write " + path_);
    if (dead()) return files_.outage("cannot write " + path_);
    return files_.write(*inode_, path_, offset, bytes);
  }
  Status sync_data() override {
    files_.meanwhile();
    std::lock_guard lock(files_.mutex_);
    if (dead()) return files_.outage("cannot sync " + path_);
    return files_.sync(*inode_, path_);
  }
  Status truncate(uint64_t size) override {
    files_.meanwhile();
    std::lock_guard lock(files_.mutex_);
    if (dead()) return files_.outage("cannot truncate " + path_);
    return files_.truncate(*inode_, path_, size);
  }
  Result<uint64_t> size() override {
    std::lock_guard lock(files_.mutex_);
    if (dead()) return fail(files_.outage("cannot stat " + path_).error());
    return uint64_t{inode_->current.size()};
  }

 private:
  [[nodiscard]] bool dead() const { return files_.power_out_ || generation_ != files_.generation_; }

  SimulatedFileSystem& files_;
  std::shared_ptr<Inode> inode_;
  std::string path_;
  bool writable_;
  uint64_t generation_;
};

SimulatedFileSystem::Verdict SimulatedFileSystem::next_operation(DiskOperation kind,
                                                                 const std::string& path) {
  auto index = static_cast<size_t>(kind);
  Verdict verdict = Verdict::works;
  error_ = EIO;
  if (power_out_) {
    verdict = Verdict::fails_before;
  } else {
    uint64_t number = operations_++;
    uint64_t of_kind = operations_by_kind_[index]++;
    if (number == power_cut_) power_out_ = true;
    if (fails_for_good_ && of_kind == one_failure_[index]) {
      first_failure_ = number;
      failures_ = kNever;
    }
    if (number >= read_only_from_) {
      error_ = EROFS;
      verdict = Verdict::fails_before;
    } else if (number == power_cut_ || of_kind == one_failure_[index] ||
               (number >= first_failure_ && number - first_failure_ < failures_)) {
      verdict = pick(2) == 0 ? Verdict::fails_before : Verdict::fails_after;
    }
    failed_[index] += verdict != Verdict::works ? 1 : 0;
  }
  if (trace_) {
    trace_(fmt::format("disk: {} {}{}", to_string(kind), path,
                       power_out_                  ? ": no power"
                       : verdict == Verdict::works ? ""
                       : error_ == EROFS           ? ": read-only"
                                                   : ": fails"));
  }
  return verdict;
}

uint64_t SimulatedFileSystem::used_locked() const {
  uint64_t used = 0;
  for (const auto& [path, directory] : directories_)
    for (const auto& [name, inode] : directory.current) used += inode->current.size();
  return used;
}

SimulatedFileSystem::Directory* SimulatedFileSystem::directory_of(const std::string& path,
                                                                  std::string& name) {
  std::string parent = parent_directory(path);
  name = path.substr(path.rfind('/') + 1);
  auto found = directories_.find(parent);
  return found == directories_.end() ? nullptr : &found->second;
}

void SimulatedFileSystem::apply(std::map<std::string, std::shared_ptr<Inode>>& names,
                                const NameChange& change) {
  if (!change.renamed_from.empty()) names.erase(change.renamed_from);
  if (change.inode) {
    names[change.name] = change.inode;
  } else {
    names.erase(change.name);
  }
}

void SimulatedFileSystem::apply(std::string& content, const Change& change) {
  if (change.truncate) {
    content.resize(change.offset);
    return;
  }
  if (content.size() < change.offset + change.bytes.size())
    content.resize(change.offset + change.bytes.size());
  std::copy(change.bytes.begin(), change.bytes.end(),
            content.begin() + static_cast<ptrdiff_t>(change.offset));
}

Result<std::unique_ptr<File>> SimulatedFileSystem::open(const std::string& path, OpenMode mode) {
  bool create = mode == OpenMode::create || mode == OpenMode::create_empty;
  if (create) meanwhile();
  std::lock_guard lock(mutex_);
  if (power_out_) return fail(outage("cannot open " + path).error());
  std::string name;
  Directory* directory = directory_of(path, name);
  if (directory == nullptr) return fail_errno(ENOENT, "cannot open " + path);
  auto found = directory->current.find(name);
  if (found == directory->current.end()) {
    if (!create) return fail_errno(ENOENT, "cannot open " + path);
    Verdict verdict = next_operation(DiskOperation::create, path);
    if (verdict == Verdict::works && capacity_ != kNever && used_locked() >= capacity_) {
      ++failed_[static_cast<size_t>(DiskOperation::create)];
      return fail_errno(ENOSPC, "cannot open " + path);
    }
    if (verdict != Verdict::fails_before) {
      NameChange change{.name = name, .inode = std::make_shared<Inode>(), .renamed_from = {}};
      apply(directory->current, change);
      directory->unsynced.push_back(change);
    }
    if (verdict != Verdict::works) return fail(failure("cannot open " + path).error());
    found = directory->current.find(name);
  } else if (mode == OpenMode::create_empty) {
    SELVAGE_CHECK_STATUS(truncate(*found->second, path, 0));
  }
  return std::make_unique<OpenFile>(*this, found->second, path, mode != OpenMode::read);
}

Result<size_t> SimulatedFileSystem::read(const Inode& inode, const std::string& path,
                                         uint64_t offset, std::span<char> into) {
  constexpr auto kIndex = static_cast<size_t>(DiskOperation::read);
  if (operations_by_kind_[kIndex]++ == one_failure_[kIndex]) {
    ++failed_[kIndex];
    if (trace_) trace_("disk: read " + path + ": fails");
    return fail_errno(EIO, "cannot read " + path);
  }
  return transfer(into.size(), [&](size_t done) -> ssize_t {
    uint64_t at = offset + done;
    if (at >= inode.current.size()) return 0;
    size_t size = std::min<size_t>(into.size() - done, inode.current.size() - at);
    if (pick(kShortTransferOneIn) == 0) {
      errno = EINTR;
      if (pick(2) == 0) return -1;
      size = 1 + pick(size);
    }
    std::copy_n(inode.current.data() + at, size, into.data() + done);
    return static_cast<ssize_t>(size);
  });
}

Status SimulatedFileSystem::write(Inode& inode, const std::string& path, uint64_t offset,
                                  std::string_view bytes) {
  Verdict verdict = next_operation(DiskOperation::write, path);
  if (verdict == Verdict::fails_before) return failure("cannot write " + path);
  bool full = false;
  if (offset + bytes.size() > inode.current.size()) {
    uint64_t used = capacity_ == kNever ? 0 : used_locked();
    uint64_t growth = offset + bytes.size() - inode.current.size();
    if (used + growth > capacity_) {
      uint64_t room = capacity_ > used ? capacity_ - used : 0;
      uint64_t fits = inode.current.size() + room;
      bytes = bytes.substr(0, fits > offset ? fits - offset : 0);
      full = true;
      ++failed_[static_cast<size_t>(DiskOperation::write)];
      if (trace_) trace_(fmt::format("disk: {} bytes of it fit", bytes.size()));
    }
  }
  if (verdict == Verdict::fails_after) bytes = bytes.substr(0, pick(bytes.size() + 1));
  Change change{.offset = offset, .bytes = std::string(bytes.size(), '\0')};
  transfer(bytes.size(), [&](size_t done) -> ssize_t {
    size_t size =
        pick(kShortTransferOneIn) == 0 ? 1 + pick(bytes.size() - done) : bytes.size() - done;
    std::copy_n(bytes.data() + done, size, change.bytes.data() + done);
    return static_cast<ssize_t>(size);
  });
  apply(inode.current, change);
  inode.unsynced.push_back(std::move(change));
  if (full) return fail_errno(ENOSPC, "cannot write " + path);
  if (verdict == Verdict::fails_after) return failure("cannot write " + path);
  return {};
}

Status SimulatedFileSystem::truncate(Inode& inode, const std::string& path, uint64_t size) {
  Verdict verdict = next_operation(DiskOperation::truncate, path);
  if (verdict != Verdict::fails_before) {
    Change change{.offset = size, .bytes = {}, .truncate = true};
    apply(inode.current, change);
    inode.unsynced.push_back(std::move(change));
  }
  if (verdict != Verdict::works) return failure("cannot truncate " + path);
  return {};
}

Status SimulatedFileSystem::sync(Inode& inode, const std::string& path) {
  Verdict verdict = next_operation(DiskOperation::sync, path);
  if (verdict == Verdict::works) {
    persist(inode);
    return {};
  }
  // Part of it reached the disk. As on Linux, what did not is not tried again by the next sync, but
  // is still read from memory. Sizes are in the file system's journal, which did not fail.
  survive(inode, Sizes::kept);
  return failure("cannot sync " + path);
}

/// Makes durable what was not synced. What an earlier sync failed to is not among that.
void SimulatedFileSystem::persist(Inode& inode) {
  for (const Change& change : inode.unsynced) apply(inode.durable, change);
  inode.unsynced.clear();
}

/// Makes durable, of what was not synced, some sectors as they were written and some as garbage.
void SimulatedFileSystem::survive(Inode& inode, Sizes sizes) {
  for (const Change& change : inode.unsynced) {
    if (change.truncate) {
      if (sizes == Sizes::kept || pick(2) == 0) apply(inode.durable, change);
      continue;
    }
    for (uint64_t done = 0; done < change.bytes.size();) {
      uint64_t at = change.offset + done;
      uint64_t size = std::min<uint64_t>(kSector - at % kSector, change.bytes.size() - done);
      Change sector{.offset = at, .bytes = change.bytes.substr(done, size)};
      if (pick(kGarbageOneIn) == 0)
        for (char& c : sector.bytes) c = static_cast<char>(pick(256));
      if (pick(2) == 0) apply(inode.durable, sector);
      done += size;
    }
  }
  inode.unsynced.clear();
}

Status SimulatedFileSystem::rename(const std::string& from, const std::string& to) {
  meanwhile();
  std::lock_guard lock(mutex_);
  std::string from_name;
  std::string to_name;
  Directory* directory = directory_of(from, from_name);
  if (directory == nullptr || directory != directory_of(to, to_name))
    return fail(ErrorCode::unsupported, "the simulation renames within a folder only");
  auto found = directory->current.find(from_name);
  if (found == directory->current.end()) return fail_errno(ENOENT, "cannot rename " + from);
  Verdict verdict = next_operation(DiskOperation::rename, from + " to " + to_name);
  if (verdict != Verdict::fails_before) {
    NameChange change{.name = to_name, .inode = found->second, .renamed_from = from_name};
    apply(directory->current, change);
    directory->unsynced.push_back(std::move(change));
  }
  if (verdict != Verdict::works) return failure("cannot rename " + from);
  return {};
}

Status SimulatedFileSystem::remove(const std::string& path) {
  meanwhile();
  std::lock_guard lock(mutex_);
  std::string name;
  Directory* directory = directory_of(path, name);
  if (directory == nullptr || !directory->current.contains(name))
    return fail_errno(ENOENT, "cannot remove " + path);
  Verdict verdict = next_operation(DiskOperation::remove, path);
  if (verdict != Verdict::fails_before) {
    NameChange change{.name = name, .inode = nullptr, .renamed_from = {}};
    apply(directory->current, change);
    directory->unsynced.push_back(std::move(change));
  }
  if (verdict != Verdict::works) return failure("cannot remove " + path);
  return {};
}

Result<bool> SimulatedFileSystem::exists(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (power_out_) return fail(outage("cannot look at " + path).error());
  std::string name;
  Directory* directory = directory_of(path, name);
  return directories_.contains(path) || (directory != nullptr && directory->current.contains(name));
}

Result<std::vector<std::string>> SimulatedFileSystem::list(const std::string& directory) {
  std::lock_guard lock(mutex_);
  if (power_out_) return fail(outage("cannot list " + directory).error());
  auto found = directories_.find(directory);
  if (found == directories_.end()) return fail_errno(ENOENT, "cannot list " + directory);
  std::vector<std::string> names;
  for (auto& [name, inode] : found->second.current) names.push_back(name);
  for (auto& [path, folder] : directories_)
    if (path != "/" && parent_directory(path) == directory)
      names.push_back(path.substr(path.rfind('/') + 1));
  std::sort(names.begin(), names.end());
  return names;
}

Status SimulatedFileSystem::create_directories(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (power_out_) return outage("cannot create folder " + path);
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    directories_.try_emplace(path.substr(0, slash));
    if (slash == std::string::npos) return {};
  }
}

Status SimulatedFileSystem::sync_directory(const std::string& path) {
  meanwhile();
  std::lock_guard lock(mutex_);
  auto found = directories_.find(path);
  if (found == directories_.end()) return fail_errno(ENOENT, "cannot sync folder " + path);
  if (next_operation(DiskOperation::sync_directory, path) != Verdict::works)
    return failure("cannot sync folder " + path);
  found->second.durable = found->second.current;
  found->second.unsynced.clear();
  return {};
}

Status SimulatedFileSystem::sync_everything(const std::string& path) {
  meanwhile();
  std::lock_guard lock(mutex_);
  if (next_operation(DiskOperation::sync_everything, path) != Verdict::works)
    return failure("cannot sync all of " + path);
  for (auto& [directory_path, directory] : directories_) {
    for (auto& [name, inode] : directory.current) persist(*inode);
    directory.durable = directory.current;
    directory.unsynced.clear();
  }
  return {};
}

void SimulatedFileSystem::cut_power_after(uint64_t operations) {
  std::lock_guard lock(mutex_);
  power_cut_ = operations_ + operations;
}

void SimulatedFileSystem::fail_after(uint64_t operations, uint64_t count) {
  std::lock_guard lock(mutex_);
  first_failure_ = operations_ + operations;
  failures_ = count;
}

void SimulatedFileSystem::fail_one(DiskOperation kind, uint64_t operations) {
  std::lock_guard lock(mutex_);
  auto index = static_cast<size_t>(kind);
  one_failure_[index] = operations_by_kind_[index] + operations;
}

void SimulatedFileSystem::fail_from(DiskOperation kind, uint64_t operations) {
  fail_one(kind, operations);
  std::lock_guard lock(mutex_);
  fails_for_good_ = true;
}

void SimulatedFileSystem::set_capacity(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

void SimulatedFileSystem::become_read_only_after(uint64_t operations) {
  std::lock_guard lock(mutex_);
  read_only_from_ = operations_ + operations;
}

void SimulatedFileSystem::stop_faults() {
  std::lock_guard lock(mutex_);
  stop_faults_locked();
}

void SimulatedFileSystem::stop_faults_locked() {
  power_cut_ = first_failure_ = read_only_from_ = capacity_ = kNever;
  failures_ = 0;
  fails_for_good_ = false;
  one_failure_.fill(kNever);
}

bool SimulatedFileSystem::power_is_out() const {
  std::lock_guard lock(mutex_);
  return power_out_;
}

uint64_t SimulatedFileSystem::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

uint64_t SimulatedFileSystem::used() const {
  std::lock_guard lock(mutex_);
  return used_locked();
}

uint64_t SimulatedFileSystem::failed(DiskOperation kind) const {
  std::lock_guard lock(mutex_);
  return failed_[static_cast<size_t>(kind)];
}

void SimulatedFileSystem::restart(bool power_was_lost) {
  std::lock_guard lock(mutex_);
  for (auto& [path, directory] : directories_) {
    if (!power_was_lost) break;
    uint64_t kept = pick(directory.unsynced.size() + 1);
    for (uint64_t i = 0; i < kept; ++i) apply(directory.durable, directory.unsynced[i]);
    directory.unsynced.clear();
    directory.current = directory.durable;
    for (auto& [name, inode] : directory.current) {
      survive(*inode, Sizes::by_chance);
      inode->current = inode->durable;
    }
  }
  if (trace_) trace_(power_was_lost ? "disk: power comes back" : "disk: the process starts again");
  power_out_ = false;
  stop_faults_locked();
  ++generation_;
}

Result<std::string> SimulatedFileSystem::content(const std::string& path) const {
  std::lock_guard lock(mutex_);
  auto directory = directories_.find(parent_directory(path));
  if (directory != directories_.end()) {
    auto found = directory->second.current.find(path.substr(path.rfind('/') + 1));
    if (found != directory->second.current.end()) return found->second->current;
  }
  return fail_errno(ENOENT, "no file " + path);
}

void SimulatedFileSystem::set_content(const std::string& path, std::string content) {
  std::lock_guard lock(mutex_);
  std::string name;
  Directory* directory = directory_of(path, name);
  if (directory == nullptr) return;
  auto inode = std::make_shared<Inode>();
  inode->current = inode->durable = std::move(content);
  directory->current[name] = directory->durable[name] = inode;
}

}  // namespace selvage::store
