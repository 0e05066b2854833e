#include "cli/supervisor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace selvage::cli {
namespace {

using std::chrono::milliseconds;

constexpr int kControlDescriptor = 3;  // the engine's end
// An engine that lived for so long was all right: the next death starts the back-off anew.
constexpr std::chrono::seconds kHealthyAge{10};
constexpr milliseconds kFirstDelay{100};
constexpr milliseconds kLongestDelay{5'000};
constexpr int kDeathsBeforeGivingUp = 3;  // before the first engine was ready
// Over the drain time-out, for an engine that keeps to it.
constexpr milliseconds kKillGrace{500};

milliseconds delay_after(int deaths) {
  if (deaths <= 1) return milliseconds(0);
  return std::min(kLongestDelay, kFirstDelay * (1 << std::min(deaths - 2, 10)));
}

}  // namespace

// One engine process and the line of JSON messages to and from it.
class Supervisor::Engine {
 public:
  Engine(Supervisor& owner, Descriptor control) : owner_(owner), control_(std::move(control)) {}
  ~Engine() {
    if (control_.valid()) owner_.reactor_.forget(control_.get());
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void attach(std::unique_ptr<Child> child) {
    child_ = std::move(child);
    owner_.reactor_.watch(control_.get(), POLLIN, [this](short events) { on_ready(events); });
  }

  void send(const nlohmann::json& message) {
    outgoing_ += message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    flush();
  }

  /// Messages that came before the process ended.
  void read_the_rest() {
    while (control_.valid() && receive()) {
    }
  }

  void signal(int number) const { child_->signal(number); }
  [[nodiscard]] pid_t pid() const { return child_->pid(); }
  [[nodiscard]] Reactor::Clock::duration age() const { return Reactor::Clock::now() - born_; }

  bool begun = false;
  bool ready = false;

 private:
  void on_ready(short events) {
    if ((events & POLLOUT) != 0) flush();
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) receive();
  }

  void flush() {
    while (!outgoing_.empty() && control_.valid()) {
      const ssize_t sent =
          ::send(control_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) break;
      if (sent < 0) {
        outgoing_.clear();  // it is gone; its end will be reported
        break;
      }
      outgoing_.erase(0, static_cast<size_t>(sent));
    }
    if (control_.valid()) {
      const int wanted = outgoing_.empty() ? POLLIN : POLLIN | POLLOUT;
      owner_.reactor_.change(control_.get(), static_cast<short>(wanted));
    }
  }

  // False when there is nothing more for now. A message's handler may move this engine aside, but
  // never destroys it.
  bool receive() {
    std::array<char, 16'384> buffer{};
    const ssize_t got = recv(control_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return errno == EINTR;
    if (got <= 0) {
      owner_.reactor_.forget(control_.get());
      control_.reset();
      return false;
    }
    incoming_.append(buffer.data(), static_cast<size_t>(got));
    for (size_t end = 0; (end = incoming_.find('\n')) != std::string::npos;) {
      const std::string line = incoming_.substr(0, end);
      incoming_.erase(0, end + 1);
      const auto message = nlohmann::json::parse(line, nullptr, false);
      if (message.is_object()) owner_.engine_said(*this, message);
    }
    return true;
  }

  Supervisor& owner_;
  Descriptor control_;
  std::unique_ptr<Child> child_;
  std::string incoming_;
  std::string outgoing_;
  Reactor::Clock::time_point born_ = Reactor::Clock::now();
};

namespace {

/// The dynamic linker's list with `ours` before what the user has there; "" when it stays as it is.
std::string preloads(const std::string& ours) {
  // The list has no way to write a path with one of its separators in it.
  if (ours.empty() || ours.find_first_of(" :") != std::string::npos) return "";
  const char* theirs = std::getenv("LD_PRELOAD");
  return theirs == nullptr || *theirs == '\0' ? ours : ours + ":" + theirs;
}

}  // namespace

Supervisor::Supervisor(Reactor& reactor, EngineProgram program, deploy::EngineConfig config,
                       SupervisorObserver& observer)
    : reactor_(reactor),
      program_(std::move(program)),
      config_(std::move(config)),
      observer_(observer) {}

Supervisor::~Supervisor() {
  reactor_.cancel(restart_timer_);
  reactor_.cancel(kill_timer_);
}

bool Supervisor::ready() const { return engine_ != nullptr && engine_->ready; }

std::unique_ptr<Supervisor::Engine> Supervisor::spawn(std::string& problem) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    problem = fail_errno(errno, "socketpair").value().describe();
    return nullptr;
  }
  auto engine = std::make_unique<Engine>(*this, Descriptor(ends[0]));
  const Descriptor theirs(ends[1]);
  SpawnOptions options;
  options.arguments = {program_.node, "-e", "require(process.argv[1]).main()", program_.engine};
  // Options meant for the user's own node would change V8's flags under the snapshot.
  options.environment = {{"NODE_OPTIONS", ""}};
  if (std::string libraries = preloads(program_.preload); !libraries.empty()) {
    options.environment.emplace_back("LD_PRELOAD", std::move(libraries));
  }
  options.descriptors.emplace_back(theirs.get(), kControlDescriptor);
  for (const deploy::Listener& listener : config_.listeners) {
    options.descriptors.emplace_back(listener.fd, listener.fd);
  }
  for (const int fd : program_.inherited) options.descriptors.emplace_back(fd, fd);
  Engine* raw = engine.get();
  auto child = Child::spawn(reactor_, options, [this, raw](int status) {
    raw->read_the_rest();
    if (raw == replacement_.get()) {
      ended_ = std::move(replacement_);  // it will be missed, and started anew, when it is needed
      return;
    }
    engine_ended(status);
  });
  if (!child) {
    problem = child.error().describe();
    return nullptr;
  }
  engine->attach(std::move(*child));
  return engine;
}

Status Supervisor::launch() {
  std::string problem;
  engine_ = spawn(problem);
  if (engine_ == nullptr) return fail(ErrorCode::unavailable, problem);
  phase_ = Phase::running;
  return {};
}

void Supervisor::start(std::vector<deploy::WorkerVersion> workers) {
  config_.workers = std::move(workers);
  started_ = true;
  begin();
}

void Supervisor::begin() {
  if (engine_ == nullptr || !started_ || engine_->begun) return;
  engine_->begun = true;
  nlohmann::json message = deploy::to_json(config_);
  message["type"] = "start";
  engine_->send(message);
}

void Supervisor::deploy(std::vector<deploy::WorkerVersion> workers) {
  deploying_ = std::move(workers);
  deploying_sent_ = false;
  if (!ready() || phase_ != Phase::running) return;  // sent once an engine is ready
  nlohmann::json list = nlohmann::json::array();
  for (const deploy::WorkerVersion& worker : *deploying_) list.push_back(deploy::to_json(worker));
  engine_->send({{"type", "deploy"}, {"workers", std::move(list)}});
  deploying_sent_ = true;
}

void Supervisor::engine_said(Engine& engine, const nlohmann::json& message) {
  if (&engine != engine_.get() || phase_ == Phase::stopped) return;
  const auto text = [&](const char* key) {
    const auto it = message.find(key);
    return it != message.end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  const std::string type = text("type");
  if (type == "ready") {
    engine.ready = true;
    ever_ready_ = true;
    observer_.on_ready();
    if (deploying_) deploy(std::move(*deploying_));
  } else if (type == "deployed") {
    if (deploying_) config_.workers = std::move(*std::exchange(deploying_, std::nullopt));
    observer_.on_deployed();
  } else if (type == "refused") {
    deploying_.reset();
    observer_.on_refused(text("worker"), text("message"));
  } else if (type == "unable") {
    observer_.on_unable(text("worker"), text("message"));
  } else if (type == "recycle") {
    recycle(text("reason"));
  }
}

void Supervisor::recycle(const std::string& reason) {
  if (phase_ != Phase::running) return;
  phase_ = Phase::recycling;
  observer_.on_recycle(reason);
  std::string problem;
  replacement_ = spawn(problem);  // if that fails, engine_ended() tries again
  engine_->send({{"type", "drain"}});
  kill_after(milliseconds(config_.drain_timeout_ms) + kKillGrace);
}

void Supervisor::engine_ended(int wait_status) {
  reactor_.cancel(std::exchange(kill_timer_, 0));
  ended_ = std::move(engine_);
  if (phase_ == Phase::stopping) return finish(std::nullopt);
  if (phase_ == Phase::recycling) {
    phase_ = Phase::running;
    engine_ = std::move(replacement_);
    if (engine_ != nullptr) return begin();
    return relaunch_later();
  }
  if (ended_->age() > kHealthyAge) deaths_in_a_row_ = 0;
  ++deaths_in_a_row_;
  if (deploying_ && deploying_sent_) {
    // What killed one engine is not given to the next.
    deploying_.reset();
    observer_.on_refused("", "the engine " + describe_exit(wait_status) + " while it loaded this");
  }
  if (!ever_ready_ && deaths_in_a_row_ >= kDeathsBeforeGivingUp) {
    return finish("the engine " + describe_exit(wait_status) + " before it was ready, " +
                  std::to_string(deaths_in_a_row_) + " times in a row");
  }
  observer_.on_restart(describe_exit(wait_status), delay_after(deaths_in_a_row_));
  relaunch_later();
}

void Supervisor::relaunch_later() {
  restart_timer_ = reactor_.after(delay_after(deaths_in_a_row_), [this] {
    restart_timer_ = 0;
    std::string problem;
    engine_ = spawn(problem);
    if (engine_ != nullptr) return begin();
    ++deaths_in_a_row_;
    observer_.on_restart("could not be started: " + problem, delay_after(deaths_in_a_row_));
    relaunch_later();
  });
}

void Supervisor::stop() {
  if (phase_ == Phase::stopped) return;
  reactor_.cancel(std::exchange(restart_timer_, 0));
  replacement_.reset();
  if (engine_ == nullptr) return finish(std::nullopt);
  const bool again = std::exchange(phase_, Phase::stopping) == Phase::stopping;
  if (again || !engine_->begun) {
    engine_->signal(SIGKILL);
    return;
  }
  engine_->send({{"type", "drain"}});
  kill_after(milliseconds(config_.drain_timeout_ms) + kKillGrace);
}

void Supervisor::kill_after(milliseconds grace) {
  reactor_.cancel(kill_timer_);
  kill_timer_ = reactor_.after(grace, [this] {
    kill_timer_ = 0;
    if (engine_ != nullptr) engine_->signal(SIGKILL);
  });
}

void Supervisor::finish(const std::optional<std::string>& failure) {
  phase_ = Phase::stopped;
  observer_.on_stopped(failure);
}

}  // namespace selvage::cli
