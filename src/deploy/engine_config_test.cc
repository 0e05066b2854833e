#include "deploy/engine_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace selvage::deploy {
namespace {

using testing::HasSubstr;

EngineConfig full_config() {
  EngineConfig config;
  config.listeners = {{5, 0, "127.0.0.1:8787"}, {6, 1, "[::1]:8787"}};
  config.threads = 2;
  config.data_directory = "/data";
  config.cache_directory = "/cache";
  config.development = true;
  config.log_requests = true;
  config.colour = true;
  config.allow_private_network = true;
  config.drain_timeout_ms = 1;
  config.isolate_idle_ms = 2;
  config.spare_isolates = 7;
  config.object_idle_ms = 3;
  config.cron_limits = {4, 5, 6};
  config.observability = {false, 7, "/access.log", 8};
  config.traces = {.endpoint = "http://c/",
                   .headers = {{"a", "b"}},
                   .service_name = "edge",
                   .sample_ratio = 0.25,
                   .parent_based = false,
                   .max_queue = 15};
  config.program_version = "1.2.3";
  config.operations_fds = {9, 10};
  config.platform = PlatformConfig{.api_fds = {11},
                                   .scheme = "https",
                                   .base_domain = "example.com",
                                   .port = 12,
                                   .asset_limits = {13, 14}};
  WorkerVersion worker;
  worker.name = "edge-api";
  worker.id = "abc";
  worker.main = "index.js";
  worker.modules = {{"index.js", ModuleType::esm, "/p/index.js", "/p/index.js.map"},
                    {"a.wasm", ModuleType::wasm, "/p/a.wasm", ""}};
  worker.compatibility_date = "2026-01-01";
  worker.compatibility_flags = {"nodejs_compat"};
  worker.bindings = {{BindingType::kv, "CACHE", "your_kv_id", "", "", ""},
                     {BindingType::durable_object, "COUNTER", "", "Counter", "other", ""},
                     {BindingType::service, "AUTH", "", "", "auth", "Admin", "{\"a\":1}"},
                     {BindingType::json, "SETTINGS", "{\"a\":1}", "", "", ""}};
  worker.limits = {50, 60, 70};
  worker.crons = {"* * * * *", "0 0 L * *"};
  worker.tail_consumers = {"sink"};
  worker.assets = {.manifest = "/p/assets.list",
                   .manifest_id = "def",
                   .directory = "/p/public",
                   .by_hash = true,
                   .html_handling = HtmlHandling::drop_trailing_slash,
                   .not_found_handling = NotFoundHandling::single_page_application,
                   .run_worker_first = true,
                   .run_worker_first_rules = {"/api/*", "!/api/docs"},
                   .pages = true,
                   .headers = "/*\n  a: b",
                   .redirects = "/a /b 301"};
  config.workers = {worker};
  return config;
}

TEST(EngineConfig, everything_survives_the_way_over_the_control_channel) {
  const std::string line = to_json(full_config()).dump();
  const Result<EngineConfig> read = engine_config_from_json(nlohmann::json::parse(line));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read).dump(), line);
  EXPECT_EQ(read->workers[0].crons, full_config().workers[0].crons);
  EXPECT_EQ(read->observability.access_log, "/access.log");
  EXPECT_EQ(read->cron_limits.wall_ms, 6u);
  EXPECT_EQ(read->traces, full_config().traces);
  ASSERT_EQ(read->listeners.size(), 2u);
  EXPECT_EQ(read->listeners[1].fd, 6);
  EXPECT_EQ(read->listeners[1].address, "[::1]:8787");
  ASSERT_EQ(read->workers.size(), 1u);
  const WorkerVersion& worker = read->workers[0];
  EXPECT_EQ(worker.modules[1].type, ModuleType::wasm);
  EXPECT_EQ(worker.modules[0].source_map, "/p/index.js.map");
  EXPECT_EQ(worker.bindings[1].class_name, "Counter");
  EXPECT_EQ(worker.bindings[2].entrypoint, "Admin");
  EXPECT_EQ(worker.bindings[2].props, "{\"a\":1}");
  EXPECT_EQ(worker.limits.memory_bytes, 70u);
  EXPECT_EQ(worker.assets, full_config().workers[0].assets);
}

TEST(EngineConfig, a_line_of_json_has_no_line_break_inside) {
  EngineConfig config = full_config();
  config.workers[0].bindings[0].value = "two\nlines";
  EXPECT_EQ(to_json(config).dump().find('\n'), std::string::npos);
}

TEST(EngineConfig, absent_fields_keep_their_defaults) {
  const auto read = engine_config_from_json(nlohmann::json::parse("{}"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->threads, 1);
  EXPECT_EQ(read->drain_timeout_ms, 10'000u);
}

struct Refused {
  const char* json;
  const char* because;
};

class EngineConfigRefuses : public testing::TestWithParam<Refused> {};

TEST_P(EngineConfigRefuses, and_names_the_field) {
  const auto read = engine_config_from_json(nlohmann::json::parse(GetParam().json));
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr(GetParam().because));
}

INSTANTIATE_TEST_SUITE_P(
    wrong_input, EngineConfigRefuses,
    testing::Values(
        Refused{"[]", "not an object"}, Refused{R"({"threads":"2"})", "\"threads\""},
        Refused{R"({"threads":0})", "at least one thread"},
        Refused{R"({"threads":4294967296})", "\"threads\""},
        Refused{R"({"drain_timeout_ms":-1})", "\"drain_timeout_ms\""},
        Refused{R"({"development":1})", "\"development\""},
        Refused{R"({"listeners":{}})", "\"listeners\""},
        Refused{R"({"listeners":[{"loop":0}]})", "without a file descriptor"},
        Refused{R"({"listeners":[{"fd":4,"loop":1}]})", "loop 1 of 1"},
        Refused{R"({"workers":[{}]})", "no name"}, Refused{R"({"workers":["a"]})", "not an object"},
        Refused{R"({"workers":[{"name":"a","modules":[{"type":"php"}]}]})", "\"php\""},
        Refused{R"({"workers":[{"name":"a","bindings":[{"name":"x"}]}]})", "unknown type"},
        Refused{R"({"workers":[{"name":"a","limits":{"cpu_ms":1.5}}]})", "\"cpu_ms\""},
        Refused{R"({"workers":[{"name":"a","compatibility_flags":[1]}]})", "array of strings"}));

}  // namespace
}  // namespace selvage::deploy
