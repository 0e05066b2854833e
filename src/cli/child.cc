#include "cli/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace selvage::cli {
namespace {

// Between fork and exec. Only async-signal-safe calls; everything was made ready before.
struct Preparation {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const char* directory = nullptr;
  std::vector<std::pair<int, int>> descriptors;
  pid_t parent = 0;
  int report = -1;  // errno is written to it when something fails
};

[[noreturn]] void give_up(const Preparation& preparation) {
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(preparation.report, &error, sizeof error);
  _exit(127);
}

[[noreturn]] void become(Preparation& preparation) {
  setpgid(0, 0);
  // Killed with its parent; who lost the race against the parent's death leaves at once.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up(preparation);
  if (getppid() != preparation.parent) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // Nothing is passed on by accident.
  constexpr unsigned kCloseOnExec = 4;  // CLOSE_RANGE_CLOEXEC
  syscall(SYS_close_range, 3U, ~0U, kCloseOnExec);
  // First out of the way of the numbers that are wanted, then to those numbers.
  constexpr int kAboveWanted = 256;
  for (auto& [from, to] : preparation.descriptors) {
    if (from == to) continue;
    from = fcntl(from, F_DUPFD_CLOEXEC, kAboveWanted);
    if (from < 0) give_up(preparation);
  }
  for (const auto& [from, to] : preparation.descriptors) {
    if (from == to) {
      if (fcntl(to, F_SETFD, 0) != 0) give_up(preparation);
    } else if (dup2(from, to) < 0) {
      give_up(preparation);
    }
  }
  if (preparation.directory != nullptr && chdir(preparation.directory) != 0) give_up(preparation);
  execve(preparation.arguments[0], preparation.arguments.data(), preparation.environment.data());
  give_up(preparation);
}

std::vector<std::string> merged_environment(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> merged;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view entry = *each;
    bool replaced = false;
    for (const auto& [name, value] : added) {
      replaced |= entry.starts_with(name) && entry.substr(name.size()).starts_with('=');
    }
    if (!replaced) merged.emplace_back(entry);
  }
  for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& each : strings) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::string describe_exit(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int number = WTERMSIG(wait_status);
    const char* name = sigabbrev_np(number);
    return std::string("was killed by SIG") + (name != nullptr ? name : "?") + " (" +
           strsignal(number) + ")";
  }
  return "exited with status " + std::to_string(WEXITSTATUS(wait_status));
}

Result<std::unique_ptr<Child>> Child::spawn(Reactor& reactor, const SpawnOptions& options,
                                            ExitCallback exited) {
  std::vector<std::string> arguments = options.arguments;
  std::vector<std::string> environment = merged_environment(options.environment);
  std::array<int, 2> report{};
  if (pipe2(report.data(), O_CLOEXEC) != 0) return fail_errno(errno, "pipe");
  const Descriptor report_from(report[0]);
  Descriptor report_to(report[1]);
  const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));

  Preparation preparation;
  preparation.arguments = pointers_to(arguments);
  preparation.environment = pointers_to(environment);
  if (!options.directory.empty()) preparation.directory = options.directory.c_str();
  preparation.descriptors = options.descriptors;
  preparation.descriptors.emplace_back(nothing.get(), 0);
  preparation.parent = getpid();
  preparation.report = report_to.get();

  const pid_t pid = fork();
  if (pid < 0) return fail_errno(errno, "fork");
  if (pid == 0) become(preparation);
  setpgid(pid, pid);  // whichever of the two comes first
  report_to.reset();
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(report_from.get(), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got == sizeof error) {
    waitpid(pid, nullptr, 0);
    return fail_errno(error, "cannot start " + options.arguments[0]);
  }
  // glibc 2.36 declares pidfd_open() without C linkage.
  Descriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd.valid()) {
    const int reason = errno;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return fail_errno(reason, "pidfd_open");
  }
  return std::unique_ptr<Child>(new Child(reactor, pid, std::move(pidfd), std::move(exited)));
}

Child::Child(Reactor& reactor, pid_t pid, Descriptor pidfd, ExitCallback exited)
    : reactor_(reactor), pid_(pid), pidfd_(std::move(pidfd)), exited_(std::move(exited)) {
  fcntl(pidfd_.get(), F_SETFD, FD_CLOEXEC);
  reactor_.watch(pidfd_.get(), POLLIN, [this](short) { on_exit(); });
}

Child::~Child() {
  if (reaped_) return;
  reactor_.forget(pidfd_.get());
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Child::on_exit() {
  int status = 0;
  reactor_.forget(pidfd_.get());
  // What it started itself, and left behind, goes with it.
  kill(-pid_, SIGKILL);
  waitpid(pid_, &status, 0);
  reaped_ = true;
  ExitCallback exited = std::move(exited_);
  exited(status);  // may destroy this
}

void Child::signal(int number) const {
  if (!reaped_) kill(-pid_, number);
}

Command::Command(Reactor& reactor, SpawnOptions options, DoneCallback done)
    : reactor_(reactor), done_(std::move(done)) {
  std::array<int, 2> output{};
  std::array<int, 2> errors{};
  if (pipe2(output.data(), O_CLOEXEC) != 0 || pipe2(errors.data(), O_CLOEXEC) != 0) {
    fail_later(fail_errno(errno, "pipe").value());
    return;
  }
  output_ = Descriptor(output[0]);
  errors_ = Descriptor(errors[0]);
  fcntl(output_.get(), F_SETFL, O_NONBLOCK);
  fcntl(errors_.get(), F_SETFL, O_NONBLOCK);
  const Descriptor output_end(output[1]);
  const Descriptor errors_end(errors[1]);
  options.descriptors.emplace_back(output_end.get(), 1);
  options.descriptors.emplace_back(errors_end.get(), 2);
  auto child = Child::spawn(reactor, options, [this](int status) {
    result_.wait_status = status;
    exited_ = true;
    finish_when_complete();
  });
  if (!child) {
    fail_later(std::move(child).error());
    return;
  }
  child_ = std::move(*child);
  reactor_.watch(output_.get(), POLLIN, [this](short) { collect(output_, result_.output); });
  reactor_.watch(errors_.get(), POLLIN, [this](short) { collect(errors_, result_.errors); });
}

Command::~Command() {
  reactor_.cancel(failure_);
  if (output_.valid()) reactor_.forget(output_.get());
  if (errors_.valid()) reactor_.forget(errors_.get());
}

void Command::fail_later(Error error) {
  failure_ =
      reactor_.after(std::chrono::milliseconds(0), [this, error = std::move(error)]() mutable {
        DoneCallback done = std::move(done_);
        done(fail(std::move(error)));  // may destroy this
      });
}

void Command::collect(Descriptor& from, std::string& into) {
  std::array<char, 65'536> buffer{};
  const ssize_t got = read(from.get(), buffer.data(), buffer.size());
  if (got > 0) {
    into.append(buffer.data(), static_cast<size_t>(got));
  } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
    reactor_.forget(from.get());
    from.reset();
    finish_when_complete();
  }
}

void Command::finish_when_complete() {
  if (!exited_ || output_.valid() || errors_.valid() || !done_) return;
  DoneCallback done = std::move(done_);
  done_ = nullptr;
  done(std::move(result_));  // may destroy this
}

}  // namespace selvage::cli
