// Durable Objects' point-in-time recovery: storage's bookmarks.
#include "worker/natives.h"
#include "worker/storage_in_use.h"

namespace selvage::worker {
namespace {

using js::Arguments;

void give(const Arguments& info, const Result<std::string>& bookmark) {
  v8::Isolate* v8 = info.GetIsolate();
  if (bookmark) {
    info.GetReturnValue().Set(js::make_latin1(v8, *bookmark));
  } else {
    js::throw_error(v8, bookmark.error().describe());
  }
}

// storageBookmark(handle)
void storage_bookmark(const Arguments& info) {
  const StorageInUse storage(info);
  if (storage) give(info, storage->bookmark());
}

// storageBookmarkAt(handle, time)
void storage_bookmark_at(const Arguments& info) {
  const double time = info[1].As<v8::Number>()->Value();
  const StorageInUse storage(info);
  if (storage) give(info, storage->bookmark_at(time > 0 ? static_cast<uint64_t>(time) : 0));
}

// storageRestore(handle, bookmark)
void storage_restore(const Arguments& info) {
  const std::string bookmark = js::to_utf8(info.GetIsolate(), info[1]);
  const StorageInUse storage(info);
  if (storage) give(info, storage->restore_when_opened(bookmark));
}

constexpr js::Native kTable[] = {
    {"storageBookmark", storage_bookmark},
    {"storageBookmarkAt", storage_bookmark_at},
    {"storageRestore", storage_restore},
};

}  // namespace

const std::span<const js::Native> kRecoveryNatives = kTable;

}  // namespace selvage::worker
