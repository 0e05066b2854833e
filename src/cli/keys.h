// Single key presses, while the session runs in the foreground of a terminal.
#pragma once

#include <termios.h>

#include <memory>

#include "base/function.h"
#include "cli/reactor.h"

namespace selvage::cli {

/// Restores the terminal at the end of its life.
class Keys {
 public:
  using PressedCallback = UniqueFunction<void(char key)>;
  /// nullptr when standard input is no terminal, or not ours to read.
  static std::unique_ptr<Keys> open(Reactor& reactor, PressedCallback pressed);
  ~Keys();
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

 private:
  Keys(Reactor& reactor, const termios& before) : reactor_(reactor), before_(before) {}
  Reactor& reactor_;
  termios before_;
};

}  // namespace selvage::cli
