#include "signals/metrics_text.h"

#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace selvage::signals {
namespace {

std::string number(double value) {
  char text[40];
  return {text, static_cast<size_t>(snprintf(text, sizeof text, "%.9g", value))};
}

std::string escaped(std::string_view label) {
  std::string text;
  for (const char c : label) {
    if (c == '"' || c == '\\') text += '\\';
    text += c == '\n' ? ' ' : c;
  }
  return text;
}

class Text {
 public:
  explicit Text(const Counters& counters) : counters_(counters) {}

  void head(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  void line(std::string_view suffix, std::string_view labels, const std::string& value) {
    text_.append(name_).append(suffix);
    if (!labels.empty()) text_.append("{").append(labels).append("}");
    text_.append(" ").append(value).append("\n");
  }
  template <class Value>
  void each_worker(Value value) {
    for (const auto& [name, counters] : counters_.all()) {
      value("worker=\"" + escaped(name) + "\"", counters);
    }
  }
  template <class Get>
  void figure(std::string_view name, std::string_view type, std::string_view help, Get get) {
    head(name, type, help);
    each_worker([&](const std::string& labels, const WorkerCounters& counters) {
      line("", labels, std::to_string(get(counters)));
    });
  }
  /// A counter for each kind, by a label.
  template <class Get, size_t n>
  void kinds(std::string_view name, std::string_view help, std::string_view label,
             const std::string_view (&names)[n], Get get) {
    head(name, "counter", help);
    each_worker([&](const std::string& labels, const WorkerCounters& counters) {
      const auto& values = get(counters);
      for (size_t i = 0; i < n; ++i) {
        if (values[i] == 0) continue;
        line("", labels + "," + std::string(label) + "=\"" + std::string(names[i]) + "\"",
             std::to_string(values[i]));
      }
    });
  }
  template <class Get>
  void histogram(std::string_view name, std::string_view help, Get get) {
    head(name, "histogram", help);
    each_worker([&](const std::string& labels, const WorkerCounters& counters) {
      const Histogram& times = get(counters);
      uint64_t below = 0;
      for (size_t i = 0; i < Histogram::kBounds.size(); ++i) {
        below += times.count(i);
        line("_bucket", labels + ",le=\"" + number(Histogram::kBounds[i]) + "\"",
             std::to_string(below));
      }
      line("_bucket", labels + ",le=\"+Inf\"", std::to_string(times.total()));
      line("_sum", labels, number(times.sum_seconds()));
      line("_count", labels, std::to_string(times.total()));
    });
  }
  /// One sample for each value of a label.
  void each(std::string_view name, std::string_view type, std::string_view help,
            std::string_view label,
            std::initializer_list<std::pair<std::string_view, uint64_t>> samples) {
    head(name, type, help);
    for (const auto& [value, count] : samples) {
      line("", std::string(label).append("=\"").append(value).append("\""), std::to_string(count));
    }
  }
  void single(std::string_view name, std::string_view type, std::string_view help, uint64_t value) {
    single(name, type, help, std::to_string(value));
  }
  void single(std::string_view name, std::string_view type, std::string_view help,
              const std::string& value) {
    head(name, type, help);
    line("", "", value);
  }

  std::string text_;

 private:
  const Counters& counters_;
  std::string name_;
};

constexpr std::string_view kStatusClasses[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::string_view kFailures[] = {"exception", "exceededCpu", "exceededMemory", "hung"};
constexpr std::string_view kKv[] = {"read", "write", "delete", "list"};
constexpr std::string_view kObjects[] = {"event", "commit", "alarm"};
constexpr std::string_view kAlarmRuns[] = {"done",        "not_due", "failed",
                                           "interrupted", "retried", "abandoned"};

void write_shared(Text& text, const SharedFigures& figures, const AlarmCounters& alarms) {
  text.each("selvage_queue_length", "gauge", "What waits for the disk, or for the collector.",
            "queue",
            {{"kv_writes", figures.kv_waiting},
             {"commit_log", figures.commit_log_waiting},
             {"logs", figures.log_lines_waiting},
             {"access_log", figures.access_lines_waiting},
             {"spans", figures.spans_waiting}});
  text.each("selvage_spans_total", "counter",
            "Spans by what became of them: the collector has them, the queue was full, the "
            "collector refused them, or it could not be reached for too long.",
            "outcome",
            {{"exported", figures.spans_exported},
             {"dropped", figures.spans_dropped},
             {"refused", figures.spans_refused},
             {"failed", figures.spans_failed}});
  text.single("selvage_kv_commits_total", "counter",
              "Synced transactions of Workers KV, each with all that had queued up.",
              figures.kv_commits);
  text.single("selvage_kv_committed_requests_total", "counter",
              "Writes and deletions that they made durable.", figures.kv_committed);
  text.single("selvage_kv_commit_failures_total", "counter",
              "Transactions of Workers KV that failed.", figures.kv_failures);
  text.single("selvage_commit_log_batches_total", "counter",
              "Synced batches of Durable Objects' commits.", figures.commit_log_batches);
  text.single("selvage_commit_log_records_total", "counter", "Records in them.",
              figures.commit_log_records);
  text.single("selvage_commit_log_bytes_total", "counter",
              "Bytes that the commit log has taken up, what it held at the start included.",
              figures.commit_log_bytes);
  text.single("selvage_commit_log_failures_total", "counter",
              "Batches that could not be written: their objects start anew.",
              figures.commit_log_failures);
  text.single("selvage_commit_log_segments", "gauge", "Files of the commit log that are in use.",
              figures.commit_log_segments);
  text.single("selvage_object_dirty_pages", "gauge",
              "Pages of 4 KiB that wait in memory for a checkpoint.", figures.dirty_pages);
  text.single("selvage_object_checkpoints_total", "counter",
              "Objects whose files were brought up to the commit log.",
              figures.checkpointed_objects);
  text.single("selvage_object_checkpoint_failures_total", "counter", "Checkpoints that failed.",
              figures.checkpoint_failures);
  text.single("selvage_object_damaged_histories", "gauge",
              "Histories for point-in-time recovery that were found damaged since the start.",
              figures.damaged_histories);
  text.each(
      "selvage_alarms", "gauge", "Alarms of Durable Objects that are set.", "state",
      {{"waiting", alarms.waiting}, {"overdue", alarms.overdue}, {"running", alarms.running}});
  text.head("selvage_alarm_runs_total", "counter",
            "How handlers of alarms ended; runs after a failed one, and alarms given up.");
  for (size_t i = 0; i < std::size(kAlarmRuns); ++i) {
    text.line("", "outcome=\"" + std::string(kAlarmRuns[i]) + "\"", std::to_string(alarms.runs[i]));
  }
  text.single("selvage_lost_log_lines_total", "counter",
              "Lines of logs that were not written, because the disk was full or too slow.",
              figures.lost_log_lines);
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures figures;
  std::ifstream memory("/proc/self/statm");
  uint64_t pages = 0;
  if (memory >> pages >> pages) {
    figures.resident_bytes = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  }
  timespec used{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0) {
    figures.cpu_seconds =
        static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
  }
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    ++figures.open_files;
  }
  return figures;
}

std::string metrics_text(const Counters& counters, const ProcessFigures& process,
                         const SharedFigures& shared) {
  Text text(counters);
  text.kinds("selvage_responses_total", "Responses of workers, by the class of their status.",
             "status", kStatusClasses,
             [](const WorkerCounters& of) -> auto& { return of.responses; });
  text.histogram("selvage_response_seconds", "Time from a request to its response.",
                 [](const WorkerCounters& of) -> auto& { return of.wall; });
  text.histogram("selvage_invocation_cpu_seconds",
                 "CPU time of an invocation; Durable Objects' events are not among them.",
                 [](const WorkerCounters& of) -> auto& { return of.cpu; });
  text.head("selvage_cpu_seconds_total", "counter", "CPU time of scripts.");
  text.each_worker([&](const std::string& labels, const WorkerCounters& of) {
    text.line("", labels, number(static_cast<double>(of.cpu_total.count()) / 1e9));
  });
  text.kinds("selvage_failures_total", "Invocations that failed, by how.", "outcome", kFailures,
             [](const WorkerCounters& of) -> auto& { return of.failures; });
  text.histogram("selvage_cold_start_seconds", "Time to make an isolate and evaluate the worker.",
                 [](const WorkerCounters& of) -> auto& { return of.cold_start; });
  text.kinds("selvage_kv_operations_total", "Operations on Workers KV.", "operation", kKv,
             [](const WorkerCounters& of) -> auto& { return of.kv; });
  text.kinds("selvage_object_operations_total",
             "Events, durable commits and alarms of Durable Objects.", "operation", kObjects,
             [](const WorkerCounters& of) -> auto& { return of.objects; });
  text.figure("selvage_isolates", "gauge", "Isolates in memory.",
              [](const WorkerCounters& of) { return of.isolates; });
  text.figure("selvage_isolate_memory_bytes", "gauge", "Heaps and array buffers of isolates.",
              [](const WorkerCounters& of) { return of.memory_bytes; });
  text.figure("selvage_invocations_in_flight", "gauge", "Invocations that are not over.",
              [](const WorkerCounters& of) { return of.in_flight; });
  text.figure("selvage_events_waiting", "gauge", "Events that wait for their isolate's turn.",
              [](const WorkerCounters& of) { return of.waiting_events; });
  text.figure("selvage_objects_awake", "gauge", "Durable Objects in memory.",
              [](const WorkerCounters& of) { return of.awake_objects; });
  write_shared(text, shared, counters.alarms());
  text.single("selvage_lost_isolates_total", "counter",
              "Isolates that were lost to scripts which could not be stopped.",
              process.lost_isolates);
  text.single("process_resident_memory_bytes", "gauge", "Resident memory.", process.resident_bytes);
  text.single("process_cpu_seconds_total", "counter", "CPU time of the process.",
              number(process.cpu_seconds));
  text.single("process_start_time_seconds", "gauge", "When the process started, since 1970.",
              number(process.started_seconds));
  text.single("process_open_fds", "gauge", "Open files.", process.open_files);
  return std::move(text.text_);
}

}  // namespace selvage::signals
