#include "store/file_vfs.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "store/sqlite_memory.h"

namespace selvage::store {
namespace {

struct OpenFile;

/// What the connections to one path share.
struct Shared {
  int open = 0;
  // The locks of a database in a rollback mode.
  int readers = 0;
  OpenFile* writer = nullptr;
  // The shared memory of a write-ahead log.
  int mapped = 0;
  std::vector<std::unique_ptr<char[]>> regions;
  /// Readers of each; -1: somebody has it alone.
  std::array<int, SQLITE_SHM_NLOCK> locks{};
};

/// A temporary file of SQLite's.
class MemoryFile final : public File {
 public:
  Result<size_t> read_at(uint64_t offset, std::span<char> into) override {
    if (offset >= bytes_.size()) return size_t{0};
    return bytes_.copy(into.data(), into.size(), offset);
  }
  Status write_at(uint64_t offset, std::string_view bytes) override {
    if (bytes_.size() < offset + bytes.size()) bytes_.resize(offset + bytes.size());
    bytes_.replace(offset, bytes.size(), bytes);
    return {};
  }
  Status sync_data() override { return {}; }
  Status truncate(uint64_t size) override {
    bytes_.resize(size);
    return {};
  }
  Result<uint64_t> size() override { return uint64_t{bytes_.size()}; }

 private:
  std::string bytes_;
};

}  // namespace

struct FileVfs::Definition {
  explicit Definition(FileSystem& under) : files(under) {}
  FileSystem& files;
  sqlite3_vfs vfs{};
  std::string name;
  std::mutex mutex;
  std::map<std::string, Shared> shared;
};

namespace {

/// What FileVfs::Definition has, for the functions that SQLite calls.
struct Owner {
  FileSystem& files;
  std::mutex& mutex;
  std::map<std::string, Shared>& shared;
};

struct OpenFile {
  Owner owner;
  std::string path;
  std::unique_ptr<File> file = nullptr;
  /// To be synced with the first sync: the file is new.
  bool sync_folder = false;
  bool remove_at_close = false;
  bool keep_log = false;
  int lock = SQLITE_LOCK_NONE;
  bool mapped = false;
  std::array<int, SQLITE_SHM_NLOCK> locks{};  // as in Shared; 1 for a shared one
};

struct SqliteFile {
  sqlite3_file base;
  OpenFile* opened;
};

OpenFile& opened(sqlite3_file* file) { return *reinterpret_cast<SqliteFile*>(file)->opened; }

int code_of(const Status& status, int otherwise) {
  if (status) return SQLITE_OK;
  return status.error().code == ErrorCode::limit_exceeded ? SQLITE_FULL : otherwise;
}

int unlock_file(sqlite3_file* file, int level) {
  OpenFile& self = opened(file);
  std::lock_guard guard(self.owner.mutex);
  Shared& shared = self.owner.shared[self.path];
  if (level < SQLITE_LOCK_RESERVED && shared.writer == &self) shared.writer = nullptr;
  if (level < SQLITE_LOCK_SHARED && self.lock >= SQLITE_LOCK_SHARED) --shared.readers;
  self.lock = std::min(self.lock, level);
  return SQLITE_OK;
}

int lock_file(sqlite3_file* file, int level) {
  OpenFile& self = opened(file);
  std::lock_guard guard(self.owner.mutex);
  Shared& shared = self.owner.shared[self.path];
  if (self.lock >= level) return SQLITE_OK;
  if (level == SQLITE_LOCK_SHARED) {
    if (shared.writer != nullptr && shared.writer->lock >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
    ++shared.readers;
  } else {
    if (shared.writer != nullptr && shared.writer != &self) return SQLITE_BUSY;
    shared.writer = &self;
    if (level == SQLITE_LOCK_EXCLUSIVE && shared.readers > 1) {
      self.lock = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
  }
  self.lock = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* reserved) {
  OpenFile& self = opened(file);
  std::lock_guard guard(self.owner.mutex);
  *reserved = self.owner.shared[self.path].writer != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int unmap(sqlite3_file* file, int /*remove*/) {
  OpenFile& self = opened(file);
  std::lock_guard guard(self.owner.mutex);
  if (!std::exchange(self.mapped, false)) return SQLITE_OK;
  Shared& shared = self.owner.shared[self.path];
  if (--shared.mapped == 0) shared.regions.clear();
  return SQLITE_OK;
}

int close_file(sqlite3_file* file) {
  OpenFile& self = opened(file);
  (void)unlock_file(file, SQLITE_LOCK_NONE);
  (void)unmap(file, 0);
  if (self.remove_at_close && !self.path.empty()) (void)self.owner.files.remove(self.path);
  {
    std::lock_guard guard(self.owner.mutex);
    if (--self.owner.shared[self.path].open == 0) self.owner.shared.erase(self.path);
  }
  delete &self;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
  const std::span<char> out(static_cast<char*>(into), static_cast<size_t>(amount));
  const auto size = opened(file).file->read_at(static_cast<uint64_t>(offset), out);
  if (!size) return SQLITE_IOERR_READ;
  if (*size == out.size()) return SQLITE_OK;
  std::memset(out.data() + *size, 0, out.size() - *size);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  const std::string_view bytes(static_cast<const char*>(from), static_cast<size_t>(amount));
  return code_of(opened(file).file->write_at(static_cast<uint64_t>(offset), bytes),
                 SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return code_of(opened(file).file->truncate(static_cast<uint64_t>(size)), SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* file, int /*flags*/) {
  OpenFile& self = opened(file);
  if (!self.file->sync_data()) return SQLITE_IOERR_FSYNC;
  if (std::exchange(self.sync_folder, false))
    (void)self.owner.files.sync_directory(parent_directory(self.path));
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* out) {
  const auto size = opened(file).file->size();
  if (!size) return SQLITE_IOERR_FSTAT;
  *out = static_cast<sqlite3_int64>(*size);
  return SQLITE_OK;
}

int control_file(sqlite3_file* file, int operation, void* argument) {
  if (operation != SQLITE_FCNTL_PERSIST_WAL) return SQLITE_NOTFOUND;
  auto& keep = *static_cast<int*>(argument);
  if (keep >= 0) opened(file).keep_log = keep != 0;
  keep = opened(file).keep_log ? 1 : 0;
  return SQLITE_OK;
}

int sector_size(sqlite3_file*) { return 4096; }
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_region(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  OpenFile& self = opened(file);
  std::lock_guard guard(self.owner.mutex);
  Shared& shared = self.owner.shared[self.path];
  if (!std::exchange(self.mapped, true)) ++shared.mapped;
  const auto index = static_cast<size_t>(region);
  while (extend != 0 && shared.regions.size() <= index)
    shared.regions.push_back(std::make_unique<char[]>(static_cast<size_t>(size)));
  *out = index < shared.regions.size() ? shared.regions[index].get() : nullptr;
  return SQLITE_OK;
}

int lock_region(sqlite3_file* file, int first, int count, int flags) {
  OpenFile& self = opened(file);
  std::lock_guard guard(self.owner.mutex);
  Shared& shared = self.owner.shared[self.path];
  const bool alone = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const auto begin = static_cast<size_t>(first);
  const auto end = begin + static_cast<size_t>(count);
  if ((flags & SQLITE_SHM_LOCK) != 0) {
    for (size_t i = begin; i < end; ++i) {
      const int others = shared.locks[i] - (self.locks[i] > 0 ? 1 : 0);
      if (self.locks[i] >= 0 && (alone ? others != 0 : shared.locks[i] < 0)) return SQLITE_BUSY;
    }
  }
  for (size_t i = begin; i < end; ++i) {
    if (self.locks[i] > 0) --shared.locks[i];
    if (self.locks[i] < 0) shared.locks[i] = 0;
    self.locks[i] = (flags & SQLITE_SHM_UNLOCK) != 0 ? 0 : alone ? -1 : 1;
    if (self.locks[i] > 0) ++shared.locks[i];
    if (self.locks[i] < 0) shared.locks[i] = -1;
  }
  return SQLITE_OK;
}

void barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

constexpr sqlite3_io_methods make_methods() {
  sqlite3_io_methods methods{};
  methods.iVersion = 2;
  methods.xClose = close_file;
  methods.xRead = read_file;
  methods.xWrite = write_file;
  methods.xTruncate = truncate_file;
  methods.xSync = sync_file;
  methods.xFileSize = file_size;
  methods.xLock = lock_file;
  methods.xUnlock = unlock_file;
  methods.xCheckReservedLock = check_reserved;
  methods.xFileControl = control_file;
  methods.xSectorSize = sector_size;
  methods.xDeviceCharacteristics = device_characteristics;
  methods.xShmMap = map_region;
  methods.xShmLock = lock_region;
  methods.xShmBarrier = barrier;
  methods.xShmUnmap = unmap;
  return methods;
}

constexpr sqlite3_io_methods kMethods = make_methods();

}  // namespace

FileVfs::FileVfs(FileSystem& files) : definition_(std::make_unique<Definition>(files)) {
  prepare_sqlite_memory();
  static std::atomic<uint64_t> counter{0};
  Definition& definition = *definition_;
  definition.name = fmt::format("selvage-files-{}", counter.fetch_add(1));
  // Randomness, sleep and time are the system's.
  definition.vfs = *sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = definition.vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(SqliteFile);
  vfs.pNext = nullptr;
  vfs.zName = definition.name.c_str();
  vfs.pAppData = &definition;
  vfs.xOpen = [](sqlite3_vfs* self, const char* name, sqlite3_file* file, int flags, int* out) {
    file->pMethods = nullptr;
    auto& owner = *static_cast<Definition*>(self->pAppData);
    const std::string path = name != nullptr ? name : "";
    auto self_file = std::make_unique<OpenFile>(
        OpenFile{.owner = {owner.files, owner.mutex, owner.shared}, .path = path});
    if (path.empty()) {
      self_file->file = std::make_unique<MemoryFile>();
    } else {
      const auto there = owner.files.exists(path);
      if (!there) return SQLITE_CANTOPEN;
      const bool creates = (flags & SQLITE_OPEN_CREATE) != 0;
      auto opened = owner.files.open(path, creates                               ? OpenMode::create
                                           : (flags & SQLITE_OPEN_READONLY) != 0 ? OpenMode::read
                                                                                 : OpenMode::write);
      if (!opened) return SQLITE_CANTOPEN;
      self_file->file = std::move(*opened);
      constexpr int kJournals =
          SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
      self_file->sync_folder = creates && !*there && (flags & kJournals) != 0;
    }
    self_file->remove_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    {
      std::lock_guard guard(owner.mutex);
      ++owner.shared[path].open;
    }
    reinterpret_cast<SqliteFile*>(file)->opened = self_file.release();
    file->pMethods = &kMethods;
    if (out != nullptr) *out = flags;
    return SQLITE_OK;
  };
  vfs.xDelete = [](sqlite3_vfs* self, const char* name, int sync_folder) {
    FileSystem& under = static_cast<Definition*>(self->pAppData)->files;
    if (Status removed = under.remove(name); !removed)
      return removed.error().code == ErrorCode::not_found ? SQLITE_IOERR_DELETE_NOENT
                                                          : SQLITE_IOERR_DELETE;
    if (sync_folder != 0 && !under.sync_directory(parent_directory(name)))
      return SQLITE_IOERR_DIR_FSYNC;
    return SQLITE_OK;
  };
  vfs.xAccess = [](sqlite3_vfs* self, const char* name, int flags, int* result) {
    FileSystem& under = static_cast<Definition*>(self->pAppData)->files;
    *result = 0;
    const auto there = under.exists(name);
    if (!there) return SQLITE_IOERR_ACCESS;
    // As on Unix, a journal without a byte is none.
    if (*there && flags == SQLITE_ACCESS_EXISTS) {
      auto file = under.open(name, OpenMode::read);
      const auto size = file ? (*file)->size() : Result<uint64_t>(uint64_t{0});
      *result = size && *size > 0 ? 1 : 0;
    } else if (*there) {
      *result = 1;
    }
    return SQLITE_OK;
  };
  vfs.xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* out) {
    if (std::strlen(name) >= static_cast<size_t>(size)) return SQLITE_CANTOPEN;
    std::strcpy(out, name);
    return SQLITE_OK;
  };
  vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
  sqlite3_vfs_register(&vfs, 0);
}

FileVfs::~FileVfs() { sqlite3_vfs_unregister(&definition_->vfs); }

const char* FileVfs::name() const { return definition_->name.c_str(); }

}  // namespace selvage::store
