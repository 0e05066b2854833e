#include "cli/terminal.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace selvage::cli {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool wants_colour() {
  if (is_set("NO_COLOR")) return false;
  if (is_set("FORCE_COLOR")) return true;
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

Terminal::Terminal() : colour_(wants_colour()) {}

std::string Terminal::wrap(std::string_view code, std::string_view text) const {
  if (!colour_) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

void Terminal::line(std::string_view text) const {
  write_all(STDOUT_FILENO, std::string(text) + "\n");
}

void Terminal::error(const Error& error) const {
  std::string text = red("error:") + " " + error.message + "\n";
  if (!error.remedy.empty()) text += "       " + error.remedy + "\n";
  write_all(STDERR_FILENO, text);
}

void Terminal::verbatim(std::string_view text) const {
  std::string block(text);
  if (!block.ends_with('\n')) block += '\n';
  write_all(STDERR_FILENO, block);
}

void Terminal::diagnostics(const std::vector<deploy::Diagnostic>& diagnostics) const {
  std::error_code error;
  const std::string here = std::filesystem::current_path(error).string();
  for (const deploy::Diagnostic& each : diagnostics) {
    std::string text = deploy::describe(each, here);
    for (const std::string_view word : {" error: ", " warning: "}) {
      const size_t at = text.find(word);
      if (at == std::string::npos) continue;
      const std::string_view label = word.substr(1, word.size() - 2);
      text.replace(at + 1, label.size(), word[1] == 'e' ? red(label) : yellow(label));
      break;
    }
    write_all(STDERR_FILENO, text + "\n");
  }
}

}  // namespace selvage::cli
