// Lines for operators, on standard error. One call is one line, written whole, from any thread.
#pragma once

#include <string_view>

namespace selvage {

enum class LogLevel { debug, info, warn, error };

/// Lines below this level are dropped. Set once by main, before threads start.
void set_log_level(LogLevel level);

/// Whether lines start with a UTC time stamp (`serve`) or not (`dev`), and whether they carry
/// colour.
void set_log_style(bool timestamps, bool colour);

/// Writes "[time] level component: message". Line breaks in the message indent what follows.
void log(LogLevel level, std::string_view component, std::string_view message);

inline void log_info(std::string_view component, std::string_view message) {
  log(LogLevel::info, component, message);
}
inline void log_warn(std::string_view component, std::string_view message) {
  log(LogLevel::warn, component, message);
}
inline void log_error(std::string_view component, std::string_view message) {
  log(LogLevel::error, component, message);
}

}  // namespace selvage
