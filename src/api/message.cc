#include "api/message.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/percent.h"

namespace selvage::api {
namespace {

constexpr int kDefaultPerPageLimit = 1000;

std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

int number_of(const std::string& text, int otherwise, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) return otherwise;
  return std::min(number, most);
}

}  // namespace

const std::string& ApiRequest::name(const std::string& key) const {
  static const std::string kNone;
  const auto found = names.find(key);
  return found == names.end() ? kNone : found->second;
}

std::string ApiRequest::option(const std::string& key) const {
  const auto found = query.find(key);
  return found == query.end() ? std::string() : found->second;
}

std::string ApiRequest::bearer() const {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return {};
  for (size_t i = 0; i < kScheme.size(); ++i) {
    if ((authorization[i] | 0x20) != (kScheme[i] | 0x20)) return {};
  }
  return authorization.substr(kScheme.size());
}

Result<nlohmann::json> ApiRequest::json() const {
  nlohmann::json parsed = nlohmann::json::parse(body, nullptr, false);
  if (parsed.is_discarded()) {
    return fail(ErrorCode::invalid_argument, "the body is not valid JSON");
  }
  return parsed;
}

ApiResponse success(const nlohmann::json& result, const nlohmann::json& result_info) {
  nlohmann::json envelope = {{"success", true},
                             {"errors", nlohmann::json::array()},
                             {"messages", nlohmann::json::array()},
                             {"result", result}};
  if (!result_info.is_null()) envelope["result_info"] = result_info;
  ApiResponse response;
  response.body = dump(envelope);
  return response;
}

ApiResponse failure(int status, int code, std::string_view message) {
  ApiResponse response;
  response.status = status;
  response.body = dump({{"success", false},
                        {"errors", {{{"code", code}, {"message", message}}}},
                        {"messages", nlohmann::json::array()},
                        {"result", nullptr}});
  return response;
}

ApiResponse failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::unsupported: return failure(400, 10001, error.describe());
    case ErrorCode::limit_exceeded: return failure(413, 10027, error.describe());
    case ErrorCode::not_found: return failure(404, 10007, error.describe());
    case ErrorCode::already_exists: return failure(409, 10014, error.describe());
    case ErrorCode::permission_denied: return failure(403, 10000, error.describe());
    case ErrorCode::unavailable:
    case ErrorCode::timeout: return failure(503, 10002, error.describe());
    default: return failure(500, 10002, error.describe());
  }
}

ApiResponse one_page(const ApiRequest& request, const nlohmann::json& list, int default_per_page) {
  const int per_page =
      number_of(request.option("per_page"), default_per_page, kDefaultPerPageLimit);
  const int page = number_of(request.option("page"), 1, 1'000'000);
  const size_t first = static_cast<size_t>(page - 1) * static_cast<size_t>(per_page);
  nlohmann::json part = nlohmann::json::array();
  for (size_t i = first; i < list.size() && part.size() < static_cast<size_t>(per_page); ++i) {
    part.push_back(list[i]);
  }
  const size_t pages = (list.size() + static_cast<size_t>(per_page) - 1) / per_page;
  return success(part, {{"page", page},
                        {"per_page", per_page},
                        {"count", part.size()},
                        {"total_count", list.size()},
                        {"total_pages", pages}});
}

std::map<std::string, std::string> parse_query(std::string_view query) {
  std::map<std::string, std::string> options;
  while (!query.empty()) {
    const size_t end = query.find('&');
    std::string pair(query.substr(0, end));
    query = end == std::string_view::npos ? "" : query.substr(end + 1);
    std::ranges::replace(pair, '+', ' ');
    const size_t equals = pair.find('=');
    const auto key = percent_decode(std::string_view(pair).substr(0, equals));
    const auto value = equals == std::string::npos
                           ? std::optional<std::string>("")
                           : percent_decode(std::string_view(pair).substr(equals + 1));
    if (key && value && !key->empty()) options[*key] = *value;
  }
  return options;
}

}  // namespace selvage::api
