// KvReader::list and its cursors: a cursor is the last key of a page, in hexadecimal.

#include <fmt/format.h>

#include "kv/kv_limits.h"
#include "kv/kv_store.h"

namespace selvage::kv {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::string make_cursor(std::string_view last_key) {
  std::string cursor;
  cursor.reserve(2 * last_key.size());
  for (char c : last_key) {
    auto byte = static_cast<unsigned char>(c);
    cursor += kDigits[byte >> 4];
    cursor += kDigits[byte & 15];
  }
  return cursor;
}

std::optional<std::string> last_key_of(std::string_view cursor) {
  if (cursor.size() % 2 != 0) return std::nullopt;
  std::string key;
  for (size_t i = 0; i < cursor.size(); i += 2) {
    size_t high = kDigits.find(cursor[i]);
    size_t low = kDigits.find(cursor[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    key += static_cast<char>(high << 4 | low);
  }
  return key;
}

/// The least string that is greater than all with this prefix; empty when there is none.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty())
    prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace

Result<KvListPage> KvReader::list(std::string_view namespace_id, const KvListOptions& options) {
  KvListPage page;
  std::string first = options.prefix;
  if (!options.cursor.empty()) {
    std::optional<std::string> last = last_key_of(options.cursor);
    if (!last) return refuse(KvOperation::get, 400, "Invalid cursor.");
    // The next key in the order of bytes.
    first = std::max(first, *last + '\0');
  }
  SELVAGE_TRY(std::optional<int64_t> number, namespace_number(namespace_id));
  if (!number) return page;

  std::string end = after_prefix(options.prefix);
  store::Statement::Use use(list_);
  list_.bind_integer(1, *number);
  list_.bind_text(2, first);
  if (end.empty()) {
    list_.bind_blob(3, "");  // a blob comes after every text
  } else {
    list_.bind_text(3, end);
  }
  list_.bind_integer(4, store_.options_.now());
  list_.bind_integer(5, static_cast<int64_t>(options.limit) + 1);
  for (;;) {
    SELVAGE_TRY(bool row, list_.step());
    if (!row) return page;
    if (page.keys.size() == options.limit) {
      page.complete = false;
      page.cursor = make_cursor(page.keys.back().name);
      return page;
    }
    KvListPage::Key& key = page.keys.emplace_back();
    key.name = list_.bytes(0);
    if (!list_.is_null(1)) key.expiration = list_.integer(1);
    if (!list_.is_null(2)) key.metadata = std::string(list_.bytes(2));
  }
}

}  // namespace selvage::kv
