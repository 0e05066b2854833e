#include "js/isolate.h"

#include <ucontext.h>

#include <atomic>
#include <cstdlib>

#include "base/log.h"
#include "js/isolate_memory.h"
#include "js/native.h"

namespace selvage::js {
namespace {

// Where out_of_memory() goes back to. Thread-local, since V8 calls it without saying for whom.
thread_local std::jmp_buf* way_back = nullptr;
// The isolate that this thread runs.
thread_local Isolate* running = nullptr;
constexpr int kAbandonSignal = SIGUSR2;
std::atomic<int> lost_isolates{0};

// Once over its limit a script is stopped at the next interrupt check; a table that doubles needs
// room to get there. This much, as a multiple of the limit, and no more: optimised loops exist that
// never get to a check, and what is lost with an isolate is lost for good.
constexpr size_t kMarginFactor = 2;

void disallow_code_generation(v8::Local<v8::Context> context, v8::Isolate* isolate) {
  context->AllowCodeGenerationFromStrings(false);
  context->SetErrorMessageForCodeGenerationFromStrings(
      make_string(isolate, "Code generation from strings disallowed for this context"));
}

}  // namespace

void Isolate::install_signal_handler() {
  struct sigaction action{};
  action.sa_sigaction = on_abandon_signal;
  // Left by longjmp: the signal must not stay blocked. On the script's own stack.
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART;
  sigaction(kAbandonSignal, &action, nullptr);
}

Isolate::Isolate(Options options)
    : platform_(options.platform),
      snapshot_(*options.snapshot),
      isolate_(v8::Isolate::Allocate()),
      allocator_(std::make_shared<BufferAllocator>(options.memory_bytes)),
      runner_(std::make_shared<TaskRunner>(std::move(options.wake))),
      delegate_(runner_),
      owner_(options.owner),
      memory_limit_(options.memory_bytes) {
  platform_->RegisterIsolate(isolate_, &delegate_);
  v8::Isolate::CreateParams parameters;
  parameters.array_buffer_allocator_shared = allocator_;
  parameters.snapshot_blob = snapshot_.blob();
  parameters.external_references = snapshot_.external_references();
  parameters.constraints.ConfigureDefaultsFromHeapSize(0, options.memory_bytes);
  v8::Isolate::Initialize(isolate_, parameters);
  isolate_->SetData(kSlot, this);
  snapshot_.natives().attach(isolate_);
  isolate_->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate_->SetOOMErrorHandler(out_of_memory);
  isolate_->AddNearHeapLimitCallback(near_heap_limit, this);
  isolate_->AddGCEpilogueCallback(on_garbage_collected, this);
  isolate_->SetCaptureStackTraceForUncaughtExceptions(true, 32);
  isolate_->SetAllowWasmCodeGenerationCallback(
      [](v8::Local<v8::Context>, v8::Local<v8::String>) { return false; });

  void* start = nullptr;
  isolate_->GetCodeRange(&start, &own_code_.length);
  own_code_.start = reinterpret_cast<uintptr_t>(start);
  const void* builtins_start = nullptr;
  isolate_->GetEmbeddedCodeRange(&builtins_start, &builtin_code_.length);
  builtin_code_.start = reinterpret_cast<uintptr_t>(builtins_start);

  v8::Locker locker(isolate_);
  v8::Isolate::Scope isolate_scope(isolate_);
  v8::HandleScope handles(isolate_);
  v8::Local<v8::Context> context = v8::Context::New(isolate_);
  v8::Context::Scope context_scope(context);
  disallow_code_generation(context, isolate_);
  builtins_.Reset(isolate_, snapshot_.builtins(context));
  context_.Reset(isolate_, context);
}

Isolate::~Isolate() {
  runner_->close();
  if (lost_) return;
  {
    v8::Locker locker(isolate_);
    v8::Isolate::Scope scope(isolate_);
    isolate_->CancelTerminateExecution();
    isolate_->RemoveNearHeapLimitCallback(near_heap_limit, 0);
    builtins_.Reset();
    context_.Reset();
  }
  if (!IsolateMemory::left_to_exit()) platform_->DisposeIsolate(isolate_);
}

void Isolate::adopt(TaskRunner::Wake wake, void* owner) {
  owner_ = owner;
  runner_->set_wake(std::move(wake));
}

RunEnd Isolate::run_erased(void (*body)(void*), void* argument) {
  std::jmp_buf here;
  std::jmp_buf* const outer = way_back;
  Isolate* const outer_isolate = running;
  way_back = &here;
  running = this;
  if (setjmp(here) == 0) {
    run_locked(body, argument);
    running = outer_isolate;
    way_back = outer;
    return RunEnd::returned;
  }
  // V8 stopped in the middle of something: its frames and ours are gone, its locks stay taken.
  running = outer_isolate;
  way_back = outer;
  isolate_->Exit();
  lost_ = true;
  lost_isolates.fetch_add(1);
  // What is left of these belongs to the lost isolate.
  context_.Clear();
  builtins_.Clear();
  return RunEnd::lost;
}

void Isolate::run_locked(void (*body)(void*), void* argument) {
  v8::Locker locker(isolate_);
  v8::Isolate::Scope isolate_scope(isolate_);
  v8::HandleScope handles(isolate_);
  v8::Context::Scope context_scope(context());
  body(argument);
}

v8::Local<v8::Value> Isolate::builtin(std::string_view name) const {
  v8::Local<v8::Value> value;
  if (builtins_.Get(isolate_)->Get(context(), make_symbol(isolate_, name)).ToLocal(&value)) {
    return value;
  }
  return v8::Undefined(isolate_);
}

void Isolate::abandon(pthread_t thread) {
  abandoned_.store(true);
  pthread_kill(thread, kAbandonSignal);
}

void Isolate::on_abandon_signal(int, siginfo_t*, void* machine_context) {
  if (running == nullptr || way_back == nullptr || !running->abandoned_.load()) return;
  const auto& registers = static_cast<ucontext_t*>(machine_context)->uc_mcontext;
#if defined(__x86_64__)
  const auto at = static_cast<uintptr_t>(registers.gregs[REG_RIP]);
#elif defined(__aarch64__)
  const auto at = static_cast<uintptr_t>(registers.pc);
#else
#error "Where does this processor keep its program counter?"
#endif
  // In C++ (a collection, say) it may hold a lock: the watchdog tries again.
  if (running->own_code_.contains(at) || running->builtin_code_.contains(at)) {
    std::longjmp(*way_back, 1);
  }
}

uint64_t Isolate::memory_used() const {
  v8::HeapStatistics statistics;
  isolate_->GetHeapStatistics(&statistics);
  return statistics.used_heap_size() + allocator_->used_bytes();
}

int Isolate::lost_count() { return lost_isolates.load(); }

size_t Isolate::near_heap_limit(void* self, size_t current, size_t /*initial*/) {
  auto* isolate = static_cast<Isolate*>(self);
  if (isolate->over_limit_) return current;  // V8 gives up, and out_of_memory() ends it
  isolate->over_limit_ = true;
  isolate->isolate_->TerminateExecution();
  return current + isolate->memory_limit_ * kMarginFactor;
}

void Isolate::on_garbage_collected(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self) {
  // A script may spend its time in V8's C++ alone, growing one table. It comes by here.
  if (static_cast<Isolate*>(self)->abandoned_.load() && running == self && way_back != nullptr) {
    std::longjmp(*way_back, 1);
  }
}

void Isolate::out_of_memory(const char* location, const v8::OOMDetails& details) {
  if (way_back != nullptr) std::longjmp(*way_back, 1);
  log_error("engine", std::string("out of memory outside of any script: ") +
                          (location != nullptr ? location : "?") +
                          (details.detail != nullptr ? std::string(", ") + details.detail : ""));
  std::abort();
}

}  // namespace selvage::js
