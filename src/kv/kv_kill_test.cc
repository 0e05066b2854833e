// What was acknowledged is there after `kill -9`.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "kv/kv_store.h"
#include "store/killed_child_for_test.h"

namespace selvage::kv {
namespace {

constexpr uint64_t kKeys = 50;
constexpr int kInFlight = 16;

std::string key_of(uint64_t number) { return "key" + std::to_string(number % kKeys); }

struct Opened {
  explicit Opened(const std::string& directory) {
    auto opened = KvStore::open(directory, feed, {.wal_bytes = 256 * 1024});
    if (!opened) ADD_FAILURE() << opened.error().describe();
    store = std::move(*opened);
    reader = std::move(*store->reader());
  }
  uint64_t number(const std::string& key) {
    auto entry = reader->get("ns", key);
    EXPECT_TRUE(entry) << entry.error().describe();
    return entry && *entry ? std::stoull((*entry)->value) : 0;
  }
  store::LocalChangeFeed feed;
  std::unique_ptr<KvStore> store;
  std::unique_ptr<KvReader> reader;
};

TEST(KvKillTest, EveryAcknowledgedWriteIsThere) {
  std::string pattern = testing::TempDir() + "kvkill-XXXXXX";
  std::string directory = mkdtemp(pattern.data());
  uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  uint64_t last = 0;
  for (int round = 0; round < 4; ++round) {
    uint64_t first = last + 1;
    // Write n puts n, and more, under the key of n.
    std::vector<uint64_t> acknowledged = store::run_and_kill(
        [&directory, first](store::Acknowledgements& acknowledgements) {
          Opened opened(directory);
          std::atomic<int> in_flight{0};
          for (uint64_t number = first;; ++number) {
            while (in_flight >= kInFlight) std::this_thread::yield();
            ++in_flight;
            opened.store->put("ns", key_of(number),
                              {.value = std::to_string(number) + std::string(number % 5'000, ' ')},
                              [&, number](const Status& status) {
                                if (status) acknowledgements.add(number);
                                --in_flight;
                              });
          }
        },
        50 + random() % 500);
    last = acknowledged.back() + kInFlight;

    Opened opened(directory);
    for (uint64_t number : acknowledged) EXPECT_GE(opened.number(key_of(number)), number);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace selvage::kv
