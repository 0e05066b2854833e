// The startup snapshot: the Web platform and the worker's inner machinery, as heap contents that a
// new isolate starts from.
//
// The builtins' source is not in that heap but beside it, once for all isolates of the process: an
// external string, which V8 reads when it compiles a function that the snapshot has no code for.
//
// File: magic "SLVGSNAP", u32 format, u32 fingerprint length, fingerprint, u64 CRC-32 of what
// follows the next field, u64 its length, u64 length of the source, source, blob. The fingerprint names V8's version and the natives by order; a blob whose
// fingerprint differs from the running program's can't be used and is refused with a clear error.
#pragma once

#include <node.h>
#include <v8.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "js/native.h"

namespace selvage::js {

/// Immutable after load; shared by all isolates of the process, on any thread.
class Snapshot {
 public:
  /// Runs `script` (the bundled builtins, a script whose value is the object of what C++ calls)
  /// with `natives` as globalThis.__natives, and writes the snapshot to `path`. Once in a process.
  static Status build(node::MultiIsolatePlatform* platform, std::span<const Native> natives,
                      std::string_view script, const std::string& path);
  static Result<std::unique_ptr<Snapshot>> load(const std::string& path,
                                                std::span<const Native> natives);

  [[nodiscard]] const v8::StartupData* blob() const { return &data_; }
  [[nodiscard]] const intptr_t* external_references() const { return references_.data(); }
  /// The builtins' object, in a context fresh from this snapshot. Once for each context.
  [[nodiscard]] v8::Local<v8::Object> builtins(v8::Local<v8::Context> context) const;

 private:
  /// The builtins' source where V8 finds it, by the same index in the references as at build time.
  class Source final : public v8::String::ExternalOneByteStringResource {
   public:
    explicit Source(std::string_view text) : text_(text) {}
    [[nodiscard]] const char* data() const override { return text_.data(); }
    [[nodiscard]] size_t length() const override { return text_.size(); }
    /// Shared by all isolates, and owned by none.
    void Dispose() override {}

   private:
    std::string_view text_;
  };

  Snapshot() = default;
  static std::vector<intptr_t> references_of(std::span<const Native> natives,
                                             const Source& source);
  static Result<v8::Local<v8::Object>> run_builtins(v8::Isolate* isolate,
                                                    v8::Local<v8::Context> context,
                                                    std::span<const Native> natives,
                                                    Source& source);

  std::unique_ptr<Source> source_;
  std::vector<intptr_t> references_;
  std::string bytes_;
  v8::StartupData data_{nullptr, 0};
};

}  // namespace selvage::js
