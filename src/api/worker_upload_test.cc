#include "api/worker_upload.h"

#include <gtest/gtest.h>

namespace selvage::api {
namespace {

const std::string kType = "multipart/form-data; boundary=b";

std::string part(const std::string& name, const std::string& type, const std::string& body) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n" +
         (type.empty() ? "" : "Content-Type: " + type + "\r\n") + "\r\n" + body + "\r\n";
}

std::string upload(const nlohmann::json& metadata, const std::string& name = "index.js") {
  return part("metadata", "", metadata.dump()) +
         part(name, "application/javascript+module", "export default {}") +
         part("index.js.map", "application/source-map", "{}") + "--b--\r\n";
}

TEST(WorkerUpload, ReadsModulesSourceMapsAndMigrations) {
  const std::string body =  // what is read are views of it
      upload({{"main_module", "index.js"},
              {"unknown", 1},
              {"keep_bindings", {"secret_text"}},
              {"migrations",
               {{"old_tag", "v1"},
                {"new_tag", "v3"},
                {"steps", {{{"new_sqlite_classes", {"A"}}}, {{"deleted_classes", {"B"}}}}}}}});
  const auto read = read_worker_upload(body, kType, {});
  ASSERT_TRUE(read) << read.error().describe();
  ASSERT_EQ(read->modules.size(), 1u);
  EXPECT_EQ(read->modules[0].source_map, "{}");
  EXPECT_EQ(read->old_tag, "v1");
  ASSERT_EQ(read->migrations.size(), 2u);
  EXPECT_EQ(read->migrations[0].tag, "v3/1");
  EXPECT_EQ(read->migrations[1].tag, "v3");
}

TEST(WorkerUpload, ReadsHowAssetsAreServed) {
  nlohmann::json metadata = {{"assets",
                              {{"jwt", "token"},
                               {"config",
                                {{"html_handling", "none"},
                                 {"run_worker_first", {"/api/*"}},
                                 {"_headers", "/*\n  a: b\n"}}}}}};
  const auto read = read_upload_metadata(metadata, {});
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(read->assets_token, "token");
  EXPECT_EQ(read->document["assets"]["html_handling"], "none");
  EXPECT_EQ(read->document["assets"]["run_worker_first_rules"], nlohmann::json({"/api/*"}));
  EXPECT_EQ(read->document["assets"]["headers"], "/*\n  a: b\n");
  for (const auto& [key, value] : {std::pair<const char*, nlohmann::json>{"html_handling", "some"},
                                   {"html_handling", 1},
                                   {"run_worker_first", 1},
                                   {"_redirects", {1}}}) {
    metadata["assets"]["config"] = {{key, value}};
    EXPECT_FALSE(read_upload_metadata(metadata, {})) << key;
  }
  EXPECT_FALSE(read_upload_metadata({{"assets", nlohmann::json::object()}}, {}));
}

TEST(WorkerUpload, RefusesWhatCannotRun) {
  const auto error = [](const nlohmann::json& metadata, const std::string& name = "index.js") {
    const auto read = read_worker_upload(upload(metadata, name), kType, {});
    return read ? "" : read.error().message;
  };
  const nlohmann::json main = {{"main_module", "index.js"}};
  EXPECT_EQ(error(main), "");
  EXPECT_NE(error({}), "");
  EXPECT_NE(error({{"main_module", "other.js"}}), "");
  EXPECT_NE(error({{"main_module", 3}}), "");
  EXPECT_NE(error(main, "../../etc/passwd"), "");
  EXPECT_NE(error(main, "a//b.js"), "");
  nlohmann::json bound = main;
  bound["bindings"] = {{{"type", "r2_bucket"}, {"name", "B"}, {"bucket_name", "x"}}};
  EXPECT_NE(error(bound).find("r2_bucket"), std::string::npos);
  bound["bindings"] = {{{"type", "plain_text"}, {"name", "B"}}};
  EXPECT_NE(error(bound), "");
  bound["bindings"] = {{{"type", "json"}, {"name", "B"}, {"json", 1}},
                       {{"type", "json"}, {"name", "B"}, {"json", 2}}};
  EXPECT_NE(error(bound).find("two bindings"), std::string::npos);
}

TEST(WorkerUpload, KeepsToItsLimits) {
  const std::string body = upload({{"main_module", "index.js"}});
  EXPECT_TRUE(read_worker_upload(body, kType, {}));
  EXPECT_FALSE(read_worker_upload(body, kType, {.bytes = 3}));
  EXPECT_FALSE(read_worker_upload(body, kType, {.modules = 0}));
}

TEST(WorkerUpload, KnowsNamesOfWorkers) {
  EXPECT_TRUE(check_worker_name("my-worker_2"));
  for (const char* name : {"", "-a", "A", "a.b", "a/b", "..", "a b"}) {
    EXPECT_FALSE(check_worker_name(name)) << name;
  }
  EXPECT_FALSE(check_worker_name(std::string(64, 'a')));
}

}  // namespace
}  // namespace selvage::api
