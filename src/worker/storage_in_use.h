// A Durable Object's storage in a native function that may take long, during which another thread
// may carry the loop on (see ObjectTable::use()).
#pragma once

#include "worker/natives.h"
#include "worker/object_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {

/// That of handle info[0]. Null, with an exception pending, when there is none.
class StorageInUse {
 public:
  explicit StorageInUse(const js::Arguments& info)
      : v8_(info.GetIsolate()),
        isolate_(WorkerIsolate::from(v8_)),
        handle_(info[0].As<v8::Int32>()->Value()) {
    loop::NativeSection native(isolate_.host().loop);
    auto used = isolate_.objects().use(handle_);
    if (used) {
      storage_ = *used;
    } else {
      js::throw_error(v8_, used.error().describe());
    }
  }
  ~StorageInUse() {
    if (storage_ == nullptr) return;
    loop::NativeSection native(isolate_.host().loop);
    isolate_.objects().end_use(handle_);
  }
  StorageInUse(const StorageInUse&) = delete;
  StorageInUse& operator=(const StorageInUse&) = delete;

  explicit operator bool() const { return storage_ != nullptr; }
  object::ObjectStorage* operator->() const { return storage_; }

 private:
  v8::Isolate* v8_;
  WorkerIsolate& isolate_;
  int32_t handle_;
  object::ObjectStorage* storage_ = nullptr;
};

}  // namespace selvage::worker
