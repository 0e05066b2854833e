#include "cli/session.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "base/log.h"
#include "cli/data_directory.h"
#include "cli/file_watcher.h"
#include "cli/first_account.h"
#include "cli/installation.h"
#include "cli/keys.h"
#include "cli/listen.h"
#include "cli/project_build.h"
#include "cli/supervisor.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "deploy/project/platform_settings.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

constexpr uint16_t kDefaultPort = 8787;
constexpr uint32_t kDevelopmentDrainMs = 1'000;

int usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return std::max(1, CPU_COUNT(&cores));
}

std::string milliseconds_since(Reactor::Clock::time_point start) {
  const auto elapsed = std::chrono::round<std::chrono::milliseconds>(Reactor::Clock::now() - start);
  return std::to_string(elapsed.count()) + " ms";
}

std::string describe_binding(const deploy::Binding& binding) {
  using deploy::BindingType;
  switch (binding.type) {
    case BindingType::text:
    case BindingType::json: return binding.name + " (variable)";
    case BindingType::secret: return binding.name + " (secret)";
    case BindingType::kv: return binding.name + " (KV)";
    case BindingType::durable_object:
      return binding.name + " (Durable Object " + binding.class_name + ")";
    case BindingType::service: return binding.name + " (service " + binding.script + ")";
    case BindingType::version_metadata: return binding.name + " (version)";
    case BindingType::assets: return binding.name + " (assets)";
    case BindingType::rate_limit: return binding.name + " (rate limit " + binding.value + ")";
  }
  return binding.name;
}

class Session final : public SupervisorObserver {
 public:
  explicit Session(const SessionOptions& options) : options_(options) {}

  int run() {
    const Status prepared = prepare();
    if (!prepared) {
      terminal_.error(prepared.error());
      return 1;
    }
    if (is_platform()) {
      supervisor_->start({});
    } else {
      build_everything();
    }
    return reactor_.run();
  }

 private:
  Status prepare() {
    SELVAGE_TRY(const Installation parts, find_installation());
    SELVAGE_CHECK_STATUS(reactor_.handle_signals([this](int) { quit(); }));
    std::string data = options_.data;
    if (data.empty() && is_platform()) data = ".selvage";
    if (data.empty()) {
      std::error_code error;
      const fs::path project = fs::absolute(options_.projects.front(), error);
      const bool one = options_.projects.size() == 1;
      const fs::path home = fs::is_directory(project, error) ? project : project.parent_path();
      data = (one ? home : fs::current_path(error)) / ".selvage";
      for (const std::string& path : options_.projects) {
        if (!fs::exists(path, error)) {
          return fail(ErrorCode::not_found, "there is no project " + path,
                      "A project is a folder with a wrangler.toml, .json or .jsonc");
        }
      }
    }
    SELVAGE_TRY(data_, open_data_directory(data));
    const int threads = options_.threads.value_or(options_.development ? 1 : usable_cores());
    choose_address();
    SELVAGE_TRY(sockets_, listen_on(host_, port_, threads));
    port_ = sockets_.port;

    deploy::EngineConfig config;
    config.listeners = sockets_.listeners;
    config.threads = threads;
    config.data_directory = data_.state;
    config.cache_directory = data_.cache;
    config.development = options_.development;
    config.log_requests = options_.development;
    config.colour = terminal_.colour();
    config.allow_private_network = options_.development || options_.allow_private_network;
    if (options_.development) config.drain_timeout_ms = kDevelopmentDrainMs;
    if (options_.drain_timeout_ms) config.drain_timeout_ms = *options_.drain_timeout_ms;
    if (options_.development) config.spare_isolates = 1;
    if (options_.spare_isolates) config.spare_isolates = *options_.spare_isolates;
    if (options_.isolate_idle_ms) config.isolate_idle_ms = *options_.isolate_idle_ms;
    if (options_.object_idle_ms) config.object_idle_ms = *options_.object_idle_ms;
    SELVAGE_CHECK_STATUS(take_settings(config));
    config.program_version = kVersion;
    for (const std::string& problem :
         deploy::complete_from_environment(config.traces, [](const char* name) {
           const char* value = std::getenv(name);
           return std::string(value == nullptr ? "" : value);
         })) {
      log_warn("traces", problem);
    }
    if (is_platform()) SELVAGE_CHECK_STATUS(prepare_to_be_deployed_to(config));
    std::vector<int> inherited = config.operations_fds;
    if (config.platform) std::ranges::copy(config.platform->api_fds, std::back_inserter(inherited));
    inherited.push_back(data_.lock.get());
    supervisor_ = std::make_unique<Supervisor>(
        reactor_, EngineProgram{parts.node, parts.engine, parts.preload, std::move(inherited)},
        std::move(config), *this);
    SELVAGE_CHECK_STATUS(supervisor_->launch());

    for (const std::string& path : options_.projects) {
      projects_.push_back(std::make_unique<ProjectBuild>(
          reactor_, terminal_,
          ProjectBuildOptions{path, options_.environment, parts.esbuild, parts.unenv, data_.bundles,
                              options_.development, options_.pages_directory, asset_limits_}));
    }
    return {};
  }

  [[nodiscard]] bool is_platform() const { return options_.projects.empty(); }

  Status take_settings(deploy::EngineConfig& config) {
    std::error_code error;
    std::string path = options_.settings;
    if (path.empty()) {
      if (!fs::exists("selvage.toml", error)) return {};
      path = "selvage.toml";
    }
    SELVAGE_TRY(const deploy::SettingsReading reading, deploy::read_platform_settings(path));
    terminal_.diagnostics(reading.diagnostics);
    for (const deploy::Diagnostic& each : reading.diagnostics) {
      if (each.severity == deploy::Diagnostic::Severity::error) {
        return fail(ErrorCode::invalid_argument, path + " cannot be used");
      }
    }
    config.kv_limits = reading.settings.kv_limits;
    config.cron_limits = reading.settings.cron_limits;
    config.time_limits = reading.settings.time_limits;
    asset_limits_ = reading.settings.asset_limits;
    config.object_limits = reading.settings.object_limits;
    config.observability = reading.settings.observability;
    config.traces = reading.settings.traces;
    std::string& access_log = config.observability.access_log;
    if (!access_log.empty() && access_log != "-") {
      access_log = (fs::absolute(path, error).parent_path() / access_log).lexically_normal();
    }
    api_address_ = reading.settings.api_address;
    platform_url_ = reading.settings.url;
    return listen_for_operations(reading.settings.operations_address, config);
  }

  /// "host:port", which is the setting `key`'s.
  static Result<ListeningSockets> listen_at(const std::string& address, const std::string& key) {
    const size_t colon = address.rfind(':');
    uint16_t port = 0;
    std::string host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
      host = host.substr(1, host.size() - 2);
    }
    const char* end = address.data() + address.size();
    if (colon == std::string::npos || colon + 1 == address.size() ||
        std::from_chars(address.data() + colon + 1, end, port).ptr != end) {
      return fail(ErrorCode::invalid_argument,
                  "\"" + key + "\" is \"" + address + "\", but should be host:port",
                  "For example: 127.0.0.1:9464");
    }
    return listen_on(host, port, 1);
  }

  /// Metrics and health: away from the clients' sockets.
  Status listen_for_operations(const std::string& address, deploy::EngineConfig& config) {
    if (address.empty()) return {};
    SELVAGE_TRY(operations_, listen_at(address, "operations.listen"));
    for (const deploy::Listener& each : operations_.listeners) {
      config.operations_fds.push_back(each.fd);
    }
    return {};
  }

  /// The account, and the sockets of the control plane.
  Status prepare_to_be_deployed_to(deploy::EngineConfig& config) {
    if (options_.api_listen) api_address_ = *options_.api_listen;
    SELVAGE_TRY(api_, listen_at(api_address_, "api.listen"));
    SELVAGE_TRY(first_account_, prepare_platform(data_.state));
    deploy::PlatformConfig& platform = config.platform.emplace();
    for (const deploy::Listener& each : api_.listeners) platform.api_fds.push_back(each.fd);
    if (!platform_url_) platform_url_ = deploy::PublicUrl{.port = port_};
    platform.scheme = platform_url_->scheme;
    platform.base_domain = platform_url_->host;
    platform.port = platform_url_->port;
    platform.asset_limits = asset_limits_;
    return {};
  }

  // The command line, then the first project's [dev] table.
  void choose_address() {
    host_ = options_.host.value_or("localhost");
    port_ = options_.port.value_or(kDefaultPort);
    if (!options_.development || (options_.host && options_.port)) return;
    const auto reading = deploy::read_project(
        options_.projects.front(),
        {options_.environment, options_.development, options_.pages_directory});
    if (!reading || !reading->config) return;  // reported when it is built
    const deploy::DevelopmentServer& dev = reading->config->dev;
    if (!options_.host && dev.ip) host_ = *dev.ip;
    if (!options_.port && dev.port) port_ = *dev.port;
  }

  void build_everything() {
    std::map<ProjectBuild*, ProjectBuild::Scope> all;
    for (const auto& project : projects_) {
      all.emplace(project.get(), ProjectBuild::Scope::command_and_bundle);
    }
    build(all);
  }

  void build(const std::map<ProjectBuild*, ProjectBuild::Scope>& projects) {
    for (const auto& [project, scope] : projects) building_.insert(project);
    for (const auto& each : projects) {
      ProjectBuild* project = each.first;
      project->build(each.second, [this, project] {
        building_.erase(project);
        if (building_.empty()) everything_built();
      });
    }
  }

  void everything_built() {
    if (stopping_) return;
    watch_files();
    const bool first = !std::exchange(built_once_, true);
    const bool all_good = std::all_of(projects_.begin(), projects_.end(),
                                      [](const auto& project) { return project->good(); });
    if (!options_.development && !all_good) {
      exit_status_ = 1;
      return quit();
    }
    if (!check_names()) {
      if (options_.development) return;
      exit_status_ = 1;
      return quit();
    }
    std::vector<deploy::WorkerVersion> versions = good_versions();
    std::vector<std::string> ids;
    for (const auto& version : versions) ids.push_back(version.name + " " + version.id);
    if (first) {
      deployed_ids_ = std::move(ids);
      supervisor_->start(std::move(versions));
    } else if (!all_good) {
      note(versions.empty() ? "Waiting for a version that can run."
                            : "The last good version goes on.");
    } else if (ids == deployed_ids_) {
      note("Nothing changed.");
    } else {
      deployed_ids_ = std::move(ids);
      supervisor_->deploy(std::move(versions));
    }
  }

  std::vector<deploy::WorkerVersion> good_versions() const {
    std::vector<deploy::WorkerVersion> versions;
    for (const auto& project : projects_) {
      if (project->version()) versions.push_back(*project->version());
    }
    return versions;
  }

  // Workers answer by name, and call each other by name.
  bool check_names() {
    std::set<std::string> names;
    for (const auto& project : projects_) {
      if (!project->version()) continue;
      if (!names.insert(project->version()->name).second) {
        terminal_.error({ErrorCode::invalid_argument,
                         "two projects are called " + project->version()->name,
                         "Give each a \"name\" of its own in its configuration"});
        return false;
      }
    }
    for (const auto& project : projects_) {
      if (!project->version() || !project->good()) continue;
      for (const deploy::Binding& binding : project->version()->bindings) {
        if (!binding.script.empty() && !names.contains(binding.script) &&
            warned_of_.insert(project->version()->name + " " + binding.script).second) {
          warn(project->version()->name + " binds " + binding.name + " to the worker " +
               binding.script + ", which is not one of those that run here");
        }
      }
    }
    return true;
  }

  void watch_files() {
    if (!options_.development) return;
    if (watcher_ == nullptr) {
      auto watcher = FileWatcher::create(
          reactor_, [this](const std::set<std::string>& paths) { files_changed(paths); });
      if (!watcher) {
        terminal_.error(watcher.error());
        return;
      }
      watcher_ = std::move(*watcher);
    }
    std::vector<std::string> directories;
    for (const auto& project : projects_) {
      for (std::string& each : project->watched_directories()) {
        directories.push_back(std::move(each));
      }
    }
    watcher_->watch(directories);
  }

  void files_changed(const std::set<std::string>& paths) {
    if (stopping_) return;
    std::map<ProjectBuild*, ProjectBuild::Scope> concerned;
    for (const auto& project : projects_) {
      auto scope = ProjectBuild::Scope::nothing;
      for (const std::string& path : paths) scope = std::max(scope, project->concerns(path));
      if (scope != ProjectBuild::Scope::nothing) concerned.emplace(project.get(), scope);
    }
    if (concerned.empty()) return;
    if (building_.empty()) changed_at_ = Reactor::Clock::now();
    build(concerned);
  }

  void quit() {
    if (stopping_) {
      supervisor_->stop();  // impatience: at once
      return;
    }
    stopping_ = true;
    watcher_.reset();
    supervisor_->stop();
  }

  void on_key(char key) {
    if (key == 'q' || key == 'x') return quit();
    if (key == 'r' && !stopping_) {
      changed_at_ = Reactor::Clock::now();
      deployed_ids_.clear();
      build_everything();
    }
  }

  // From the supervisor.
  void on_ready() override {
    if (stopping_) return;
    for (const auto& project : projects_) project->remove_old_versions();
    if (std::exchange(was_ready_, true)) {
      note("The engine is running again.");
      return;
    }
    print_banner();
    if (options_.development) keys_ = Keys::open(reactor_, [this](char key) { on_key(key); });
  }
  void on_deployed() override {
    for (const auto& project : projects_) project->remove_old_versions();
    note("Reloaded in " + milliseconds_since(changed_at_));
  }
  void on_refused(const std::string& worker, const std::string& message) override {
    deployed_ids_.clear();
    if (!options_.development && !was_ready_) {
      terminal_.error({ErrorCode::aborted,
                       worker.empty() ? message : worker + " could not start: " + message, ""});
      exit_status_ = 1;
      return quit();
    }
    terminal_.error({ErrorCode::aborted,
                     worker.empty() ? message : worker + " could not start: " + message,
                     was_ready_ ? "The version before it goes on" : ""});
  }
  void on_unable(const std::string& worker, const std::string& message) override {
    const bool others = projects_.size() > 1;
    terminal_.error({ErrorCode::aborted, worker + " cannot start: " + message,
                     others ? "It answers with status 500; the others go on" : ""});
    unable_.insert(worker);
    if (options_.development || was_ready_ || unable_.size() < projects_.size()) return;
    exit_status_ = 1;
    quit();
  }
  void on_restart(const std::string& how_it_ended, std::chrono::milliseconds delay) override {
    std::string text = "the engine " + how_it_ended + "; starting it again";
    if (delay.count() > 0) text += " in " + std::to_string(delay.count()) + " ms";
    warn(text);
  }
  void on_recycle(const std::string& reason) override { warn("replacing the engine: " + reason); }
  void on_stopped(const std::optional<std::string>& failure) override {
    if (failure) {
      terminal_.error({ErrorCode::unavailable, *failure, "What it wrote is above"});
      exit_status_ = 1;
    }
    reactor_.stop(exit_status_);
  }

  void print_banner() {
    std::string text = terminal_.bold("selvage") + " " + terminal_.dim(kVersion);
    const bool one = projects_.size() == 1;
    const std::string shown_host =
        host_ == "0.0.0.0" || host_ == "::" || host_ == "127.0.0.1"
            ? "localhost"
            : (host_.find(':') != std::string::npos ? "[" + host_ + "]" : host_);
    for (const auto& project : projects_) {
      if (!project->config()) continue;
      const std::string& name = project->config()->name;
      const std::string url =
          "http://" + (one ? "" : name + ".") + shown_host + ":" + std::to_string(port_);
      text += "\n\n  " + terminal_.bold(name) + "  " + terminal_.cyan(url);
      if (unable_.contains(name)) text += "\n  " + terminal_.red("cannot start, see above");
      std::string bindings;
      for (const deploy::Binding& binding : project->config()->bindings) {
        bindings += (bindings.empty() ? "" : ", ") + describe_binding(binding);
      }
      if (!bindings.empty()) text += "\n  " + terminal_.dim("env: " + bindings);
    }
    if (is_platform()) text += describe_platform(shown_host);
    if (operations_.port != 0) {
      text += "\n\n  " +
              terminal_.dim("metrics and health on port " + std::to_string(operations_.port));
    }
    text += "\n\n  " + terminal_.green("Ready in " + milliseconds_since(started_at_));
    if (options_.development) text += terminal_.dim("   r reloads, q quits");
    terminal_.line(text + "\n");
  }

  [[nodiscard]] std::string describe_platform(const std::string& shown_host) const {
    std::string workers = platform_url_->scheme + "://<worker>." + platform_url_->host;
    if (platform_url_->port != 0) workers += ":" + std::to_string(platform_url_->port);
    const std::string api = "http://" + api_.listeners.front().address + "/client/v4";
    std::string text = "\n\n  " + terminal_.bold("platform") + "  " +
                       terminal_.cyan("http://" + shown_host + ":" + std::to_string(port_)) +
                       "\n  workers answer at " + workers + "\n  deploy to " + api;
    if (first_account_) {
      text +=
          "\n\n  An account was made, with a token that is shown only now. For wrangler and "
          "selvage:\n"
          "\n    export CLOUDFLARE_API_BASE_URL=" +
          api + "\n    export CLOUDFLARE_ACCOUNT_ID=" + first_account_->id +
          "\n    export CLOUDFLARE_API_TOKEN=" + first_account_->token;
    }
    return text;
  }

  // Lines about the session itself: for a person in development, for a log otherwise.
  void note(const std::string& text) const {
    if (options_.development) {
      terminal_.line(terminal_.dim(text));
    } else {
      log_info("serve", text);
    }
  }
  void warn(const std::string& text) const {
    if (options_.development) {
      terminal_.verbatim(terminal_.yellow("warning:") + " " + text);
    } else {
      log_warn("serve", text);
    }
  }

  const SessionOptions& options_;
  const Terminal terminal_;
  const Reactor::Clock::time_point started_at_ = Reactor::Clock::now();
  Reactor::Clock::time_point changed_at_ = started_at_;
  Reactor reactor_;
  DataDirectory data_;
  std::string host_;
  uint16_t port_ = 0;
  ListeningSockets sockets_;
  ListeningSockets operations_;  // for metrics and health; none unless the settings name an address
  deploy::AssetLimits asset_limits_;
  // Of a platform:
  std::string api_address_ = deploy::PlatformSettings().api_address;
  std::optional<deploy::PublicUrl> platform_url_;
  ListeningSockets api_;
  std::optional<FirstAccount> first_account_;  // made by this start
  std::vector<std::unique_ptr<ProjectBuild>> projects_;
  std::set<ProjectBuild*> building_;
  std::set<std::string> warned_of_;
  std::set<std::string> unable_;  // workers that cannot start
  std::vector<std::string> deployed_ids_;
  bool built_once_ = false;
  bool was_ready_ = false;
  bool stopping_ = false;
  int exit_status_ = 0;
  std::unique_ptr<FileWatcher> watcher_;
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<Keys> keys_;
};

}  // namespace

int run_session(const SessionOptions& options) {
  set_log_style(!options.development, Terminal().colour());
  return Session(options).run();
}

}  // namespace selvage::cli
