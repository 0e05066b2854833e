#include "object/page_vfs.h"

#include <fmt/format.h>

#include <atomic>
#include <cstring>

#include "base/log.h"
#include "store/sqlite_memory.h"

namespace selvage::object {

struct PageVfs::Definition {
  sqlite3_vfs vfs{};
  sqlite3_vfs* system = nullptr;  // for randomness, sleep and time
  std::string name;
  uint32_t max_transaction_pages = 0;
  std::mutex mutex;
  uint64_t next_name = 1;
  /// What is being opened, under the name that SQLite was told.
  std::unordered_map<std::string, ObjectPages*> opening;
};

namespace {

std::atomic<uint64_t>& vfs_counter() {
  static std::atomic<uint64_t> counter{0};
  return counter;
}

struct PageFile {
  sqlite3_file base;
  ObjectPages* pages;
  uint32_t max_transaction_pages;
};

PageFile& page_file(sqlite3_file* file) { return *reinterpret_cast<PageFile*>(file); }

int close_file(sqlite3_file*) { return SQLITE_OK; }

int read_file(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
  ObjectPages& pages = *page_file(file).pages;
  auto* out = static_cast<char*>(into);
  auto size = static_cast<uint32_t>(amount);
  auto number = static_cast<uint32_t>(offset / kPageSize) + 1;
  auto within = static_cast<uint32_t>(offset % kPageSize);
  if (number > pages.page_count() || within + size > kPageSize) {
    std::memset(out, 0, size);
    return SQLITE_IOERR_SHORT_READ;
  }
  Status status = pages.read(number, within, out, size);
  if (status) return SQLITE_OK;
  log_error("object storage", status.error().describe());
  pages.break_with(std::move(status).error());
  return SQLITE_IOERR_READ;
}

int write_file(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  PageFile& self = page_file(file);
  if (amount != static_cast<int>(kPageSize) || offset % kPageSize != 0) return SQLITE_IOERR_WRITE;
  if (self.pages->transaction_pages() >= self.max_transaction_pages) return SQLITE_FULL;
  self.pages->write(static_cast<uint32_t>(offset / kPageSize) + 1, static_cast<const char*>(from));
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  page_file(file).pages->set_page_count(static_cast<uint32_t>(size / kPageSize));
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(page_file(file).pages->page_count()) * kPageSize;
  return SQLITE_OK;
}

// The log makes commits durable, and one connection is all there is.
int sync_file(sqlite3_file*, int) { return SQLITE_OK; }
int lock_file(sqlite3_file*, int) { return SQLITE_OK; }
int check_lock(sqlite3_file*, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}
int control_file(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int device_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_SAFE_APPEND | SQLITE_IOCAP_SEQUENTIAL;
}

constexpr sqlite3_io_methods make_methods() {
  sqlite3_io_methods methods{};
  methods.iVersion = 1;
  methods.xClose = close_file;
  methods.xRead = read_file;
  methods.xWrite = write_file;
  methods.xTruncate = truncate_file;
  methods.xSync = sync_file;
  methods.xFileSize = file_size;
  methods.xLock = lock_file;
  methods.xUnlock = lock_file;
  methods.xCheckReservedLock = check_lock;
  methods.xFileControl = control_file;
  methods.xSectorSize = sector_size;
  methods.xDeviceCharacteristics = device_characteristics;
  return methods;
}

constexpr sqlite3_io_methods kMethods = make_methods();

int delete_path(sqlite3_vfs*, const char*, int) { return SQLITE_OK; }

int access_path(sqlite3_vfs*, const char*, int, int* result) {
  *result = 0;  // no journal is ever left behind
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  if (std::strlen(name) >= static_cast<size_t>(size)) return SQLITE_CANTOPEN;
  std::strcpy(out, name);
  return SQLITE_OK;
}

}  // namespace

PageVfs::PageVfs(uint32_t max_transaction_pages) : definition_(std::make_unique<Definition>()) {
  store::prepare_sqlite_memory();
  Definition& definition = *definition_;
  definition.system = sqlite3_vfs_find(nullptr);
  definition.name = fmt::format("selvage-pages-{}", vfs_counter().fetch_add(1));
  definition.max_transaction_pages = max_transaction_pages;
  sqlite3_vfs& vfs = definition.vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(PageFile);
  vfs.mxPathname = 64;
  vfs.zName = definition.name.c_str();
  vfs.pAppData = &definition;
  vfs.xOpen = [](sqlite3_vfs* self, const char* name, sqlite3_file* file, int flags, int* out) {
    file->pMethods = nullptr;
    auto& owner = *static_cast<Definition*>(self->pAppData);
    if (name == nullptr || (flags & SQLITE_OPEN_MAIN_DB) == 0) return SQLITE_CANTOPEN;
    std::lock_guard lock(owner.mutex);
    auto found = owner.opening.find(name);
    if (found == owner.opening.end()) return SQLITE_CANTOPEN;
    PageFile& opened = page_file(file);
    opened.pages = found->second;
    opened.max_transaction_pages = owner.max_transaction_pages;
    opened.base.pMethods = &kMethods;
    if (out != nullptr) *out = flags;
    return SQLITE_OK;
  };
  vfs.xDelete = delete_path;
  vfs.xAccess = access_path;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = [](sqlite3_vfs* self, int size, char* out) {
    sqlite3_vfs* system = static_cast<Definition*>(self->pAppData)->system;
    return system->xRandomness(system, size, out);
  };
  vfs.xSleep = [](sqlite3_vfs* self, int microseconds) {
    sqlite3_vfs* system = static_cast<Definition*>(self->pAppData)->system;
    return system->xSleep(system, microseconds);
  };
  vfs.xCurrentTime = [](sqlite3_vfs* self, double* now) {
    sqlite3_vfs* system = static_cast<Definition*>(self->pAppData)->system;
    return system->xCurrentTime(system, now);
  };
  vfs.xCurrentTimeInt64 = [](sqlite3_vfs* self, sqlite3_int64* now) {
    sqlite3_vfs* system = static_cast<Definition*>(self->pAppData)->system;
    return system->xCurrentTimeInt64(system, now);
  };
  vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
  sqlite3_vfs_register(&vfs, 0);
}

PageVfs::~PageVfs() { sqlite3_vfs_unregister(&definition_->vfs); }

Result<store::Database> PageVfs::open(ObjectPages& pages) {
  std::string name;
  {
    std::lock_guard lock(definition_->mutex);
    name = fmt::format("object-{}", definition_->next_name++);
    definition_->opening[name] = &pages;
  }
  Result<store::Database> database = store::Database::open(
      name, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, definition_->name.c_str());
  if (database) {
    // SQLite opens the file only when it needs it: make it, while the name means something.
    Status status = database->execute(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA cache_size = -1024");
    if (!status) database = fail(std::move(status).error().within(pages.path()));
  }
  std::lock_guard lock(definition_->mutex);
  definition_->opening.erase(name);
  return database;
}

}  // namespace selvage::object
