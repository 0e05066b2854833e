// Parts of JSON that may be missing, or of another type than expected.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace selvage::cli {

/// "" when it is no string.
inline std::string text_of(const nlohmann::json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string()
             ? json[key].get<std::string>()
             : "";
}

/// null when it is absent.
inline nlohmann::json field(const nlohmann::json& json, const char* key) {
  return json.is_object() && json.contains(key) ? json[key] : nlohmann::json();
}

}  // namespace selvage::cli
