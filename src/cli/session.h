// `selvage dev` and `selvage serve`: projects are built, an engine runs them until a signal ends
// the session; `dev` builds again when files change. `serve` without projects is a platform: it
// runs what is deployed to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace selvage::cli {

struct SessionOptions {
  bool development = false;
  std::vector<std::string> projects;  // paths; none: a platform to deploy to
  std::string pages_directory;        // `projects` is one Pages site with these assets
  std::string environment;            // named environment, "" = top level
  std::optional<std::string> host;    // default: the project's dev.ip in development, localhost
  std::optional<uint16_t> port;       // default: the project's dev.port in development, 8787
  std::string settings;               // "" = selvage.toml here, if there is one
  std::string data;                   // "" = .selvage in the project, or here for several or none
  std::optional<std::string> api_listen;  // of a platform: "host:port" of its control plane
  std::optional<int> threads;             // default: 1 in development, else one for each core
  std::optional<uint32_t> drain_timeout_ms;
  std::optional<uint32_t> spare_isolates;
  std::optional<uint32_t> isolate_idle_ms;
  std::optional<uint32_t> object_idle_ms;
  bool allow_private_network = false;  // development allows it anyway
};

/// Runs until SIGINT, SIGTERM or a key. The exit status of the program.
int run_session(const SessionOptions& options);

}  // namespace selvage::cli
