#include "cli/hidden_line.h"

#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace selvage::cli {

std::optional<std::string> read_hidden_line(const std::string& question) {
  termios before{};
  if (tcgetattr(STDIN_FILENO, &before) != 0) return std::nullopt;
  std::cerr << question << std::flush;
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  std::string line;
  std::getline(std::cin, line);
  tcsetattr(STDIN_FILENO, TCSANOW, &before);
  std::cerr << "\n";
  return line;
}

}  // namespace selvage::cli
