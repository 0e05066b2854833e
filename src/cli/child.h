// Child processes: none survives its parent, none becomes a zombie.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/function.h"
#include "base/result.h"
#include "cli/reactor.h"

namespace selvage::cli {

struct SpawnOptions {
  std::vector<std::string> arguments;  // the first is the path of the executable
  std::string directory;               // "" = ours
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  /// Our descriptor -> the child's number for it. Besides these it gets 0 (/dev/null), 1 and 2
  /// (ours, unless given here).
  std::vector<std::pair<int, int>> descriptors;
};

/// "exited with status 3", "was killed by SIGSEGV (segmentation fault)".
std::string describe_exit(int wait_status);

/// A running process in a process group of its own, so that Ctrl-C on the terminal reaches us only
/// and we decide. It gets SIGKILL when our process dies. Destroying a Child kills its group and
/// reaps it.
class Child {
 public:
  using ExitCallback = UniqueFunction<void(int wait_status)>;

  /// `exited` is called once, from the reactor; it may destroy the Child.
  static Result<std::unique_ptr<Child>> spawn(Reactor& reactor, const SpawnOptions& options,
                                              ExitCallback exited);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// To the whole group. Does nothing once the process has ended.
  void signal(int number) const;

 private:
  Child(Reactor& reactor, pid_t pid, Descriptor pidfd, ExitCallback exited);
  void on_exit();

  Reactor& reactor_;
  pid_t pid_;
  Descriptor pidfd_;
  ExitCallback exited_;
  bool reaped_ = false;
};

/// How a command ended, with all that it wrote to standard output and error.
struct CommandResult {
  int wait_status = 0;
  std::string output;
  std::string errors;
  [[nodiscard]] bool succeeded() const { return wait_status == 0; }
};

/// Runs a command to its end and collects its output. Destroying it kills the command.
class Command {
 public:
  using DoneCallback = UniqueFunction<void(Result<CommandResult>)>;
  /// `done` is called once, from the reactor; it may destroy the Command.
  Command(Reactor& reactor, SpawnOptions options, DoneCallback done);
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

 private:
  void collect(Descriptor& from, std::string& into);
  void finish_when_complete();
  void fail_later(Error error);

  Reactor& reactor_;
  DoneCallback done_;
  Reactor::TimerId failure_ = 0;
  CommandResult result_;
  Descriptor output_;
  Descriptor errors_;
  bool exited_ = false;
  std::unique_ptr<Child> child_;
};

}  // namespace selvage::cli
