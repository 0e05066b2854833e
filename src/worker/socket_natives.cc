// WebSockets that lead out of the isolate.
#include "worker/natives.h"
#include "worker/socket_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

// socketSend(socket, string | bytes)
void socket_send(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const int32_t id = info[0].As<v8::Int32>()->Value();
  if (info[1]->IsString()) {
    const std::string text = js::to_utf8(info.GetIsolate(), info[1]);
    loop::NativeSection native(isolate.host().loop);
    isolate.sockets().send(id, true, text);
  } else {
    loop::NativeSection native(isolate.host().loop);
    isolate.sockets().send(id, false, js::view_of(js::bytes_of(info[1])));
  }
}

// socketClose(socket, code, reason)
void socket_close(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::string reason = js::to_utf8(info.GetIsolate(), info[2]);
  loop::NativeSection native(isolate.host().loop);
  isolate.sockets().close(info[0].As<v8::Int32>()->Value(),
                          static_cast<uint16_t>(info[1].As<v8::Int32>()->Value()), reason);
}

constexpr js::Native kTable[] = {
    {"socketSend", socket_send},
    {"socketClose", socket_close},
};

}  // namespace

const std::span<const js::Native> kSocketNatives = kTable;

}  // namespace selvage::worker
