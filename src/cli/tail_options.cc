#include "cli/tail_options.h"

#include "cli/record_view.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr const char* kStatuses = "ok, error, canceled, exception, exceededCpu, exceededMemory";

void print_record(const Terminal& terminal, const OrderedJson& record, bool json, bool with_date) {
  terminal.line(json ? record.dump(-1, ' ', false, OrderedJson::error_handler_t::replace)
                     : show_record(terminal, record, with_date));
}

}  // namespace

void RecordOptions::add_to(CLI::App& command) {
  command.add_option("--status", statuses, std::string("Only with this outcome: ") + kStatuses)
      ->type_name("STATUS");
  command.add_option("--search", search, "Only with this text in what was logged")
      ->type_name("TEXT");
  command.add_flag("--json", json, "Print a line of JSON for each event");
}

Result<std::vector<std::string>> RecordOptions::outcomes() const {
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

void RecordOptions::print(const Terminal& terminal, const OrderedJson& record,
                          bool with_date) const {
  print_record(terminal, record, json, with_date);
}

void TailOptions::add_to(CLI::App& command) {
  RecordOptions::add_to(command);
  command.add_option("--format", format, "pretty or json (default: pretty)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"pretty", "json"}));
  command.add_option("--method", methods, "Only requests with this method")->type_name("METHOD");
  command.add_option("--header", header, "Only requests with this header: NAME or NAME:TEXT")
      ->type_name("HEADER");
  command
      .add_option("--ip", addresses, "Only requests from this address; \"self\" is this machine")
      ->type_name("ADDRESS");
  command.add_option("--sampling-rate", sampling_rate, "A share of the events, 0 to 1")
      ->type_name("RATE")
      ->check(CLI::Range(0.0, 1.0));
}

Result<Json> TailOptions::filters() const {
  Json list = Json::array();
  SELVAGE_TRY(const auto wanted, outcomes());
  if (!wanted.empty()) list.push_back({{"outcome", wanted}});
  if (!methods.empty()) list.push_back({{"method", methods}});
  if (!addresses.empty()) list.push_back({{"client_ip", addresses}});
  if (!search.empty()) list.push_back({{"query", search}});
  if (sampling_rate < 1) list.push_back({{"sampling_rate", sampling_rate}});
  if (!header.empty()) {
    const size_t colon = header.find(':');
    Json filter{{"key", header.substr(0, colon)}};
    if (colon != std::string::npos) filter["query"] = header.substr(colon + 1);
    list.push_back({{"header", std::move(filter)}});
  }
  return list;
}

void TailOptions::print_event(const Terminal& terminal, const OrderedJson& record) const {
  print_record(terminal, record, for_programs(), false);
}

void TailOptions::say_listening(const Terminal& terminal) const {
  if (!for_programs()) terminal.line(terminal.dim("Waiting for events. Ctrl-C ends."));
}

}  // namespace selvage::cli
