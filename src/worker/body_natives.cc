// Reading the bodies that came in, writing those that go out.
#include "worker/body_table.h"
#include "worker/natives.h"
#include "worker/outgoing_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

int32_t id_of(const Arguments& info) { return info[0].As<v8::Int32>()->Value(); }

void give(const Arguments& info, v8::MaybeLocal<v8::Value> value) {
  v8::Local<v8::Value> local;
  if (value.ToLocal(&local)) info.GetReturnValue().Set(local);
}

void body_text(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  give(info, isolate.bodies().read_all(id_of(info), true));
}

void body_bytes(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  give(info, isolate.bodies().read_all(id_of(info), false));
}

void body_read(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  give(info, isolate.bodies().read(id_of(info)));
}

void body_cancel(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.bodies().cancel(id_of(info));
}

void body_length(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  info.GetReturnValue().Set(static_cast<double>(isolate.bodies().length(id_of(info))));
}

void outgoing_write(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  std::string bytes = info[1]->IsString() ? js::to_utf8(info.GetIsolate(), info[1])
                                          : std::string(js::view_of(js::bytes_of(info[1])));
  loop::NativeSection native(isolate.host().loop);
  info.GetReturnValue().Set(isolate.outgoing().write(id_of(info), std::move(bytes)));
}

void outgoing_drained(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  give(info, isolate.outgoing().drained(id_of(info)));
}

void outgoing_end(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.outgoing().end(id_of(info));
}

void outgoing_fail(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  Error error{ErrorCode::aborted, js::to_utf8(info.GetIsolate(), info[1]), ""};
  loop::NativeSection native(isolate.host().loop);
  isolate.outgoing().fail(id_of(info), std::move(error));
}

constexpr js::Native kTable[] = {
    {"bodyText", body_text},
    {"bodyBytes", body_bytes},
    {"bodyRead", body_read},
    {"bodyCancel", body_cancel},
    {"bodyLength", body_length},
    {"outgoingWrite", outgoing_write},
    {"outgoingDrained", outgoing_drained},
    {"outgoingEnd", outgoing_end},
    {"outgoingFail", outgoing_fail},
};

}  // namespace

const std::span<const js::Native> kBodyNatives = kTable;

}  // namespace selvage::worker
