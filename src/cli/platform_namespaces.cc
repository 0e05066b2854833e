#include "cli/platform_namespaces.h"

#include <algorithm>

#include "cli/json_text.h"

namespace selvage::cli {

std::string namespace_title(const std::string& worker, const std::string& binding) {
  std::string title = worker + "-" + binding;
  std::ranges::transform(title, title.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? '-' : c;
  });
  return title;
}

Result<PlatformNamespaces> PlatformNamespaces::load(ApiClient& api) {
  constexpr size_t kPerPage = 1000;
  PlatformNamespaces loaded;
  for (int page = 1;; ++page) {
    SELVAGE_TRY(
        const ApiAnswer answer,
        api.ask_account("GET", "/storage/kv/namespaces?per_page=" + std::to_string(kPerPage) +
                                   "&page=" + std::to_string(page)));
    for (const auto& each : answer.result) {
      loaded.titles_[text_of(each, "id")] = text_of(each, "title");
    }
    if (answer.result.size() < kPerPage) return loaded;
  }
}

std::optional<std::string> PlatformNamespaces::find(const std::string& id_or_title) const {
  if (titles_.contains(id_or_title)) return id_or_title;
  for (const auto& [id, title] : titles_) {
    if (title == id_or_title) return id;
  }
  return std::nullopt;
}

Result<std::string> PlatformNamespaces::create(ApiClient& api, const std::string& title) {
  SELVAGE_TRY(const ApiAnswer made, api.ask_account("POST", "/storage/kv/namespaces",
                                                    ApiContent::of({{"title", title}})));
  std::string id = text_of(made.result, "id");
  titles_[id] = title;
  return id;
}

}  // namespace selvage::cli
