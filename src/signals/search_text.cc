#include "signals/search_text.h"

#include <nlohmann/json.hpp>

namespace selvage::signals {

SearchText::SearchText(std::string text) : text_(std::move(text)) {
  using Json = nlohmann::json;
  std::string quoted = Json(text_).dump(-1, ' ', false, Json::error_handler_t::replace);
  quoted = quoted.substr(1, quoted.size() - 2);
  if (quoted != text_) quoted_ = std::move(quoted);
}

bool SearchText::found_in(std::string_view json) const {
  return json.find(text_) != std::string_view::npos ||
         (!quoted_.empty() && json.find(quoted_) != std::string_view::npos);
}

}  // namespace selvage::signals
