// What happens to an isolate: a request, a timer, the end of something it waited for. Events queue
// up at their isolate and are delivered one after the other, each with the microtasks it causes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace selvage::worker {

class WorkerIsolate;

/// Number of an invocation in its isolate; never reused while the isolate lives. 0 is none.
using InvocationId = uint32_t;

/// Number of a critical section (blockConcurrencyWhile()) in its invocation, from 1 and rising in
/// the order in which they open; 0 is outside of any.
using SectionId = uint32_t;

class Event {
 public:
  explicit Event(InvocationId invocation, SectionId section = 0)
      : invocation_(invocation), section_(section) {}
  virtual ~Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// Inside the isolate. Calls into JavaScript; microtasks run after it returns.
  virtual void deliver(WorkerIsolate& isolate) = 0;
  /// The event is over: delivered, or dropped because its isolate went away (then `dropped`, and
  /// handles of V8 must be cleared, not reset). Deletes it unless it belongs to somebody.
  virtual void release(bool dropped) {
    (void)dropped;
    delete this;
  }

  /// The invocation that pays for it, 0 for the isolate itself.
  [[nodiscard]] InvocationId invocation() const { return invocation_; }
  /// The critical section in which what it is the outcome of was started.
  [[nodiscard]] SectionId section() const { return section_; }

 protected:
  void set_invocation(InvocationId invocation) { invocation_ = invocation; }

 private:
  friend class EventQueue;
  Event* next_ = nullptr;
  InvocationId invocation_;
  SectionId section_;
};

/// A FIFO through the events themselves. Whoever owns it.
class EventQueue {
 public:
  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  /// Counts them: for figures, not for the hot path.
  [[nodiscard]] size_t size() const {
    size_t count = 0;
    for (const Event* event = first_; event != nullptr; event = event->next_) ++count;
    return count;
  }
  void push(Event& event) {
    event.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &event;
    last_ = &event;
  }
  /// Puts all of `other` behind what is here.
  void append(EventQueue& other) {
    if (other.first_ == nullptr) return;
    (last_ != nullptr ? last_->next_ : first_) = other.first_;
    last_ = other.last_;
    other.first_ = other.last_ = nullptr;
  }
  Event* pop() {
    Event* event = first_;
    if (event == nullptr) return nullptr;
    first_ = event->next_;
    if (first_ == nullptr) last_ = nullptr;
    return event;
  }

 private:
  Event* first_ = nullptr;
  Event* last_ = nullptr;
};

}  // namespace selvage::worker
