// Builtins that an isolate evaluates only when it first uses them: what is not in the startup
// snapshot costs no start and no memory. Each group is a script of its own whose value is a
// function (see src/web/builtins/group.ts, which calls it); it comes with V8's code cache, made
// when the snapshot was, so that little is left to compile.
#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "js/external_source.h"
#include "js/native.h"

namespace selvage::js {

/// Immutable once made; shared by all isolates of the process, on any thread.
class BuiltinGroups {
 public:
  struct Group {
    std::string name;
    std::unique_ptr<ExternalSource> source;  // ASCII, in memory that outlives the groups
    std::string_view code;                   // V8's code cache; empty: none yet
  };

  void add(std::string name, std::string_view source, std::string_view code);
  [[nodiscard]] const std::vector<Group>& all() const { return groups_; }

  /// Inside an isolate: the function of group `name`. Empty with an exception pending when there is
  /// no such group or the isolate's limits do not allow to load it.
  v8::MaybeLocal<v8::Value> load(v8::Local<v8::Context> context, std::string_view name) const;
  /// Inside an isolate that has loaded and used the group: the code that V8 has compiled for it.
  static std::string compiled_code(v8::Local<v8::Context> context, const Group& group);

 private:
  std::vector<Group> groups_;
};

/// loadGroup(name), and lazyGlobal(name): a property of the global object that looks like an
/// ordinary one, and whose value the builtins' makeLazyGlobal(name) gives when it is first asked
/// for.
extern const std::span<const Native> kGroupNatives;
/// What the snapshot refers to beside natives.
extern const std::span<const intptr_t> kGroupReferences;

}  // namespace selvage::js
