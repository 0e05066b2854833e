#include "cli/keys.h"

#include <unistd.h>

#include <utility>

namespace selvage::cli {

std::unique_ptr<Keys> Keys::open(Reactor& reactor, PressedCallback pressed) {
  termios before{};
  if (tcgetattr(STDIN_FILENO, &before) != 0) return nullptr;
  if (tcgetpgrp(STDIN_FILENO) != getpgrp()) return nullptr;  // in the background
  termios wanted = before;
  wanted.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);  // ISIG stays: Ctrl-C is a signal
  if (tcsetattr(STDIN_FILENO, TCSANOW, &wanted) != 0) return nullptr;
  reactor.watch(STDIN_FILENO, POLLIN, [&reactor, pressed = std::move(pressed)](short) mutable {
    char key = 0;
    if (read(STDIN_FILENO, &key, 1) == 1) {
      pressed(key);
    } else {
      reactor.forget(STDIN_FILENO);
    }
  });
  return std::unique_ptr<Keys>(new Keys(reactor, before));
}

Keys::~Keys() {
  reactor_.forget(STDIN_FILENO);
  tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

}  // namespace selvage::cli
