// Broken variants of the storage layer: each does one thing wrong that a programmer might. The
// campaign must notice every one, or it proves nothing.
#pragma once

#include <string>
#include <vector>

#include "life.h"

namespace selvage::faults {

struct Variant {
  std::string name;
  std::string what;
  /// Wrappers at the seams to the log and the file system.
  LifeOptions options;
  /// Whether it is a SELVAGE_BROKEN place of this name in the sources instead, which only the
  /// executable compiled with SELVAGE_BROKEN_VARIANTS has.
  bool in_source = false;
  /// The lives of which one must notice.
  std::vector<Kind> lives = {Kind::log, Kind::objects};
};

/// Those that this executable can be broken in.
std::vector<Variant> variants();

}  // namespace selvage::faults
