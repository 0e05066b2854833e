#include "worker/invocation.h"

#include <strings.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/wall_clock.h"
#include "http/status.h"
#include "js/native.h"
#include "signals/record.h"
#include "worker/body_table.h"
#include "worker/local_exchange.h"
#include "worker/record_table.h"
#include "worker/worker_isolate.h"

namespace selvage::worker {
namespace {

/// Whether "http://" + host + target is what a URL parser would make of it, so that none is needed:
/// nothing to escape, decode, lower or shorten.
bool is_normal_url(std::string_view host, std::string_view target) {
  if (host.empty() || host.ends_with(":80") || host.ends_with(":443") || host.ends_with(':')) {
    return false;
  }
  bool letters = false;  // a host of digits and dots only may be an odd spelling of an IPv4 address
  for (char c : host) {
    const bool letter = c >= 'a' && c <= 'z';
    letters |= letter;
    if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != ':') return false;
  }
  if (!letters && host != "127.0.0.1" && !host.starts_with("127.0.0.1:")) return false;
  if (host.find("xn--") != std::string_view::npos) return false;
  if (target.empty() || target.front() != '/') return false;
  char previous = 0;
  for (char c : target) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '-' || c == '_' || c == '?' || c == '=' || c == '&' ||
                       c == '+' || c == ',' || c == ':' || c == '@' || c == '~' || c == ';' ||
                       c == '.' || c == '*' || c == '!' || c == '$' || c == '(' || c == ')';
    // "/." and "/%2e" may be dot segments; any escape goes to the parser.
    if (!plain || (c == '.' && previous == '/')) return false;
    previous = c;
  }
  return true;
}

/// The header lines for a script: what the client says of its own address is not believed.
std::string request_headers(std::string_view block, std::string_view client_address) {
  constexpr std::string_view kName = "cf-connecting-ip:";
  std::string headers;
  headers.reserve(block.size() + kName.size() + client_address.size() + 3);
  while (!block.empty()) {
    const size_t end = block.find('\n');
    const std::string_view line = block.substr(0, end == std::string_view::npos ? end : end + 1);
    block.remove_prefix(line.size());
    if ((line[0] | 0x20) == 'c' && line.size() >= kName.size() &&
        strncasecmp(line.data(), kName.data(), kName.size()) == 0) {
      continue;
    }
    headers += line;
  }
  if (!client_address.empty()) {
    headers.append("CF-Connecting-IP: ").append(client_address).append("\r\n");
  }
  return headers;
}

v8::Local<v8::String> method_string(v8::Isolate* isolate, std::string_view method) {
  return js::make_symbol(isolate, method);
}

void log_request(std::string_view description, int status, std::chrono::nanoseconds took,
                 bool colour) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  const char* paint = !colour         ? ""
                      : status >= 500 ? "\x1b[31m"
                      : status >= 400 ? "\x1b[33m"
                                      : "\x1b[32m";
  std::string line(description);
  line += std::string(" ") + paint + std::to_string(status) + " " +
          std::string(http::reason_phrase(status)) + (colour ? "\x1b[0m" : "") + " (" +
          std::to_string(milliseconds) + "ms)\n";
  (void)!write(STDOUT_FILENO, line.data(), line.size());
}

}  // namespace

void Invocation::begin(http::Exchange& exchange, std::unique_ptr<Target> target,
                       std::shared_ptr<void> exchange_owner) {
  exchange_ = &exchange;
  exchange_owner_ = std::move(exchange_owner);
  target_ = std::move(target);
  holds_ = 0;
  waits_ = 0;
  wait_untils_ = 0;
  wait_limited_ = false;
  live_ = true;
  responded_ = false;
  status_ = 0;
  client_gone_ = false;
  streaming_ = false;
  object_ = false;
  kv_operations_ = 0;
  cpu_used_ = {};
  started_ = std::chrono::steady_clock::now();
  if (target_ && !target_->scheduled.empty()) {
    description_ = "scheduled " + target_->scheduled.substr(target_->scheduled.find(' ') + 1);
  } else {
    description_.assign(exchange.method()).append(" ").append(exchange.target());
  }
  if (isolate_.host().signals.access_log != nullptr && !exchange_owner_) {
    access_ = std::make_unique<signals::AccessEntry>(signals::AccessEntry{
        wall_clock_ms(), std::string(exchange.client_address()), std::string(exchange.method()),
        std::string(exchange.host()), std::string(exchange.target())});
  }
  exchange.set_observer(this);
}

void Invocation::begin_object(std::string description) {
  exchange_ = nullptr;
  holds_ = 0;
  waits_ = 0;
  wait_untils_ = 0;
  wait_limited_ = false;
  live_ = true;
  responded_ = true;
  client_gone_ = false;
  streaming_ = false;
  object_ = true;
  open_section_ = 0;
  storage_ = -1;
  kv_operations_ = 0;
  cpu_used_ = {};
  started_ = std::chrono::steady_clock::now();
  description_ = std::move(description);
}

void Invocation::begin_call(std::string description) {
  begin_object(std::move(description));
  object_ = false;
  holds_ = 1;
}

void Invocation::finish() {
  live_ = false;
  object_ = false;
  has_bodies_ = false;
  open_section_ = 0;
  set_id(0);
  exchange_ = nullptr;
  exchange_owner_.reset();
  target_.reset();
  access_.reset();
  traces_.clear();
}

LocalExchange* Invocation::local_exchange() const {
  return exchange_owner_ ? static_cast<LocalExchange*>(exchange_) : nullptr;
}

void Invocation::on_client_gone() {
  isolate_.bodies().detach(*exchange_);
  exchange_ = nullptr;
  client_gone_ = true;
  isolate_.settle_later(*this);
}

void Invocation::mark_responded(int status) {
  if (responded_) return;
  responded_ = true;
  status_ = status;
  if (!target_ || target_->object_class.empty()) {
    const auto took = std::chrono::steady_clock::now() - started_;
    isolate_.counters().respond(status, took);
    const HostSettings& settings = isolate_.host().settings;
    if (settings.log_requests && (!target_ || target_->tail.empty())) {
      log_request(description_, status, took, settings.colour);
    }
    if (access_) {
      isolate_.host().signals.access_log->append(signals::access_line(
          *access_, isolate_.worker().name(), isolate_.worker().version().id, status, took));
      access_.reset();
    }
    if (!isolate_.records().empty()) isolate_.records().responded(id_, status);
  }
  if (exchange_ != nullptr) {
    isolate_.bodies().detach(*exchange_);
    exchange_ = nullptr;
  }
  exchange_owner_.reset();
}

void Invocation::deliver(WorkerIsolate& isolate) {
  v8::Isolate* v8 = isolate.v8();
  // The exchange belongs to the loop; JavaScript gets copies.
  std::string url;
  bool normal = true;
  v8::Local<v8::Value> arguments[8];
  {
    loop::NativeSection native(isolate.host().loop);
    if (exchange_ == nullptr) {
      isolate.settle(*this);
      return;
    }
    const LocalExchange* local = local_exchange();
    if (local != nullptr) {
      url = local->url();
    } else {
      const std::string_view host = exchange_->host();
      normal = is_normal_url(host, exchange_->target());
      url.reserve(16 + host.size() + exchange_->target().size());
      url.append(exchange_->secure() ? "https://" : "http://");
      url.append(host.empty() ? "localhost" : host).append(exchange_->target());
    }
    arguments[1] = method_string(v8, exchange_->method());
    arguments[4] = local != nullptr
                       ? js::make_latin1(v8, exchange_->header_block())
                       : js::make_latin1(v8, request_headers(exchange_->header_block(),
                                                             exchange_->client_address()));
    arguments[5] =
        v8::Integer::New(v8, exchange_->has_body() ? isolate.bodies().add(*exchange_, id_) : -1);
  }
  arguments[0] = v8::Integer::New(v8, static_cast<int32_t>(id_));
  arguments[2] = js::make_string(v8, url);
  arguments[3] = v8::Boolean::New(v8, normal);
  if (!target_ || target_->plain()) {
    isolate.call_builtin(isolate.entries().dispatch_fetch, 6, arguments);
  } else if (!target_->scheduled.empty()) {
    const std::string& scheduled = target_->scheduled;
    const size_t space = scheduled.find(' ');
    arguments[1] = v8::Number::New(v8, std::strtod(scheduled.c_str(), nullptr));
    arguments[2] = js::make_string(v8, std::string_view(scheduled).substr(space + 1));
    isolate.call_builtin(isolate.entries().dispatch_scheduled, 3, arguments);
  } else if (!target_->tail.empty()) {
    arguments[1] = js::make_string(v8, target_->tail);
    isolate.call_builtin(isolate.entries().dispatch_tail, 2, arguments);
  } else if (target_->object_class.empty()) {
    arguments[6] = js::make_string(v8, target_->entrypoint);
    arguments[7] = js::make_string(v8, target_->props);
    isolate.call_builtin(isolate.entries().dispatch_entrypoint, 8, arguments);
  } else {
    v8::Local<v8::Value> parts[4] = {
        js::make_string(v8, target_->object_class), js::make_string(v8, target_->object_id),
        js::make_string(v8, target_->object_name), js::make_string(v8, target_->alarm)};
    arguments[6] = v8::Array::New(v8, parts, 4);
    isolate.call_builtin(isolate.entries().dispatch_object, 7, arguments);
  }
}

}  // namespace selvage::worker
