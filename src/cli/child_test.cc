#include "cli/child.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>

#include "cli/testing/run_until.h"

namespace selvage::cli {
namespace {

using testing::HasSubstr;

SpawnOptions shell(const std::string& script) {
  SpawnOptions options;
  options.arguments = {"/bin/sh", "-c", script};
  return options;
}

class CommandTest : public testing::Test {
 protected:
  Result<CommandResult> run(SpawnOptions options) {
    std::optional<Result<CommandResult>> result;
    const Command command(reactor_, std::move(options), [&](Result<CommandResult> ended) {
      result = std::move(ended);
      reactor_.changed();
    });
    reactor_.run_until([&] { return result.has_value(); });
    return result ? std::move(*result) : fail(ErrorCode::timeout, "did not end");
  }
  TestReactor reactor_;
};

TEST_F(CommandTest, output_and_errors_come_apart_and_whole) {
  const auto result = run(shell("seq 100000; echo oops >&2; exit 3"));
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->succeeded());
  EXPECT_EQ(describe_exit(result->wait_status), "exited with status 3");
  EXPECT_EQ(result->errors, "oops\n");
  EXPECT_TRUE(result->output.ends_with("\n99999\n100000\n"));
}

TEST_F(CommandTest, directory_and_environment_are_set) {
  setenv("SELVAGE_TEST_A", "ours", 1);
  SpawnOptions options = shell("pwd; echo $SELVAGE_TEST_A $SELVAGE_TEST_B");
  options.directory = "/usr";
  options.environment = {{"SELVAGE_TEST_A", "theirs"}, {"SELVAGE_TEST_B", "b"}};
  const auto result = run(std::move(options));
  unsetenv("SELVAGE_TEST_A");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "/usr\ntheirs b\n");
}

TEST_F(CommandTest, a_program_that_is_missing_is_an_error_with_its_name) {
  SpawnOptions options;
  options.arguments = {"/nowhere/program"};
  const auto result = run(std::move(options));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("cannot start /nowhere/program"));
}

TEST_F(CommandTest, a_signal_is_named) {
  const auto result = run(shell("kill -SEGV $$"));
  ASSERT_TRUE(result);
  EXPECT_THAT(describe_exit(result->wait_status), HasSubstr("was killed by SIGSEGV"));
}

TEST_F(CommandTest, only_the_descriptors_that_were_named_are_passed_on) {
  const Descriptor wanted(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Descriptor stray(open("/dev/null", O_RDONLY));  // as a library might leave one
  SpawnOptions options;
  options.arguments = {"/bin/ls", "/proc/self/fd"};
  options.descriptors = {{wanted.get(), 17}};
  const auto result = run(std::move(options));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "0\n1\n17\n2\n3\n");  // 3 is the folder that ls reads
}

TEST_F(CommandTest, what_a_command_leaves_running_is_killed_with_it) {
  const auto result = run(shell("sleep 1000 >/dev/null 2>&1 & echo $!"));
  ASSERT_TRUE(result);
  const pid_t left = std::stoi(result->output);
  // Its new parent may take a moment to reap it; until then it is a zombie, and not asleep.
  for (int i = 0; i < 1000 && kill(left, 0) == 0; ++i) {
    std::ifstream stat("/proc/" + std::to_string(left) + "/stat");
    const std::string text((std::istreambuf_iterator<char>(stat)), {});
    if (text.find(") Z ") != std::string::npos) break;
    usleep(10'000);
  }
  std::ifstream stat("/proc/" + std::to_string(left) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(stat)), {});
  EXPECT_EQ(text.find(") S "), std::string::npos) << text;
}

TEST(ChildTest, destroying_a_child_kills_and_reaps_it) {
  Reactor reactor;
  auto child = Child::spawn(reactor, shell("sleep 1000"), [](int) { FAIL(); });
  ASSERT_TRUE(child);
  const pid_t pid = (*child)->pid();
  child->reset();
  EXPECT_EQ(waitpid(pid, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(ChildTest, a_child_dies_with_its_parent) {
  // The parent is a process of its own that starts a child and dies without a word.
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    Reactor reactor;
    SpawnOptions options = shell("echo up; exec sleep 1000");
    options.descriptors = {{ends[1], 1}};
    auto child = Child::spawn(reactor, options, [](int) {});
    char up = 0;
    if (!child || read(ends[0], &up, 1) != 1) _exit(1);
    kill(getpid(), SIGKILL);
  }
  close(ends[1]);
  int status = 0;
  waitpid(parent, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  // The end of the pipe: nobody holds it any more, so the child is gone.
  char c = 0;
  while (read(ends[0], &c, 1) == 1) {
  }
  close(ends[0]);
}

}  // namespace
}  // namespace selvage::cli
