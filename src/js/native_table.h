// All natives by name, from which the builtins take what they use: nativeFunction(name) makes the
// function of one. A function costs each isolate about 370 bytes, so those that only a group of
// builtins uses are made when it is loaded (src/web/builtins/natives.ts) and are not in the
// snapshot.
#pragma once

#include <v8.h>

#include <span>
#include <string_view>
#include <vector>

#include "js/native.h"

namespace selvage::js {

/// Immutable; shared by all isolates of the process, on any thread. Outlives the isolates it is
/// attached to.
class NativeTable {
 public:
  explicit NativeTable(std::span<const Native> natives);

  /// What `isolate`'s nativeFunction() looks in. Takes the isolate's data slot kSlot.
  void attach(v8::Isolate* isolate) const;

 private:
  static constexpr uint32_t kSlot = 2;
  friend void native_function(const Arguments& info);

  [[nodiscard]] const Native* find(std::string_view name) const;

  std::vector<Native> natives_;
  std::vector<const Native*> by_name_;
};

/// nativeFunction(name): a new function for the native, or undefined when there is none.
void native_function(const Arguments& info);

}  // namespace selvage::js
