// Secrets of a Pages project: its settings give them to deployments.
#include "cli/json_text.h"
#include "cli/pages_option.h"
#include "cli/secret_place.h"

namespace selvage::cli {
namespace {

using Json = nlohmann::json;

class PagesSecrets final : public SecretPlace {
 public:
  void add_options(CLI::App& command, bool) override {
    options_.add_to(command);
    command.add_option("-e,--env", environment_, "production or preview (default: production)")
        ->type_name("NAME")
        ->check(CLI::IsMember({"production", "preview"}));
  }
  [[nodiscard]] bool json() const override { return options_.json; }
  Status open() override {
    SELVAGE_TRY(project_, find_pages_project(options_));
    return {};
  }
  [[nodiscard]] std::string owner() const override {
    return project_.name + " (" + environment_ + ")";
  }

  Result<std::vector<std::string>> names() override {
    std::vector<std::string> names;
    const Json config = field(field(project_.shown, "deployment_configs"), environment_.c_str());
    const Json variables = field(config, "env_vars");
    for (const auto& [name, value] : variables.items()) {
      if (text_of(value, "type") == "secret_text") names.push_back(name);
    }
    return names;
  }

  Result<Changed> change(const Json& values) override {
    Json variables = Json::object();
    for (const auto& [name, value] : values.items()) {
      variables[name] = value.is_null() ? Json() : Json{{"type", "secret_text"}, {"value", value}};
    }
    const Json config{{environment_, {{"env_vars", std::move(variables)}}}};
    SELVAGE_TRY(const ApiAnswer done,
                project_.ask("PATCH", "", ApiContent::of({{"deployment_configs", config}})));
    return Changed{{{"project", project_.name}, {"environment", environment_}},
                   ", for its next deployments."};
  }

 private:
  PagesOptions options_;
  PagesProject project_;
  std::string environment_ = "production";
};

}  // namespace

std::unique_ptr<SecretPlace> pages_secrets() { return std::make_unique<PagesSecrets>(); }

}  // namespace selvage::cli
