// `selvage kv`: what Workers KV stores, shown and changed from the command line.
#pragma once

#include <CLI/App.hpp>
#include <memory>

namespace selvage::cli {

class KvCommands {
 public:
  /// Adds `kv` with all its commands to `app`, which must outlive this.
  explicit KvCommands(CLI::App& app);
  ~KvCommands();
  KvCommands(const KvCommands&) = delete;
  KvCommands& operator=(const KvCommands&) = delete;

  /// Whether the command line named one of them.
  [[nodiscard]] bool chosen() const;
  /// The exit status: 0; 1 when it failed or the key does not exist.
  int run();

 private:
  struct Definition;
  std::unique_ptr<Definition> definition_;
};

}  // namespace selvage::cli
