#include "deploy/source_map.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

namespace selvage::deploy {
namespace {

/// Reads one base64 VLQ (ECMA-426, section 6.2) from the front of `text`. False when malformed.
bool take_vlq(std::string_view& text, int& value) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t bits = 0;
  for (unsigned shift = 0; shift <= 30; shift += 5) {
    if (text.empty()) return false;
    const size_t digit = kDigits.find(text.front());
    if (digit == std::string_view::npos) return false;
    text.remove_prefix(1);
    bits |= static_cast<uint32_t>(digit & 31) << shift;
    if ((digit & 32) == 0) {
      value = (bits & 1) != 0 ? -static_cast<int>(bits >> 1) : static_cast<int>(bits >> 1);
      return true;
    }
  }
  return false;
}

bool take_number(std::string_view text, size_t& at, int& number) {
  if (at >= text.size() || text[at] != ':') return false;
  const char* begin = text.data() + at + 1;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  if (error != std::errc{} || end == begin) return false;
  at = static_cast<size_t>(end - text.data());
  return true;
}

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' ||
         c == '/' || c == '$';
}

}  // namespace

Result<SourceMap> SourceMap::parse(std::string_view json) {
  const auto document = nlohmann::json::parse(json, nullptr, false);
  const auto malformed = [](std::string_view what) {
    return fail(ErrorCode::invalid_argument, "malformed source map: " + std::string(what));
  };
  if (!document.is_object()) return malformed("not a JSON object");
  const auto mappings = document.find("mappings");
  const auto sources = document.find("sources");
  if (mappings == document.end() || !mappings->is_string()) return malformed("no mappings");
  if (sources == document.end() || !sources->is_array()) return malformed("no sources");

  SourceMap map;
  const std::string root = document.contains("sourceRoot") && document["sourceRoot"].is_string()
                               ? document["sourceRoot"].get<std::string>()
                               : "";
  for (const auto& source : *sources) {
    map.sources_.push_back(source.is_string() ? root + source.get<std::string>() : "");
  }

  const auto& text = mappings->get_ref<const std::string&>();
  std::string_view rest = text;
  Segment at{0, 0, 0, 0, 0};
  while (!rest.empty()) {
    if (rest.front() == ';') {
      ++at.line;
      at.column = 0;
      rest.remove_prefix(1);
      continue;
    }
    if (rest.front() == ',') {
      rest.remove_prefix(1);
      continue;
    }
    int fields[5] = {};
    int count = 0;
    while (count < 5 && !rest.empty() && rest.front() != ',' && rest.front() != ';') {
      if (!take_vlq(rest, fields[count])) return malformed("bad mapping");
      ++count;
    }
    at.column += fields[0];
    if (count >= 4) {
      at.source += fields[1];
      at.source_line += fields[2];
      at.source_column += fields[3];
      map.segments_.push_back(at);
    } else {
      map.segments_.push_back({at.line, at.column, -1, 0, 0});
    }
  }
  return map;
}

std::optional<SourceMap::Position> SourceMap::find(int line, int column) const {
  const auto after = std::ranges::upper_bound(
      segments_, std::pair(line - 1, column - 1), {},
      [](const Segment& segment) { return std::pair(segment.line, segment.column); });
  if (after == segments_.begin()) return std::nullopt;
  const Segment& found = *std::prev(after);
  if (found.line != line - 1 || found.source < 0) return std::nullopt;
  if (static_cast<size_t>(found.source) >= sources_.size()) return std::nullopt;
  return Position{sources_[static_cast<size_t>(found.source)], found.source_line + 1,
                  found.source_column + 1};
}

std::string SourceMap::map_stack(std::string_view stack, std::string_view generated) const {
  std::string mapped;
  size_t from = 0;
  while (true) {
    const size_t name = stack.find(generated, from);
    if (name == std::string_view::npos) break;
    size_t end = name + generated.size();
    int line = 0;
    int column = 0;
    std::optional<Position> position;
    const bool whole_name = name == 0 || !is_name_character(stack[name - 1]);
    if (whole_name && take_number(stack, end, line) && take_number(stack, end, column)) {
      position = find(line, column);
    }
    mapped += stack.substr(from, name - from);
    if (position) {
      mapped += position->source + ":" + std::to_string(position->line) + ":" +
                std::to_string(position->column);
    } else {
      end = name + generated.size();
      mapped += generated;
    }
    from = end;
  }
  mapped += stack.substr(from);
  return mapped;
}

}  // namespace selvage::deploy
