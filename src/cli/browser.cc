#include "cli/browser.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

namespace selvage::cli {
namespace {

constexpr std::array<const char*, 4> kDesktops{"DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME",
                                               "BROWSER"};
constexpr std::array<std::string_view, 3> kOpeners{"xdg-open", "wslview", "open"};

/// The path of a program on PATH; "" when it is not there.
std::string find_program(std::string_view name) {
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable == nullptr ? "" : variable;
  while (!rest.empty()) {
    const size_t end = rest.find(':');
    std::string path = std::string(rest.substr(0, end)) + "/" + std::string(name);
    if (::access(path.c_str(), X_OK) == 0) return path;
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
  return "";
}

bool has_desktop() {
  for (const char* name : kDesktops) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return true;
  }
  return false;
}

/// In a session of its own: a browser that it starts outlives us. The shell between leaves it to
/// init at once.
bool start(const std::string& program, const std::string& url) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  std::array<std::string, 6> words{"sh", "-c", "\"$1\" \"$2\" &", "sh", program, url};
  std::array<char*, words.size() + 1> arguments{};
  for (size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  pid_t child = 0;
  const int error =
      posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  return error == 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

bool open_in_browser(const std::string& url) {
  if (!has_desktop()) return false;
  for (const std::string_view name : kOpeners) {
    const std::string program = find_program(name);
    if (!program.empty()) return start(program, url);
  }
  return false;
}

}  // namespace selvage::cli
