// A span: one operation of a trace that is over. A value, on its way to the collector.
// https://opentelemetry.io/docs/specs/otel/trace/api/
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "trace/trace_context.h"

namespace selvage::trace {

/// The numbers are OTLP's.
enum class SpanKind : uint8_t { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

struct Attribute {
  std::string_view key;  // a literal
  std::variant<std::string, int64_t, bool> value;
};

using Attributes = std::vector<Attribute>;

/// What happened at a moment of the span: an exception.
struct SpanEvent {
  std::string_view name;  // a literal
  int64_t time_ns = 0;    // since 1970
  Attributes attributes;
};

struct Span {
  /// Longer texts are cut: one attribute must not fill the queue.
  static constexpr size_t kLongestText = 4096;

  SpanContext context;
  SpanId parent = 0;
  bool remote_parent = false;
  std::string name;
  SpanKind kind = SpanKind::internal;
  int64_t start_ns = 0;  // since 1970
  int64_t end_ns = 0;
  Attributes attributes;
  std::vector<SpanEvent> events;
  bool failed = false;
  std::string failure;  // a sentence, or ""
  std::string worker;
  std::string version;  // of the worker

  void set(std::string_view key, std::string_view text);
  /// Without effect when it is empty.
  void set_if(std::string_view key, std::string_view text) {
    if (!text.empty()) set(key, text);
  }
  void set(std::string_view key, const std::string& text) { set(key, std::string_view(text)); }
  void set(std::string_view key, const char* text) { set(key, std::string_view(text)); }
  void set(std::string_view key, int64_t number) { attributes.push_back({key, number}); }
  void set(std::string_view key, int number) { set(key, static_cast<int64_t>(number)); }
  void set(std::string_view key, bool flag) { attributes.push_back({key, flag}); }

  /// Roughly what it takes of memory.
  [[nodiscard]] size_t bytes() const;
};

/// `text`, cut to kLongestText; not within a character of UTF-8.
std::string_view cut(std::string_view text);

}  // namespace selvage::trace
