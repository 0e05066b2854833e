#include "signals/tail_filter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace selvage::signals {
namespace {

using Json = nlohmann::json;

tl::unexpected<Error> refuse(const std::string& key, const std::string& expected) {
  return fail(ErrorCode::invalid_argument, "the tail filter \"" + key + "\" should be " + expected);
}

Result<std::string> text_of(const std::string& key, const Json& value) {
  if (!value.is_string()) return refuse(key, "a text");
  return value.get<std::string>();
}

Result<std::vector<std::string>> texts_of(const std::string& key, const Json& value) {
  if (!value.is_array()) return refuse(key, "a list of texts");
  std::vector<std::string> texts;
  for (const Json& each : value) {
    if (!each.is_string()) return refuse(key, "a list of texts");
    texts.push_back(each.get<std::string>());
  }
  return texts;
}

bool has(const std::vector<std::string>& list, std::string_view text) {
  return list.empty() || std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

Result<TailFilter> TailFilter::parse(const Json& filters, const std::string& self) {
  TailFilter filter;
  if (filters.is_null()) return filter;
  if (!filters.is_array()) return fail(ErrorCode::invalid_argument, "tail filters are a list");
  for (const Json& each : filters) {
    if (!each.is_object()) return fail(ErrorCode::invalid_argument, "a tail filter is an object");
    for (const auto& [key, value] : each.items()) {
      if (key == "sampling_rate") {
        if (!value.is_number() || value.get<double>() < 0 || value.get<double>() > 1) {
          return refuse(key, "a number from 0 to 1");
        }
        filter.sampling_rate_ = value.get<double>();
      } else if (key == "outcome") {
        SELVAGE_TRY(filter.outcomes_, texts_of(key, value));
      } else if (key == "method") {
        SELVAGE_TRY(filter.methods_, texts_of(key, value));
      } else if (key == "client_ip") {
        SELVAGE_TRY(filter.addresses_, texts_of(key, value));
        std::replace(filter.addresses_.begin(), filter.addresses_.end(), std::string("self"), self);
      } else if (key == "header") {
        if (!value.is_object() || !value.contains("key"))
          return refuse(key, "{\"key\", \"query\"}");
        SELVAGE_TRY(filter.header_key_, text_of(key, value["key"]));
        for (char& c : filter.header_key_) {
          if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        if (value.contains("query") && !value["query"].is_null()) {
          SELVAGE_TRY(filter.header_query_, text_of(key, value["query"]));
        }
      } else if (key == "query") {
        SELVAGE_TRY(std::string query, text_of(key, value));
        filter.query_ = SearchText(std::move(query));
      } else if (key == "scriptVersion") {
        SELVAGE_TRY(filter.version_, text_of(key, value));
      } else {
        return fail(ErrorCode::invalid_argument, "there is no tail filter \"" + key + "\"",
                    "Filters: sampling_rate, outcome, method, header, client_ip, query, "
                    "scriptVersion");
      }
    }
  }
  return filter;
}

bool TailFilter::admits(const Record& record, double dice) const {
  if (dice >= sampling_rate_ || !has(outcomes_, name_of(record.outcome))) return false;
  if (!version_.empty() && record.version != version_) return false;
  const bool of_requests = !methods_.empty() || !addresses_.empty() || !header_key_.empty();
  if (of_requests) {
    if (record.kind != EventKind::request || !has(methods_, record.method) ||
        !has(addresses_, record.client_address)) {
      return false;
    }
    std::string value;
    if (!header_key_.empty() &&
        (!record.header(header_key_, value) || value.find(header_query_) == std::string::npos)) {
      return false;
    }
  }
  return query_.empty() || record.mentions(query_);
}

}  // namespace selvage::signals
