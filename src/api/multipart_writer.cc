#include "api/multipart_writer.h"

namespace selvage::api {
namespace {

/// As HTML's "multipart/form-data" encoding writes names: what could end them is percent-encoded.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    switch (c) {
      case '"': text += "%22"; break;
      case '\r': text += "%0D"; break;
      case '\n': text += "%0A"; break;
      default: text += c;
    }
  }
  return text;
}

}  // namespace

void MultipartWriter::begin_part(std::string_view name) {
  body_ += "--" + boundary_ + "\r\nContent-Disposition: form-data; name=\"" + escaped(name) + "\"";
}

void MultipartWriter::add_field(std::string_view name, std::string_view value) {
  begin_part(name);
  body_ += "\r\n\r\n";
  body_ += value;
  body_ += "\r\n";
}

void MultipartWriter::add_file(std::string_view name, std::string_view filename,
                               std::string_view content_type, std::string_view content) {
  begin_part(name);
  body_ += "; filename=\"" + escaped(filename) + "\"\r\n";
  if (!content_type.empty()) body_ += "Content-Type: " + std::string(content_type) + "\r\n";
  body_ += "\r\n";
  body_ += content;
  body_ += "\r\n";
}

std::string MultipartWriter::finish() {
  body_ += "--" + boundary_ + "--\r\n";
  return std::move(body_);
}

}  // namespace selvage::api
