// With the real esbuild.
#include "cli/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "cli/testing/run_until.h"
#include "deploy/project/project_config.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;
using deploy::ModuleType;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

class BundleTest : public testing::Test {
 protected:
  BundleTest() {
    config_.directory = folder_.path();
    config_.file = folder_ / "wrangler.toml";
    config_.name = "app";
    config_.main = folder_ / "src/index.ts";
    config_.main_line = 2;
    config_.compatibility_date = "2026-01-01";
  }
  Result<Bundle> bundle() {
    std::optional<Result<Bundle>> result;
    const Bundler bundler(reactor_, config_, {SELVAGE_TEST_ESBUILD, "", folder_ / "out"},
                          [&](Result<Bundle> ended) {
                            result = std::move(ended);
                            reactor_.changed();
                          });
    reactor_.run_until([&] { return result.has_value(); });
    return result ? std::move(*result) : fail(ErrorCode::timeout, "did not end");
  }
  Bundle good_bundle() {
    auto result = bundle();
    EXPECT_TRUE(result) << result.error().message;
    return result ? std::move(*result) : Bundle{};
  }
  static std::string content(const deploy::Module& module) {
    std::ifstream file(module.path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::vector<std::string> module_names(const Bundle& bundle) {
    std::vector<std::string> names;
    for (const auto& module : bundle.version.modules) {
      names.push_back(module.name + " " + std::to_string(static_cast<int>(module.type)));
    }
    return names;
  }

  TemporaryFolder folder_;
  TestReactor reactor_;
  deploy::ProjectConfig config_;
};

TEST_F(BundleTest, typescript_and_its_imports_become_one_module_with_a_source_map) {
  folder_.write("src/index.ts",
                "import { hello } from './lib';\n"
                "export default { fetch(): Response { return new Response(hello as string) } }");
  folder_.write("src/lib.ts", "export const hello: string = 'hi';");
  const Bundle result = good_bundle();
  ASSERT_THAT(module_names(result), ElementsAre("index.js 0"));
  const deploy::Module& main = result.version.modules[0];
  EXPECT_EQ(result.version.main, "index.js");
  EXPECT_THAT(content(main), HasSubstr("\"hi\""));
  EXPECT_TRUE(fs::exists(main.source_map));
  EXPECT_THAT(main.path, HasSubstr(result.version.id));
  EXPECT_THAT(result.inputs,
              UnorderedElementsAre(folder_ / "src/index.ts", folder_ / "src/lib.ts"));
  EXPECT_FALSE(fs::exists(folder_ / "out/building-" + std::to_string(getpid())));
}

TEST_F(BundleTest, the_source_map_names_sources_as_seen_from_the_project) {
  config_.directory = folder_ / "app";
  config_.main = folder_ / "app/src/index.ts";
  folder_.write("app/src/index.ts", "import { a } from '../../shared/a]\"b'; export default { a }");
  folder_.write("shared/a]\"b.ts", "export const a = 1");
  const Bundle result = good_bundle();
  std::ifstream file(result.version.modules.at(0).source_map);
  const auto map = nlohmann::json::parse(file);
  EXPECT_EQ(map["sources"], (std::vector<std::string>{"../shared/a]\"b.ts", "src/index.ts"}));
  EXPECT_EQ(map["sourcesContent"].size(), 2u);
}

TEST(RebaseSourceMap, what_is_not_understood_stays_as_it_is) {
  for (const std::string map :
       {"", "{}", "{\"sources\": [", "{\"sources\": [\"a", "{\"sources\": [1,]"}) {
    EXPECT_EQ(rebase_source_map(map, "/out", "/p"), map);
  }
  EXPECT_EQ(rebase_source_map("{\"sources\": [null]}", "/out", "/p"), "{\"sources\": [null]}");
}

TEST_F(BundleTest, the_id_follows_content_and_configuration) {
  folder_.write("src/index.ts", "export default {}");
  const std::string first = good_bundle().version.id;
  EXPECT_EQ(good_bundle().version.id, first);
  folder_.write("src/index.ts", "export default { a: 1 }");
  const std::string second = good_bundle().version.id;
  EXPECT_NE(second, first);
  config_.bindings.push_back({.name = "A", .value = "b"});
  EXPECT_NE(good_bundle().version.id, second);
}

TEST_F(BundleTest, texts_data_and_wasm_stay_modules) {
  folder_.write("src/index.ts",
                "import text from './a.html'; import data from './b.bin'; import wasm from "
                "'./c.wasm'; import other from './c.wasm?module'; import json from './d.json';\n"
                "export default { text, data, wasm, other, json }");
  folder_.write("src/a.html", "<p>");
  folder_.write("src/b.bin", std::string("\0\1", 2));
  folder_.write("src/c.wasm", "wasm");
  folder_.write("src/d.json", "{\"number\": 42}");
  const Bundle result = good_bundle();
  std::vector<ModuleType> types;
  for (const auto& module : result.version.modules) {
    types.push_back(module.type);
    if (module.type == ModuleType::esm) {
      EXPECT_THAT(content(module), HasSubstr("42"));
    } else {
      // The import that is left must name it.
      const auto main =
          std::find_if(result.version.modules.begin(), result.version.modules.end(),
                       [&](const auto& each) { return each.name == result.version.main; });
      EXPECT_THAT(content(*main), HasSubstr("\"./" + module.name + "\""));
    }
  }
  EXPECT_THAT(types, UnorderedElementsAre(ModuleType::esm, ModuleType::text, ModuleType::data,
                                          ModuleType::wasm));
}

TEST_F(BundleTest, rules_make_other_files_modules) {
  config_.rules = {{deploy::ModuleRule::Type::text, {"**/*.md"}, false}};
  folder_.write("src/index.ts", "import a from './a.md'; export default { a }");
  folder_.write("src/a.md", "# A");
  const Bundle result = good_bundle();
  ASSERT_EQ(result.version.modules.size(), 2u);
}

TEST_F(BundleTest, a_script_without_exports_is_a_service_worker) {
  folder_.write("src/index.ts", "addEventListener('fetch', (event) => {})");
  const Bundle result = good_bundle();
  EXPECT_EQ(result.version.modules[0].type, ModuleType::service_worker);
}

TEST_F(BundleTest, commonjs_becomes_an_es_module) {
  config_.main = folder_ / "src/index.cjs";
  folder_.write("src/index.cjs", "module.exports = { fetch() {} }");
  const Bundle result = good_bundle();
  EXPECT_EQ(result.version.modules[0].type, ModuleType::esm);
  EXPECT_THAT(content(result.version.modules[0]), HasSubstr("export default"));
}

TEST_F(BundleTest, what_the_runtime_brings_stays_an_import) {
  folder_.write("src/index.ts",
                "import { DurableObject } from 'cloudflare:workers'; import fs from 'node:fs';\n"
                "export default { DurableObject, fs }");
  const std::string code = content(good_bundle().version.modules[0]);
  EXPECT_THAT(code, HasSubstr("\"cloudflare:workers\""));
  EXPECT_THAT(code, HasSubstr("\"node:fs\""));
}

TEST_F(BundleTest, defines_are_replaced) {
  config_.define = {{"VERSION", "'1.2'"}};
  folder_.write("src/index.ts",
                "declare const VERSION: string, process: any;\n"
                "export default [VERSION, process.env.NODE_ENV, navigator.userAgent]");
  const std::string code = content(good_bundle().version.modules[0]);
  EXPECT_THAT(code, HasSubstr("\"1.2\""));
  EXPECT_THAT(code, HasSubstr("\"development\""));
  EXPECT_THAT(code, HasSubstr("\"Cloudflare-Workers\""));
}

TEST_F(BundleTest, a_syntax_error_comes_with_file_line_and_source) {
  folder_.write("src/index.ts", "export default {\n  fetch( {\n}");
  const auto result = bundle();
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("src/index.ts:3:1"));
}

TEST_F(BundleTest, a_missing_main_module_is_found_by_its_nearest_name) {
  folder_.write("src/index.js", "");
  const auto result = bundle();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "wrangler.toml:2: \"main\" names src/index.ts, which does not exist; did you mean "
            "src/index.js?");
}

TEST_F(BundleTest, a_bound_class_must_be_exported) {
  config_.bindings.push_back(
      {.type = deploy::BindingType::durable_object, .name = "COUNTER", .class_name = "Counter"});
  folder_.write("src/index.ts", "class Counter {}; export default {}");
  EXPECT_EQ(bundle().error().message,
            "the Durable Object binding COUNTER needs the class Counter, but src/index.ts does not "
            "export it; add: export class Counter { ... }");
  folder_.write("src/index.ts", "export class Conter {}; export default {}");
  EXPECT_THAT(bundle().error().message, HasSubstr("did you mean Conter?"));
  folder_.write("src/index.ts", "addEventListener('fetch', () => {})");
  EXPECT_THAT(bundle().error().message, HasSubstr("Durable Objects need ES modules"));
  config_.bindings[0].script = "elsewhere";
  EXPECT_TRUE(bundle());
}

TEST_F(BundleTest, the_build_command_runs_first_in_its_folder) {
  config_.build.command = "mkdir -p ../src && echo 'export default { built: 1 }' > ../src/index.ts";
  config_.build.directory = folder_ / "tools";
  fs::create_directories(config_.build.directory);
  EXPECT_THAT(content(good_bundle().version.modules[0]), HasSubstr("built"));
}

TEST_F(BundleTest, a_build_command_that_fails_shows_what_it_said) {
  config_.build.command = "echo cannot; exit 4";
  config_.build.directory = folder_.path();
  EXPECT_THAT(bundle().error().message,
              HasSubstr("cannot\nthe build command `echo cannot; exit 4` exited with status 4"));
}

TEST_F(BundleTest, without_bundling_files_are_taken_as_they_are) {
  config_.no_bundle = true;
  config_.main = folder_ / "dist/index.js";
  folder_.write("dist/index.js", "import './lib/a.mjs'; export default {}");
  folder_.write("dist/lib/a.mjs", "export const a = 1");
  folder_.write("dist/page.html", "<p>");
  folder_.write("dist/readme.md", "");
  folder_.write("dist/node_modules/x/index.js", "");
  const Bundle result = good_bundle();
  EXPECT_EQ(result.version.main, "index.js");
  EXPECT_THAT(module_names(result),
              UnorderedElementsAre("index.js 0", "lib/a.mjs 0", "page.html 4"));
  // A version is a copy: a later save does not change it.
  folder_.write("dist/index.js", "changed");
  for (const auto& module : result.version.modules) {
    EXPECT_THAT(content(module), Not(HasSubstr("changed")));
  }
}

TEST_F(BundleTest, additional_modules_are_found_by_rules) {
  config_.find_additional_modules = true;
  config_.rules = {{deploy::ModuleRule::Type::esm, {"lang/*.mjs"}, true}};
  folder_.write("src/index.ts", "export default { load: (name: string) => import(name) }");
  folder_.write("src/lang/en.mjs", "export default 'hello'");
  const Bundle result = good_bundle();
  EXPECT_THAT(module_names(result), Contains("lang/en.mjs 0"));
}

TEST_F(BundleTest, old_versions_are_removed_but_for_those_kept) {
  folder_.write("src/index.ts", "export default 1");
  const std::string first = good_bundle().version.id;
  folder_.write("src/index.ts", "export default 2");
  const std::string second = good_bundle().version.id;
  remove_old_bundles(folder_ / "out", {second});
  EXPECT_FALSE(fs::exists(folder_ / "out/" + first));
  EXPECT_TRUE(fs::exists(folder_ / "out/" + second));
}

TEST(ReadMetafile, what_is_no_metafile_is_refused) {
  EXPECT_FALSE(read_metafile("", "/"));
  EXPECT_FALSE(read_metafile("[]", "/"));
  EXPECT_FALSE(read_metafile(R"({"inputs": [], "outputs": {}})", "/"));
}

}  // namespace
}  // namespace selvage::cli
