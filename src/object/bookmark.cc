#include "object/bookmark.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace selvage::object {
namespace {

constexpr size_t kDigits = 8;
constexpr size_t kObjectDigits = 32;
constexpr size_t kSize = 3 * (kDigits + 1) + kObjectDigits;

std::optional<uint32_t> digits(std::string_view text, size_t part) {
  const std::string_view of = text.substr(part * (kDigits + 1), kDigits);
  if (of.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  uint32_t value = 0;
  std::from_chars(of.data(), of.data() + of.size(), value, 16);
  return value;
}

}  // namespace

std::string Bookmark::to_string(std::string_view object_id) const {
  return fmt::format("{:08x}-{:08x}-{:08x}-{}", restores, static_cast<uint32_t>(sequence >> 32),
                     static_cast<uint32_t>(sequence), object_id.substr(0, kObjectDigits));
}

Result<Bookmark> Bookmark::parse(std::string_view text, std::string_view object_id) {
  const auto invalid = [&](std::string_view why) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("\"{}\" is not a bookmark of this Durable Object: {}",
                            text.substr(0, 2 * kSize), why),
                "Use what getCurrentBookmark(), getBookmarkForTime() or "
                "onNextSessionRestoreBookmark() of the same object gave");
  };
  if (text.size() != kSize) return invalid("it has another form");
  for (size_t part = 0; part < 3; ++part)
    if (text[part * (kDigits + 1) + kDigits] != '-') return invalid("it has another form");
  const auto restores = digits(text, 0);
  const auto high = digits(text, 1);
  const auto low = digits(text, 2);
  if (!restores || !high || !low) return invalid("it has another form");
  if (text.substr(3 * (kDigits + 1)) != object_id.substr(0, kObjectDigits))
    return invalid("it is another object's");
  return Bookmark{.restores = *restores, .sequence = uint64_t{*high} << 32 | *low};
}

}  // namespace selvage::object
