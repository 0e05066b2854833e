#include "cli/env_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selvage::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string types_of(const std::string& configuration, const EnvTypesOptions& options) {
  const auto reading = deploy::read_project_text(
      "/project/wrangler.toml",
      "name = \"demo\"\nmain = \"src/index.ts\"\ncompatibility_date = \"2026-01-01\"\n" +
          configuration,
      {});
  EXPECT_TRUE(reading.config);
  return env_types(*reading.config, options);
}

TEST(EnvTypes, EveryKindOfBindingHasItsType) {
  const std::string text = types_of(R"(
[vars]
GREETING = "say \"hi\""
CONFIG = { a = 1, b = ["x"] }
"not-a-name" = true
[[kv_namespaces]]
binding = "CACHE"
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
[[services]]
binding = "ADMIN"
service = "api"
entrypoint = "Admin"
[version_metadata]
binding = "VERSION"
[assets]
directory = "public"
binding = "ASSETS"
)",
                                    {"Env", "/project"});
  for (const char* line :
       {R"(GREETING: "say \"hi\"";)", R"(CONFIG: {"a":1,"b":["x"]};)", R"("not-a-name": true;)",
        "CACHE: KVNamespace;", R"(COUNTER: DurableObjectNamespace<import("./src/index").Counter>;)",
        "ROOM: DurableObjectNamespace /* Room of chat */;", "API: Fetcher /* api */;",
        "ADMIN: Service /* Admin of api */;", "VERSION: WorkerVersionMetadata;", "ASSETS: Fetcher;",
        R"(mainModule: typeof import("./src/index");)", R"(durableNamespaces: "Counter";)",
        "interface Env extends Cloudflare.Env {}",
        "declare module \"*.wasm\" {\n  const value: WebAssembly.Module;"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(EnvTypes, TheScriptIsNamedFromWhereTheFileIs) {
  EXPECT_THAT(types_of("", {"Env", "/project/types"}), HasSubstr(R"(import("../src/index"))"));
}

TEST(EnvTypes, AnInterfaceCanHaveAnotherName) {
  const std::string text = types_of("", {"Bindings", "/project"});
  EXPECT_THAT(text, HasSubstr("interface Bindings extends Cloudflare.Env {}"));
  EXPECT_THAT(text, Not(HasSubstr("interface Env extends")));
}

}  // namespace
}  // namespace selvage::cli
