#include "js/exception.h"

#include <algorithm>

#include "js/native.h"

namespace selvage::js {
namespace {

std::string string_member(v8::Isolate* isolate, v8::Local<v8::Object> object,
                          std::string_view name) {
  v8::Local<v8::Value> value;
  if (!object->Get(isolate->GetCurrentContext(), make_symbol(isolate, name)).ToLocal(&value) ||
      !value->IsString()) {
    return {};
  }
  return to_utf8(isolate, value);
}

std::string message_of(v8::Isolate* isolate, v8::Local<v8::Value> thrown) {
  if (thrown->IsNativeError() || thrown->IsObject()) {
    const std::string name = string_member(isolate, thrown.As<v8::Object>(), "name");
    const std::string message = string_member(isolate, thrown.As<v8::Object>(), "message");
    if (!name.empty() && !message.empty()) return name + ": " + message;
    if (!name.empty() || !message.empty()) return name.empty() ? message : name;
  }
  v8::Local<v8::String> text;
  if (thrown->ToDetailString(isolate->GetCurrentContext()).ToLocal(&text)) {
    return to_utf8(isolate, text);
  }
  return "(a value that can't be shown)";
}

/// Without the frames of the builtins, which say nothing to a worker's author.
std::string without_builtins(std::string_view stack) {
  std::string own;
  while (!stack.empty()) {
    const size_t end = std::min(stack.find('\n'), stack.size() - 1);
    const std::string_view line = stack.substr(0, end + 1);
    if (!line.starts_with("    at ") || line.find("selvage:") == std::string_view::npos)
      own += line;
    stack.remove_prefix(line.size());
  }
  if (own.ends_with('\n')) own.pop_back();
  return own;
}

}  // namespace

ExceptionReport report_exception(v8::Isolate* isolate, v8::Local<v8::Value> thrown,
                                 const StackMapper& mapper) {
  v8::TryCatch quiet(isolate);
  ExceptionReport report;
  report.message = message_of(isolate, thrown);
  if (thrown->IsObject()) {
    report.stack = without_builtins(string_member(isolate, thrown.As<v8::Object>(), "stack"));
    if (!report.stack.empty() && mapper) report.stack = mapper(report.stack);
  }
  return report;
}

ExceptionReport report_exception(v8::Isolate* isolate, const v8::TryCatch& caught,
                                 const StackMapper& mapper) {
  if (!caught.HasCaught() || caught.Exception().IsEmpty()) return {"(terminated)", ""};
  ExceptionReport report = report_exception(isolate, caught.Exception(), mapper);
  v8::Local<v8::Message> message = caught.Message();
  if (message.IsEmpty() || !caught.Exception()->IsNativeError()) return report;
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  // A syntax error's own stack does not say where it is.
  if (report.message.starts_with("SyntaxError")) {
    std::string place = to_utf8(isolate, message->GetScriptResourceName()) + ":" +
                        std::to_string(message->GetLineNumber(context).FromMaybe(0)) + ":" +
                        std::to_string(message->GetStartColumn(context).FromMaybe(0) + 1);
    if (mapper) place = mapper(place);
    report.stack = report.message + "\n    at " + place;
  }
  return report;
}

}  // namespace selvage::js
