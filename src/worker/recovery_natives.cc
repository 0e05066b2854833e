// Durable Objects' point-in-time recovery: storage's bookmarks.
#include "worker/natives.h"
#include "worker/operation.h"
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

// storageBringBack(namespace, id)
void storage_bring_back(const Arguments& info) {
  v8::Isolate* v8 = info.GetIsolate();
  WorkerIsolate& isolate = WorkerIsolate::from(v8);
  const std::string space = js::to_utf8(v8, info[0]);
  const std::string id = js::to_latin1(v8, info[1]);
  loop::NativeSection native(isolate.host().loop);
  object::ObjectStore& objects = isolate.host().objects;
  if (!objects.restore_is_due(space, id)) return;
  v8::Local<v8::Promise> promise;
  std::shared_ptr<Operation> operation =
      isolate.operations().start(isolate, promise, AsyncContext{});
  if (!operation) return;
  objects.restore_before_opening(
      space, id,
      [operation = std::move(operation),
       &loop = isolate.host().loop](const Status& status) mutable {
        // The loop's holder is to let go of it last.
        loop.post([operation = std::move(operation), status] { operation->complete(status); });
      });
  info.GetReturnValue().Set(promise);
}

constexpr js::Native kTable[] = {
    {"storageBookmark", storage_bookmark},
    {"storageBookmarkAt", storage_bookmark_at},
    {"storageRestore", storage_restore},
    {"storageBringBack", storage_bring_back},
};

}  // namespace

const std::span<const js::Native> kRecoveryNatives = kTable;

}  // namespace selvage::worker
