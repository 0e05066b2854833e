// What was acknowledged is there after `kill -9`, for real processes on a real disk.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "object/object_store.h"
#include "store/killed_child_for_test.h"
#include "store/local_commit_log.h"

namespace selvage::object {
namespace {

constexpr int kObjects = 6;
constexpr int kThreads = 2;

std::string id_of(uint64_t object) {
  return std::string(64, static_cast<char>('0' + static_cast<int>(object)));
}

/// A commit of object o with number n sets "n" to n, and "k<n % 20>" to n and something long.
uint64_t acknowledgement(uint64_t object, uint64_t number) { return object << 32 | number; }

struct Opened {
  explicit Opened(const std::string& directory) {
    auto opened =
        store::LocalCommitLog::open(*files, directory + "/log", {.segment_size = 256 * 1024});
    if (!opened) ADD_FAILURE() << opened.error().describe();
    log = std::move(*opened);
    // Small limits, so that checkpoints and retired segments are always under way.
    auto store_opened = ObjectStore::open(directory + "/objects", *log, *files,
                                          {.checkpoint_log_bytes = 300'000, .dirty_pages = 20});
    if (!store_opened) ADD_FAILURE() << store_opened.error().describe();
    store = std::move(*store_opened);
  }
  std::unique_ptr<store::FileSystem> files = store::real_file_system();
  std::unique_ptr<store::CommitLog> log;
  std::unique_ptr<ObjectStore> store;
};

uint64_t number_in(ObjectStorage& storage) {
  auto value = storage.get("n");
  EXPECT_TRUE(value) << value.error().describe();
  return value && *value ? std::stoull(**value) : 0;
}

/// Commits on some of the objects without end.
void commit_forever(ObjectStore& store, int thread, store::Acknowledgements& acknowledgements) {
  std::mt19937_64 random(static_cast<uint64_t>(thread));
  std::map<uint64_t, std::unique_ptr<ObjectStorage>> objects;
  for (;;) {
    uint64_t object = random() % (kObjects / kThreads) * kThreads + static_cast<uint64_t>(thread);
    std::unique_ptr<ObjectStorage>& storage = objects[object];
    if (!storage) storage = std::move(*store.open_object("kill", id_of(object)));
    uint64_t number = number_in(*storage) + 1;
    std::string value = std::to_string(number);
    bool written =
        storage->put("n", value) &&
        storage->put("k" + std::to_string(number % 20), value + std::string(random() % 3'000, '+'));
    auto committed =
        storage->commit([&acknowledgements, object, number](uint64_t, const Status& status) {
          if (status) acknowledgements.add(acknowledgement(object, number));
        });
    if (!written || !committed) _exit(3);
    if (random() % 50 == 0) storage.reset();
  }
}

TEST(KillTest, EveryAcknowledgedCommitIsThereAndNoneIsHalf) {
  std::string pattern = testing::TempDir() + "kill-XXXXXX";
  std::string directory = mkdtemp(pattern.data());
  uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 4; ++round) {
    std::vector<uint64_t> acknowledged = store::run_and_kill(
        [&directory](store::Acknowledgements& acknowledgements) {
          Opened opened(directory);
          std::vector<std::thread> threads;
          for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&opened, &acknowledgements, t] {
              commit_forever(*opened.store, t, acknowledgements);
            });
          }
          for (std::thread& thread : threads) thread.join();
        },
        50 + random() % 600);
    std::map<uint64_t, uint64_t> newest;
    for (uint64_t value : acknowledged) {
      EXPECT_GT(value & 0xffffffff, newest[value >> 32]) << "out of order";
      newest[value >> 32] = value & 0xffffffff;
    }

    Opened opened(directory);
    for (uint64_t object = 0; object < kObjects; ++object) {
      auto storage = opened.store->open_object("kill", id_of(object));
      ASSERT_TRUE(storage) << storage.error().describe();
      uint64_t number = number_in(**storage);
      EXPECT_GE(number, newest[object]);
      // All of each commit: the last twenty are in their keys.
      for (uint64_t n = number > 20 ? number - 19 : 1; n <= number; ++n) {
        auto value = (*storage)->get("k" + std::to_string(n % 20));
        ASSERT_TRUE(value && *value);
        EXPECT_EQ((*value)->substr(0, (*value)->find('+')), std::to_string(n));
      }
    }
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace selvage::object
