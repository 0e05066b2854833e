// Requests that a script sends: to the outside world, to other workers, to Durable Objects.
#include <memory>
#include <unordered_map>

#include "http/coded_body.h"
#include "http/syntax.h"
#include "worker/body_table.h"
#include "worker/call_table.h"
#include "worker/natives.h"
#include "worker/operation.h"
#include "worker/outgoing_table.h"
#include "worker/socket_table.h"
#include "worker/subrequest_span.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

/// The content coding of a body that is undone if a script reads it, and only then.
std::string coding_of(const http::HeaderBlock& headers) {
  const std::string_view coding = http::find_field(headers, "content-encoding");
  return http::can_code(coding) ? std::string(coding) : std::string();
}

using js::Arguments;

/// What the builtins make a Response of: [status, statusText, headers, bodyId, socketId].
v8::MaybeLocal<v8::Value> response_parts(WorkerIsolate& isolate, http::Response response,
                                         InvocationId invocation) {
  v8::Isolate* v8 = isolate.v8();
  loop::NativeSection native(isolate.host().loop);
  const int body =
      response.body.present
          ? isolate.bodies().add(std::move(response.body), invocation, coding_of(response.headers))
          : -1;
  const int socket = response.websocket ? isolate.sockets().add(std::move(response.websocket),
                                                                invocation, /*reading=*/false)
                                        : -1;
  v8::Local<v8::Value> parts[] = {v8::Integer::New(v8, response.status),
                                  js::make_latin1(v8, response.status_text),
                                  js::make_latin1(v8, response.headers), v8::Integer::New(v8, body),
                                  v8::Integer::New(v8, socket)};
  return v8::Array::New(v8, parts, 5);
}

void complete(const std::shared_ptr<Operation>& operation, Result<http::Response> response) {
  if (operation->canceled()) {
    if (response && response->body.pipe) {
      response->body.pipe->cancel(Error{ErrorCode::aborted, "nobody reads this body", ""});
    }
    if (response && response->websocket) response->websocket->terminate();
    return;
  }
  operation->complete([invocation = operation->invocation(),
                       response = std::make_unique<Result<http::Response>>(std::move(response))](
                          WorkerIsolate& isolate, Operation::Resolver resolver) {
    if (!*response) {
      reject(isolate.v8(), resolver, response->error());
      return;
    }
    if (isolate.find(invocation) == nullptr) {
      // The invocation that asked is over: nobody will read this.
      if ((*response)->body.pipe) {
        (*response)->body.pipe->cancel(Error{ErrorCode::aborted, "nobody reads this body", ""});
      }
      if ((*response)->websocket) (*response)->websocket->terminate();
      return;
    }
    v8::Local<v8::Value> parts;
    if (response_parts(isolate, std::move(**response), invocation).ToLocal(&parts)) {
      resolver->Resolve(isolate.context(), parts).Check();
    }
  });
}

/// The request of arguments [at...]: method, url, headers, body. The body is null, a string, bytes,
/// a BodyId (number), or true: written by the script to the pipe whose number is put in `outgoing`.
http::Request read_request(WorkerIsolate& isolate, const Arguments& info, int at,
                           int32_t& outgoing) {
  v8::Isolate* v8 = info.GetIsolate();
  http::Request request;
  request.method = js::to_latin1(v8, info[at]);
  request.url = js::to_utf8(v8, info[at + 1]);
  request.headers = js::to_latin1(v8, info[at + 2]);
  v8::Local<v8::Value> body = info[at + 3];
  if (body->IsString()) {
    request.body = http::Body::of(js::to_utf8(v8, body));
  } else if (body->IsNumber()) {
    request.body = isolate.bodies().take(body.As<v8::Int32>()->Value());
  } else if (body->IsTrue()) {
    std::shared_ptr<loop::Pipe> pipe;
    outgoing = isolate.outgoing().open(isolate.current_invocation(), false, pipe);
    request.body = http::Body::of(std::move(pipe));
  } else if (body->IsArrayBufferView() || body->IsArrayBuffer()) {
    request.body = http::Body::of(std::string(js::view_of(js::bytes_of(body))));
  }
  return request;
}

bool refuse_in_global_scope(WorkerIsolate& isolate) {
  if (isolate.find(isolate.current_invocation()) != nullptr) return false;
  js::throw_error(isolate.v8(),
                  "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() "
                  "or connect()), setting a timeout, and generating random values are not allowed "
                  "within global scope. To fix this error, perform this operation within a "
                  "handler.");
  return true;
}

/// [promise, pipe number or -1, call number or -1]
void give_call(const Arguments& info, v8::Local<v8::Promise> promise, int32_t outgoing,
               int32_t call) {
  v8::Isolate* v8 = info.GetIsolate();
  v8::Local<v8::Value> result[] = {promise, v8::Integer::New(v8, outgoing),
                                   v8::Integer::New(v8, call)};
  info.GetReturnValue().Set(v8::Array::New(v8, result, 3));
}

// fetchStart(method, url, headers, body, websocket): [promise of response parts, pipe, call]
void fetch_start(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  if (refuse_in_global_scope(isolate)) return;
  int32_t outgoing = -1;
  http::Request request = read_request(isolate, info, 0, outgoing);
  v8::Local<v8::Promise> promise;
  std::shared_ptr<Operation> operation = isolate.operations().start(isolate, promise);
  if (!operation) return;
  const InvocationId invocation = operation->invocation();
  auto on_response = [operation = std::move(operation),
                      span = begin_fetch_span(isolate, request)](Result<http::Response> response) {
    end_subrequest_span(span.get(), response);
    complete(operation, std::move(response));
  };
  http::Client& client = isolate.host().client;
  auto call =
      info[4]->IsTrue()
          ? client.connect_websocket(std::move(request), std::move(on_response))
          : client.fetch(std::move(request), {.decompress = false, .accept_compressed = true},
                         std::move(on_response));
  give_call(info, promise, outgoing, isolate.calls().add(std::move(call), invocation));
}

// fetchCancel(call)
void fetch_cancel(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  loop::NativeSection native(isolate.host().loop);
  isolate.calls().cancel(info[0].As<v8::Int32>()->Value());
}

// serviceFetch(worker, entrypoint, objectClass, objectId, objectName, props, method, url, headers,
// body):
// [promise of response parts, pipe]
void service_fetch(const Arguments& info) {
  WorkerIsolate& isolate = WorkerIsolate::from(info.GetIsolate());
  v8::Isolate* v8 = info.GetIsolate();
  loop::NativeSection native(isolate.host().loop);
  if (refuse_in_global_scope(isolate)) return;
  auto target = std::make_unique<Target>();
  const std::string worker = js::to_utf8(v8, info[0]);
  target->entrypoint = js::to_utf8(v8, info[1]);
  target->object_class = js::to_utf8(v8, info[2]);
  target->object_id = js::to_utf8(v8, info[3]);
  target->object_name = js::to_utf8(v8, info[4]);
  target->props = js::to_utf8(v8, info[5]);
  stay_with_version(isolate, worker, *target);
  int32_t outgoing = -1;
  http::Request request = read_request(isolate, info, 6, outgoing);
  v8::Local<v8::Promise> promise;
  std::shared_ptr<Operation> operation = isolate.operations().start(isolate, promise);
  if (!operation) return;
  auto on_response = [operation, span = begin_binding_span(isolate, request, worker, *target)](
                         Result<http::Response> response) {
    end_subrequest_span(span.get(), response);
    complete(operation, std::move(response));
  };
  Router& router = isolate.host().router;
  if (target->entrypoint == kAssetsEntrypoint && worker == isolate.worker().name()) {
    router.request_asset(isolate.shared_worker(), std::move(request), std::move(on_response));
  } else {
    router.request(worker, std::move(target), std::move(request), std::move(on_response));
  }
  give_call(info, promise, outgoing, -1);
}

constexpr js::Native kTable[] = {
    {"fetchStart", fetch_start},
    {"fetchCancel", fetch_cancel},
    {"serviceFetch", service_fetch},
};

}  // namespace

const std::span<const js::Native> kFetchNatives = kTable;

}  // namespace selvage::worker
