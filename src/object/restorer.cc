#include "object/restorer.h"

#include <utility>

#include "object/object_store.h"

namespace selvage::object {

Restorer::~Restorer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  for (Job& job : jobs_) job.done(fail(ErrorCode::aborted, "the engine is being stopped"));
}

void Restorer::add(ObjectKey object, Callback done) {
  std::lock_guard lock(mutex_);
  jobs_.push_back({std::move(object), std::move(done)});
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_one();
}

void Restorer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    auto opened = store_.open_object(job.object.namespace_id, job.object.id);
    const Status status = opened ? Status() : Status(fail(opened.error()));
    if (opened) opened->reset();  // whoever is told wants to open it
    job.done(status);
    lock.lock();
  }
}

}  // namespace selvage::object
