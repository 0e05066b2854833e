// What names a Durable Object in storage: its namespace and its id.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::object {

struct ObjectKey {
  /// Any bytes but NUL, as many as fit into the name of a folder; see namespace_directory().
  std::string namespace_id;
  /// 64 lower-case hexadecimal digits.
  std::string id;

  bool operator==(const ObjectKey&) const = default;

  /// Checks both parts.
  static Result<ObjectKey> make(std::string_view namespace_id, std::string_view id_hex);

  /// The object's name in the commit log: the namespace, a NUL, the id's 32 bytes.
  [[nodiscard]] std::string log_name() const;
  static Result<ObjectKey> from_log_name(std::string_view name);

  /// The path of its file below the objects' folder: "<namespace>/<id>.sqlite", where bytes
  /// of the namespace other than letters, digits, '-' and '_' are written %XX.
  [[nodiscard]] std::string relative_path() const;
  /// Likewise of its history.
  [[nodiscard]] std::string relative_history_path() const;
};

/// The folder of a namespace below the objects' folder: at most 255 bytes for a valid one.
std::string namespace_directory(std::string_view namespace_id);
/// Whether an entry of the objects' folder is a namespace's, and not one of the files that are
/// there.
bool is_namespace_directory(std::string_view name);
/// The way back; empty when no namespace has that folder.
std::string namespace_of_directory(std::string_view directory);

}  // namespace selvage::object
