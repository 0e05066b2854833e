// Source text that V8 reads where it is, instead of a copy on each isolate's heap.
#pragma once

#include <v8.h>

#include <string_view>

namespace selvage::js {

/// ASCII or Latin-1. Shared by all isolates and owned by none: it must outlive them.
class ExternalSource final : public v8::String::ExternalOneByteStringResource {
 public:
  explicit ExternalSource(std::string_view text) : text_(text) {}
  [[nodiscard]] const char* data() const override { return text_.data(); }
  [[nodiscard]] size_t length() const override { return text_.size(); }
  void Dispose() override {}
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

}  // namespace selvage::js
