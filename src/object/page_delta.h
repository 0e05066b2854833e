// What a commit did to the pages of an object's database, as bytes: the payload of its record in
// the commit log.
//
// A page is described by the ranges of it that changed, either against its version in the commit
// before ("delta") or against zeros ("image"). Applying a payload sets bytes to values and nothing
// else, so applying it twice, or over a page of any later version, does no harm as long as all that
// follow are applied too. Bytes in docs/storage-format.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/function.h"
#include "base/result.h"
#include "object/alarm.h"

namespace selvage::object {

constexpr uint32_t kPageSize = 4096;
using PageBytes = std::array<char, kPageSize>;

/// What a payload says besides pages.
struct Commitment {
  /// Pages of the database after the commit; 0 when it has none left.
  uint32_t page_count = 0;
  /// The object's alarm, if the commit changed it; without a time when there is none any more.
  std::optional<Alarm> alarm = std::nullopt;
  /// When it was made, in milliseconds since 1970; 0: not known.
  uint64_t time = 0;
  /// The database had no pages before.
  bool from_nothing = false;
  /// Not 0: the commit brought back an earlier state, and is this object's restore number
  /// so-and-so.
  uint32_t restore = 0;
};

/// Builds a payload.
class PageDeltaWriter {
 public:
  explicit PageDeltaWriter(const Commitment& commitment);

  /// Adds page `number` (from 1): its difference to `before`, or, when that is null, all of it.
  /// False, and nothing is added, when there is no difference.
  bool add(uint32_t number, const PageBytes* before, const PageBytes& after);

  [[nodiscard]] bool empty() const { return pages_ == 0; }
  /// The payload; the writer is done.
  std::string finish() &&;

 private:
  std::string payload_;
  uint32_t pages_ = 0;
};

/// The commitment alone.
Result<Commitment> read_commitment(std::string_view payload);

/// Applies a payload. `page` gives the bytes of a page to change in place; when `image` is set they
/// must be zeros.
Result<Commitment> apply_page_delta(
    std::string_view payload, UniqueFunction<Result<PageBytes*>(uint32_t number, bool image)> page);

}  // namespace selvage::object
