// A point in an object's history, as scripts get it: a text that compares as the points do.
//
//   0000000r-ssssssss-ssssssss-oooooooooooooooooooooooooooooooo
//
// r: how many restores the object had had. s: the number of its last commit; all ones: the last one
// before the next restore, whichever that will be. o: from the object's id.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::object {

struct Bookmark {
  uint32_t restores = 0;
  uint64_t sequence = 0;

  static constexpr uint64_t kBeforeNextRestore = UINT64_MAX;

  bool operator==(const Bookmark&) const = default;

  /// `object_id`: as in ObjectKey.
  [[nodiscard]] std::string to_string(std::string_view object_id) const;
  /// ErrorCode::invalid_argument for what is no bookmark of this object.
  static Result<Bookmark> parse(std::string_view text, std::string_view object_id);
};

}  // namespace selvage::object
