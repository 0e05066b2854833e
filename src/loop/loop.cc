#include "loop/loop.h"

#include <cstdio>
#include <cstdlib>

namespace selvage::loop {

namespace {
// This thread lost the baton in the middle of a script.
thread_local bool revoked = false;
}  // namespace

Loop::Loop(int index) : index_(index) {
  if (uv_loop_init(&uv_) != 0) {
    std::fputs("selvage: cannot create an event loop (out of file descriptors?)\n", stderr);
    std::abort();
  }
  mail_.data = this;
  uv_async_init(&uv_, &mail_,
                [](uv_async_t* handle) { static_cast<Loop*>(handle->data)->drain_mailbox(); });
  uv_unref(reinterpret_cast<uv_handle_t*>(&mail_));
}

Loop::~Loop() {
  uv_close(reinterpret_cast<uv_handle_t*>(&mail_), nullptr);
  drain_mailbox();
  uv_run(&uv_, UV_RUN_DEFAULT);
  uv_loop_close(&uv_);
}

CarrierId Loop::this_carrier() {
  static std::atomic<CarrierId> last{0};
  thread_local const CarrierId mine = last.fetch_add(1) + 1;
  return mine;
}

void Loop::schedule(Turn& turn) {
  if (turn.queued_) return;
  turn.queued_ = true;
  turn.next_ = nullptr;
  if (last_ != nullptr) {
    last_->next_ = &turn;
  } else {
    first_ = &turn;
  }
  last_ = &turn;
}

void Loop::unschedule(Turn& turn) {
  if (!turn.queued_) return;
  Turn* previous = nullptr;
  for (Turn* at = first_; at != nullptr; previous = at, at = at->next_) {
    if (at != &turn) continue;
    (previous != nullptr ? previous->next_ : first_) = turn.next_;
    if (last_ == &turn) last_ = previous;
    turn.queued_ = false;
    return;
  }
}

void Loop::defer(Callback callback) { deferred_.push_back(std::move(callback)); }

void Loop::post(Callback callback) {
  bool was_empty = false;
  {
    std::lock_guard lock(mailbox_mutex_);
    was_empty = mailbox_.empty();
    mailbox_.push_back(std::move(callback));
  }
  if (was_empty) uv_async_send(&mail_);
}

void Loop::wake() { uv_async_send(&mail_); }

void Loop::drain_mailbox() {
  std::vector<Callback> mail;
  {
    std::lock_guard lock(mailbox_mutex_);
    mail.swap(mailbox_);
  }
  for (Callback& callback : mail) callback();
}

bool Loop::step(uv_run_mode poll) {
  // Only the turns that were ready at the start: new arrivals on the sockets come in between.
  // The bound is for the thread that comes back from a long script: `stop_after` may be gone by
  // then.
  constexpr int kMostTurns = 1024;
  Turn* const stop_after = last_;
  for (int count = 0; first_ != nullptr && count < kMostTurns; ++count) {
    Turn* turn = first_;
    first_ = turn->next_;
    if (first_ == nullptr) last_ = nullptr;
    turn->queued_ = false;
    const bool was_last = turn == stop_after;
    turn->run();
    if (revoked) return true;
    if (was_last || baton_.wanted()) break;
  }
  while (!deferred_.empty()) {
    // A deferred write can defer again; another carrier may be here while a callback waits.
    std::vector<Callback> batch;
    batch.swap(deferred_);
    for (Callback& callback : batch) callback();
  }
  if (baton_.wanted()) return true;
  return uv_run(&uv_, first_ != nullptr ? UV_RUN_NOWAIT : poll) != 0;
}

void Loop::carry() {
  const CarrierId me = this_carrier();
  standing_by_.fetch_add(1);
  baton_.acquire(me);
  standing_by_.fetch_sub(1);
  // Without anything alive, uv_run would neither wait nor look at the mail.
  uv_ref(reinterpret_cast<uv_handle_t*>(&mail_));
  while (!stopping()) {
    step(UV_RUN_ONCE);
    if (revoked) break;
    if (baton_.wanted()) {
      baton_.release();
      standing_by_.fetch_add(1);
      baton_.acquire(me);
      standing_by_.fetch_sub(1);
    }
  }
  baton_.release();
}

void Loop::stop() {
  stopping_.store(true);
  wake();
}

void Loop::run_until_idle() {
  run_until([] { return false; });
}

bool Loop::run_until(UniqueFunction<bool()> done) {
  baton_.acquire(this_carrier());
  while (!stopping() && !done()) {
    const bool alive = step(UV_RUN_ONCE);
    if (!alive && first_ == nullptr && deferred_.empty()) {
      {
        std::lock_guard lock(mailbox_mutex_);
        if (mailbox_.empty()) break;
      }
      drain_mailbox();  // with nothing alive, uv_run does not look
    }
  }
  const bool is_done = done();
  baton_.release();
  return is_done;
}

void Loop::take_back_baton() {
  revoked = true;
  baton_.acquire_urgently(this_carrier(), [this] { wake(); });
}

struct Timer::Handle {
  uv_timer_t uv{};
  Loop::Callback callback;
};

Timer::Timer(Loop& loop) : handle_(new Handle) {
  handle_->uv.data = handle_;
  uv_timer_init(loop.uv(), &handle_->uv);
}

Timer::~Timer() {
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->uv),
           [](uv_handle_t* handle) { delete static_cast<Handle*>(handle->data); });
}

void Timer::start(std::chrono::milliseconds delay, Loop::Callback callback) {
  handle_->callback = std::move(callback);
  const uint64_t milliseconds = delay.count() > 0 ? static_cast<uint64_t>(delay.count()) : 0;
  uv_timer_start(
      &handle_->uv,
      [](uv_timer_t* timer) {
        // libuv before 1.45 runs timers ahead of the poll, which must not sleep on what they did.
        uv_stop(timer->loop);
        // Moved out first: the callback may start or destroy this timer.
        Loop::Callback callback = std::move(static_cast<Handle*>(timer->data)->callback);
        callback();
      },
      milliseconds, 0);
}

void Timer::cancel() { uv_timer_stop(&handle_->uv); }

void Timer::keep_loop_alive(bool alive) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&handle_->uv);
  alive ? uv_ref(handle) : uv_unref(handle);
}

bool Timer::active() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(&handle_->uv)) != 0;
}

}  // namespace selvage::loop
