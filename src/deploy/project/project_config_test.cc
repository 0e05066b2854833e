#include "deploy/project/project_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace selvage::deploy {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kStart =
    "name = \"api\"\nmain = \"src/index.ts\"\ncompatibility_date = \"2026-01-01\"\n";

ProjectReading read_toml(std::string_view rest, const ReadOptions& options = {}) {
  return read_project_text("/p/wrangler.toml", std::string(kStart) + std::string(rest), options);
}

ProjectReading read_json(std::string_view text, const ReadOptions& options = {}) {
  return read_project_text("/p/wrangler.jsonc", text, options);
}

std::vector<std::string> remarks(const ProjectReading& reading) {
  std::vector<std::string> lines;
  for (const Diagnostic& each : reading.diagnostics) lines.push_back(describe(each, "/p"));
  return lines;
}

std::vector<std::string> bindings_of(const ProjectReading& reading) {
  std::vector<std::string> lines;
  if (!reading.config) return lines;
  for (const Binding& each : reading.config->bindings) {
    lines.push_back(std::to_string(static_cast<int>(each.type)) + " " + each.name + " " +
                    each.value + each.class_name + " " + each.script + " " + each.entrypoint);
  }
  return lines;
}

TEST(ProjectConfig, crons_and_tail_consumers_are_read_and_checked) {
  const auto reading = read_toml(R"(
[triggers]
crons = ["*/5 * * * *", "0 9 * * MON"]
[[tail_consumers]]
service = "logs"
environment = "staging"
)");
  EXPECT_THAT(remarks(reading), IsEmpty());
  ASSERT_TRUE(reading.config);
  EXPECT_THAT(reading.config->crons, ElementsAre("*/5 * * * *", "0 9 * * MON"));
  EXPECT_THAT(reading.config->tail_consumers, ElementsAre("logs-staging"));
  EXPECT_THAT(remarks(read_toml("[triggers]\ncrons = [\"0 0 * * 0\"]\n")),
              ElementsAre("wrangler.toml:5: error: \"triggers.crons\": the weekday \"0\" has a 0: "
                          "Sunday is 1 here, and Saturday 7"));
  EXPECT_THAT(remarks(read_toml("[[tail_consumers]]\nservice = \"api\"\n")),
              Contains(HasSubstr("is the worker itself")));
}

TEST(ProjectConfig, the_articles_configuration_is_read_without_a_remark) {
  const auto reading = read_toml(R"(
[[kv_namespaces]]
binding = "CACHE"
id = "your_kv_id"

[[durable_objects.bindings]]
name = "COUNTER"
class_name = "Counter"
)");
  EXPECT_THAT(remarks(reading), IsEmpty());
  ASSERT_TRUE(reading.config);
  EXPECT_EQ(reading.config->name, "api");
  EXPECT_EQ(reading.config->main, "/p/src/index.ts");
  EXPECT_EQ(reading.config->main_line, 2);
  ASSERT_EQ(reading.config->bindings.size(), 2u);
  EXPECT_EQ(reading.config->bindings[0].type, BindingType::kv);
  EXPECT_EQ(reading.config->bindings[0].value, "your_kv_id");
  EXPECT_EQ(reading.config->bindings[1].type, BindingType::durable_object);
  EXPECT_EQ(reading.config->bindings[1].class_name, "Counter");
}

TEST(ProjectConfig, json_says_the_same) {
  const auto reading = read_json(R"({
    "$schema": "node_modules/wrangler/config-schema.json",
    "name": "api", "main": "src/index.ts", "compatibility_date": "2026-01-01",
    "compatibility_flags": ["nodejs_compat"],
    "services": [{"binding": "AUTH", "service": "auth", "entrypoint": "Admin"}],
    "vars": {"HOST": "example.com", "LIMITS": {"a": [1, true]}, "N": 3},
    "durable_objects": {"bindings": [{"name": "ROOM", "class_name": "Room", "script_name": "chat"}]},
    "version_metadata": {"binding": "VERSION"},
    "ratelimits": [{"name": "LIMITER", "namespace_id": "7", "simple": {"limit": 9, "period": 10}}],
    "define": {"DEBUG": "false"}, "alias": {"a": "b"}, "minify": true, "keep_names": false,
    "build": {"command": "make", "cwd": "tools", "watch_dir": ["a", "b"]},
    "dev": {"ip": "0.0.0.0", "port": 9000}, "limits": {"cpu_ms": 50},
    "rules": [{"type": "Text", "globs": ["**/*.md"], "fallthrough": true}],
    "no_bundle": false, "find_additional_modules": true, "base_dir": "src", "tsconfig": "ts.json",
    "migrations": [{"tag": "v1", "new_sqlite_classes": ["Room"]}], "routes": ["example.com/*"],
    "workers_dev": true, "observability": {"enabled": true},
  })");
  EXPECT_THAT(remarks(reading), IsEmpty());
  ASSERT_TRUE(reading.config);
  const ProjectConfig& config = *reading.config;
  EXPECT_THAT(
      bindings_of(reading),
      ElementsAre("0 HOST example.com  ", "1 LIMITS {\"a\":[1,true]}  ", "1 N 3  ",
                  "4 ROOM Room chat ", "5 AUTH  auth Admin", "8 LIMITER 7  ", "6 VERSION   "));
  EXPECT_THAT(config.compatibility_flags, ElementsAre("nodejs_compat"));
  EXPECT_TRUE(config.minify);
  EXPECT_FALSE(config.keep_names);
  EXPECT_EQ(config.build.command, "make");
  EXPECT_EQ(config.build.directory, "/p/tools");
  EXPECT_THAT(config.build.watched, ElementsAre("/p/a", "/p/b"));
  EXPECT_EQ(config.dev.port, 9000);
  EXPECT_EQ(config.dev.ip, "0.0.0.0");
  EXPECT_EQ(config.cpu_ms, 50u);
  EXPECT_EQ(config.base_directory, "/p/src");
  EXPECT_EQ(config.tsconfig, "/p/ts.json");
  EXPECT_TRUE(config.find_additional_modules);
  ASSERT_EQ(config.rules.size(), 1u);
  EXPECT_TRUE(config.rules[0].fallthrough);
}

TEST(ProjectConfig, a_services_props_are_kept_as_json) {
  const auto reading = read_toml(R"(
[[services]]
binding = "A"
service = "a"
props = { role = "admin", levels = [1, 2] }
[[services]]
binding = "B"
service = "b"
)");
  EXPECT_THAT(remarks(reading), IsEmpty());
  ASSERT_TRUE(reading.config);
  ASSERT_EQ(reading.config->bindings.size(), 2u);
  EXPECT_EQ(reading.config->bindings[0].props, R"({"role":"admin","levels":[1,2]})");
  EXPECT_EQ(reading.config->bindings[1].props, "");
}

TEST(ProjectConfig, a_named_environment_inherits_settings_but_no_bindings) {
  constexpr std::string_view kText = R"(
minify = true
[vars]
A = "top"
[[kv_namespaces]]
binding = "CACHE"
id = "top"
[env.staging]
compatibility_date = "2026-02-02"
[env.staging.vars]
B = "staging"
[[env.staging.kv_namespaces]]
binding = "CACHE"
id = "staging"
[env.production]
name = "the-api"
vars = { A = "production" }
)";
  const auto staging = read_toml(kText, {.environment = "staging"});
  EXPECT_THAT(remarks(staging), IsEmpty());
  ASSERT_TRUE(staging.config);
  EXPECT_EQ(staging.config->name, "api-staging");
  EXPECT_EQ(staging.config->compatibility_date, "2026-02-02");
  EXPECT_TRUE(staging.config->minify);
  EXPECT_THAT(bindings_of(staging), ElementsAre("0 B staging  ", "3 CACHE staging  "));

  const auto production = read_toml(kText, {.environment = "production"});
  ASSERT_TRUE(production.config);
  EXPECT_EQ(production.config->name, "the-api");
  EXPECT_THAT(bindings_of(production), ElementsAre("0 A production  "));
  EXPECT_THAT(remarks(production),
              ElementsAre("wrangler.toml:8: warning: \"kv_namespaces\" is not inherited by "
                          "\"env.production\", which has none: repeat there what it needs"));
}

TEST(ProjectConfig, an_environment_that_is_not_there_is_an_error_with_those_that_are) {
  EXPECT_THAT(
      remarks(read_toml("[env.staging]\n[env.live]\n", {.environment = "stagin"})),
      ElementsAre("wrangler.toml:4: error: there is no environment \"stagin\"; did you mean "
                  "\"staging\"? (there are: staging, live)"));
  EXPECT_THAT(remarks(read_toml("", {.environment = "live"})),
              Contains(HasSubstr("one starts with [env.live]")));
}

TEST(ProjectConfig, development_prefers_preview_ids) {
  constexpr std::string_view kText =
      "[[kv_namespaces]]\nbinding = \"A\"\nid = \"real\"\npreview_id = \"preview\"\n"
      "[[kv_namespaces]]\nbinding = \"B\"\n";
  EXPECT_THAT(bindings_of(read_toml(kText, {.development = true})),
              ElementsAre("3 A preview  ", "3 B B  "));
  EXPECT_THAT(bindings_of(read_toml(kText, {.development = false})),
              ElementsAre("3 A real  ", "3 B B  "));
}

TEST(ProjectConfig, what_is_not_there_yet_is_a_warning_and_the_rest_goes_on) {
  const auto reading = read_toml("[queues]\nproducers = []\n");
  EXPECT_THAT(
      remarks(reading),
      ElementsAre("wrangler.toml:4: warning: \"queues\" is not supported yet by Selvage, and "
                  "is ignored"));
  EXPECT_TRUE(reading.config);
}

TEST(ProjectConfig, unknown_keys_are_warnings_with_what_was_meant) {
  const auto reading = read_toml("kv_namespace = []\n[dev]\nprot = 1\n[limits]\ncpu = 1\n");
  EXPECT_THAT(remarks(reading),
              ElementsAre("wrangler.toml:6: warning: unknown key \"dev.prot\"; did you mean "
                          "\"port\"?",
                          "wrangler.toml:8: warning: unknown key \"limits.cpu\"",
                          "wrangler.toml:4: warning: unknown key \"kv_namespace\"; did you mean "
                          "\"kv_namespaces\"?"));
  EXPECT_TRUE(reading.config);
}

struct Mistake {
  std::string text;
  std::string remark;  // contained in one of the errors
};

class WrongToml : public testing::TestWithParam<Mistake> {};

TEST_P(WrongToml, is_an_error_with_line_and_example) {
  const auto reading = read_toml(GetParam().text);
  EXPECT_FALSE(reading.config);
  EXPECT_THAT(remarks(reading), Contains(HasSubstr(GetParam().remark)));
}

INSTANTIATE_TEST_SUITE_P(
    mistakes, WrongToml,
    testing::Values(
        Mistake{"minify = \"yes\"",
                "wrangler.toml:4: error: \"minify\" should be true or false, but is a string; for "
                "example: minify = true"},
        Mistake{"compatibility_flags = \"nodejs_compat\"",
                "\"compatibility_flags\" should be an array of strings, but is a string; for "
                "example: compatibility_flags = [\"nodejs_compat\"]"},
        Mistake{
            "compatibility_flags = [\n1]",
            "wrangler.toml:5: error: \"compatibility_flags\" should hold strings only, but holds "
            "a number"},
        Mistake{"vars = 1",
                "\"vars\" should be a table, but is a number; for example: vars = { "
                "API_HOST = \"example.com\" }"},
        Mistake{"[kv_namespaces]\nbinding = \"A\"",
                "\"kv_namespaces\" should be an array of tables, but is a table; for example: "
                "kv_namespaces = [{ binding = \"CACHE\", id = \"your_kv_id\" }]"},
        Mistake{"kv_namespaces = [1]", "\"kv_namespaces\" should hold tables only"},
        Mistake{"[[kv_namespaces]]\nid = \"a\"",
                "wrangler.toml:4: error: \"kv_namespaces[0].binding\" is missing; for example: "
                "binding = \"CACHE\""},
        Mistake{"[[kv_namespaces]]\nbinding = \"\"",
                "wrangler.toml:5: error: \"kv_namespaces[0].binding\" is empty"},
        Mistake{"[[kv_namespaces]]\nbinding = 1", "should be a string, but is a number"},
        Mistake{"[[kv_namespaces]]\nbinding = \"A\"\nid = \"\"",
                "wrangler.toml:6: error: \"kv_namespaces[0].id\" is empty"},
        Mistake{"[[kv_namespaces]]\nbinding = \"MY-KV\"", "a binding cannot be named \"MY-KV\""},
        Mistake{"[vars]\nA = 1\n[[kv_namespaces]]\nbinding = \"A\"",
                "wrangler.toml:6: error: \"A\" is bound twice: here and on line 5"},
        Mistake{"[[durable_objects]]\nname = \"A\"",
                "\"durable_objects\" should be a table, but is an array"},
        Mistake{"[[durable_objects.bindings]]\nname = \"A\"",
                "\"durable_objects.bindings[0].class_name\" is missing"},
        Mistake{"[[durable_objects.bindings]]\nname = \"A\"\nclass_name = \"a b\"",
                "which is not the name of a class"},
        Mistake{
            "[[ratelimits]]\nname = \"L\"\nnamespace_id = \"1\"\nsimple = {limit = 1, period = 30}",
            "must be 10 or 60"},
        Mistake{"[[ratelimits]]\nname = \"L\"\nnamespace_id = \"1\"",
                "\"ratelimits[0].simple\" is missing"},
        Mistake{"[[services]]\nbinding = \"A\"", "\"services[0].service\" is missing"},
        Mistake{"[dev]\nport = 70000", "\"dev.port\" should be between 0 and 65535, but is 70000"},
        Mistake{"[dev]\nport = 80.5", "\"dev.port\" should be a whole number, but is a number"},
        Mistake{"[limits]\ncpu_ms = 0", "\"limits.cpu_ms\" should be between 1 and 300000"},
        Mistake{"[define]\nA = true", "\"define.A\" should be a string, but is a boolean"},
        Mistake{"[[rules]]\ntype = \"Txt\"\nglobs = []", "should be one of ESModule, CommonJS"},
        Mistake{"[[rules]]\ntype = \"Text\"", "\"rules[0].globs\" is missing"},
        Mistake{"[build]\ncommand = [\"make\"]", "\"build.command\" should be a string"},
        Mistake{"env = 1", "\"env\" should be a table"},
        Mistake{"oops", "wrangler.toml:4: error: "}));

class WrongStart : public testing::TestWithParam<Mistake> {};

TEST_P(WrongStart, is_an_error) {
  const auto reading = read_project_text("/p/wrangler.toml", GetParam().text, {});
  EXPECT_FALSE(reading.config);
  EXPECT_THAT(remarks(reading), Contains(HasSubstr(GetParam().remark)));
}

INSTANTIATE_TEST_SUITE_P(
    mistakes, WrongStart,
    testing::Values(
        Mistake{"name = \"a\"",
                "there is no \"main\", the script to run; for example: main = "
                "\"src/index.ts\""},
        Mistake{"main = 1",
                "wrangler.toml:1: error: \"main\" should be a string, but is a number; "
                "for example: main = \"src/index.ts\""},
        Mistake{"main = \"a.js\"\nname = \"My API\"", "for example: name = \"my-api\""},
        Mistake{"main = \"a.js\"\nname = \"" + std::string(64, 'a') + "\"", "at most 63 long"},
        Mistake{"main = \"a.js\"\ncompatibility_date = 2026-01-01",
                "\"compatibility_date\" should be a string, but is a date; for example: "
                "compatibility_date = \"2026-01-01\""},
        Mistake{"main = \"a.js\"\ncompatibility_date = \"2026-13-01\"", "which is not a date"}));

TEST(ProjectConfig, json_mistakes_are_spelled_in_json) {
  EXPECT_THAT(remarks(read_json("{\n\"main\": \"a.js\",\n\"minify\": 1,\n}")),
              Contains("wrangler.jsonc:3: error: \"minify\" should be true or false, but is a "
                       "number; for example: \"minify\": true"));
  EXPECT_THAT(remarks(read_json("[]")),
              ElementsAre("wrangler.jsonc:1: error: the configuration should be an object, but is "
                          "an array"));
  EXPECT_THAT(remarks(read_json("{\n\"name\": }")),
              ElementsAre("wrangler.jsonc:2: error: expected a value, found '}'"));
}

TEST(ProjectConfig, null_in_json_is_as_absent) {
  const auto reading = read_json(
      R"({"main": "a.js", "compatibility_date": "2026-01-01", "vars": null, "minify": null})");
  EXPECT_THAT(remarks(reading), IsEmpty());
  EXPECT_TRUE(reading.config);
}

TEST(ProjectConfig, without_a_name_the_folder_gives_one) {
  const auto reading =
      read_project_text("/home/Any One/My_App 2/wrangler.toml",
                        "main = \"a.js\"\ncompatibility_date = \"2026-01-01\"", {});
  ASSERT_TRUE(reading.config);
  EXPECT_EQ(reading.config->name, "my_app-2");
}

TEST(ProjectConfig, without_a_date_todays_is_used_and_said) {
  const auto reading = read_project_text("/p/wrangler.toml", "main = \"a.js\"", {});
  ASSERT_TRUE(reading.config);
  EXPECT_EQ(reading.config->compatibility_date.size(), 10u);
  EXPECT_THAT(remarks(reading), ElementsAre(HasSubstr("there is no \"compatibility_date\"")));
}

// With files.
class ProjectFolder : public testing::Test {
 protected:
  ProjectFolder() {
    std::string pattern = (fs::temp_directory_path() / "selvage-project-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
  }
  ~ProjectFolder() override { fs::remove_all(root_); }

  void write(const std::string& path, std::string_view text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  ProjectReading read(const ReadOptions& options = {}) {
    auto reading = read_project(root_.string(), options);
    EXPECT_TRUE(reading) << reading.error().message;
    return reading ? std::move(*reading) : ProjectReading{};
  }

  fs::path root_;
};

constexpr std::string_view kToml =
    "name = \"toml\"\nmain = \"a.js\"\ncompatibility_date = \"2026-01-01\"\n";
constexpr std::string_view kJsonc =
    R"({"name": "jsonc", "main": "a.js", "compatibility_date": "2026-01-01",})";
constexpr std::string_view kJson =
    R"({"name": "json", "main": "a.js", "compatibility_date": "2026-01-01"})";

TEST_F(ProjectFolder, json_comes_before_jsonc_before_toml) {
  write("wrangler.toml", kToml);
  EXPECT_EQ(read().config->name, "toml");
  write("wrangler.jsonc", kJsonc);
  EXPECT_EQ(read().config->name, "jsonc");
  write("wrangler.json", kJson);
  EXPECT_EQ(read().config->name, "json");
}

TEST_F(ProjectFolder, a_frameworks_redirect_is_followed_and_secrets_stay_here) {
  write("wrangler.toml", kToml);
  write(".dev.vars", "TOKEN=abc");
  write("dist/wrangler.json", kJson);
  write(".wrangler/deploy/config.json", R"({"configPath": "../../dist/wrangler.json"})");
  const auto reading = read();
  ASSERT_TRUE(reading.config);
  EXPECT_EQ(reading.config->name, "json");
  EXPECT_EQ(reading.config->main, (root_ / "dist/a.js").string());
  EXPECT_THAT(bindings_of(reading), ElementsAre("2 TOKEN abc  "));
}

TEST_F(ProjectFolder, a_redirect_into_nowhere_says_what_to_do) {
  write(".wrangler/deploy/config.json", R"({"configPath": "../../dist/wrangler.json"})");
  const auto reading = read_project(root_.string(), {});
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().message, HasSubstr("dist/wrangler.json, which does not exist"));
  EXPECT_THAT(reading.error().remedy, HasSubstr("Build the project first"));
  write(".wrangler/deploy/config.json", "{}");
  EXPECT_FALSE(read_project(root_.string(), {}));
}

TEST_F(ProjectFolder, dev_vars_replace_env_files_and_win_over_vars) {
  write("wrangler.toml", std::string(kToml) + "[vars]\nA = \"var\"\nB = \"var\"\n[env.staging]\n");
  write(".env", "A=env\nC=env");
  write(".env.local", "C=local");
  EXPECT_THAT(bindings_of(read()), ElementsAre("0 B var  ", "2 A env  ", "2 C local  "));
  write(".dev.vars", "A=dev");
  EXPECT_THAT(bindings_of(read()), ElementsAre("0 B var  ", "2 A dev  "));
  write(".dev.vars.staging", "A=staging");
  EXPECT_THAT(bindings_of(read({.environment = "staging"})), ElementsAre("2 A staging  "));
}

TEST_F(ProjectFolder, a_mistake_in_dev_vars_is_found_on_its_line) {
  write("wrangler.toml", kToml);
  write(".dev.vars", "A=1\nnonsense\n");
  const auto reading = read();
  EXPECT_FALSE(reading.config);
  EXPECT_THAT(remarks(reading), ElementsAre(HasSubstr(".dev.vars:2: error: expected NAME=value")));
}

TEST_F(ProjectFolder, files_that_could_matter_are_watched_before_they_exist) {
  write("wrangler.toml", kToml);
  const auto reading = read();
  for (const char* name : {"wrangler.json", "wrangler.toml", ".dev.vars", ".env", ".env.local"}) {
    EXPECT_THAT(reading.watched_files, Contains((root_ / name).string()));
  }
}

TEST_F(ProjectFolder, a_script_needs_no_configuration) {
  write("hello.js", "export default {}");
  const auto reading = read_project((root_ / "hello.js").string(), {});
  ASSERT_TRUE(reading);
  ASSERT_TRUE(reading->config);
  EXPECT_EQ(reading->config->name, "hello");
  EXPECT_EQ(reading->config->main, (root_ / "hello.js").string());
}

TEST_F(ProjectFolder, an_empty_folder_and_a_missing_one_say_what_to_do) {
  const auto empty = read_project(root_.string(), {});
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().remedy, HasSubstr("selvage init"));
  const auto missing = read_project((root_ / "nowhere").string(), {});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("nowhere"));
}

TEST_F(ProjectFolder, an_empty_configuration_file_is_read_as_empty) {
  write("wrangler.toml", "");
  EXPECT_THAT(remarks(read()), Contains(HasSubstr("there is no \"main\"")));
}

TEST_F(ProjectFolder, a_huge_configuration_file_is_refused) {
  write("wrangler.toml", std::string(2 << 20, '#'));
  EXPECT_FALSE(read_project(root_.string(), {}));
}

TEST(ProjectConfig, assets_may_stand_alone_or_beside_a_script) {
  const auto alone = read_json(R"({"name": "site", "compatibility_date": "2026-01-01",
    "assets": {"directory": "./public"}})");
  EXPECT_THAT(remarks(alone), IsEmpty());
  ASSERT_TRUE(alone.config);
  EXPECT_EQ(alone.config->assets->directory, "/p/public");
  EXPECT_THAT(alone.config->bindings, IsEmpty());

  const auto beside = read_toml(R"(
[assets]
directory = "dist"
binding = "FILES"
html_handling = "drop-trailing-slash"
not_found_handling = "single-page-application"
run_worker_first = ["/api/*"]

[env.staging]
)",
                                {.environment = "staging"});
  ASSERT_TRUE(beside.config);
  const WorkerAssets& settings = beside.config->assets->settings;
  EXPECT_EQ(settings.html_handling, HtmlHandling::drop_trailing_slash);
  EXPECT_EQ(settings.not_found_handling, NotFoundHandling::single_page_application);
  EXPECT_THAT(settings.run_worker_first_rules, ElementsAre("/api/*"));
  ASSERT_EQ(beside.config->bindings.size(), 1u);  // inherited with the assets
  EXPECT_EQ(beside.config->bindings[0].name, "FILES");
  EXPECT_EQ(beside.config->bindings[0].type, BindingType::assets);
}

TEST(ProjectConfig, mistakes_in_assets_name_the_key) {
  EXPECT_THAT(remarks(read_toml("[assets]\nhtml_handling = \"no\"\n")),
              ElementsAre(HasSubstr("\"assets.directory\" is missing"),
                          HasSubstr("\"assets.html_handling\": \"no\" is none of auto")));
  EXPECT_FALSE(read_toml("[assets]\ndirectory = \"a\"\nrun_worker_first = 1\n").config);
  EXPECT_FALSE(read_toml("pages_build_output_dir = \"a\"\n[assets]\ndirectory = \"a\"\n").config);
}

TEST(ProjectConfig, a_pages_site_has_the_binding_ASSETS) {
  const auto reading = read_json(
      R"({"name": "site", "compatibility_date": "2026-01-01", "pages_build_output_dir": "dist"})");
  EXPECT_THAT(remarks(reading), IsEmpty());
  ASSERT_TRUE(reading.config);
  EXPECT_TRUE(reading.config->pages);
  EXPECT_TRUE(reading.config->assets->settings.pages);
  ASSERT_EQ(reading.config->bindings.size(), 1u);
  EXPECT_EQ(reading.config->bindings[0].name, "ASSETS");
}

TEST(ProjectConfig, a_pages_site_may_have_an_environment_for_a_branch) {
  const auto read = [](const std::string& environment) {
    return read_project_text("/site/wrangler.toml", R"(
name = "site"
compatibility_date = "2026-01-01"
pages_build_output_dir = "dist"
[vars]
WHERE = "development"
[env.preview.vars]
WHERE = "preview"
)",
                             {.environment = environment, .for_pages = true});
  };
  const auto preview = read("preview");
  ASSERT_TRUE(preview.config);
  EXPECT_EQ(preview.config->name, "site");
  EXPECT_EQ(preview.config->assets->directory, "/site/dist");
  EXPECT_EQ(preview.config->bindings[0].value, "preview");
  const auto production = read("production");
  ASSERT_TRUE(production.config) << "there is none, and none is needed";
  EXPECT_EQ(production.config->bindings[0].value, "development");
}

TEST(ProjectConfig, ADeploymentKeepsWhatIsNotSet) {
  const auto nothing = read_toml("");
  const DeploymentConfig& empty = nothing.config->deployment;
  EXPECT_FALSE(empty.workers_dev || empty.preview_urls || empty.routes || empty.logpush);
  EXPECT_FALSE(empty.sets_crons);
  const auto all = read_toml(R"(
workers_dev = false
preview_urls = true
keep_vars = true
logpush = true
observability = { enabled = true, head_sampling_rate = 0.5 }
routes = ["example.com/api/*", { pattern = "shop.example.com", custom_domain = true },
  { pattern = "a.example/*", zone_name = "a.example" }]
[triggers]
crons = []
)");
  ASSERT_TRUE(all.config);
  const DeploymentConfig& set = all.config->deployment;
  EXPECT_EQ(set.workers_dev, false);
  EXPECT_EQ(set.preview_urls, true);
  EXPECT_TRUE(set.keep_variables);
  EXPECT_EQ(set.logpush, true);
  EXPECT_TRUE(set.sets_crons);
  EXPECT_EQ(set.observability, R"({"enabled":true,"head_sampling_rate":0.5})");
  EXPECT_THAT(*set.routes, ElementsAre(RouteConfig{"example.com/api/*", false},
                                       RouteConfig{"shop.example.com", true},
                                       RouteConfig{"a.example/*", false}));
}

TEST(ProjectConfig, ACustomDomainIsAHostName) {
  const auto reading = read_toml("route = { pattern = \"example.com/*\", custom_domain = true }\n");
  EXPECT_FALSE(reading.config);
  EXPECT_THAT(remarks(reading), Contains(HasSubstr("4: error: \"route\" is a custom domain")));
}

}  // namespace
}  // namespace selvage::deploy
