// Uploads of workers: metadata of any JSON, alone and in a form with modules of any name, are
// refused with a reason or become a document that keeps to the limits.
#include <string>
#include <string_view>

#include "api/multipart_writer.h"
#include "api/worker_upload.h"
#include "expect.h"

using selvage::fuzz::expect;
namespace api = selvage::api;

namespace {

constexpr api::UploadLimits kLimits{.bytes = 1 << 16, .modules = 8, .bindings = 8};

void check(const selvage::Result<api::WorkerUpload>& upload) {
  if (!upload) {
    expect(!upload.error().message.empty(), "a refusal says why");
    return;
  }
  expect(upload->document["bindings"].size() <= kLimits.bindings, "bindings are limited");
  expect(upload->modules.size() <= kLimits.modules, "modules are limited");
  for (const api::UploadedModule& module : upload->modules) {
    expect(!module.name.empty() && module.name.find("..") != 0 && module.name[0] != '/' &&
               module.name.find("/../") == std::string::npos,
           "modules' names stay in the graph");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // Lines: the metadata, the module's name, its type, its content.
  const size_t first = input.find('\n');
  const std::string_view metadata = input.substr(0, first);
  std::string_view rest =
      first == std::string_view::npos ? std::string_view() : input.substr(first + 1);
  const auto line = [&rest] {
    const size_t end = rest.find('\n');
    const std::string_view found = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return found;
  };
  const std::string_view name = line();
  const std::string_view type = line();
  std::string boundary = "b";
  while (input.find(boundary) != std::string_view::npos) boundary += "b";
  api::MultipartWriter writer(boundary);
  writer.add_field("metadata", metadata);
  writer.add_file(name, name, type, rest);
  writer.add_file("index.js", "index.js", "application/javascript+module", rest);
  const std::string content_type = writer.content_type();
  check(api::read_worker_upload(writer.finish(), content_type, kLimits));
  return 0;
}
