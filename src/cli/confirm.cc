#include "cli/confirm.h"

#include <unistd.h>

#include <iostream>

namespace selvage::cli {

bool is_meant(const std::string& question) {
  if (isatty(STDIN_FILENO) != 1) return true;
  std::cerr << question << " [y/N] ";
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return true;
  std::cerr << "Nothing was done.\n";
  return false;
}

}  // namespace selvage::cli
