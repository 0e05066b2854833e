#include "cli/table.h"

#include <algorithm>
#include <string_view>

namespace selvage::cli {
namespace {

/// As many as the terminal shows for it, more or less: characters, not bytes.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += "  ";
    line += cells[i];
    if (i + 1 < cells.size()) line.append(widths[i] - width_of(cells[i]), ' ');
  }
  return line + "\n";
}

}  // namespace

std::string time_text(const std::string& iso) {
  constexpr size_t kSeconds = 19;
  constexpr size_t kDate = 10;
  std::string text = iso.substr(0, kSeconds);
  if (text.size() > kDate) text[kDate] = ' ';
  return text;
}

std::string number_text(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with(".")) text.pop_back();
  return text;
}

std::string to_text(const Table& table) {
  std::vector<size_t> widths;
  for (const std::string& name : table.columns) widths.push_back(width_of(name));
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text = line_of(table.columns, widths);
  for (size_t i = 0; i < widths.size(); ++i) {
    text += (i > 0 ? "  " : "") + std::string(widths[i], '-');
  }
  text += "\n";
  for (const auto& row : table.rows) text += line_of(row, widths);
  return text;
}

}  // namespace selvage::cli
