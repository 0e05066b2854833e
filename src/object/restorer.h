// Brings objects back to the states that were asked for, one after the other, on a thread of its
// own: what an object was is read and written as a whole, which is no work for a loop.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/function.h"
#include "base/result.h"
#include "object/object_key.h"

namespace selvage::object {

class ObjectStore;

/// Any thread.
class Restorer {
 public:
  using Callback = UniqueFunction<void(const Status&)>;

  explicit Restorer(ObjectStore& store) : store_(store) {}
  /// Those that have not begun get an error; they happen when their objects are opened next.
  ~Restorer();
  Restorer(const Restorer&) = delete;
  Restorer& operator=(const Restorer&) = delete;

  /// `done` is called on the thread of the restores.
  void add(ObjectKey object, Callback done);

 private:
  struct Job {
    ObjectKey object;
    Callback done;
  };
  void run();

  ObjectStore& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;  // started by the first job
};

}  // namespace selvage::object
