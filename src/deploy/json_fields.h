// Reads fields of a JSON object with errors that name the field: for messages between our own
// programs, where a wrong type is a bug or a mismatch of versions.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"

namespace selvage::deploy {

/// Collects the first error, so that a reader can take many fields and check once at the end.
/// The object must outlive the reader. Absent fields leave the target as it is.
class JsonFields {
 public:
  /// `what` names the object in errors: "worker version".
  JsonFields(const nlohmann::json& object, std::string what)
      : object_(object), what_(std::move(what)) {
    if (!object.is_object()) refuse("is not an object");
  }

  void take(const char* key, std::string& target) {
    if (const auto* value = find(key)) {
      if (!value->is_string()) return refuse_field(key, "a string");
      target = value->get<std::string>();
    }
  }
  void take(const char* key, bool& target) {
    if (const auto* value = find(key)) {
      if (!value->is_boolean()) return refuse_field(key, "true or false");
      target = value->get<bool>();
    }
  }
  void take(const char* key, double& target) {
    if (const auto* value = find(key)) {
      if (!value->is_number()) return refuse_field(key, "a number");
      target = value->get<double>();
    }
  }
  /// Integers must fit the target's type.
  template <class Integer>
    requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
  void take(const char* key, Integer& target) {
    const auto* value = find(key);
    if (value == nullptr) return;
    if (value->is_number_unsigned()) {
      const auto number = value->template get<uint64_t>();
      if (std::in_range<Integer>(number)) {
        target = static_cast<Integer>(number);
        return;
      }
    } else if (value->is_number_integer()) {
      const auto number = value->template get<int64_t>();
      if (std::in_range<Integer>(number)) {
        target = static_cast<Integer>(number);
        return;
      }
    }
    refuse_field(key, "an integer in range");
  }
  /// Each element by `read`, a function from JSON to Result<T>.
  template <class T, class Read>
  void take_each(const char* key, std::vector<T>& target, Read read) {
    const auto* value = find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return refuse_field(key, "an array");
    target.clear();
    for (const auto& element : *value) {
      Result<T> item = read(element);
      if (!item) {
        if (status_) status_ = fail(std::move(item).error());
        return;
      }
      target.push_back(std::move(*item));
    }
  }
  /// Each element an object, whose fields `take` takes: a function of (JsonFields&, T&). `what`
  /// names an element in errors.
  template <class T, class Take>
  void take_objects(const char* key, std::vector<T>& target, const char* what, Take take) {
    take_each(key, target, [&](const nlohmann::json& element) -> Result<T> {
      T item;
      JsonFields fields(element, what);
      take(fields, item);
      SELVAGE_CHECK_STATUS(fields.status());
      return item;
    });
  }
  void take_strings(const char* key, std::vector<std::string>& target) {
    take_each(key, target, [&](const nlohmann::json& element) -> Result<std::string> {
      if (!element.is_string()) {
        return fail(ErrorCode::invalid_argument,
                    what_ + ": \"" + key + "\" is not an array of strings");
      }
      return element.get<std::string>();
    });
  }
  /// For what only the caller can judge: "unknown module type \"x\"".
  void refuse(std::string_view problem) {
    if (status_) {
      status_ = fail(ErrorCode::invalid_argument, what_ + " " + std::string(problem));
    }
  }

  [[nodiscard]] const Status& status() const { return status_; }

 private:
  const nlohmann::json* find(const char* key) {
    if (!status_) return nullptr;
    const auto it = object_.find(key);
    return it == object_.end() ? nullptr : &*it;
  }
  void refuse_field(const char* key, const char* expected) {
    refuse("has a field \"" + std::string(key) + "\" that is not " + expected);
  }

  const nlohmann::json& object_;
  std::string what_;
  Status status_;
};

}  // namespace selvage::deploy
