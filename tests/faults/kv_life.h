// A life of the KV store: puts, deletes, imports and uploads on a few namespaces that are made,
// renamed and removed, in groups, with a clock that lets entries expire; against a model that knows
// all that was acknowledged. SQLite's database and its log lie on the disk that fails.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kv/kv_store.h"
#include "life.h"
#include "store/file_vfs.h"

namespace selvage::faults {

class KvLife final : public Life {
 public:
  KvLife(uint64_t seed, LifeOptions options) : Life(seed, std::move(options)) {}
  ~KvLife() override { close(); }

 private:
  using Entries = std::map<std::string, kv::KvEntry>;
  using Contents = std::map<std::string, Entries>;
  /// What a request does to the contents; whether that is anything.
  using Change = std::function<bool(Contents&)>;

  bool open() override;
  void close() override;
  void work() override;
  void check_everything() override;
  void check_service() override;

  /// Queues some writes and has them done.
  void write_some();
  void queue_write(std::vector<kv::KvWrite> writes);
  kv::KvWrite random_write(const std::string& space);
  /// Through a temporary file, as long uploads go; nullopt when that file cannot be made.
  std::optional<kv::KvEntry> spilled(const kv::KvEntry& entry);
  void run_queued();
  void change_namespaces();
  /// What was asked for has been answered: those of `changes` with a good answer have happened, and
  /// after one that did something, no bad one before it did.
  void settle(std::vector<Change>& changes, const std::vector<std::optional<Status>>& results);

  /// Reads all there is; nullopt when the disk does not let it.
  std::optional<Contents> read_everything();
  bool read_namespace(const std::string& space, Entries& entries);
  void read_one();
  /// Begins to read a long value, if the one that it picks is long.
  void hold_one();
  /// Ends all that was begun, whatever has become of the keys.
  void read_held();
  /// While the store runs it shows what was acknowledged, and nothing else.
  void compare();
  /// After a crash, what was not acknowledged may have happened.
  void compare_after_crash();
  void check_database();
  [[nodiscard]] Contents visible(const Contents& contents) const;
  std::string some_namespace();
  std::string some_key();
  void read_error(const std::string& what, const Error& error);

  std::unique_ptr<store::FileVfs> vfs_;
  store::LocalChangeFeed feed_;
  std::unique_ptr<kv::KvStore> store_;
  std::unique_ptr<kv::KvReader> reader_;
  struct Held {
    std::shared_ptr<const kv::LongValue> value;
    std::string expected;
  };
  std::vector<Held> held_;
  Contents acknowledged_;
  /// Requests that failed together, last: some of a group may have happened, in its order.
  std::vector<std::vector<Change>> doubts_;
  // Queued, with the answers.
  std::vector<Change> queued_;
  std::vector<std::optional<Status>> results_;
  int64_t now_ = 1000;
};

}  // namespace selvage::faults
