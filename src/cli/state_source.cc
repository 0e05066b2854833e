#include "cli/state_source.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include "cli/credentials.h"
#include "cli/platform_state.h"
#include "deploy/namespace_file.h"
#include "state/local_state.h"
#include "state/socket_client.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

std::string data_folder(const StateOptions& options) {
  std::error_code error;
  if (!options.data.empty()) return fs::absolute(options.data, error).lexically_normal();
  const fs::path project = fs::absolute(options.project, error).lexically_normal();
  const fs::path home = fs::is_directory(project, error) ? project : project.parent_path();
  return (home / ".selvage").lexically_normal();
}

}  // namespace

std::string state_directory(const StateOptions& options) { return data_folder(options) + "/state"; }

void StateOptions::add_to(CLI::App& command) {
  ProjectOptions::add_to(command);
  command
      .add_option("--data,--persist-to", data,
                  "Folder of the state (default: .selvage in the project)")
      ->type_name("DIR");
  // For scripts that are written for wrangler.
  command.add_flag("--local", local, "Accepted: state is this machine's, unless --remote is given");
}

void RemoteOptions::add_to(CLI::App& command) {
  command.add_flag("--remote", remote, "Of the platform that you are logged in to");
  add_api_option(command, url);
}

Result<deploy::ProjectConfig> read_state_project(const StateOptions& options, bool preview) {
  return read_project_or_fail(options, {.development = preview});
}

Result<StateSource> StateSource::open(const StateOptions& options, bool must_exist) {
  StateSource source;
  const std::string root = data_folder(options);
  source.directory_ = root + "/state";
  std::error_code error;
  if (must_exist && !fs::is_directory(source.directory_, error)) {
    return fail(ErrorCode::not_found, "there is no state in " + root,
                "`selvage dev` makes it; another folder is named with --data");
  }
  // An engine that is being started or replaced is waited for: it has the folder, but does not
  // listen yet.
  constexpr std::chrono::milliseconds kPause{20};
  constexpr int kTries = 250;
  for (int i = 0;; ++i) {
    auto held = open_data_directory(root);
    if (held) {
      source.held_ = std::move(*held);
      SELVAGE_TRY(source.client_, state::LocalState::open(source.directory_));
      return source;
    }
    if (held.error().code != ErrorCode::already_exists) return fail(std::move(held).error());
    auto client = state::SocketClient::connect(source.directory_);
    if (client) {
      source.client_ = std::move(*client);
      return source;
    }
    if (client.error().code != ErrorCode::unavailable) return fail(std::move(client).error());
    if (i == kTries) {
      return fail(ErrorCode::unavailable, held.error().message + ", and its engine does not answer",
                  "Wait until it is ready, or stop it");
    }
    std::this_thread::sleep_for(kPause);
  }
}

Result<StateSource> StateSource::open(const StateOptions& options, const RemoteOptions& remote,
                                      bool must_exist) {
  if (!remote.chosen()) return open(options, must_exist);
  SELVAGE_TRY(auto api, connect_to_platform(remote.url));
  StateSource source;
  source.client_ = std::make_unique<PlatformState>(std::move(api));
  return source;
}

Result<deploy::NamespaceRegistry> StateSource::namespaces() const {
  return deploy::read_namespaces(*store::real_file_system(), directory_);
}

}  // namespace selvage::cli
