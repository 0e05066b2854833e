// A simulated life of an object store for tests: random work on a few objects over a simulated
// disk, through power losses, failing operations and full disks, against a model that knows every
// acknowledged write. One seed is one life, the same each time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "object/object_store.h"
#include "store/local_commit_log.h"
#include "store/simulated_file_system.h"

namespace selvage::object {

class CrashSimulation {
 public:
  struct Options {
    int rounds = 5;
    int steps = 120;
    /// Puts a log or a file system with a fault of its own between the store and the real thing:
    /// the simulation must notice.
    std::function<std::unique_ptr<store::CommitLog>(store::CommitLog&)> wrap_log = nullptr;
    std::function<std::unique_ptr<store::FileSystem>(store::FileSystem&)> wrap_files = nullptr;
  };

  CrashSimulation(uint64_t seed, Options options);
  ~CrashSimulation();

  /// nullopt when all went well; otherwise what was found wrong.
  std::optional<std::string> run();

 private:
  using Contents = std::map<std::string, std::string>;
  struct State {
    uint64_t number = 0;
    Contents contents;
  };
  struct Model {
    /// What the object may hold after a crash: the last acknowledged state, then those committed
    /// since.
    std::deque<State> states{State{}};
    uint64_t next_number = 1;
    std::unique_ptr<ObjectStorage> storage;
  };

  static constexpr int kObjects = 4;

  uint64_t pick(uint64_t bound) { return random_() % bound; }
  bool open();
  void close();
  void work();
  void turn(int object);
  bool write_something(ObjectStorage& storage, Contents& contents);
  ObjectStorage* opened(int object);
  void acknowledged(int object, uint64_t number);
  /// Reads the object, and compares. What it was seen to hold, durably, it must hold from then on.
  bool check(int object, ObjectStorage& storage);
  void check_everything();
  void check_files();
  void wrong(std::string what);

  const Options options_;
  std::mt19937_64 random_;
  store::SimulatedFileSystem disk_;
  std::unique_ptr<store::FileSystem> wrapped_files_;
  std::unique_ptr<store::LocalCommitLog> log_;
  std::unique_ptr<store::CommitLog> wrapped_log_;
  std::unique_ptr<ObjectStore> store_;
  std::map<int, Model> models_;
  std::optional<std::string> wrong_;
};

}  // namespace selvage::object
