// How the commands that show and change state find it: which data folder, which namespace, and who
// answers for it.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/data_directory.h"
#include "cli/project_option.h"
#include "deploy/object_namespaces.h"
#include "deploy/project/project_config.h"
#include "state/client.h"

namespace selvage::cli {

struct StateOptions : ProjectOptions {
  std::string data;  // --data, --persist-to: "" is .selvage in the project
  bool local = true;

  /// Adds the options that every command on state has.
  void add_to(CLI::App& command);
};

/// Whether the state is a platform's elsewhere, asked by its API.
struct RemoteOptions {
  bool remote = false;  // --remote
  std::string url;      // --url

  void add_to(CLI::App& command);
  [[nodiscard]] bool chosen() const { return remote || !url.empty(); }
};

/// Where the state of these options is: an absolute path, which need not exist.
std::string state_directory(const StateOptions& options);

/// The project, when there is one; its faults are the error.
Result<deploy::ProjectConfig> read_state_project(const StateOptions& options, bool preview);

/// A way to ask about the state. Holds the data folder unless an engine runs on it.
class StateSource {
 public:
  /// When another selvage runs on the folder, its engine is asked. `must_exist`: a folder that is
  /// not there is an error, and is not made.
  static Result<StateSource> open(const StateOptions& options, bool must_exist);

  /// The same, or that of a platform elsewhere.
  static Result<StateSource> open(const StateOptions& options, const RemoteOptions& remote,
                                  bool must_exist);

  [[nodiscard]] state::Client& client() { return *client_; }
  /// Which class each namespace of Durable Objects belongs to. Not of a platform elsewhere, which
  /// tells it of each.
  [[nodiscard]] Result<deploy::NamespaceRegistry> namespaces() const;
  /// "" of a platform elsewhere.
  [[nodiscard]] const std::string& state_directory() const { return directory_; }
  [[nodiscard]] bool is_remote() const { return directory_.empty(); }

 private:
  std::string directory_;
  std::optional<DataDirectory> held_;
  std::unique_ptr<state::Client> client_;
};

}  // namespace selvage::cli
