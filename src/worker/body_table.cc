#include "worker/body_table.h"

#include "http/coded_body.h"
#include "js/native.h"
#include "worker/operation.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

Error body_gone() {
  return Error{ErrorCode::aborted,
               "Can't read from request stream because the client or the invocation is gone.", ""};
}

v8::MaybeLocal<v8::Value> to_value(v8::Isolate* isolate, std::string_view bytes, bool as_text) {
  if (as_text) return decode_text(isolate, bytes);
  v8::Local<v8::Uint8Array> array;
  if (!js::make_uint8_array(isolate, bytes).ToLocal(&array)) return {};
  return array;
}

void settle_with(WorkerIsolate& isolate, Operation::Resolver resolver, std::string_view bytes,
                 bool as_text) {
  v8::TryCatch caught(isolate.v8());
  v8::Local<v8::Value> value;
  if (to_value(isolate.v8(), bytes, as_text).ToLocal(&value)) {
    resolver->Resolve(isolate.context(), value).Check();
  } else if (caught.HasCaught() && !caught.HasTerminated()) {
    resolver->Reject(isolate.context(), caught.Exception()).Check();
  }
}

}  // namespace

v8::Local<v8::String> decode_text(v8::Isolate* isolate, std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  return js::make_string(isolate, bytes);
}

/// Reads a pipe to its end for read_all().
class BodyTable::Collector : public std::enable_shared_from_this<Collector> {
 public:
  Collector(std::shared_ptr<loop::Pipe> pipe, std::shared_ptr<Operation> operation, bool as_text,
            uint64_t limit)
      : pipe_(std::move(pipe)),
        operation_(std::move(operation)),
        as_text_(as_text),
        limit_(limit) {}

  void next() {
    pipe_->read([self = shared_from_this()](Result<loop::Pipe::Chunk> chunk) {
      self->on_chunk(std::move(chunk));
    });
  }

 private:
  void on_chunk(Result<loop::Pipe::Chunk> chunk) {
    if (!chunk) {
      operation_->complete(fail(std::move(chunk).error()));
    } else if (!*chunk) {
      operation_->complete([bytes = std::move(bytes_), as_text = as_text_](
                               WorkerIsolate& isolate, Operation::Resolver resolver) {
        settle_with(isolate, resolver, bytes, as_text);
      });
    } else {
      bytes_ += **chunk;
      if (operation_->canceled()) {
        pipe_->cancel(body_gone());
      } else if (bytes_.size() > limit_) {
        Error error{
            ErrorCode::limit_exceeded,
            "The body is larger than the memory limit of " + std::to_string(limit_) + " bytes",
            "Read it as a stream"};
        pipe_->cancel(error);
        operation_->complete(fail(std::move(error)));
      } else {
        next();
      }
    }
  }

  std::shared_ptr<loop::Pipe> pipe_;
  std::shared_ptr<Operation> operation_;
  bool as_text_;
  uint64_t limit_;
  std::string bytes_;
};

BodyTable::~BodyTable() = default;

BodyId BodyTable::add(http::Exchange& exchange, InvocationId invocation) {
  const BodyId id = ++last_id_;
  if (Invocation* owner = isolate_.find(invocation)) owner->note_body();
  Entry& entry = entries_[id];
  entry.exchange = &exchange;
  entry.body.present = true;
  entry.body.length = exchange.body_length();
  entry.invocation = invocation;
  return id;
}

BodyId BodyTable::add(http::Body body, InvocationId invocation, std::string coding) {
  const BodyId id = ++last_id_;
  if (Invocation* owner = isolate_.find(invocation)) owner->note_body();
  Entry& entry = entries_[id];
  if (!body.pipe) body.length = body.bytes.size();
  entry.body = std::move(body);
  entry.coding = std::move(coding);
  entry.invocation = invocation;
  return id;
}

void BodyTable::reassign(BodyId id, InvocationId invocation) {
  if (Entry* entry = find(id)) entry->invocation = invocation;
}

void BodyTable::detach(const http::Exchange& exchange) {
  for (auto at = entries_.begin(); at != entries_.end();) {
    at = at->second.exchange == &exchange ? entries_.erase(at) : std::next(at);
  }
}

void BodyTable::end_of(InvocationId invocation) {
  for (auto at = entries_.begin(); at != entries_.end();) {
    if (at->second.invocation != invocation) {
      ++at;
      continue;
    }
    if (at->second.body.pipe) at->second.body.pipe->cancel(body_gone());
    at = entries_.erase(at);
  }
}

BodyTable::Entry* BodyTable::find(BodyId id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

void BodyTable::decode(Entry& entry) {
  if (entry.coding.empty()) return;
  entry.body = http::decoded(std::move(entry.body), std::exchange(entry.coding, {}));
}

std::shared_ptr<loop::Pipe> BodyTable::pipe_of(Entry& entry) {
  decode(entry);
  if (entry.exchange != nullptr) {
    entry.body.pipe = std::exchange(entry.exchange, nullptr)->body();
  } else if (!entry.body.pipe) {
    entry.body.pipe = loop::Pipe::create();
    entry.body.pipe->write(std::exchange(entry.body.bytes, {}));
    entry.body.pipe->end();
  }
  return entry.body.pipe;
}

v8::MaybeLocal<v8::Value> BodyTable::read_all(BodyId id, bool as_text) {
  Entry* entry = find(id);
  if (entry == nullptr) {
    js::throw_type_error(isolate_.v8(), body_gone().message);
    return {};
  }
  decode(*entry);
  if (entry->exchange != nullptr) {
    if (const auto bytes = entry->exchange->complete_body()) {
      v8::MaybeLocal<v8::Value> value = to_value(isolate_.v8(), *bytes, as_text);
      entries_.erase(id);
      return value;
    }
  } else if (!entry->body.pipe) {
    v8::MaybeLocal<v8::Value> value = to_value(isolate_.v8(), entry->body.bytes, as_text);
    entries_.erase(id);
    return value;
  }
  v8::Local<v8::Promise> promise;
  std::shared_ptr<Operation> operation = isolate_.operations().start(isolate_, promise);
  if (!operation) return {};
  std::make_shared<Collector>(pipe_of(*entry), std::move(operation), as_text,
                              isolate_.isolate().memory_limit())
      ->next();
  return promise;
}

v8::MaybeLocal<v8::Value> BodyTable::read(BodyId id) {
  v8::Local<v8::Promise> promise;
  std::shared_ptr<Operation> operation = isolate_.operations().start(isolate_, promise);
  if (!operation) return {};
  Entry* entry = find(id);
  if (entry == nullptr) {
    operation->complete(fail(body_gone()));
    return promise;
  }
  pipe_of(*entry)->read([operation](Result<loop::Pipe::Chunk> chunk) {
    if (!chunk) {
      operation->complete(fail(std::move(chunk).error()));
      return;
    }
    operation->complete(
        [chunk = std::move(*chunk)](WorkerIsolate& isolate, Operation::Resolver resolver) {
          if (chunk) {
            settle_with(isolate, resolver, *chunk, false);
          } else {
            resolver->Resolve(isolate.context(), v8::Null(isolate.v8())).Check();
          }
        });
  });
  return promise;
}

void BodyTable::cancel(BodyId id) {
  Entry* entry = find(id);
  if (entry == nullptr) return;
  if (entry->body.pipe) {
    entry->body.pipe->cancel(Error{ErrorCode::aborted, "the body was canceled", ""});
  }
  entries_.erase(id);
}

int64_t BodyTable::length(BodyId id) const {
  const auto found = entries_.find(id);
  if (found == entries_.end() || !found->second.body.length) return -1;
  if (!found->second.coding.empty()) return -1;
  return static_cast<int64_t>(*found->second.body.length);
}

http::Body BodyTable::take_coded(BodyId id, std::string_view coding) {
  Entry* entry = find(id);
  if (entry == nullptr) return http::Body::none();
  if (entry->exchange != nullptr) {
    if (const auto bytes = entry->exchange->complete_body()) {
      http::Body body = http::Body::of(std::string(*bytes));
      entries_.erase(id);
      return coding.empty() ? std::move(body) : http::encoded(std::move(body), coding);
    }
    pipe_of(*entry);
  }
  http::Body body = std::move(entry->body);
  const std::string had = std::move(entry->coding);
  entries_.erase(id);
  if (had == coding) return body;
  if (!had.empty()) body = http::decoded(std::move(body), had);
  return coding.empty() ? std::move(body) : http::encoded(std::move(body), coding);
}

}  // namespace selvage::worker
