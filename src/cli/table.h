// Columns under each other, for a terminal.
#pragma once

#include <string>
#include <vector>

namespace selvage::cli {

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // of at most as many cells
};

/// "2026-11-23 15:43:08", of a time as the API gives it.
std::string time_text(const std::string& iso);
/// "12.5", "100".
std::string number_text(double number);

/// The columns' names, a line below them, the rows.
std::string to_text(const Table& table);

}  // namespace selvage::cli
