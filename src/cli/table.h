// Columns under each other, for a terminal.
#pragma once

#include <string>
#include <vector>

namespace selvage::cli {

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // of at most as many cells
};

/// The columns' names, a line below them, the rows.
std::string to_text(const Table& table);

}  // namespace selvage::cli
