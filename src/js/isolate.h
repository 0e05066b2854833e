// An isolate with its one context: the Web platform from the startup snapshot, its memory limit,
// and a way back from every end that a script can come to.
#pragma once

#include <node.h>
#include <pthread.h>
#include <signal.h>
#include <v8.h>

#include <atomic>
#include <csetjmp>
#include <memory>
#include <string>
#include <string_view>

#include "base/function.h"
#include "js/memory.h"
#include "js/snapshot.h"
#include "js/task_runner.h"

namespace selvage::js {

/// How a stretch of JavaScript ended.
enum class RunEnd {
  returned,
  /// V8 found no way to go on without more memory. The isolate is lost: nothing of it may be
  /// touched again, its memory is not given back (see Isolate::lost_count).
  lost,
};

/// Used by one thread at a time: whoever is inside run(). Not movable: V8 points to it.
class Isolate {
 public:
  struct Options {
    node::MultiIsolatePlatform* platform = nullptr;
    const Snapshot* snapshot = nullptr;  // outlives the isolate
    uint64_t memory_bytes = 128ull << 20;
    TaskRunner::Wake wake;  // any thread: foreground tasks are waiting
    void* owner = nullptr;  // see owner()
  };

  /// Once in a process, before abandon() can be called: takes SIGUSR2.
  static void install_signal_handler();

  explicit Isolate(Options options);
  /// Disposes of the isolate; a lost one is left alone. Not inside run().
  ~Isolate();
  Isolate(const Isolate&) = delete;
  Isolate& operator=(const Isolate&) = delete;

  /// Before the first run(): gives an isolate that was made ahead of time to its owner.
  void adopt(TaskRunner::Wake wake, void* owner);

  /// Locks and enters the isolate and its context, calls `body`, leaves. When V8 runs out of memory
  /// for good, `body`'s frames are dropped without their destructors and the end is `lost`.
  template <class Body>
  RunEnd run(Body&& body) {
    return run_erased([](void* b) { (*static_cast<std::remove_reference_t<Body>*>(b))(); }, &body);
  }

  /// The Isolate of a v8::Isolate that one of ours made.
  static Isolate& from(v8::Isolate* isolate) {
    return *static_cast<Isolate*>(isolate->GetData(kSlot));
  }
  template <class Owner>
  [[nodiscard]] Owner& owner() const {
    return *static_cast<Owner*>(owner_);
  }

  [[nodiscard]] v8::Isolate* v8() const { return isolate_; }
  [[nodiscard]] const BuiltinGroups& groups() const { return snapshot_.groups(); }
  /// Inside run().
  [[nodiscard]] v8::Local<v8::Context> context() const { return context_.Get(isolate_); }
  /// Inside run(). A member of the object that the builtins' script returned.
  [[nodiscard]] v8::Local<v8::Value> builtin(std::string_view name) const;
  [[nodiscard]] TaskRunner& tasks() { return *runner_; }

  /// Stops the script that runs now, from any thread. Ends with an uncatchable exception.
  void terminate() { isolate_->TerminateExecution(); }
  /// For a script that goes on in spite of terminate(): optimised loops exist that never look. Any
  /// thread, while `thread` is inside run(), and until it is not: the next time it is found in
  /// JavaScript code (where it holds no lock of V8 or of ours), or has collected garbage, its run()
  /// ends as `lost`.
  void abandon(pthread_t thread);
  /// Inside run(): the script has stopped by itself after all.
  void keep() { abandoned_.store(false); }
  [[nodiscard]] bool abandoned() const { return abandoned_.load(); }

  /// The heap came near its limit and the script was stopped: the isolate should be replaced.
  [[nodiscard]] bool over_memory_limit() const { return over_limit_; }
  [[nodiscard]] bool lost() const { return lost_; }
  /// Bytes of JavaScript heap and array buffers. Inside run().
  [[nodiscard]] uint64_t memory_used() const;
  [[nodiscard]] uint64_t memory_limit() const { return memory_limit_; }
  /// Isolates lost in this process so far: their memory is gone until it is replaced.
  static int lost_count();

 private:
  static constexpr uint32_t kSlot = 0;
  RunEnd run_erased(void (*body)(void*), void* argument);
  void run_locked(void (*body)(void*), void* argument);
  static size_t near_heap_limit(void* self, size_t current, size_t initial);
  static void on_abandon_signal(int signal, siginfo_t* info, void* machine_context);
  static void on_garbage_collected(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags flags,
                                   void* self);
  static void out_of_memory(const char* location, const v8::OOMDetails& details);

  node::MultiIsolatePlatform* platform_;
  const Snapshot& snapshot_;
  v8::Isolate* isolate_;
  std::shared_ptr<BufferAllocator> allocator_;
  std::shared_ptr<TaskRunner> runner_;
  PlatformDelegate delegate_;
  void* owner_;
  uint64_t memory_limit_;
  bool over_limit_ = false;
  bool lost_ = false;
  std::atomic<bool> abandoned_{false};
  // Where compiled JavaScript is: the isolate's own code and V8's builtins.
  struct CodeRange {
    uintptr_t start = 0;
    size_t length = 0;
    [[nodiscard]] bool contains(uintptr_t at) const { return at - start < length; }
  };
  CodeRange own_code_;
  CodeRange builtin_code_;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Object> builtins_;
};

}  // namespace selvage::js
