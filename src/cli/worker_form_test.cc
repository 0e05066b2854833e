#include "cli/worker_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "api/worker_upload.h"
#include "deploy/platform/seal.h"

namespace selvage::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class WorkerFormTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "worker_form_" + deploy::random_id();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& content) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  deploy::ProjectConfig configure(const std::string& more) const {
    const auto reading = deploy::read_project_text(
        "/project/wrangler.toml",
        "name = \"demo\"\nmain = \"index.ts\"\ncompatibility_date = \"2026-01-01\"\n" + more,
        {.development = false});
    EXPECT_TRUE(reading.config);
    return *reading.config;
  }

  /// As the bundler makes it of one module.
  deploy::WorkerVersion version_of(const deploy::ProjectConfig& config) const {
    deploy::WorkerVersion version;
    version.name = config.name;
    version.main = "index.js";
    version.modules = {{"index.js", deploy::ModuleType::esm, file("index.js", "export default {}"),
                        file("index.js.map", "{}")}};
    version.compatibility_date = config.compatibility_date;
    version.compatibility_flags = config.compatibility_flags;
    version.bindings = config.bindings;
    version.migrations = config.migrations;
    version.exports = config.exports;
    version.tail_consumers = config.tail_consumers;
    return version;
  }

  std::string folder_;
};

TEST_F(WorkerFormTest, ThePlatformReadsWhatIsUploaded) {
  const auto config = configure(R"(
compatibility_flags = ["nodejs_compat"]
keep_vars = true
[limits]
cpu_ms = 50
[observability]
enabled = true
[vars]
TEXT = "a"
JSON = { a = [1] }
[[kv_namespaces]]
binding = "CACHE"
id = "0123"
[[durable_objects.bindings]]
name = "COUNTER"
class_name = "Counter"
[[durable_objects.bindings]]
name = "ROOM"
class_name = "Room"
script_name = "chat"
[[services]]
binding = "API"
service = "api"
entrypoint = "Admin"
props = { role = "x" }
[version_metadata]
binding = "VERSION"
[[tail_consumers]]
service = "logs"
)");
  deploy::WorkerVersion version = version_of(config);
  version.modules.push_back(
      {"lib/a.wasm", deploy::ModuleType::wasm, file("a.wasm", std::string("\0asm", 4)), ""});
  const auto form =
      worker_form(worker_metadata(config, version, {.message = "hi", .tag = "v2"}), version)
          .value();
  const auto upload = api::read_worker_upload(form.body, form.content_type, {});
  ASSERT_TRUE(upload) << upload.error().describe();
  EXPECT_EQ(upload->document["main_module"], "index.js");
  EXPECT_EQ(upload->document["compatibility_flags"][0], "nodejs_compat");
  EXPECT_EQ(upload->document["limits"]["cpu_ms"], 50);
  EXPECT_EQ(upload->document["bindings"], nlohmann::json::parse(R"([
    {"name":"TEXT","type":"plain_text","text":"a"},
    {"name":"JSON","type":"json","json":{"a":[1]}},
    {"name":"CACHE","type":"kv_namespace","namespace_id":"0123"},
    {"name":"COUNTER","type":"durable_object_namespace","class_name":"Counter"},
    {"name":"ROOM","type":"durable_object_namespace","class_name":"Room","script_name":"chat"},
    {"name":"API","type":"service","service":"api","entrypoint":"Admin","props":{"role":"x"}},
    {"name":"VERSION","type":"version_metadata"}])"));
  EXPECT_THAT(upload->keep_bindings, ElementsAre("secret_text", "plain_text", "json"));
  EXPECT_EQ(upload->annotations["workers/message"], "hi");
  EXPECT_EQ(upload->annotations["workers/tag"], "v2");
  EXPECT_EQ(upload->settings["observability"]["enabled"], true);
  EXPECT_EQ(upload->settings["tail_consumers"][0]["service"], "logs");
  ASSERT_EQ(upload->modules.size(), 2U);
  EXPECT_EQ(upload->modules[0].source_map, "{}");
  EXPECT_EQ(upload->modules[1].name, "lib/a.wasm");
  EXPECT_EQ(upload->modules[1].type, deploy::ModuleType::wasm);
  EXPECT_EQ(upload->modules[1].content, std::string_view("\0asm", 4));
}

TEST_F(WorkerFormTest, OnlyMigrationsThatAreNotAppliedAreSent) {
  const auto config = configure(R"(
[[migrations]]
tag = "v1"
new_sqlite_classes = ["A"]
[[migrations]]
tag = "v2"
renamed_classes = [{ from = "A", to = "B" }]
)");
  const auto version = version_of(config);
  const auto read = [&](const std::string& applied) {
    const auto metadata = worker_metadata(config, version, {.migration_tag = applied});
    return api::read_upload_metadata(metadata, {}).value();
  };
  const auto first = read("");
  ASSERT_EQ(first.migrations.size(), 2U);
  EXPECT_FALSE(first.old_tag);
  EXPECT_EQ(first.migrations[1].tag, "v2");
  const auto second = read("v1");
  EXPECT_EQ(second.old_tag, "v1");
  ASSERT_EQ(second.migrations.size(), 1U);
  EXPECT_EQ(second.migrations[0].renamed_classes[0].to, "B");
  EXPECT_FALSE(read("v2").has_migrations);
}

TEST_F(WorkerFormTest, ClassesThatAreDeclaredArrive) {
  const auto config = configure(R"(
[exports.Room]
type = "durable-object"
storage = "legacy-kv"
[exports.Old]
type = "durable-object"
state = "renamed"
renamed_to = "Room"
)");
  const auto upload =
      api::read_upload_metadata(worker_metadata(config, version_of(config), {}), {}).value();
  EXPECT_THAT(upload.exports, testing::UnorderedElementsAreArray(config.exports));
}

TEST_F(WorkerFormTest, AServiceWorkerIsABodyPart) {
  const auto config = configure("");
  deploy::WorkerVersion version = version_of(config);
  version.modules[0].type = deploy::ModuleType::service_worker;
  const auto form = worker_form(worker_metadata(config, version, {}), version).value();
  const auto upload = api::read_worker_upload(form.body, form.content_type, {}).value();
  EXPECT_EQ(upload.document["service_worker"], true);
  EXPECT_EQ(upload.modules[0].type, deploy::ModuleType::service_worker);
  EXPECT_THAT(upload.document["bindings"], IsEmpty());
}

}  // namespace
}  // namespace selvage::cli
