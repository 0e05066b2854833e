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
};

/// Of what the loops share: what waits for somebody slow, and what became of it.
struct SharedFigures {
  // Workers KV (kv/kv_store.h).
  uint64_t kv_waiting = 0;
  uint64_t kv_commits = 0;
  uint64_t kv_committed = 0;
  uint64_t kv_failures = 0;
  // The objects' commit log (store/local_commit_log.h).
  uint64_t commit_log_waiting = 0;
  uint64_t commit_log_batches = 0;
  uint64_t commit_log_records = 0;
  uint64_t commit_log_bytes = 0;
  uint64_t commit_log_failures = 0;
  uint64_t commit_log_segments = 0;
  // What objects have in memory until a checkpoint (object/object_store.h).
  uint64_t dirty_pages = 0;
  uint64_t checkpointed_objects = 0;
  uint64_t checkpoint_failures = 0;
  uint64_t damaged_histories = 0;
  // Kept logs and the access log (line_file.h).
  uint64_t log_lines_waiting = 0;
  uint64_t access_lines_waiting = 0;
  uint64_t lost_log_lines = 0;
  // Spans on their way to the collector (trace/exporter.h).
  uint64_t spans_waiting = 0;
  uint64_t spans_exported = 0;
  uint64_t spans_dropped = 0;
  uint64_t spans_refused = 0;
  uint64_t spans_failed = 0;
};

/// Of this process, from /proc. What cannot be read is 0.
ProcessFigures process_figures();

std::string metrics_text(const Counters& counters, const ProcessFigures& process,
                         const SharedFigures& shared);

}  // namespace selvage::signals
