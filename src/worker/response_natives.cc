// Giving a response, and the end of an invocation.
#include <cstring>

#include "http/coded_body.h"
#include "http/status.h"
#include "http/syntax.h"
#include "worker/async_context.h"
#include "worker/body_table.h"
#include "worker/error_page.h"
#include "worker/natives.h"
#include "worker/operation.h"
#include "worker/outgoing_table.h"
#include "worker/socket_bridge.h"
#include "worker/socket_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

using js::Arguments;

/// The arguments that every response starts with: invocation, status, status text, header block.
struct Head {
  Invocation* invocation = nullptr;  // nullptr: it is over
  http::Exchange* exchange = nullptr;
  int status = 200;
  std::string status_text;
  std::string headers;
};

Head read_head(WorkerIsolate& isolate, const Arguments& info) {
  Head head;
  head.invocation = isolate.find(static_cast<InvocationId>(info[0].As<v8::Int32>()->Value()));
  if (head.invocation != nullptr) head.exchange = head.invocation->exchange();
  head.status = info[1].As<v8::Int32>()->Value();
  if (info[2].As<v8::String>()->Length() != 0) {
    head.status_text = js::to_latin1(info.GetIsolate(), info[2]);
  }
  head.headers = js::to_latin1(info.GetIsolate(), info[3]);
  return head;
}

/// Whether the client, if it is one outside, takes a body in this content coding.
bool accepts(const Invocation& invocation, std::string_view coding) {
  if (invocation.local_exchange() != nullptr) return true;
  std::string_view list =
      http::find_field(invocation.exchange()->header_block(), "accept-encoding");
  while (!list.empty()) {
    const size_t end = list.find(',');
    std::string_view item = list.substr(0, end);
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    const size_t semicolon = item.find(';');
    const std::string_view name = http::trim_whitespace(item.substr(0, semicolon));
    if (!http::equals_ignoring_case(name, coding) && name != "*") continue;
    if (semicolon == std::string_view::npos) return true;
    const std::string_view weight = http::trim_whitespace(item.substr(semicolon + 1));
    return weight.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

/// The content coding that the script wants its body to be sent in; "" for none, also when the
/// client would not understand it.
std::string take_coding(const Arguments& info, Head& head) {
  if (!info[5]->IsString() || head.exchange == nullptr) return {};
  std::string coding = js::to_latin1(info.GetIsolate(), info[5]);
  if (accepts(*head.invocation, coding)) return coding;
  std::string headers;
  std::string_view block = head.headers;
  while (!block.empty()) {
    const size_t end = block.find('\n');
    const std::string_view line = block.substr(0, end == std::string_view::npos ? end : end + 1);
    block.remove_prefix(line.size());
    const std::string_view name = line.substr(0, line.find(':'));
    if (!http::equals_ignoring_case(name, "content-encoding")) headers += line;
  }
  head.headers = std::move(headers);
  return {};
}

/// Text or bytes in a content coding.
void respond_coded(const Head& head, std::string bytes, std::string_view coding) {
  const http::Body body = http::encoded(http::Body::of(std::move(bytes)), coding);
  char* to = head.exchange->respond(head.status, head.status_text, head.headers, body.bytes.size());
  if (to != nullptr && !body.bytes.empty()) memcpy(to, body.bytes.data(), body.bytes.size());
}

void finish(WorkerIsolate& isolate, const Head& head) {
  head.invocation->mark_responded(head.status);
  isolate.settle(*head.invocation);
}

/// Without an invocation: the builtins run through an answer before there is a worker, or even an
/// isolate of ours.
bool is_rehearsal(const Arguments& info) {
  return info[0]->IsInt32() && info[0].As<v8::Int32>()->Value() == 0;
}

// respondText(invocation, status, statusText, headers, text, coding)
void respond_text(const Arguments& info) {
  if (is_rehearsal(info)) return;
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  v8::Local<v8::String> text = info[4].As<v8::String>();
  const size_t length = text->Utf8LengthV2(v8);
  loop::NativeSection native(isolate.host().loop);
  Head head = read_head(isolate, info);
  if (head.invocation == nullptr) return;
  if (const std::string coding = take_coding(info, head); !coding.empty()) {
    respond_coded(head, js::to_utf8(v8, text), coding);
  } else if (head.exchange != nullptr) {
    char* to = head.exchange->respond(head.status, head.status_text, head.headers, length);
    if (to != nullptr && length != 0) {
      if (length == static_cast<size_t>(text->Length())) {
        text->WriteOneByteV2(v8, 0, static_cast<uint32_t>(length), reinterpret_cast<uint8_t*>(to));
      } else {
        text->WriteUtf8V2(v8, to, length, v8::String::WriteFlags::kReplaceInvalidUtf8);
      }
    }
  }
  finish(isolate, head);
}

// respondBytes(invocation, status, statusText, headers, bytes, coding)
void respond_bytes(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const std::span<uint8_t> bytes = js::bytes_of(info[4]);
  loop::NativeSection native(isolate.host().loop);
  Head head = read_head(isolate, info);
  if (head.invocation == nullptr) return;
  if (const std::string coding = take_coding(info, head); !coding.empty()) {
    respond_coded(head, std::string(js::view_of(bytes)), coding);
  } else if (head.exchange != nullptr) {
    char* to = head.exchange->respond(head.status, head.status_text, head.headers, bytes.size());
    if (to != nullptr && !bytes.empty()) memcpy(to, bytes.data(), bytes.size());
  }
  finish(isolate, head);
}

// respondEmpty(invocation, status, statusText, headers)
void respond_empty(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  const Head head = read_head(isolate, info);
  if (head.invocation == nullptr) return;
  if (head.exchange != nullptr) {
    if (http::allows_body(head.status)) {
      head.exchange->respond(head.status, head.status_text, head.headers, 0);
    } else {
      head.exchange->respond_empty(head.status, head.status_text, head.headers);
    }
  }
  finish(isolate, head);
}

// respondBody(invocation, status, statusText, headers, bodyId, coding): a body that JavaScript
// did not touch
void respond_body(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  Head head = read_head(isolate, info);
  if (head.invocation == nullptr) return;
  const std::string coding = take_coding(info, head);
  http::Body body = isolate.bodies().take_coded(info[4].As<v8::Int32>()->Value(), coding);
  if (head.exchange != nullptr) {
    if (body.pipe) {
      head.exchange->respond_stream(head.status, head.status_text, head.headers, body.pipe,
                                    body.length);
    } else {
      char* to =
          head.exchange->respond(head.status, head.status_text, head.headers, body.bytes.size());
      if (to != nullptr) memcpy(to, body.bytes.data(), body.bytes.size());
    }
  } else if (body.pipe) {
    body.pipe->cancel(Error{ErrorCode::aborted, "the client is gone", ""});
  }
  finish(isolate, head);
}

// respondStream(invocation, status, statusText, headers, length, coding): number of the pipe to
// write to, or -1 when there is nobody to write for
void respond_stream(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  Head head = read_head(isolate, info);
  info.GetReturnValue().Set(-1);
  if (head.invocation == nullptr) return;
  if (head.exchange == nullptr) {
    finish(isolate, head);
    return;
  }
  double length = info[4].As<v8::Number>()->Value();
  const std::string coding = take_coding(info, head);
  std::shared_ptr<loop::Pipe> pipe;
  info.GetReturnValue().Set(isolate.outgoing().open(head.invocation->id(), true, pipe));
  head.invocation->hold();
  head.invocation->set_streaming(true);
  if (!coding.empty()) {
    pipe = http::encoded(http::Body::of(std::move(pipe)), coding).pipe;
    length = -1;
  }
  head.exchange->respond_stream(
      head.status, head.status_text, head.headers, std::move(pipe),
      length < 0 ? std::nullopt : std::optional(static_cast<uint64_t>(length)));
  head.invocation->mark_responded(head.status);
}

// respondSocket(invocation, headers, socketId): the number of the socket that the script's end is
// now connected to; with a socket of another isolate (socketId >= 0) -1: the two are joined.
// Undefined when the client did not ask for a WebSocket.
void respond_socket(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  Invocation* invocation =
      isolate.find(static_cast<InvocationId>(info[0].As<v8::Int32>()->Value()));
  if (invocation == nullptr || invocation->exchange() == nullptr) return;
  if (!invocation->exchange()->wants_websocket()) return;
  const std::string headers = js::to_latin1(info.GetIsolate(), info[1]);
  std::shared_ptr<http::WebSocketEndpoint> endpoint = invocation->exchange()->upgrade(headers);
  if (endpoint == nullptr) return;
  const int32_t other = info[2].As<v8::Int32>()->Value();
  if (other >= 0) {
    if (std::shared_ptr<http::WebSocketEndpoint> far = isolate.sockets().take(other)) {
      join_sockets(std::move(endpoint), std::move(far));
    } else {
      endpoint->terminate();
    }
    info.GetReturnValue().Set(-1);
  } else {
    info.GetReturnValue().Set(
        isolate.sockets().add(std::move(endpoint), invocation->id(), /*reading=*/true));
  }
  invocation->mark_responded(101);
  isolate.settle(*invocation);
}

// respondException(invocation, thrown, encoded)
void respond_exception(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  const auto id = static_cast<InvocationId>(info[0].As<v8::Int32>()->Value());
  Invocation* invocation = isolate.find(id);
  if (invocation == nullptr) return;
  isolate.fail_invocation(*invocation, info[1], js::to_latin1(info.GetIsolate(), info[2]));
  loop::NativeSection native(isolate.host().loop);
  if (Invocation* still = isolate.find(id)) isolate.settle(*still);
}

// respondProblem(invocation, status, title, detail): a page about what is wrong with the worker
void respond_problem(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  loop::NativeSection native(isolate.host().loop);
  Invocation* invocation =
      isolate.find(static_cast<InvocationId>(info[0].As<v8::Int32>()->Value()));
  if (invocation == nullptr) return;
  const int status = info[1].As<v8::Int32>()->Value();
  if (http::Exchange* exchange = invocation->exchange()) {
    respond_error(*exchange, {status, js::to_utf8(v8, info[2]), js::to_utf8(v8, info[3]), ""},
                  isolate.host().settings.development);
  }
  invocation->mark_responded(status);
  isolate.settle(*invocation);
}

// currentInvocation(), without asking the isolate's owner: the builtins run before there is one,
// too.
void current_invocation(const Arguments& info) {
  info.GetReturnValue().Set(static_cast<int32_t>(async_context(info.GetIsolate()).invocation));
}

// invocationHold(invocation, waitUntil): something keeps it going, waitUntil() perhaps
void invocation_hold(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  if (Invocation* invocation =
          isolate.find(static_cast<InvocationId>(info[0].As<v8::Int32>()->Value()))) {
    invocation->hold();
    if (info[1]->IsTrue()) invocation->count_wait_until(1);
    isolate.settle(*invocation);
  }
}

// invocationRelease(invocation, waitUntil): not any more
void invocation_release(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  if (Invocation* invocation =
          isolate.find(static_cast<InvocationId>(info[0].As<v8::Int32>()->Value()))) {
    invocation->unhold();
    if (info[1]->IsTrue()) invocation->count_wait_until(-1);
    isolate.settle(*invocation);
  }
}

constexpr js::Native kTable[] = {
    {"respondText", respond_text},
    {"respondBytes", respond_bytes},
    {"respondEmpty", respond_empty},
    {"respondBody", respond_body},
    {"respondStream", respond_stream},
    {"respondSocket", respond_socket},
    {"respondException", respond_exception},
    {"respondProblem", respond_problem},
    {"currentInvocation", current_invocation},
    {"invocationHold", invocation_hold},
    {"invocationRelease", invocation_release},
};

}  // namespace

const std::span<const js::Native> kResponseNatives = kTable;

}  // namespace selvage::worker
