// `selvage tail`: what happens now; `selvage logs`: what was kept of it.
#pragma once

#include <CLI/App.hpp>
#include <memory>

namespace selvage::cli {

class LogCommands {
 public:
  /// Adds `tail` and `logs` to `app`, which must outlive this.
  explicit LogCommands(CLI::App& app);
  ~LogCommands();
  LogCommands(const LogCommands&) = delete;
  LogCommands& operator=(const LogCommands&) = delete;

  [[nodiscard]] bool chosen() const;
  /// The exit status: 0, or 1 when it failed.
  int run();

 private:
  struct Definition;
  std::unique_ptr<Definition> definition_;
};

}  // namespace selvage::cli
