// Counters as text for Prometheus. https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <cstdint>
#include <string>

#include "signals/counters.h"

namespace selvage::signals {

/// Of the process as a whole.
struct ProcessFigures {
  uint64_t resident_bytes = 0;
  double cpu_seconds = 0;
  double started_seconds = 0;  // since 1970
  uint64_t open_files = 0;
  uint64_t lost_isolates = 0;
  uint64_t lost_log_lines = 0;
};

/// Of this process, from /proc. What cannot be read is 0.
ProcessFigures process_figures();

std::string metrics_text(const Counters& counters, const ProcessFigures& process);

}  // namespace selvage::signals
