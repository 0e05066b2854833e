#include "signals/record.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "signals/access_log.h"

namespace selvage::signals {
namespace {

Record request() {
  Record record;
  record.worker = "w";
  record.version = "v1";
  record.time = 1000;
  record.method = "GET";
  record.url = "http://w.localhost/a";
  record.headers =
      "Host: w.localhost\r\nX-A: 1\r\nx-a: 2\r\nAuthorization: Bearer abc\r\nX-Api-Key: k\r\n";
  record.status = 200;
  return record;
}

TEST(Record, IsAnEventOfTraceV1) {
  Record record = request();
  record.log("log", R"(["text",{"a":1}])", 1001);
  record.except("TypeError: x is not a function", "TypeError: x is not a function\n    at a.ts:1:2",
                1002);
  record.outcome = Outcome::exception;
  EXPECT_EQ(
      to_line(record),
      R"({"outcome":"exception","scriptName":"w","scriptVersion":{"id":"v1"},"cpuTime":0,)"
      R"("wallTime":0,"truncated":false,"executionModel":"stateless","exceptions":[{"name":)"
      R"("TypeError","message":"x is not a function","timestamp":1002,"stack":"TypeError: x is )"
      R"(not a function\n    at a.ts:1:2"}],"logs":[{"message":["text",{"a":1}],"level":"log",)"
      R"("timestamp":1001}],"diagnosticsChannelEvents":[],"eventTimestamp":1000,"event":)"
      R"({"request":{"url":"http://w.localhost/a","method":"GET","headers":{"host":"w.localhost",)"
      R"("x-a":"1, 2","authorization":"REDACTED","x-api-key":"REDACTED"},"cf":{}},"response":)"
      R"({"status":200}}})");
}

TEST(Record, HidesSecretsOfHeaders) {
  Record record;
  for (const char* name : {"Cookie", "X-Auth-Email", "Cf-Access-Jwt-Assertion", "X-Signing-Key",
                           "X-Client-Secret", "X-Csrf-Token", "X-Password", "Accept"}) {
    record.headers += std::string(name) + ": value\r\n";
  }
  auto json = to_json(record);
  const auto& headers = json["event"]["request"]["headers"];
  EXPECT_EQ(headers.size(), 8u);
  for (const auto& [name, value] : headers.items()) {
    EXPECT_EQ(value, name == "accept" ? "value" : "REDACTED") << name;
  }
}

TEST(Record, TellsEachKindOfEvent) {
  Record record;
  record.kind = EventKind::scheduled;
  record.cron = "* * * * *";
  record.scheduled_time = 5;
  EXPECT_EQ(to_json(record)["event"].dump(), R"({"cron":"* * * * *","scheduledTime":5})");
  record.kind = EventKind::alarm;
  EXPECT_EQ(to_json(record)["event"].dump(), R"({"scheduledTime":5})");
  record.kind = EventKind::rpc;
  record.method = "add";
  EXPECT_EQ(to_json(record)["event"].dump(), R"({"rpcMethod":"add"})");
  record.kind = EventKind::tail;
  record.tailed = {"other"};
  EXPECT_EQ(to_json(record)["event"].dump(), R"({"consumedEvents":[{"scriptName":"other"}]})");
  record.kind = EventKind::other;
  EXPECT_TRUE(to_json(record)["event"].is_null());
}

TEST(Record, ExceptionsWithoutANameAreErrors) {
  Record record;
  record.except("just text: with a colon", "", 0);
  record.except("Error", "", 0);
  EXPECT_EQ(record.exceptions[0].name, "Error");
  EXPECT_EQ(record.exceptions[0].message, "just text: with a colon");
  EXPECT_EQ(record.exceptions[1].message, "Error");
}

TEST(Record, LogsAreBounded) {
  Record record;
  for (int i = 0; i < 1000; ++i) record.log("log", "[\"" + std::string(1024, 'x') + "\"]", 0);
  EXPECT_TRUE(record.truncated);
  EXPECT_LT(record.logs.size(), 256u);
}

TEST(Record, BytesThatAreNoTextDoNotBreakALine) {
  Record record = request();
  record.url = "http://w/\xff";
  record.headers = "X: \xe9\n";
  const auto line = to_line(record);
  EXPECT_EQ(nlohmann::json::parse(line)["event"]["request"]["headers"]["x"], "\u00e9");
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(AccessLog, ALineIsJsonWhateverTheClientSent) {
  const AccessEntry entry{1'800'000'000'123, "::1", "GET", "h", "/\"\\\x01\xff"};
  const auto line = access_line(entry, "w", "v", 404, std::chrono::microseconds(1250));
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["time"], "2027-01-15T08:00:00.123Z");
  EXPECT_EQ(json["target"], "/\"\\\x01\u00ff");
  EXPECT_EQ(json["status"], 404);
  EXPECT_EQ(json["ms"], 1.25);
}

}  // namespace
}  // namespace selvage::signals
