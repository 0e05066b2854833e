// `selvage do`: what Durable Objects store, shown, exported and deleted from the command line.
#pragma once

#include <CLI/App.hpp>
#include <memory>

namespace selvage::cli {

class DoCommands {
 public:
  /// Adds `do` with all its commands to `app`, which must outlive this.
  explicit DoCommands(CLI::App& app);
  ~DoCommands();
  DoCommands(const DoCommands&) = delete;
  DoCommands& operator=(const DoCommands&) = delete;

  [[nodiscard]] bool chosen() const;
  /// The exit status: 0, or 1 when it failed.
  int run();

 private:
  struct Definition;
  std::unique_ptr<Definition> definition_;
};

}  // namespace selvage::cli
