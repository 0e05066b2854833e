#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/wall_clock.h"
#include "cli/command_group.h"
#include "cli/credentials.h"
#include "cli/platform_tail.h"
#include "cli/record_view.h"
#include "cli/state_source.h"
#include "cli/terminal.h"
#include "cli/worker_option.h"
#include "deploy/engine_config.h"
#include "signals/log_search.h"
#include "signals/record.h"
#include "state/socket_client.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr const char* kStatuses = "ok, error, canceled, exception, exceededCpu, exceededMemory";

/// wrangler's words and ours.
Result<std::vector<std::string>> outcomes_of(const std::vector<std::string>& statuses) {
  std::vector<std::string> outcomes;
  for (const std::string& status : statuses) {
    if (status == "error") {
      for (const char* each : {"exception", "exceededCpu", "exceededMemory", "unknown"}) {
        outcomes.emplace_back(each);
      }
    } else if (status == "ok" || status == "canceled" || status == "exception" ||
               status == "exceededCpu" || status == "exceededMemory" || status == "unknown") {
      outcomes.push_back(status);
    } else {
      return fail(ErrorCode::invalid_argument, "there is no status \"" + status + "\"",
                  "Statuses: " + std::string(kStatuses));
    }
  }
  return outcomes;
}

class LogCommands final : public CommandGroup {
 public:
  explicit LogCommands(CLI::App& app) { define(app); }

  [[nodiscard]] bool chosen() const override { return *tail || *logs; }

 private:
  CLI::App* tail = nullptr;
  CLI::App* logs = nullptr;
  Terminal terminal;
  StateOptions state;
  std::string worker;
  std::string format = "pretty";
  bool json = false;
  std::vector<std::string> statuses;
  std::vector<std::string> methods;
  std::vector<std::string> addresses;
  std::string header;
  std::string search;
  std::string version;
  double sampling_rate = 1;
  std::string since;
  std::string until;
  uint64_t limit = UINT64_MAX;
  bool remote = false;
  std::string url;

  void add_filters(CLI::App& command) {
    command.add_option("WORKER", worker, "Only this worker's events (default: all that run here)");
    command.add_option("--status", statuses, std::string("Only with this outcome: ") + kStatuses)
        ->type_name("STATUS");
    command.add_option("--search", search, "Only with this text in what was logged")
        ->type_name("TEXT");
    command.add_option("--version-id", version, "Only of this version")->type_name("ID");
    command.add_flag("--json", json, "Print a line of JSON for each event");
    state.add_to(command);
  }

  void define(CLI::App& app) {
    tail = app.add_subcommand("tail", "Show events of workers as they happen, with their logs");
    add_filters(*tail);
    tail->add_flag("--remote", remote,
                   "A worker of the platform that you are logged in to (default: the project's)");
    add_api_option(*tail, url);
    tail->add_option("--format", format, "pretty or json (default: pretty)")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"pretty", "json"}));
    tail->add_option("--method", methods, "Only requests with this method")->type_name("METHOD");
    tail->add_option("--header", header, "Only requests with this header: NAME or NAME:TEXT")
        ->type_name("HEADER");
    tail->add_option("--ip", addresses, "Only requests from this address; \"self\" is this machine")
        ->type_name("ADDRESS");
    tail->add_option("--sampling-rate", sampling_rate, "A share of the events, 0 to 1")
        ->type_name("RATE")
        ->check(CLI::Range(0.0, 1.0));
    logs = app.add_subcommand("logs",
                              "Find events that were kept: those that logged something, or failed");
    add_filters(*logs);
    logs->add_option("--since", since, "From then on: 90s, 15m, 2h, 7d ago, or a time in UTC")
        ->type_name("TIME");
    logs->add_option("--until", until, "Until then, likewise")->type_name("TIME");
    logs->add_option("--limit", limit, "The newest ones only")->type_name("N");
  }

  void print(const OrderedJson& record, bool with_date) const {
    if (json || format == "json") {
      terminal.line(record.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
    } else {
      terminal.line(show_record(terminal, record, with_date));
    }
  }

  Result<Json> filters() const {
    Json list = Json::array();
    SELVAGE_TRY(const auto outcomes, outcomes_of(statuses));
    if (!outcomes.empty()) list.push_back({{"outcome", outcomes}});
    if (!methods.empty()) list.push_back({{"method", methods}});
    if (!addresses.empty()) list.push_back({{"client_ip", addresses}});
    if (!search.empty()) list.push_back({{"query", search}});
    if (!version.empty()) list.push_back({{"scriptVersion", version}});
    if (sampling_rate < 1) list.push_back({{"sampling_rate", sampling_rate}});
    if (!header.empty()) {
      const size_t colon = header.find(':');
      Json filter{{"key", header.substr(0, colon)}};
      if (colon != std::string::npos) filter["query"] = header.substr(colon + 1);
      list.push_back({{"header", std::move(filter)}});
    }
    return list;
  }

  void say_listening() const {
    if (!json && format != "json") {
      terminal.line(terminal.dim("Waiting for events. Ctrl-C ends."));
    }
  }

  Status follow_remote(const Json& wanted) const {
    WorkerOptions options;
    options.project = state.project;
    options.environment = state.environment;
    options.name = worker;
    options.url = url;
    SELVAGE_TRY(const RemoteWorker followed, find_remote_worker(options));
    return follow_worker(
        followed, wanted,
        {[this] { say_listening(); }, [this](const OrderedJson& record) { print(record, false); }});
  }

  Status follow() const {
    SELVAGE_TRY(Json wanted, filters());
    if (remote || !url.empty()) return follow_remote(wanted);
    SELVAGE_TRY(StateSource source, StateSource::open(state, true));
    bool listening = false;
    SELVAGE_TRY(const Json end,
                source.client().ask({{"op", "tail"}, {"worker", worker}, {"filters", wanted}},
                                    [&](const Json& record) -> Status {
                                      if (!record.empty()) {
                                        print(OrderedJson::parse(record.dump()), false);
                                      } else if (!std::exchange(listening, true)) {
                                        say_listening();
                                      }
                                      return {};
                                    }));
    return {};
  }

  Result<int> perform() override {
    SELVAGE_CHECK_STATUS(*tail ? follow() : find());
    return 0;
  }

  Status find() const {
    SELVAGE_TRY(auto outcomes, outcomes_of(statuses));
    signals::LogQuery query{.worker = worker,
                            .version = version,
                            .outcomes = std::move(outcomes),
                            .search = search,
                            .limit = limit};
    const int64_t now = wall_clock_ms();
    if (!since.empty()) {
      SELVAGE_TRY(query.since, signals::parse_since(since, now));
    }
    if (!until.empty()) {
      SELVAGE_TRY(query.until, signals::parse_since(until, now));
    }
    return signals::search_logs(state_directory(state) + "/" + deploy::kLogFile, query,
                                [&](const OrderedJson& record) { print(record, true); });
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_log_commands(CLI::App& app) {
  return std::make_unique<LogCommands>(app);
}

}  // namespace selvage::cli
