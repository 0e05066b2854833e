// Writes multipart/form-data (RFC 7578): what multipart.h reads. Pure.
#pragma once

#include <string>
#include <string_view>

namespace selvage::api {

class MultipartWriter {
 public:
  /// `boundary` must occur in no part: random text does not.
  explicit MultipartWriter(std::string boundary) : boundary_(std::move(boundary)) {}

  /// A field: neither a file's name nor a type.
  void add_field(std::string_view name, std::string_view value);
  /// A file; `content_type` may be "".
  void add_file(std::string_view name, std::string_view filename, std::string_view content_type,
                std::string_view content);

  /// For the request's Content-Type.
  [[nodiscard]] std::string content_type() const {
    return "multipart/form-data; boundary=" + boundary_;
  }
  /// The whole body. Ends the writer.
  std::string finish();

 private:
  void begin_part(std::string_view name);
  std::string boundary_;
  std::string body_;
};

}  // namespace selvage::api
