// For tests of what survives `kill -9`: a child process that works and says what was acknowledged,
// until it is killed in the middle of it.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace selvage::store {

/// Says over a pipe what was acknowledged. Any thread.
class Acknowledgements {
 public:
  explicit Acknowledgements(int fd) : fd_(fd) {}
  void add(uint64_t number) {
    // A pipe takes eight bytes whole.
    if (::write(fd_, &number, sizeof number) != sizeof number) ::_exit(1);
  }

 private:
  int fd_;
};

/// Runs `work` in a child, which never returns from it of its own will, and kills the child once it
/// acknowledged `enough`. Returns all that it acknowledged, in order. Call before the process has
/// threads of its own.
inline std::vector<uint64_t> run_and_kill(const std::function<void(Acknowledgements&)>& work,
                                          size_t enough) {
  int pipe_fds[2];
  if (::pipe(pipe_fds) != 0) {
    ADD_FAILURE() << "cannot make a pipe";
    return {};
  }
  pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe_fds[0]);
    Acknowledgements acknowledgements(pipe_fds[1]);
    work(acknowledgements);
    ::_exit(2);
  }
  ::close(pipe_fds[1]);
  std::vector<uint64_t> acknowledged;
  uint64_t number = 0;
  bool killed = false;
  while (::read(pipe_fds[0], &number, sizeof number) == sizeof number) {
    acknowledged.push_back(number);
    if (acknowledged.size() >= enough && !killed) {
      ::kill(child, SIGKILL);
      killed = true;  // what it said before is still in the pipe
    }
  }
  ::close(pipe_fds[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(killed && WIFSIGNALED(status)) << "the child ended by itself: " << status;
  return acknowledged;
}

}  // namespace selvage::store
