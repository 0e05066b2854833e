// The command line's requests: answered here and through a socket alike.
#include "state/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "object/object_storage.h"
#include "state/local_state.h"
#include "state/socket_client.h"
#include "state/socket_server.h"

namespace selvage::state {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

constexpr const char* kId = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

class StateTest : public testing::Test {
 protected:
  StateTest() {
    std::string pattern = testing::TempDir() + "state-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~StateTest() override { std::filesystem::remove_all(directory_); }

  static Json items(Client& client, const Json& request) {
    Json all = Json::array();
    auto end = client.ask(request, [&all](const Json& item) {
      all.push_back(item);
      return Status();
    });
    EXPECT_TRUE(end) << end.error().describe();
    return all;
  }
  static Json ask(Client& client, const Json& request) {
    auto answer = client.ask(request);
    EXPECT_TRUE(answer) << answer.error().describe();
    return answer ? *answer : Json();
  }
  static Json put(const std::string& key, const std::string& value) {
    return {{"op", "kv.write"},
            {"namespace", "ns"},
            {"entries", Json::array({Json{{"key", key}, {"value", base64_encode(value)}}})}};
  }

  std::string directory_;
};

TEST_F(StateTest, EntriesAreWrittenReadListedAndErased) {
  auto state = LocalState::open(directory_);
  ASSERT_TRUE(state) << state.error().describe();
  Client& client = **state;
  ask(client, put("a", "1"));
  ask(client, {{"op", "kv.write"},
               {"namespace", "ns"},
               {"entries", Json::array({Json{{"key", "b"},
                                             {"value", "Mg=="},
                                             {"metadata", "{\"m\":1}"},
                                             {"expiration", 4'000'000'000}}})}});
  EXPECT_EQ(ask(client, {{"op", "kv.get"}, {"namespace", "ns"}, {"key", "b"}}),
            (Json{{"found", true},
                  {"value", "Mg=="},
                  {"metadata", "{\"m\":1}"},
                  {"expiration", 4'000'000'000}}));
  EXPECT_EQ(items(client, {{"op", "kv.list"}, {"namespace", "ns"}, {"values", true}}).size(), 2u);
  EXPECT_EQ(items(client, {{"op", "kv.list"}, {"namespace", "ns"}, {"prefix", "b"}}).size(), 1u);
  EXPECT_EQ(items(client, {{"op", "kv.namespaces"}}),
            (Json::array({{{"id", "ns"}, {"keys", 2}, {"bytes", 2}}})));
  ask(client,
      {{"op", "kv.write"}, {"namespace", "ns"}, {"entries", Json::array({{{"key", "a"}}})}});
  EXPECT_EQ(ask(client, {{"op", "kv.get"}, {"namespace", "ns"}, {"key", "a"}})["found"], false);
}

TEST_F(StateTest, RefusalsAreErrorsThatNameTheKey) {
  auto state = LocalState::open(directory_);
  ASSERT_TRUE(state);
  Json request = put("a", "1");
  request["entries"][0]["put_ttl"] = 5;
  auto refused = (*state)->ask(request);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("key \"a\": KV PUT failed: 400 Invalid "
                                                 "expiration_ttl of 5"));
  EXPECT_FALSE((*state)->ask({{"op", "no.such"}}));
}

TEST_F(StateTest, AnEngineAnswersThroughItsSocketAndSeesWhatIsWritten) {
  store::LocalChangeFeed feed;
  auto files = store::real_file_system();
  auto log = store::LocalCommitLog::open(*files, directory_ + "/log");
  ASSERT_TRUE(log);
  auto objects = object::ObjectStore::open(directory_ + "/objects", **log, *files);
  ASSERT_TRUE(objects);
  auto kv = kv::KvStore::open(directory_ + "/kv", feed);
  ASSERT_TRUE(kv);
  auto reader = (*kv)->reader();
  ASSERT_TRUE(reader);
  const kv::KvLimits limits;
  EXPECT_EQ(SocketClient::connect(directory_).error().code, ErrorCode::unavailable);
  auto server = SocketServer::listen(
      directory_, [&] { return std::make_unique<Service>(kv->get(), objects->get(), limits); });
  ASSERT_TRUE(server) << server.error().describe();
  struct stat info{};
  ASSERT_EQ(stat((directory_ + "/control.sock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);

  auto client = SocketClient::connect(directory_);
  ASSERT_TRUE(client) << client.error().describe();
  auto before = (*reader)->get("ns", "a");
  ASSERT_TRUE(before);
  EXPECT_EQ(*before, nullptr);  // and is remembered
  ask(**client, put("a", std::string(100'000, 'v')));
  auto after = (*reader)->get("ns", "a");
  ASSERT_TRUE(after && *after);
  EXPECT_EQ((*after)->value.size(), 100'000u);
  for (int i = 0; i < 1'200; ++i)
    (*kv)->put("ns", "k" + std::to_string(i), {.value = "v"}, nullptr);
  ask(**client, put("last", ""));
  EXPECT_EQ(items(**client, {{"op", "kv.list"}, {"namespace", "ns"}}).size(), 1'202u);
  auto refused = (*client)->ask({{"op", "kv.erase"}, {"namespace", "none"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);

  auto second = SocketClient::connect(directory_);
  ASSERT_TRUE(second);
  ask(**second, put("b", "2"));
  server->reset();
  EXPECT_FALSE((*client)->ask({{"op", "kv.namespaces"}}));
}

TEST_F(StateTest, ObjectsAreListedCopiedAndDeletedWhetherTheyAreOpenOrNot) {
  store::LocalChangeFeed feed;
  auto files = store::real_file_system();
  auto log = store::LocalCommitLog::open(*files, directory_ + "/log");
  ASSERT_TRUE(log);
  auto objects = object::ObjectStore::open(directory_ + "/objects", **log, *files);
  ASSERT_TRUE(objects);
  auto kv = kv::KvStore::open(directory_ + "/kv", feed);
  ASSERT_TRUE(kv);
  const kv::KvLimits limits;
  Service service(kv->get(), objects->get(), limits);
  Json found = Json::array();
  ItemCallback item = [&found](const Json& each) {
    found.push_back(each);
    return Status();
  };
  auto storage = (*objects)->open_object("w-Room/1", kId);
  ASSERT_TRUE(storage) << storage.error().describe();
  ASSERT_TRUE((*storage)->put("key", "value"));
  ASSERT_TRUE((*storage)->commit(nullptr));

  ASSERT_TRUE(service.answer({{"op", "do.namespaces"}}, item));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["id"], "w-Room/1");
  EXPECT_EQ(found[0]["objects"], 1);
  found.clear();
  ASSERT_TRUE(service.answer({{"op", "do.list"}, {"namespace", "w-Room/1"}}, item));
  EXPECT_EQ(found[0]["id"], kId);
  const std::string copy = directory_ + "/copy.sqlite";
  auto copied = service.answer(
      {{"op", "do.copy"}, {"namespace", "w-Room/1"}, {"id", kId}, {"path", copy}}, item);
  ASSERT_TRUE(copied) << copied.error().describe();
  auto database = store::Database::open(copy, SQLITE_OPEN_READONLY);
  ASSERT_TRUE(database);
  auto value = database->prepare("SELECT value FROM _cf_KV WHERE key = 'key'");
  ASSERT_TRUE(value && *value->step());
  EXPECT_EQ(value->bytes(0), "value");

  const Json history{{"op", "do.history"}, {"namespace", "w-Room/1"}, {"id", kId}, {"time", 1}};
  EXPECT_THAT(service.answer(history, item).error().message, HasSubstr("before what is kept"));
  Json now = history;
  now["time"] = INT64_MAX;
  auto past = service.answer(now, item);
  ASSERT_TRUE(past) << past.error().describe();
  EXPECT_EQ((*past)["wanted"]["bookmark"], (*past)["bookmark"]);
  const Json restore{{"op", "do.restore"},
                     {"namespace", "w-Room/1"},
                     {"id", kId},
                     {"bookmark", (*past)["bookmark"]}};
  EXPECT_EQ(service.answer(restore, item).error().code, ErrorCode::unavailable);

  const Json erase{{"op", "do.delete"}, {"namespace", "w-Room/1"}, {"id", kId}};
  auto in_use = service.answer(erase, item);
  ASSERT_FALSE(in_use);
  EXPECT_EQ(in_use.error().code, ErrorCode::unavailable);
  storage->reset();
  ASSERT_TRUE(service.answer(erase, item));
  found.clear();
  ASSERT_TRUE(service.answer({{"op", "do.list"}, {"namespace", "w-Room/1"}}, item));
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(
      service
          .answer({{"op", "do.copy"}, {"namespace", "w-Room/1"}, {"id", kId}, {"path", copy}}, item)
          .error()
          .code,
      ErrorCode::not_found);
  auto restored = service.answer(restore, item);
  ASSERT_TRUE(restored) << restored.error().describe();
  found.clear();
  ASSERT_TRUE(service.answer({{"op", "do.list"}, {"namespace", "w-Room/1"}}, item));
  EXPECT_EQ(found.size(), 1u) << "it has come back";
}

}  // namespace
}  // namespace selvage::state
