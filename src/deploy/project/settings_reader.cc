#include "deploy/project/settings_reader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "deploy/cron/cron_expression.h"
#include "deploy/project/classes_reader.h"
#include "deploy/project/deployment_reader.h"

namespace selvage::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, ModuleRule::Type>, 5> kRuleTypes{{
    {"ESModule", ModuleRule::Type::esm},
    {"CommonJS", ModuleRule::Type::commonjs},
    {"Text", ModuleRule::Type::text},
    {"Data", ModuleRule::Type::data},
    {"CompiledWasm", ModuleRule::Type::wasm},
}};

bool is_identifier(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '$';
         });
}

bool is_worker_name(std::string_view name) {
  constexpr size_t kLongestLabel = 63;  // it becomes a label of a host name
  return !name.empty() && name.size() <= kLongestLabel && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  const int month = (text[5] - '0') * 10 + (text[6] - '0');
  const int day = (text[8] - '0') * 10 + (text[9] - '0');
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

class SettingsReader {
 public:
  SettingsReader(ReadContext& context, const ReadOptions& options, ProjectConfig& config)
      : context_(context), options_(options), config_(config) {}

  void read(TableReader& table) {
    read_identity(table);
    read_bundling(table);
    read_build(table);
    read_dev(table);
    read_limits(table);
    read_triggers(table);
    read_tail_consumers(table);
    read_bindings(table);
    read_classes(table, context_, config_);
    read_assets(table);
    read_deployment(table, context_, config_);
    accept_the_rest(table);
  }

 private:
  std::string absolute(std::string_view path) const {
    return (fs::path(config_.directory) / path).lexically_normal().string();
  }

  void read_identity(TableReader& table) {
    if (const auto name = table.text("name", R"("my-worker")")) {
      const int line = table.any("name")->line;
      if (is_worker_name(*name)) {
        config_.name = *name;
      } else {
        context_.error(line, "\"" + table.path_of("name") + "\" is \"" + *name +
                                 "\", but a worker's name has only lower-case letters, digits, - "
                                 "and _, starts with no -, and is at most 63 long; for example: " +
                                 context_.spell("name", "\"" + worker_name_from(*name) + "\""));
      }
    }
    if (const auto main = table.text("main", R"("src/index.ts")")) {
      config_.main = absolute(*main);
      config_.main_line = table.any("main")->line;
    }
    if (const auto date = table.text("compatibility_date", R"("2026-01-01")")) {
      if (is_date(*date)) {
        config_.compatibility_date = *date;
      } else {
        context_.error(table.any("compatibility_date")->line,
                       "\"" + table.path_of("compatibility_date") + "\" is \"" + *date +
                           "\", which is not a date; for example: " +
                           context_.spell("compatibility_date", R"("2026-01-01")"));
      }
    }
    if (auto flags = table.texts("compatibility_flags", R"(["nodejs_compat"])")) {
      config_.compatibility_flags = std::move(*flags);
    }
  }

  void read_bundling(TableReader& table) {
    set(config_.no_bundle, table.boolean("no_bundle"));
    set(config_.minify, table.boolean("minify"));
    set(config_.keep_names, table.boolean("keep_names"));
    set(config_.find_additional_modules, table.boolean("find_additional_modules"));
    if (const auto path = table.text("base_dir", R"("src")")) {
      config_.base_directory = absolute(*path);
    }
    if (const auto path = table.text("tsconfig", R"("tsconfig.json")")) {
      config_.tsconfig = absolute(*path);
    }
    set(config_.define, table.text_table("define", R"({"VERSION": "'1.0'"})"));
    set(config_.alias, table.text_table("alias", R"({"react": "preact/compat"})"));
    set(config_.jsx_factory, table.text("jsx_factory", R"("h")"));
    set(config_.jsx_fragment, table.text("jsx_fragment", R"("Fragment")"));
    read_rules(table);
  }

  void read_rules(TableReader& table) {
    constexpr std::string_view kExample = R"([{"type": "Text", "globs": ["**/*.md"]}])";
    const ConfigValue* rules = table.tables("rules", kExample);
    if (rules == nullptr) return;
    config_.rules.clear();
    for_each_table(table, "rules", *rules, [&](TableReader& rule) {
      ModuleRule found;
      const auto type = rule.required_text("type", R"("Text")");
      const auto globs = rule.texts("globs", R"(["**/*.md"])");
      found.fallthrough = rule.boolean("fallthrough").value_or(false);
      if (type) {
        const auto* known = std::find_if(kRuleTypes.begin(), kRuleTypes.end(),
                                         [&](const auto& each) { return each.first == *type; });
        if (known == kRuleTypes.end()) {
          context_.error(rule.any("type")->line,
                         "\"" + rule.path_of("type") + "\" is \"" + *type +
                             "\", but should be one of ESModule, CommonJS, Text, Data, "
                             "CompiledWasm");
          return;
        }
        found.type = known->second;
      }
      if (!globs && rule.any("globs") == nullptr) {
        context_.error(rule.line(), "\"" + rule.path_of("globs") + "\" is missing; for example: " +
                                        context_.spell("globs", R"(["**/*.md"])"));
      }
      found.globs = globs.value_or(std::vector<std::string>{});
      config_.rules.push_back(std::move(found));
    });
  }

  void read_build(TableReader& table) {
    const ConfigValue* value = table.table("build", R"({"command": "npm run build"})");
    if (value == nullptr) return;
    TableReader build(*value, table.path_of("build"), context_);
    config_.build = {};
    set(config_.build.command, build.text("command", R"("npm run build")"));
    const auto directory = build.text("cwd", R"("frontend")");
    config_.build.directory = absolute(directory.value_or("."));
    const ConfigValue* watched = build.any("watch_dir");
    if (watched != nullptr && watched->type == ConfigValue::Type::array) {
      for (const auto& path :
           build.texts("watch_dir", R"("src")").value_or(std::vector<std::string>{})) {
        config_.build.watched.push_back(absolute(path));
      }
    } else {
      config_.build.watched = {absolute(build.text("watch_dir", R"("src")").value_or("src"))};
    }
    build.accept({"upload"});  // of wrangler 1
    build.finish();
  }

  void read_dev(TableReader& table) {
    const ConfigValue* value = table.table("dev", R"({"port": 8787})");
    if (value == nullptr) return;
    TableReader dev(*value, table.path_of("dev"), context_);
    if (auto ip = dev.text("ip", R"("localhost")")) config_.dev.ip = std::move(ip);
    if (const auto port = dev.whole_number("port", 0, 65'535, "8787")) {
      config_.dev.port = static_cast<uint16_t>(*port);
    }
    dev.accept({"inspector_port", "inspector_ip", "local_protocol", "upstream_protocol", "host",
                "enable_containers", "container_engine", "generate_types", "types"});
    dev.finish();
  }

  void read_limits(TableReader& table) {
    constexpr int64_t kMostCpuMs = 300'000;  // as on Cloudflare
    const ConfigValue* value = table.table("limits", R"({"cpu_ms": 30000})");
    if (value == nullptr) return;
    TableReader limits(*value, table.path_of("limits"), context_);
    if (const auto cpu_ms = limits.whole_number("cpu_ms", 1, kMostCpuMs, "30000")) {
      config_.cpu_ms = static_cast<uint32_t>(*cpu_ms);
    }
    limits.not_yet({"subrequests"});
    limits.finish();
  }

  void read_triggers(TableReader& table) {
    const ConfigValue* value = table.table("triggers", R"({"crons": ["*/5 * * * *"]})");
    if (value == nullptr) return;
    TableReader triggers(*value, table.path_of("triggers"), context_);
    if (auto crons = triggers.texts("crons", R"(["*/5 * * * *"])")) {
      const int line = triggers.any("crons")->line;
      for (const std::string& cron : *crons) {
        const auto read = CronExpression::parse(cron);
        if (!read) {
          context_.error(line, "\"" + triggers.path_of("crons") + "\": " + read.error().message);
        }
      }
      config_.crons = std::move(*crons);
      config_.deployment.sets_crons = true;
    }
    triggers.finish();
  }

  void read_tail_consumers(TableReader& table) {
    const ConfigValue* consumers = table.tables("tail_consumers", R"([{"service": "my-logs"}])");
    if (consumers == nullptr) return;
    config_.tail_consumers.clear();
    for_each_table(table, "tail_consumers", *consumers, [&](TableReader& consumer) {
      auto service = consumer.required_text("service", R"("my-logs")");
      const auto environment = consumer.text("environment", R"("staging")");
      if (!service) return;
      if (environment) *service += "-" + *environment;
      if (*service == config_.name) {
        context_.error(consumer.line(), "\"" + consumer.path_of("service") +
                                            "\" is the worker itself, which would feed itself");
        return;
      }
      config_.tail_consumers.push_back(std::move(*service));
    });
  }

  void read_bindings(TableReader& table) {
    if (const ConfigValue* vars = table.table("vars", R"({"API_HOST": "example.com"})")) {
      for (const ConfigValue& value : vars->members) {
        const bool text =
            value.type == ConfigValue::Type::string || value.type == ConfigValue::Type::date;
        add_binding(value.line, {.type = text ? BindingType::text : BindingType::json,
                                 .name = value.key,
                                 .value = text ? value.string : value.to_json_text()});
      }
    }
    read_kv(table);
    read_durable_objects(table);
    read_services(table);
    read_rate_limits(table);
    if (const ConfigValue* value =
            table.table("version_metadata", R"({"binding": "CF_VERSION_METADATA"})")) {
      TableReader metadata(*value, table.path_of("version_metadata"), context_);
      if (const auto name = metadata.required_text("binding", R"("CF_VERSION_METADATA")")) {
        add_binding(value->line, {.type = BindingType::version_metadata, .name = *name});
      }
      metadata.finish();
    }
  }

  void read_kv(TableReader& table) {
    constexpr std::string_view kExample = R"([{"binding": "CACHE", "id": "your_kv_id"}])";
    const ConfigValue* namespaces = table.tables("kv_namespaces", kExample);
    if (namespaces == nullptr) return;
    for_each_table(table, "kv_namespaces", *namespaces, [&](TableReader& kv) {
      const auto name = kv.required_text("binding", R"("CACHE")");
      const auto id = kv.text("id", R"("your_kv_id")");
      const auto preview_id = kv.text("preview_id", R"("your_preview_kv_id")");
      kv.accept({"remote", "experimental_remote"});
      if (!name) return;
      // Without an id, wrangler makes a namespace for the binding; here its name is enough.
      std::string value = options_.development && preview_id ? *preview_id : id.value_or(*name);
      if (value.empty()) {
        context_.error(kv.any("id") != nullptr ? kv.any("id")->line : kv.line(),
                       "\"" + kv.path_of("id") +
                           "\" is empty; for example: " + context_.spell("id", R"("your_kv_id")"));
      }
      add_binding(kv.line(), {.type = BindingType::kv, .name = *name, .value = std::move(value)});
    });
  }

  void read_durable_objects(TableReader& table) {
    constexpr std::string_view kExample =
        R"({"bindings": [{"name": "COUNTER", "class_name": "Counter"}]})";
    const ConfigValue* value = table.table("durable_objects", kExample);
    if (value == nullptr) return;
    TableReader objects(*value, table.path_of("durable_objects"), context_);
    const ConfigValue* bindings =
        objects.tables("bindings", R"([{"name": "COUNTER", "class_name": "Counter"}])");
    objects.finish();
    if (bindings == nullptr) return;
    for_each_table(objects, "bindings", *bindings, [&](TableReader& object) {
      const auto name = object.required_text("name", R"("COUNTER")");
      const auto class_name = object.required_text("class_name", R"("Counter")");
      auto script = object.text("script_name", R"("other-worker")");
      const auto environment = object.text("environment", R"("staging")");
      if (script && environment) *script += "-" + *environment;
      if (class_name && !is_identifier(*class_name)) {
        context_.error(object.any("class_name")->line, "\"" + object.path_of("class_name") +
                                                           "\" is \"" + *class_name +
                                                           "\", which is not the name of a class");
      }
      if (!name || !class_name) return;
      add_binding(object.line(), {.type = BindingType::durable_object,
                                  .name = *name,
                                  .class_name = *class_name,
                                  .script = script.value_or("")});
    });
  }

  void read_services(TableReader& table) {
    constexpr std::string_view kExample = R"([{"binding": "AUTH", "service": "auth"}])";
    const ConfigValue* services = table.tables("services", kExample);
    if (services == nullptr) return;
    for_each_table(table, "services", *services, [&](TableReader& service) {
      const auto name = service.required_text("binding", R"("AUTH")");
      auto script = service.required_text("service", R"("auth")");
      const auto entrypoint = service.text("entrypoint", R"("Admin")");
      const auto environment = service.text("environment", R"("staging")");
      if (script && environment) *script += "-" + *environment;
      service.accept({"remote", "experimental_remote"});
      const ConfigValue* props = service.table("props", R"({"role": "admin"})");
      if (!name || !script) return;
      add_binding(service.line(), {.type = BindingType::service,
                                   .name = *name,
                                   .script = *script,
                                   .entrypoint = entrypoint.value_or(""),
                                   .props = props == nullptr ? "" : props->to_json_text()});
    });
  }

  void read_rate_limits(TableReader& table) {
    constexpr std::string_view kExample =
        R"([{"name": "LIMITER", "namespace_id": "1001", "simple": {"limit": 100, "period": 60}}])";
    const ConfigValue* limits = table.tables("ratelimits", kExample);
    if (limits == nullptr) return;
    for_each_table(table, "ratelimits", *limits, [&](TableReader& limiter) {
      constexpr std::string_view kSimple = R"({"limit": 100, "period": 60})";
      constexpr int64_t kMost = 1'000'000'000;
      const auto name = limiter.required_text("name", R"("LIMITER")");
      const auto id = limiter.required_text("namespace_id", R"("1001")");
      const ConfigValue* simple = limiter.table("simple", kSimple);
      if (simple == nullptr) {
        context_.error(limiter.line(),
                       "\"" + limiter.path_of("simple") +
                           "\" is missing; for example: " + context_.spell("simple", kSimple));
        return;
      }
      TableReader settings(*simple, limiter.path_of("simple"), context_);
      const auto limit = settings.whole_number("limit", 0, kMost, "100");
      const auto period = settings.whole_number("period", 10, 60, "60");
      settings.finish();
      if (!limit || !period || (*period != 10 && *period != 60)) {
        context_.error(simple->line, "\"" + settings.path_of("period") +
                                         "\" must be 10 or 60 (seconds), and \"limit\" a number; " +
                                         "for example: " + context_.spell("simple", kSimple));
        return;
      }
      if (!name || !id) return;
      add_binding(limiter.line(),
                  {.type = BindingType::rate_limit,
                   .name = *name,
                   .value = *id,
                   .props = nlohmann::json{{"limit", *limit}, {"period", *period}}.dump()});
    });
  }

  void read_assets(TableReader& table) {
    if (const auto directory = table.text("pages_build_output_dir", R"("dist")")) {
      config_.pages = true;
      config_.assets = AssetsConfig{.directory = absolute(*directory),
                                    .line = table.any("pages_build_output_dir")->line,
                                    .binding = "ASSETS"};
      config_.assets->settings.pages = true;
      add_binding(config_.assets->line, {.type = BindingType::assets, .name = "ASSETS"});
    }
    const ConfigValue* value = table.table("assets", R"({"directory": "./public"})");
    if (value == nullptr) return;
    TableReader assets(*value, table.path_of("assets"), context_);
    if (config_.pages) {
      context_.error(value->line,
                     "a Pages site (\"pages_build_output_dir\") has no \"assets\": remove one of "
                     "the two");
    }
    AssetsConfig read;
    read.line = value->line;
    if (const auto directory = assets.required_text("directory", R"("./public")")) {
      read.directory = absolute(*directory);
      read.line = assets.any("directory")->line;
    }
    const auto handling = [&](std::string_view key, std::string_view example, auto parse,
                              auto& target) {
      const auto text = assets.text(key, example);
      if (!text) return;
      if (auto parsed = parse(*text)) {
        target = *parsed;
      } else {
        context_.error(assets.any(key)->line,
                       "\"" + assets.path_of(key) + "\": " + parsed.error().message);
      }
    };
    handling("html_handling", R"("auto-trailing-slash")", html_handling_from,
             read.settings.html_handling);
    handling("not_found_handling", R"("404-page")", not_found_handling_from,
             read.settings.not_found_handling);
    read_run_worker_first(assets, read.settings);
    if (const auto name = assets.text("binding", R"("ASSETS")")) {
      read.binding = *name;
      add_binding(value->line, {.type = BindingType::assets, .name = *name});
    }
    assets.accept({"experimental_serve_directly"});
    assets.finish();
    config_.assets = std::move(read);
  }

  void read_run_worker_first(TableReader& assets, WorkerAssets& settings) {
    const ConfigValue* value = assets.any("run_worker_first");
    if (value == nullptr) return;
    if (value->type != ConfigValue::Type::array) {
      set(settings.run_worker_first, assets.boolean("run_worker_first"));
      return;
    }
    settings.run_worker_first_rules =
        assets.texts("run_worker_first", R"(["/api/*", "!/api/docs/*"])")
            .value_or(std::vector<std::string>{});
  }

  // What concerns Cloudflare only, and what waits for later issues.
  static void accept_the_rest(TableReader& table) {
    table.accept({"$schema", "account_id", "previews", "upload_source_maps", "send_metrics",
                  "placement", "compliance_region", "zone_id", "type", "usage_model",
                  "first_party_worker", "preserve_file_names", "secrets", "legacy_env",
                  "minify_syntax"});
    table.not_yet({"streaming_tail_consumers",
                   "site",
                   "worker_loaders",
                   "d1_databases",
                   "r2_buckets",
                   "queues",
                   "workflows",
                   "wasm_modules",
                   "text_blobs",
                   "data_blobs",
                   "cache",
                   "python_modules",
                   "ai",
                   "ai_search",
                   "ai_search_namespaces",
                   "vectorize",
                   "hyperdrive",
                   "browser",
                   "images",
                   "media",
                   "stream",
                   "send_email",
                   "mtls_certificates",
                   "dispatch_namespaces",
                   "pipelines",
                   "k2",
                   "secrets_store_secrets",
                   "artifacts",
                   "flagship",
                   "vpc_services",
                   "vpc_networks",
                   "containers",
                   "cloudchamber",
                   "agent_memory",
                   "websearch",
                   "analytics_engine_datasets",
                   "unsafe",
                   "unsafe_hello_world",
                   "logfwdr",
                   "access",
                   "connect",
                   "addresses"});
  }

  template <class Read>
  void for_each_table(const TableReader& parent, std::string_view key, const ConfigValue& array,
                      Read read) {
    for (size_t i = 0; i < array.elements.size(); ++i) {
      TableReader table(array.elements[i], parent.path_of(key) + "[" + std::to_string(i) + "]",
                        context_);
      read(table);
      table.finish();
    }
  }

  void add_binding(int line, Binding binding) {
    if (!is_identifier(binding.name) && binding.type != BindingType::text &&
        binding.type != BindingType::json) {
      context_.error(line, "a binding cannot be named \"" + binding.name +
                               "\": it becomes a property of env, and needs letters, digits and _");
      return;
    }
    const auto taken = std::find_if(lines_.begin(), lines_.end(),
                                    [&](const auto& each) { return each.first == binding.name; });
    if (taken != lines_.end()) {
      context_.error(line, "\"" + binding.name + "\" is bound twice: here and on line " +
                               std::to_string(taken->second));
      return;
    }
    lines_.emplace_back(binding.name, line);
    config_.bindings.push_back(std::move(binding));
  }

  template <class T>
  static void set(T& target, std::optional<T> value) {
    if (value) target = std::move(*value);
  }

  ReadContext& context_;
  const ReadOptions& options_;
  ProjectConfig& config_;
  std::vector<std::pair<std::string, int>> lines_;  // of the bindings
};

}  // namespace

std::string worker_name_from(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      name += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  name.resize(std::min<size_t>(name.size(), 63));
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "worker" : name;
}

void read_settings(TableReader& table, ReadContext& context, const ReadOptions& options,
                   ProjectConfig& config) {
  SettingsReader(context, options, config).read(table);
}

}  // namespace selvage::deploy
