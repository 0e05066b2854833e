// What enumerators are called in JSON: constant tables of pairs, read both ways.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "deploy/worker_version.h"

namespace selvage::deploy {

template <class Type, size_t n>
using Names = std::array<std::pair<Type, std::string_view>, n>;

/// "" when the table has no name for it.
template <class Type, size_t n>
constexpr std::string_view name_of(const Names<Type, n>& names, Type type) {
  for (const auto& [candidate, name] : names) {
    if (candidate == type) return name;
  }
  return "";
}

template <class Type, size_t n>
constexpr std::optional<Type> find_named(const Names<Type, n>& names, std::string_view wanted) {
  for (const auto& [type, name] : names) {
    if (name == wanted) return type;
  }
  return std::nullopt;
}

/// In versions on their way to the engine and in those that a platform keeps.
inline constexpr Names<ModuleType, 7> kModuleTypes{{
    {ModuleType::esm, "esm"},
    {ModuleType::commonjs, "commonjs"},
    {ModuleType::service_worker, "service_worker"},
    {ModuleType::json, "json"},
    {ModuleType::text, "text"},
    {ModuleType::data, "data"},
    {ModuleType::wasm, "wasm"},
}};

}  // namespace selvage::deploy
