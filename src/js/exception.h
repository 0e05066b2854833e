// What was thrown, as text for people: message and stack, in terms of the author's sources.
#pragma once

#include <v8.h>

#include <functional>
#include <string>

namespace selvage::js {

struct ExceptionReport {
  std::string message;  // "TypeError: x is not a function"
  std::string stack;    // message and frames, mapped; "" when what was thrown has no stack
  /// The stack if there is one, else the message.
  [[nodiscard]] const std::string& text() const { return stack.empty() ? message : stack; }
};

/// Puts a stack's places in the author's terms (source maps).
using StackMapper = std::function<std::string(std::string_view stack)>;

/// Inside run(). Never throws, and runs no user code beyond getters of the thrown value.
ExceptionReport report_exception(v8::Isolate* isolate, v8::Local<v8::Value> thrown,
                                 const StackMapper& mapper);
/// For what a TryCatch caught: syntax errors get their place and line, too.
ExceptionReport report_exception(v8::Isolate* isolate, const v8::TryCatch& caught,
                                 const StackMapper& mapper);

}  // namespace selvage::js
