// Keeps one engine running: starts it, tells it what to run, starts it again when it dies, replaces
// it when it asks for that, and ends it within a known time.
//
// At most one engine ever touches the data: a replacement process is started early, but is told to
// begin only when the one before it is gone. Meanwhile clients wait in the queues of the listening
// sockets, which this process keeps open.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/child.h"
#include "cli/reactor.h"
#include "deploy/engine_config.h"

namespace selvage::cli {

/// The process that hosts the engine.
struct EngineProgram {
  std::string node;
  std::string engine;
  std::string preload;  // a library that its process loads before others; "" = none
  /// Descriptors that it inherits under their own numbers, besides those of the listeners.
  std::vector<int> inherited;
};

/// Told what happens, from the reactor.
class SupervisorObserver {
 public:
  virtual ~SupervisorObserver() = default;
  /// The engine answers requests: after start(), and after every restart.
  virtual void on_ready() = 0;
  /// What deploy() was last given answers from now on.
  virtual void on_deployed() = 0;
  /// The engine keeps the workers it had.
  virtual void on_refused(const std::string& worker, const std::string& message) = 0;
  /// A worker that the engine began with cannot start: it answers with errors.
  virtual void on_unable(const std::string& worker, const std::string& message) = 0;
  /// The engine ended without being asked to; another is on its way after `delay`.
  virtual void on_restart(const std::string& how_it_ended, std::chrono::milliseconds delay) = 0;
  /// The engine asked to be replaced.
  virtual void on_recycle(const std::string& reason) = 0;
  /// After stop(), or when engines keep dying before they are ready (then with a reason).
  virtual void on_stopped(const std::optional<std::string>& failure) = 0;
};

class Supervisor {
 public:
  /// `config` without workers. The observer must outlive the supervisor.
  Supervisor(Reactor& reactor, EngineProgram program, deploy::EngineConfig config,
             SupervisorObserver& observer);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Starts the process, which then waits for start(). Worth doing while workers are bundled.
  Status launch();
  /// Tells the engine to begin, with these workers. After launch().
  void start(std::vector<deploy::WorkerVersion> workers);
  /// Replaces all workers. After start().
  void deploy(std::vector<deploy::WorkerVersion> workers);
  /// Lets requests in flight finish, within the drain time-out, then on_stopped. A second call ends
  /// the engine at once.
  void stop();

  [[nodiscard]] bool ready() const;

 private:
  class Engine;
  enum class Phase { idle, running, recycling, stopping, stopped };

  void engine_said(Engine& engine, const nlohmann::json& message);
  void engine_ended(int wait_status);
  void recycle(const std::string& reason);
  void relaunch_later();
  void finish(const std::optional<std::string>& failure);
  std::unique_ptr<Engine> spawn(std::string& problem);
  void begin();
  void kill_after(std::chrono::milliseconds grace);

  Reactor& reactor_;
  EngineProgram program_;
  deploy::EngineConfig config_;  // with the workers of the last good deployment
  SupervisorObserver& observer_;
  Phase phase_ = Phase::idle;
  bool started_ = false;  // start() was called
  std::optional<std::vector<deploy::WorkerVersion>> deploying_;
  bool deploying_sent_ = false;  // to the engine that runs now
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Engine> replacement_;  // launched, not begun
  std::unique_ptr<Engine> ended_;        // until the callback that reported its end is over
  Reactor::TimerId restart_timer_ = 0;
  Reactor::TimerId kill_timer_ = 0;
  int deaths_in_a_row_ = 0;
  bool ever_ready_ = false;
};

}  // namespace selvage::cli
