#include "object/object_key.h"

#include <fmt/format.h>

namespace selvage::object {
namespace {

constexpr size_t kIdBytes = 32;
constexpr size_t kMaxFolderName = 255;  // of Linux's file systems
constexpr std::string_view kDigits = "0123456789abcdef";

int digit_value(char c) {
  size_t position = kDigits.find(c);
  return position == std::string_view::npos ? -1 : static_cast<int>(position);
}

}  // namespace

Result<ObjectKey> ObjectKey::make(std::string_view namespace_id, std::string_view id_hex) {
  if (namespace_id.empty() || namespace_id.find('\0') != std::string_view::npos ||
      namespace_directory(namespace_id).size() > kMaxFolderName) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("\"{}\" cannot name a namespace: it has 1 to {} bytes, those other than "
                    "letters, digits, '-' and '_' counting three times, and no NUL",
                    namespace_id, kMaxFolderName));
  }
  if (id_hex.size() != 2 * kIdBytes ||
      id_hex.find_first_not_of(kDigits) != std::string_view::npos) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("an object's id has {} lower-case hexadecimal digits, not \"{}\"",
                            2 * kIdBytes, id_hex));
  }
  return ObjectKey{std::string(namespace_id), std::string(id_hex)};
}

std::string ObjectKey::log_name() const {
  std::string name;
  name.reserve(namespace_id.size() + 1 + kIdBytes);
  name += namespace_id;
  name += '\0';
  for (size_t i = 0; i < id.size(); i += 2)
    name += static_cast<char>(digit_value(id[i]) << 4 | digit_value(id[i + 1]));
  return name;
}

Result<ObjectKey> ObjectKey::from_log_name(std::string_view name) {
  size_t end = name.find('\0');
  if (end == std::string_view::npos || end == 0 || name.size() != end + 1 + kIdBytes)
    return fail(ErrorCode::corrupt, "a record of the commit log does not name an object");
  ObjectKey key;
  key.namespace_id = name.substr(0, end);
  for (char c : name.substr(end + 1)) {
    auto byte = static_cast<unsigned char>(c);
    key.id += kDigits[byte >> 4];
    key.id += kDigits[byte & 15];
  }
  return key;
}

std::string ObjectKey::relative_path() const {
  return fmt::format("{}/{}.sqlite", namespace_directory(namespace_id), id);
}

std::string ObjectKey::relative_history_path() const {
  return fmt::format("{}/{}.history", namespace_directory(namespace_id), id);
}

std::string namespace_directory(std::string_view namespace_id) {
  std::string name;
  for (char c : namespace_id) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '_';
    if (plain) {
      name += c;
    } else {
      name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return name;
}

bool is_namespace_directory(std::string_view name) {
  // Those with another suffix cannot be taken for one: a namespace's folder has no dot.
  return name != "alarms" && name != "restores" && !namespace_of_directory(name).empty();
}

std::string namespace_of_directory(std::string_view directory) {
  constexpr std::string_view kUpperDigits = "0123456789ABCDEF";
  std::string id;
  for (size_t i = 0; i < directory.size(); ++i) {
    if (directory[i] != '%') {
      id += directory[i];
      continue;
    }
    if (i + 2 >= directory.size()) return {};
    const size_t high = kUpperDigits.find(directory[i + 1]);
    const size_t low = kUpperDigits.find(directory[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return {};
    id += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return namespace_directory(id) == directory ? id : std::string();
}

}  // namespace selvage::object
