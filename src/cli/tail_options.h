// Which records of events a command is to show, and how.
#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/terminal.h"

namespace selvage::cli {

/// What `tail` and `logs` share.
struct RecordOptions {
  std::vector<std::string> statuses;  // --status, in wrangler's words and ours
  std::string search;
  bool json = false;

  void add_to(CLI::App& command);
  /// The outcomes that the statuses mean; none = all.
  [[nodiscard]] Result<std::vector<std::string>> outcomes() const;
  void print(const Terminal& terminal, const nlohmann::ordered_json& record, bool with_date) const;
};

/// Those of events as they happen.
struct TailOptions : RecordOptions {
  std::string format = "pretty";
  std::vector<std::string> methods;
  std::vector<std::string> addresses;
  std::string header;
  double sampling_rate = 1;

  void add_to(CLI::App& command);
  /// As the API takes them (signals/tail_filter.h).
  [[nodiscard]] Result<nlohmann::json> filters() const;
  /// JSON: whatever stands on standard output is for a program.
  [[nodiscard]] bool for_programs() const { return json || format == "json"; }
  void print_event(const Terminal& terminal, const nlohmann::ordered_json& record) const;
  void say_listening(const Terminal& terminal) const;
};

}  // namespace selvage::cli
