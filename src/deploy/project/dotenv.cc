#include "deploy/project/dotenv.h"

#include <algorithm>

namespace selvage::deploy {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

std::string expand_escapes(std::string_view quoted) {
  std::string value;
  for (size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] == '\\' && i + 1 < quoted.size() &&
        (quoted[i + 1] == 'n' || quoted[i + 1] == 'r')) {
      value += quoted[++i] == 'n' ? '\n' : '\r';
    } else {
      value += quoted[i];
    }
  }
  return value;
}

// The closing quote at or after `from`; a backslash hides the quote that follows it.
size_t find_closing_quote(std::string_view text, char quote, size_t from) {
  for (size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == quote) {
      ++i;
    } else if (text[i] == quote) {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

void set_variable(Variables& variables, std::string_view name, std::string value) {
  const auto it = std::find_if(variables.begin(), variables.end(),
                               [&](const auto& variable) { return variable.first == name; });
  if (it != variables.end()) {
    it->second = std::move(value);
  } else {
    variables.emplace_back(name, std::move(value));
  }
}

Result<Variables> parse_dotenv(std::string_view text) {
  Variables variables;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  int line_number = 0;
  size_t at = 0;
  while (at < text.size()) {
    ++line_number;
    const size_t line_end = std::min(text.find('\n', at), text.size());
    std::string_view line = trim(text.substr(at, line_end - at));
    size_t next = line_end + 1;
    if (!line.empty() && line[0] != '#') {
      if (line.starts_with("export ") || line.starts_with("export\t")) line = trim(line.substr(7));
      const size_t equals = line.find('=');
      const std::string_view name = trim(line.substr(0, equals));
      if (equals == std::string_view::npos || name.empty() ||
          !std::all_of(name.begin(), name.end(), is_name_character)) {
        return fail(ErrorCode::invalid_argument,
                    std::to_string(line_number) + ": expected NAME=value");
      }
      std::string_view value = trim(line.substr(equals + 1));
      const char quote = value.empty() ? '\0' : value[0];
      if (quote == '"' || quote == '\'' || quote == '`') {
        const size_t start = static_cast<size_t>(value.data() - text.data()) + 1;
        const size_t end = find_closing_quote(text, quote, start);
        if (end == std::string_view::npos) {
          return fail(ErrorCode::invalid_argument, std::to_string(line_number) + ": the value of " +
                                                       std::string(name) + " has no closing " +
                                                       quote);
        }
        const std::string_view quoted = text.substr(start, end - start);
        set_variable(variables, name, quote == '"' ? expand_escapes(quoted) : std::string(quoted));
        line_number += static_cast<int>(std::count(quoted.begin(), quoted.end(), '\n'));
        next = std::min(text.find('\n', end), text.size()) + 1;
      } else {
        // dotenv ends a bare value at the first #.
        set_variable(variables, name, std::string(trim(value.substr(0, value.find('#')))));
      }
    }
    at = next;
  }
  return variables;
}

}  // namespace selvage::deploy
