#include "object/page_delta.h"

#include <cstring>

#include "store/coding.h"

namespace selvage::object {
namespace {

using store::Decoder;
using store::put_number;
using store::set_number;

constexpr uint8_t kPayloadVersion = 1;
constexpr uint8_t kHasAlarm = 1;
constexpr uint8_t kHasTime = 2;
constexpr uint8_t kFromNothing = 4;
constexpr uint8_t kIsRestore = 8;
constexpr uint16_t kImage = 1;
/// Ranges closer than this are joined: a range's own header has four bytes.
constexpr uint32_t kJoin = 8;
constexpr uint32_t kWord = 8;
constexpr PageBytes kZeros{};

uint64_t word_at(const PageBytes& page, uint32_t offset) {
  uint64_t word = 0;
  std::memcpy(&word, page.data() + offset, sizeof word);
  return word;
}

/// Start of the first difference at or after `from`, a multiple of the word size; kPageSize when
/// there is none.
uint32_t next_difference(const PageBytes& a, const PageBytes& b, uint32_t from) {
  while (from + 64 <= kPageSize && std::memcmp(a.data() + from, b.data() + from, 64) == 0)
    from += 64;
  while (from < kPageSize && word_at(a, from) == word_at(b, from)) from += kWord;
  return from;
}

}  // namespace

PageDeltaWriter::PageDeltaWriter(const Commitment& commitment) {
  const uint8_t flags = (commitment.alarm ? kHasAlarm : 0) | (commitment.time != 0 ? kHasTime : 0) |
                        (commitment.from_nothing ? kFromNothing : 0) |
                        (commitment.restore != 0 ? kIsRestore : 0);
  payload_.reserve(128);
  put_number<uint8_t>(payload_, kPayloadVersion);
  put_number<uint8_t>(payload_, flags);
  payload_.append(2, '\0');
  put_number<uint32_t>(payload_, commitment.page_count);
  put_number<uint32_t>(payload_, 0);  // pages, in finish()
  if (commitment.time != 0) put_number<uint64_t>(payload_, commitment.time);
  if (commitment.restore != 0) put_number<uint32_t>(payload_, commitment.restore);
  if (!commitment.alarm) return;
  put_number<uint64_t>(payload_, commitment.alarm->time);
  put_number<uint16_t>(payload_, static_cast<uint16_t>(commitment.alarm->object_name.size()));
  payload_ += commitment.alarm->object_name;
}

bool PageDeltaWriter::add(uint32_t number, const PageBytes* before, const PageBytes& after) {
  const PageBytes& base = before != nullptr ? *before : kZeros;
  uint32_t from = next_difference(base, after, 0);
  if (before != nullptr && from == kPageSize) return false;
  ++pages_;
  put_number<uint32_t>(payload_, number);
  put_number<uint16_t>(payload_, before != nullptr ? 0 : kImage);
  size_t count_at = payload_.size();
  put_number<uint16_t>(payload_, 0);
  uint16_t ranges = 0;
  while (from < kPageSize) {
    uint32_t end = from + kWord;
    uint32_t next = kPageSize;
    for (;;) {
      while (end < kPageSize && word_at(base, end) != word_at(after, end)) end += kWord;
      next = next_difference(base, after, end);
      if (next == kPageSize || next - end > kJoin) break;
      end = next;
    }
    // Words found the range; bytes bound it.
    uint32_t first = from;
    uint32_t last = end;
    while (base[first] == after[first]) ++first;
    while (base[last - 1] == after[last - 1]) --last;
    put_number<uint16_t>(payload_, static_cast<uint16_t>(first));
    put_number<uint16_t>(payload_, static_cast<uint16_t>(last - first));
    payload_.append(after.data() + first, last - first);
    ++ranges;
    from = next;
  }
  set_number<uint16_t>(payload_.data() + count_at, ranges);
  return true;
}

std::string PageDeltaWriter::finish() && {
  set_number<uint32_t>(payload_.data() + 8, pages_);
  return std::move(payload_);
}

namespace {

tl::unexpected<Error> malformed() {
  return fail(ErrorCode::corrupt, "a record of the commit log is malformed");
}

/// Reads what comes before the pages; `pages`: how many there are.
Result<Commitment> read_head(Decoder& in, uint32_t& pages) {
  auto version = in.number<uint8_t>();
  if (in.ok() && version != kPayloadVersion) {
    return fail(ErrorCode::unsupported, "a record of the commit log has an unknown version",
                "Open it with the version of Selvage that wrote it");
  }
  const auto flags = in.number<uint8_t>();
  in.bytes(2);
  Commitment commitment;
  commitment.page_count = in.number<uint32_t>();
  pages = in.number<uint32_t>();
  if ((flags & ~(kHasAlarm | kHasTime | kFromNothing | kIsRestore)) != 0) return malformed();
  commitment.from_nothing = (flags & kFromNothing) != 0;
  if ((flags & kHasTime) != 0) commitment.time = in.number<uint64_t>();
  if ((flags & kIsRestore) != 0) commitment.restore = in.number<uint32_t>();
  if ((flags & kHasAlarm) != 0) {
    Alarm& alarm = commitment.alarm.emplace();
    alarm.time = in.number<uint64_t>();
    alarm.object_name = in.bytes(in.number<uint16_t>());
  }
  if (!in.ok()) return malformed();
  return commitment;
}

}  // namespace

Result<Commitment> read_commitment(std::string_view payload) {
  Decoder in(payload);
  uint32_t pages = 0;
  return read_head(in, pages);
}

Result<Commitment> apply_page_delta(
    std::string_view payload,
    UniqueFunction<Result<PageBytes*>(uint32_t number, bool image)> page) {
  Decoder in(payload);
  uint32_t pages = 0;
  SELVAGE_TRY(Commitment commitment, read_head(in, pages));
  for (uint32_t i = 0; i < pages && in.ok(); ++i) {
    auto number = in.number<uint32_t>();
    auto page_flags = in.number<uint16_t>();
    auto ranges = in.number<uint16_t>();
    if (!in.ok() || number == 0) return malformed();
    SELVAGE_TRY(PageBytes * bytes, page(number, (page_flags & kImage) != 0));
    for (uint16_t r = 0; r < ranges; ++r) {
      auto offset = in.number<uint16_t>();
      auto size = in.number<uint16_t>();
      std::string_view data = in.bytes(size);
      if (!in.ok() || offset + size > kPageSize) return malformed();
      std::memcpy(bytes->data() + offset, data.data(), data.size());
    }
  }
  if (!in.ok() || !in.empty()) return malformed();
  return commitment;
}

}  // namespace selvage::object
