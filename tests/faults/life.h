// What the simulated lives have in common: the disk that fails, the trace, the verdict.
//
// A life is a few rounds of random work over a simulated disk. In each, something goes wrong: the
// power fails, the process is killed, an operation fails, the disk is full or read-only; and after
// each everything is opened again and compared with what was acknowledged. One seed is one life,
// the same each time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "store/commit_log.h"
#include "store/simulated_file_system.h"

namespace selvage::faults {

enum class Kind { log, objects, kv };

struct LifeOptions {
  /// Puts a log or a file system with a fault of its own between what is tested and the real thing:
  /// the life must notice.
  std::function<std::unique_ptr<store::CommitLog>(store::CommitLog&)> wrap_log = nullptr;
  std::function<std::unique_ptr<store::FileSystem>(store::FileSystem&)> wrap_files = nullptr;
  /// Gets a line for everything that happens.
  std::function<void(const std::string&)> trace = nullptr;
};

/// What happened in lives, for the report.
struct Figures {
  uint64_t rounds = 0;
  uint64_t power_losses = 0;
  uint64_t kills = 0;
  uint64_t full_disks = 0;
  uint64_t read_only_disks = 0;
  std::array<uint64_t, store::kDiskOperations> failed{};
  uint64_t acknowledged = 0;
  /// Acknowledged, failed or not known.
  uint64_t writes = 0;
  uint64_t checks = 0;

  void add(const Figures& other);
};

class Life {
 public:
  Life(uint64_t seed, LifeOptions options);
  virtual ~Life() = default;
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  /// nullopt when all went well; otherwise what was found wrong.
  std::optional<std::string> run(int rounds);
  [[nodiscard]] const Figures& figures() const { return figures_; }

 protected:
  /// Opens what is tested. False when it could not, which is right while something is wrong with
  /// the disk; finding damage never is.
  virtual bool open() = 0;
  virtual void close() = 0;
  /// Works until enough is done or the power is out.
  virtual void work() = 0;
  /// The disk is sound, everything is closed: compares.
  virtual void check_everything() = 0;
  /// The disk is sound again, without a restart: what is tested must work again by itself.
  virtual void check_service() = 0;

  uint64_t pick(uint64_t bound) { return random_() % bound; }
  void wrong(std::string what);
  [[nodiscard]] bool fine() const { return !wrong_; }
  void trace(const std::string& line) const {
    if (options_.trace) options_.trace(line);
  }
  [[nodiscard]] bool traced() const { return options_.trace != nullptr; }
  /// The disk, or what wraps it. For open().
  store::FileSystem& files();

  const LifeOptions options_;
  std::mt19937_64 random_;
  store::SimulatedFileSystem disk_;
  Figures figures_;

 private:
  void arm_fault();

  std::unique_ptr<store::FileSystem> wrapped_files_;
  std::optional<std::string> wrong_;
};

}  // namespace selvage::faults
