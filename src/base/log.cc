#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <ctime>
#include <string>

namespace selvage {
namespace {

std::atomic<LogLevel> minimum_level{LogLevel::info};
std::atomic<bool> with_timestamps{false};
std::atomic<bool> with_colour{false};

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
  }
  return "?";
}

std::string_view level_colour(LogLevel level) {
  switch (level) {
    case LogLevel::warn: return "\x1b[33m";
    case LogLevel::error: return "\x1b[31m";
    default: return "\x1b[2m";
  }
}

void append_timestamp(std::string& line) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  char text[40];
  size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  line.append(text, length);
  line += '.';
  const std::string milliseconds = std::to_string(now.tv_nsec / 1'000'000);
  line.append(3 - milliseconds.size(), '0');
  line += milliseconds + "Z ";
}

}  // namespace

void set_log_level(LogLevel level) { minimum_level = level; }

void set_log_style(bool timestamps, bool colour) {
  with_timestamps = timestamps;
  with_colour = colour;
}

void log(LogLevel level, std::string_view component, std::string_view message) {
  if (level < minimum_level.load(std::memory_order_relaxed)) return;
  std::string line;
  line.reserve(message.size() + 64);
  if (with_timestamps) append_timestamp(line);
  if (with_colour) line += level_colour(level);
  line += level_name(level);
  if (with_colour) line += "\x1b[0m";
  line += ' ';
  line += component;
  line += ": ";
  for (char c : message) {
    line += c;
    if (c == '\n') line += "    ";
  }
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    rest.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace selvage
