// Blocking work on libuv's pool of threads.
#pragma once

#include <uv.h>

#include <memory>

#include "base/function.h"
#include "loop/loop.h"

namespace selvage::assets {

/// The loop's holder. `work` runs on another thread, then `done` on the loop, always.
inline void run_off_loop(loop::Loop& loop, UniqueFunction<void()> work,
                         UniqueFunction<void()> done) {
  struct Job {
    uv_work_t request{};
    UniqueFunction<void()> work;
    UniqueFunction<void()> done;
  };
  auto job = std::make_unique<Job>();
  job->work = std::move(work);
  job->done = std::move(done);
  job->request.data = job.get();
  uv_queue_work(
      loop.uv(), &job->request,
      [](uv_work_t* request) { static_cast<Job*>(request->data)->work(); },
      [](uv_work_t* request, int) {
        const std::unique_ptr<Job> ended(static_cast<Job*>(request->data));
        ended->done();
      });
  job.release();  // the pool's until `done`
}

}  // namespace selvage::assets
