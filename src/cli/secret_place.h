// Where secrets are: a worker's, those of a worker's next version, a Pages project's.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/table.h"

namespace selvage::cli {

/// One command's. Its options are added first, then it is opened, then asked.
class SecretPlace {
 public:
  SecretPlace() = default;
  virtual ~SecretPlace() = default;
  SecretPlace(const SecretPlace&) = delete;
  SecretPlace& operator=(const SecretPlace&) = delete;

  /// The options of every command; `changes`: of one that changes something.
  virtual void add_options(CLI::App& command, bool changes) = 0;
  virtual void add_list_options(CLI::App& command) { (void)command; }
  [[nodiscard]] virtual bool json() const = 0;

  virtual Status open() = 0;
  /// "demo", "site (production)"
  [[nodiscard]] virtual std::string owner() const = 0;
  /// What is there to be deleted.
  virtual Result<std::vector<std::string>> names() = 0;

  struct Listing {
    Table table;
    nlohmann::ordered_json json;
  };
  virtual Result<Listing> list();

  struct Changed {
    nlohmann::ordered_json facts;
    std::string after;  // what a person is told after "Set NAME of demo"
  };
  /// {"NAME": "value"}; null deletes.
  virtual Result<Changed> change(const nlohmann::json& values) = 0;
};

/// `selvage secret`: each change is live at once.
std::unique_ptr<SecretPlace> worker_secrets();
/// `selvage versions secret`: each change makes a version, which does not answer yet.
std::unique_ptr<SecretPlace> version_secrets();
/// `selvage pages secret`: for the next deployments.
std::unique_ptr<SecretPlace> pages_secrets();

}  // namespace selvage::cli
