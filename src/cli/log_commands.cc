#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/percent.h"
#include "base/wall_clock.h"
#include "cli/command_group.h"
#include "cli/json_text.h"
#include "cli/platform_tail.h"
#include "cli/state_source.h"
#include "cli/tail_options.h"
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
  std::string version;
  TailOptions live;    // of `tail`
  RecordOptions kept;  // of `logs`
  std::string since;
  std::string until;
  uint64_t limit = UINT64_MAX;
  RemoteOptions remote;

  void add_place(CLI::App& command) {
    command.add_option(
        "WORKER", worker,
        "Only this worker's events (default: all that run here; of a platform, the project's)");
    command.add_option("--version-id", version, "Only of this version")->type_name("ID");
    state.add_to(command);
    remote.add_to(command);
  }

  void define(CLI::App& app) {
    tail = app.add_subcommand("tail", "Show events of workers as they happen, with their logs");
    add_place(*tail);
    live.add_to(*tail);
    logs = app.add_subcommand("logs",
                              "Find events that were kept: those that logged something, or failed");
    add_place(*logs);
    kept.add_to(*logs);
    logs->add_option("--since", since, "From then on: 90s, 15m, 2h, 7d ago, or a time in UTC")
        ->type_name("TIME");
    logs->add_option("--until", until, "Until then, likewise")->type_name("TIME");
    logs->add_option("--limit", limit, "The newest ones only (default: all; of a platform, 100)")
        ->type_name("N");
  }

  Result<RemoteWorker> find_remote() const {
    WorkerOptions options;
    options.project = state.project;
    options.environment = state.environment;
    options.name = worker;
    options.url = remote.url;
    return find_remote_worker(options);
  }

  Status follow_remote(const Json& wanted) const {
    SELVAGE_TRY(const RemoteWorker followed, find_remote());
    return follow_tail(*followed.api, "/workers/scripts/" + followed.name, wanted,
                       {[this] { live.say_listening(terminal); },
                        [this](const OrderedJson& record) { live.print_event(terminal, record); }});
  }

  Status follow() const {
    SELVAGE_TRY(Json wanted, live.filters());
    if (!version.empty()) wanted.push_back({{"scriptVersion", version}});
    if (remote.chosen()) return follow_remote(wanted);
    SELVAGE_TRY(StateSource source, StateSource::open(state, true));
    bool listening = false;
    SELVAGE_TRY(const Json end,
                source.client().ask({{"op", "tail"}, {"worker", worker}, {"filters", wanted}},
                                    [&](const Json& record) -> Status {
                                      if (!record.empty()) {
                                        live.print_event(terminal,
                                                         OrderedJson::parse(record.dump()));
                                      } else if (!std::exchange(listening, true)) {
                                        live.say_listening(terminal);
                                      }
                                      return {};
                                    }));
    return {};
  }

  Result<int> perform() override {
    SELVAGE_CHECK_STATUS(*tail ? follow() : find());
    return 0;
  }

  Status find_remote_logs(const signals::LogQuery& query) const {
    SELVAGE_TRY(const RemoteWorker asked, find_remote());
    std::string path = "/logs?since=" + std::to_string(query.since);
    const auto add = [&path](const char* option, const std::string& value) {
      if (!value.empty()) path += "&" + std::string(option) + "=" + percent_encode(value);
    };
    if (query.until != INT64_MAX) add("until", std::to_string(query.until));
    if (query.limit != UINT64_MAX) add("limit", std::to_string(query.limit));
    add("version", query.version);
    add("search", query.search);
    std::string outcomes;
    for (const std::string& each : query.outcomes) {
      outcomes += (outcomes.empty() ? "" : ",") + each;
    }
    add("outcome", outcomes);
    SELVAGE_TRY(const ApiAnswer answer, asked.ask("GET", path));
    for (const Json& each : field(answer.result, "events")) {
      kept.print(terminal, OrderedJson::parse(each.dump()), true);
    }
    return {};
  }

  Status find() const {
    SELVAGE_TRY(auto outcomes, kept.outcomes());
    signals::LogQuery query{.worker = worker,
                            .version = version,
                            .outcomes = std::move(outcomes),
                            .search = kept.search,
                            .limit = limit};
    const int64_t now = wall_clock_ms();
    if (!since.empty()) {
      SELVAGE_TRY(query.since, signals::parse_since(since, now));
    }
    if (!until.empty()) {
      SELVAGE_TRY(query.until, signals::parse_since(until, now));
    }
    if (remote.chosen()) return find_remote_logs(query);
    return signals::search_logs(
        state_directory(state) + "/" + deploy::kLogFile, query,
        [&](const OrderedJson& record) { kept.print(terminal, record, true); });
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_log_commands(CLI::App& app) {
  return std::make_unique<LogCommands>(app);
}

}  // namespace selvage::cli
