#include "worker/operation.h"

#include "js/native.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {

Operation::Operation(WorkerIsolate& isolate, AsyncContext context, Resolver resolver)
    : Event(context.invocation, context.section),
      isolate_(&isolate),
      resolver_(isolate.v8(), resolver) {}

void Operation::complete(Settle settle) {
  if (isolate_ == nullptr || completed_) return;
  completed_ = true;
  settle_ = std::move(settle);
  isolate_->enqueue(*this);
}

void Operation::complete(Status status) {
  complete([status = std::move(status)](WorkerIsolate& isolate, Resolver resolver) {
    if (status) {
      resolver->Resolve(isolate.context(), v8::Undefined(isolate.v8())).Check();
    } else {
      reject(isolate.v8(), resolver, status.error());
    }
  });
}

void Operation::give_up() {
  if (isolate_ == nullptr || completed_) return;
  completed_ = true;
  isolate_->enqueue(*this);
}

void Operation::deliver(WorkerIsolate& isolate) {
  Settle settle = std::move(settle_);
  if (settle && !mute_) settle(isolate, resolver_.Get(isolate.v8()));
}

void Operation::release(bool dropped) {
  if (dropped) {
    resolver_.Clear();
  } else {
    resolver_.Reset();
  }
  WorkerIsolate* isolate = std::exchange(isolate_, nullptr);
  settle_ = {};
  if (isolate == nullptr) return;
  if (Invocation* waiting = isolate->find(invocation())) waiting->unwait();
  isolate->operations().live_.erase(this);  // may delete this
}

std::shared_ptr<Operation> OperationTable::start(WorkerIsolate& isolate,
                                                 v8::Local<v8::Promise>& promise) {
  return start(isolate, promise, async_context(isolate.v8()));
}

std::shared_ptr<Operation> OperationTable::start(WorkerIsolate& isolate,
                                                 v8::Local<v8::Promise>& promise,
                                                 AsyncContext context) {
  Operation::Resolver resolver;
  if (!v8::Promise::Resolver::New(isolate.context()).ToLocal(&resolver)) return nullptr;
  promise = resolver->GetPromise();
  auto operation = std::make_shared<Operation>(isolate, context, resolver);
  live_.emplace(operation.get(), operation);
  if (Invocation* invocation = isolate.find(operation->invocation())) invocation->wait();
  Operation* const target = operation.get();
  return {target, [operation = std::move(operation)](Operation*) { operation->give_up(); }};
}

void OperationTable::cancel_of(InvocationId invocation) {
  for (auto& [pointer, operation] : live_) {
    if (operation->invocation() == invocation) operation->mute_ = true;
  }
}

void OperationTable::cancel_all(bool lost) {
  for (auto& [pointer, operation] : live_) {
    operation->isolate_ = nullptr;
    operation->settle_ = {};
    if (lost) {
      operation->resolver_.Clear();
    } else {
      operation->resolver_.Reset();
    }
  }
  live_.clear();
}

void reject(v8::Isolate* isolate, Operation::Resolver resolver, const Error& error) {
  using Make = v8::Local<v8::Value> (*)(v8::Local<v8::String>, v8::Local<v8::Value>);
  constexpr std::pair<std::string_view, Make> kKinds[] = {
      {"Error: ", v8::Exception::Error},
      {"TypeError: ", v8::Exception::TypeError},
      {"RangeError: ", v8::Exception::RangeError},
      {"SyntaxError: ", v8::Exception::SyntaxError},
      {"ReferenceError: ", v8::Exception::ReferenceError},
  };
  const std::string text = error.describe();
  std::string_view message = text;
  Make make =
      error.code == ErrorCode::invalid_argument ? v8::Exception::TypeError : v8::Exception::Error;
  for (const auto& [prefix, make_kind] : kKinds) {
    if (!text.starts_with(prefix)) continue;
    message.remove_prefix(prefix.size());
    make = make_kind;
    break;
  }
  resolver->Reject(isolate->GetCurrentContext(), make(js::make_string(isolate, message), {}))
      .Check();
}

}  // namespace selvage::worker
