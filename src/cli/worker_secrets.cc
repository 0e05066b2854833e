// Secrets of a worker, and of its next version.
#include "cli/json_text.h"
#include "cli/secret_place.h"
#include "cli/worker_option.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;

/// As the API takes them.
Json secrets_from(const Json& values) {
  Json secrets = Json::object();
  for (const auto& [name, value] : values.items()) {
    secrets[name] =
        value.is_null() ? Json() : Json{{"name", name}, {"type", "secret_text"}, {"text", value}};
  }
  return secrets;
}

class WorkerSecrets : public SecretPlace {
 public:
  void add_options(CLI::App& command, bool) override { worker_.add_to(command); }
  [[nodiscard]] bool json() const override { return worker_.json; }
  Status open() override {
    SELVAGE_TRY(remote_, find_remote_worker(worker_));
    return {};
  }
  [[nodiscard]] std::string owner() const override { return remote_.name; }

  /// Of the newest version.
  Result<std::vector<std::string>> names() override {
    SELVAGE_TRY(const ApiAnswer answer, remote_.ask("GET", "/secrets"));
    std::vector<std::string> names;
    for (const Json& each : answer.result) names.push_back(text_of(each, "name"));
    return names;
  }

  Result<Changed> change(const Json& values) override {
    SELVAGE_TRY(
        const ApiAnswer done,
        remote_.ask("PATCH", "/secrets-bulk", ApiContent::of({{"secrets", secrets_from(values)}})));
    return Changed{{{"worker", remote_.name}}, "."};
  }

 protected:
  WorkerOptions worker_;
  RemoteWorker remote_;
};

class VersionSecrets final : public WorkerSecrets {
 public:
  void add_options(CLI::App& command, bool changes) override {
    WorkerSecrets::add_options(command, changes);
    if (!changes) return;
    command.add_option("-m,--message", message_, "What this version brings")->type_name("TEXT");
    command.add_option("--tag", tag_, "A name for this version")->type_name("TAG");
  }
  void add_list_options(CLI::App& command) override {
    command.add_flag("--latest-version", latest_,
                     "Those of the newest version, and not of what answers now");
  }

  Result<Listing> list() override {
    if (latest_) return SecretPlace::list();
    SELVAGE_TRY(const ApiAnswer answer, remote_.ask("GET", "/deployments"));
    Listing listing{{{"VERSION", "SHARE", "NAME"}, {}}, nlohmann::ordered_json::array()};
    const Json deployments = field(answer.result, "deployments");
    if (deployments.empty()) return listing;
    for (const Json& share : field(deployments[0], "versions")) {
      const std::string id = text_of(share, "version_id");
      const double percentage = share.value("percentage", 0.0);
      SELVAGE_TRY(const ApiAnswer version, remote_.ask("GET", "/versions/" + id));
      for (const Json& each : field(field(version.result, "resources"), "bindings")) {
        if (text_of(each, "type") != "secret_text") continue;
        const std::string name = text_of(each, "name");
        listing.table.rows.push_back({id, number_text(percentage) + "%", name});
        listing.json.push_back({{"version_id", id}, {"percentage", percentage}, {"name", name}});
      }
    }
    return listing;
  }

  Result<Changed> change(const Json& values) override {
    Json body{{"env", secrets_from(values)}, {"annotations", Json::object()}};
    if (!message_.empty()) body["annotations"]["workers/message"] = message_;
    if (!tag_.empty()) body["annotations"]["workers/tag"] = tag_;
    SELVAGE_TRY(
        const ApiAnswer made,
        remote_.api->ask_account("PATCH", "/workers/workers/" + remote_.name + "/versions/latest",
                                 ApiContent::of(body)));
    const std::string id = text_of(made.result, "id");
    return Changed{{{"worker", remote_.name}, {"version_id", id}},
                   ", in a version that does not answer yet\n  version " + id +
                       "\n  deploy it: selvage versions deploy " + id};
  }

 private:
  std::string message_;
  std::string tag_;
  bool latest_ = false;
};

}  // namespace

std::unique_ptr<SecretPlace> worker_secrets() { return std::make_unique<WorkerSecrets>(); }
std::unique_ptr<SecretPlace> version_secrets() { return std::make_unique<VersionSecrets>(); }

}  // namespace selvage::cli
