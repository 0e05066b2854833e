#include "cli/secret_input.h"

#include <iostream>
#include <iterator>

#include "base/file_content.h"
#include "cli/hidden_line.h"
#include "deploy/project/dotenv.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;

std::string read_all(std::istream& in) {
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

Result<std::string> read_secret(const std::string& name, const std::string& command) {
  std::string text;
  if (auto typed = read_hidden_line("Value of " + name + ": ")) {
    text = std::move(*typed);
  } else {
    // A line that a person typed ends with a break that is not the secret's; a pipe's may.
    text = read_all(std::cin);
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  }
  if (!text.empty()) return text;
  return fail(ErrorCode::invalid_argument, "the value of " + name + " is empty",
              "Pipe it in: `printf %s \"$VALUE\" | " + command + "`");
}

Result<Json> read_secrets(const std::string& path) {
  const bool piped = path.empty() || path == "-";
  std::string text;
  if (piped) {
    text = read_all(std::cin);
  } else {
    SELVAGE_TRY(text, read_file(path));
  }
  Json values = Json::object();
  const Json parsed = Json::parse(text, nullptr, false);
  if (parsed.is_object()) {
    values = parsed;
  } else {
    const auto variables = deploy::parse_dotenv(text);
    if (!variables) {
      return fail(
          ErrorCode::invalid_argument,
          (piped ? "standard input" : path) +
              " is neither a JSON object nor lines NAME=value: " + variables.error().message);
    }
    for (const auto& [key, value] : *variables) values[key] = value;
  }
  for (const auto& [key, value] : values.items()) {
    if (!value.is_string() && !value.is_null()) {
      return fail(ErrorCode::invalid_argument, "the value of " + key + " is not a string");
    }
  }
  if (values.empty()) return fail(ErrorCode::invalid_argument, "there are no secrets to set");
  return values;
}

}  // namespace selvage::cli
