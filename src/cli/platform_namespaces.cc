#include "cli/platform_namespaces.h"

#include <algorithm>

#include "base/percent.h"
#include "cli/json_text.h"

namespace selvage::cli {
namespace {

/// 32 hexadecimal digits.
bool looks_like_id(const std::string& text) {
  constexpr size_t kDigits = 32;
  return text.size() == kDigits &&
         std::ranges::all_of(text, [](char c) { return hex_value(c) >= 0; });
}

}  // namespace

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

Result<std::vector<std::string>> bind_namespaces(ApiClient& api, deploy::WorkerVersion& version) {
  std::vector<std::string> made;
  const auto is_kv = [](const deploy::Binding& each) {
    return each.type == deploy::BindingType::kv;
  };
  if (std::ranges::none_of(version.bindings, is_kv)) return made;
  SELVAGE_TRY(PlatformNamespaces known, PlatformNamespaces::load(api));
  for (deploy::Binding& each : version.bindings) {
    if (!is_kv(each)) continue;
    const std::string wanted =
        each.value == each.name ? namespace_title(version.name, each.name) : each.value;
    std::optional<std::string> id = known.find(wanted);
    if (!id && looks_like_id(wanted)) {
      return fail(ErrorCode::not_found,
                  "the platform has no KV namespace " + wanted + ", which " + each.name +
                      " is to be bound to",
                  "Name one of its own, or leave the id out: then one is made");
    }
    if (!id) {
      SELVAGE_TRY(id, known.create(api, wanted));
      made.push_back(wanted);
    }
    each.value = *id;
  }
  return made;
}

std::string describe_made(const std::vector<std::string>& titles) {
  std::string text;
  for (const std::string& each : titles) text += "Made the KV namespace " + each + "\n";
  return text;
}

}  // namespace selvage::cli
