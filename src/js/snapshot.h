// The startup snapshot: the Web platform and the worker's inner machinery, as heap contents that a
// new isolate starts from.
//
// The builtins' source is not in that heap but beside it, once for all isolates of the process: an
// external string, which V8 reads when it compiles a function that the snapshot has no code for.
//
// File: magic "SLVGSNAP", u32 format, u32 fingerprint length, fingerprint, u64 CRC-32 of what
// follows the next field, u64 its length; then the source, u32 the number of groups, for each its
// name, source and code, and the blob: each of these a u64 length and its bytes. The fingerprint
// names V8's version and the natives by order; a blob whose fingerprint differs from the running
// program's can't be used and is refused with a clear error.
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
#include "js/builtin_groups.h"
#include "js/external_source.h"
#include "js/native.h"
#include "js/native_table.h"

namespace selvage::js {

/// Immutable after load; shared by all isolates of the process, on any thread.
class Snapshot {
 public:
  /// A group of builtins beside the snapshot, as it is built.
  struct GroupSource {
    std::string name;
    std::string text;
  };
  /// Runs `script` (the bundled builtins, a script whose value is the object of what C++ calls)
  /// with globalThis.__nativeFunction(name) for `natives`, and writes the snapshot to `path`. The
  /// builtins' "useGroups" is called to have the groups' code compiled. Once in a process.
  static Status build(node::MultiIsolatePlatform* platform, std::span<const Native> natives,
                      std::string_view script, std::span<const GroupSource> groups,
                      const std::string& path);
  static Result<std::unique_ptr<Snapshot>> load(const std::string& path,
                                                std::span<const Native> natives);

  [[nodiscard]] const v8::StartupData* blob() const { return &data_; }
  [[nodiscard]] const intptr_t* external_references() const { return references_.data(); }
  [[nodiscard]] const BuiltinGroups& groups() const { return groups_; }
  [[nodiscard]] const NativeTable& natives() const { return natives_; }
  /// The builtins' object, in a context fresh from this snapshot. Once for each context.
  [[nodiscard]] v8::Local<v8::Object> builtins(v8::Local<v8::Context> context) const;

 private:
  explicit Snapshot(std::span<const Native> natives) : natives_(natives) {}
  static std::vector<intptr_t> references_of(std::span<const Native> natives,
                                             const ExternalSource& source);
  static Result<v8::Local<v8::Object>> run_builtins(v8::Isolate* isolate,
                                                    v8::Local<v8::Context> context,
                                                    ExternalSource& source);

  static Result<std::unique_ptr<Snapshot>> parse(std::string contents,
                                                 std::span<const Native> natives);
  static Result<std::string> make_blob(node::MultiIsolatePlatform* platform,
                                       std::span<const Native> natives, std::string_view script);
  /// The code of each group, as V8 has compiled it after "useGroups".
  Result<std::vector<std::string>> compile_groups(node::MultiIsolatePlatform* platform) const;

  const NativeTable natives_;
  std::unique_ptr<ExternalSource> source_;
  BuiltinGroups groups_;
  std::vector<intptr_t> references_;
  std::string bytes_;
  v8::StartupData data_{nullptr, 0};
};

}  // namespace selvage::js
