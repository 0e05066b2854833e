// With a stand-in for the engine: testing/fake_engine.cjs.
#include "cli/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <sstream>

#include "cli/testing/run_until.h"

namespace selvage::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

deploy::WorkerVersion worker(const std::string& name) {
  deploy::WorkerVersion version;
  version.name = name;
  return version;
}

class SupervisorTest : public testing::Test, public SupervisorObserver {
 protected:
  SupervisorTest() {
    deploy::EngineConfig config;
    config.data_directory = folder_.path();
    config.drain_timeout_ms = 100;
    supervisor_ = std::make_unique<Supervisor>(
        reactor_, EngineProgram{SELVAGE_TEST_NODE, SELVAGE_TEST_FAKE_ENGINE, "", {}}, config,
        *this);
  }

  void start(const std::string& name) {
    ASSERT_TRUE(supervisor_->launch());
    supervisor_->start({worker(name)});
  }
  void wait_for(const std::string& event) {
    reactor_.run_until(
        [&] { return std::find(events_.begin(), events_.end(), event) != events_.end(); });
    EXPECT_THAT(events_, testing::Contains(event));
  }
  /// What engines noted, without their process ids; and each id once.
  std::vector<std::string> noted() const {
    std::istringstream lines(folder_.read("events"));
    std::vector<std::string> found;
    for (std::string line; std::getline(lines, line);)
      found.push_back(line.substr(0, line.find(' ')));
    return found;
  }

  /// The process that noted last.
  void kill_engine() const {
    const std::string text = folder_.read("events");
    kill(std::stoi(text.substr(text.rfind(' '))), SIGKILL);
  }

  void event(std::string text) {
    events_.push_back(std::move(text));
    reactor_.changed();
  }
  void on_ready() override { event("ready"); }
  void on_deployed() override { event("deployed"); }
  void on_refused(const std::string& name, const std::string& message) override {
    event("refused " + name);
    last_message_ = message;
  }
  void on_unable(const std::string& name, const std::string& message) override {
    event("unable " + name);
    last_message_ = message;
  }
  void on_restart(const std::string& how, std::chrono::milliseconds) override {
    last_message_ = how;
    event("restart");
  }
  void on_recycle(const std::string& reason) override { event("recycle " + reason); }
  void on_stopped(const std::optional<std::string>& failure) override {
    last_message_ = failure.value_or("");
    event("stopped");
  }

  TemporaryFolder folder_;
  TestReactor reactor_;
  std::vector<std::string> events_;
  std::string last_message_;
  std::unique_ptr<Supervisor> supervisor_;
};

TEST_F(SupervisorTest, starts_and_drains) {
  start("good");
  wait_for("ready");
  EXPECT_TRUE(supervisor_->ready());
  supervisor_->stop();
  wait_for("stopped");
  EXPECT_EQ(last_message_, "");
  EXPECT_THAT(noted(), ElementsAre("start", "ready", "drain", "end"));
}

TEST_F(SupervisorTest, an_engine_that_died_is_started_again_with_the_same_workers) {
  start("dies-once");
  wait_for("restart");
  EXPECT_EQ(last_message_, "exited with status 3");
  wait_for("ready");
  EXPECT_THAT(noted(), ElementsAre("start", "start", "ready"));
}

TEST_F(SupervisorTest, engines_that_never_get_ready_end_the_session) {
  start("dies-at-start");
  wait_for("stopped");
  EXPECT_THAT(last_message_, HasSubstr("was killed by SIGSEGV"));
  EXPECT_THAT(last_message_, HasSubstr("3 times in a row"));
}

TEST_F(SupervisorTest, a_deployment_replaces_the_workers_for_restarts_too) {
  start("good");
  wait_for("ready");
  supervisor_->deploy({worker("dies-once")});
  wait_for("deployed");
  events_.clear();
  // The engine dies; the one after it dies at the start, once, because of what was deployed.
  kill_engine();
  wait_for("ready");
  EXPECT_THAT(noted(), ElementsAre("start", "ready", "deployed", "start", "start", "ready"));
}

TEST_F(SupervisorTest, a_deployment_that_is_refused_leaves_the_workers_as_they_were) {
  start("good");
  wait_for("ready");
  supervisor_->deploy({worker("cannot-start")});
  wait_for("refused cannot-start");
  EXPECT_EQ(last_message_, "ReferenceError: nope");
  events_.clear();
  kill_engine();
  wait_for("ready");
}

TEST_F(SupervisorTest, a_deployment_that_kills_the_engine_is_not_tried_again) {
  start("good");
  wait_for("ready");
  events_.clear();
  supervisor_->deploy({worker("kills-the-engine")});
  wait_for("ready");
  EXPECT_THAT(events_, ElementsAre("refused ", "restart", "ready"));
}

TEST_F(SupervisorTest, a_replacement_begins_only_when_the_engine_before_it_has_ended) {
  start("asks-to-be-replaced");
  wait_for("recycle asked to");
  events_.clear();
  wait_for("ready");
  EXPECT_THAT(noted(), ElementsAre("start", "ready", "drain", "end", "start", "ready"));
}

TEST_F(SupervisorTest, an_engine_that_never_drains_is_killed_in_time) {
  start("never-drains");
  wait_for("ready");
  supervisor_->stop();
  wait_for("stopped");
  EXPECT_THAT(noted(), ElementsAre("start", "ready", "drain"));
}

TEST_F(SupervisorTest, stopping_before_the_start_needs_no_drain) {
  ASSERT_TRUE(supervisor_->launch());
  supervisor_->stop();
  wait_for("stopped");
  EXPECT_THAT(noted(), ElementsAre());
}

TEST_F(SupervisorTest, a_host_that_cannot_be_started_is_an_error) {
  Supervisor broken(reactor_, EngineProgram{"/nowhere/node", "engine", "", {}}, {}, *this);
  const Status launched = broken.launch();
  ASSERT_FALSE(launched);
  EXPECT_THAT(launched.error().message, HasSubstr("/nowhere/node"));
}

}  // namespace
}  // namespace selvage::cli
