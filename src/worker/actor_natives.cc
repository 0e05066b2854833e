// The life of a Durable Object in memory: its invocation, its events, its input gate.
#include "worker/natives.h"
#include "worker/object_table.h"
#include "worker/record_table.h"
#include "worker/timer_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

Invocation* object_of(WorkerIsolate& isolate, const Arguments& info) {
  Invocation* invocation =
      isolate.find(static_cast<InvocationId>(info[0].As<v8::Int32>()->Value()));
  return invocation != nullptr && invocation->object() ? invocation : nullptr;
}

void object_events_pending(const Arguments& info) {
  WorkerIsolate::from(info.GetIsolate()).objects().events_pending = true;
}

// objectBegin(description): its invocation; 0 when there are too many
void object_begin(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  std::string description = js::to_utf8(info.GetIsolate(), info[0]);
  loop::NativeSection native(isolate.host().loop);
  info.GetReturnValue().Set(static_cast<int32_t>(isolate.begin_object(std::move(description))));
}

// objectEnter(invocation, constructing): an event of the object begins; whether it is to be
// recorded
void object_enter(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  if (Invocation* invocation = object_of(isolate, info)) isolate.enter_object(*invocation);
  if (!info[1]->IsTrue()) isolate.counters().count(signals::ObjectCount::event);
  info.GetReturnValue().Set(isolate.records().wants_events());
}

// objectEnterSection(invocation, section): what runs now belongs to that critical section
void object_enter_section(const Arguments& info) {
  WorkerIsolate::from(info.GetIsolate())
      .enter_section({static_cast<InvocationId>(info[0].As<v8::Int32>()->Value()),
                      static_cast<SectionId>(info[1].As<v8::Int32>()->Value())});
}

// objectGate(invocation, section): the innermost open section is this one, 0 for none
void object_gate(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const auto section = static_cast<SectionId>(info[1].As<v8::Int32>()->Value());
  loop::NativeSection native(isolate.host().loop);
  Invocation* invocation = object_of(isolate, info);
  if (invocation == nullptr) return;
  const bool opens = section > invocation->open_section();
  isolate.set_open_section(*invocation, section);
  if (!opens) isolate.resume_parked(*invocation);
}

// currentSection()
void current_section(const Arguments& info) {
  info.GetReturnValue().Set(static_cast<int32_t>(async_context(info.GetIsolate()).section));
}

// objectStorage(invocation, handle): the object's storage is open
void object_storage(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const int32_t handle = info[1].As<v8::Int32>()->Value();
  loop::NativeSection native(isolate.host().loop);
  if (Invocation* invocation = object_of(isolate, info)) invocation->set_storage(handle);
}

// objectActivity(invocation): 0 nothing goes on; 1 timers run or something is waited for; 2 it
// holds a WebSocket
void object_activity(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  const Invocation* invocation = object_of(isolate, info);
  int32_t activity = 0;
  if (invocation != nullptr) {
    if (invocation->held()) {
      activity = 2;
    } else if (invocation->waiting() || isolate.timers().count(invocation->id()) > 0) {
      activity = 1;
    }
  }
  info.GetReturnValue().Set(activity);
}

// objectAbort(invocation, handle, reason): stops the running code, which is the object's
void object_abort(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  std::string reason = js::to_utf8(info.GetIsolate(), info[2]);
  loop::NativeSection native(isolate.host().loop);
  Invocation* invocation = object_of(isolate, info);
  if (invocation == nullptr) return;
  isolate.objects().close(info[1].As<v8::Int32>()->Value(), true);
  isolate.abort_object(*invocation, std::move(reason));
}

// objectEnd(invocation, reason)
void object_end(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string reason = js::to_utf8(info.GetIsolate(), info[1]);
  loop::NativeSection native(isolate.host().loop);
  if (Invocation* invocation = object_of(isolate, info)) isolate.end_object(*invocation, reason);
}

// objectsEvicted(): many objects have left memory
void objects_evicted(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.give_back_memory();
}

// outputBarrier(): a promise for the moment when what the running object wrote is durable;
// undefined when there is nothing to wait for
void output_barrier(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  const Invocation* invocation = isolate.find(isolate.current_invocation());
  if (invocation == nullptr || invocation->storage() < 0) return;
  v8::Local<v8::Value> promise;
  if (isolate.objects().barrier(invocation->storage(), false).ToLocal(&promise)) {
    info.GetReturnValue().Set(promise);
  }
}

constexpr js::Native kTable[] = {
    {"objectEventsPending", object_events_pending},
    {"objectBegin", object_begin},
    {"objectEnter", object_enter},
    {"objectEnterSection", object_enter_section},
    {"objectGate", object_gate},
    {"currentSection", current_section},
    {"objectStorage", object_storage},
    {"objectActivity", object_activity},
    {"objectAbort", object_abort},
    {"objectEnd", object_end},
    {"objectsEvicted", objects_evicted},
    {"outputBarrier", output_barrier},
};

}  // namespace

const std::span<const js::Native> kActorNatives = kTable;

}  // namespace selvage::worker
