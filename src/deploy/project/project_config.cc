#include "deploy/project/project_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/utc_text.h"
#include "base/wall_clock.h"
#include "deploy/project/config_value.h"
#include "deploy/project/dotenv.h"
#include "deploy/project/nearest.h"
#include "deploy/project/settings_reader.h"
#include "deploy/project/table_reader.h"

namespace selvage::deploy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kConfigNames{"wrangler.json", "wrangler.jsonc",
                                                       "wrangler.toml"};
constexpr size_t kLargestFile = 1 << 20;

// Bindings and variables, which a named environment does not inherit.
constexpr std::array<std::string_view, 6> kNotInherited{
    "vars", "define", "kv_namespaces", "durable_objects", "services", "version_metadata"};

std::string today() { return utc_text(wall_clock_ms(), "%Y-%m-%d"); }

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()).good()) {
    // An empty file leaves the failbit set without anything being wrong.
    if (std::error_code error; file && fs::file_size(path, error) == 0 && !error) return "";
    return fail(ErrorCode::io, "cannot read " + path);
  }
  if (text.view().size() > kLargestFile) {
    return fail(ErrorCode::limit_exceeded, path + " is larger than 1 MiB");
  }
  return text.str();
}

bool is_file(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

// The parsers' "12: message".
void report_parse_error(ReadContext& context, const Error& error) {
  const size_t colon = error.message.find(": ");
  context.error(std::atoi(error.message.c_str()), error.message.substr(colon + 2));
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == Diagnostic::Severity::error) return true;
  }
  return false;
}

// The table of the environment asked for; nullptr (and an error) when there is none.
const ConfigValue* find_environment(TableReader& root, ReadContext& context,
                                    const std::string& name) {
  const ConfigValue* environments = root.table("env", R"({"staging": {"vars": {"A": "b"}}})");
  if (name.empty()) return nullptr;
  std::vector<std::string_view> names;
  if (environments != nullptr) {
    const ConfigValue* found = environments->find(name);
    if (found != nullptr && found->type == ConfigValue::Type::table) return found;
    for (const ConfigValue& each : environments->members) names.push_back(each.key);
  }
  std::string message = "there is no environment \"" + name + "\"";
  if (names.empty()) {
    message += ": the configuration has no named environments; one starts with " +
               std::string(context.toml ? "[env." + name + "]" : "\"env\": {\"" + name + "\": {}}");
  } else {
    const std::string meant = nearest(name, names);
    if (!meant.empty()) message += "; did you mean \"" + meant + "\"?";
    std::string list;
    for (const std::string_view each : names)
      list += (list.empty() ? "" : ", ") + std::string(each);
    message += " (there are: " + list + ")";
  }
  context.error(environments == nullptr ? 0 : environments->line, std::move(message));
  return nullptr;
}

void read_environment(const ConfigValue& root, const ConfigValue& table, ReadContext& context,
                      const ReadOptions& options, ProjectConfig& config) {
  const std::string path = "env." + options.environment;
  for (const std::string_view key : kNotInherited) {
    const ConfigValue* above = root.find(key);
    if (above != nullptr && table.find(key) == nullptr) {
      context.warn(above->line, "\"" + std::string(key) + "\" is not inherited by \"" + path +
                                    "\", which has none: repeat there what it needs");
    }
  }
  config.bindings.clear();
  if (table.find("assets") != nullptr) config.assets.reset();
  config.define.clear();
  const std::string name_above = std::exchange(config.name, "");
  TableReader reader(table, path, context);
  read_settings(reader, context, options, config);
  if (config.name.empty() && !name_above.empty()) {
    config.name = config.pages ? name_above : name_above + "-" + options.environment;
  }
  reader.accept({"env"});
  if (const ConfigValue* nested = table.find("env")) {
    context.error(nested->line, "\"" + path + ".env\": an environment has no environments");
  }
  reader.finish();
}

// What env has of the assets; an environment inherits them, but no bindings.
void bind_assets(ProjectConfig& config) {
  if (!config.assets || config.assets->binding.empty()) return;
  const bool bound = std::ranges::any_of(config.bindings, [&](const Binding& binding) {
    return binding.name == config.assets->binding;
  });
  if (!bound) {
    config.bindings.push_back({.type = BindingType::assets, .name = config.assets->binding});
  }
}

// A Pages site whose assets are in `directory`, relative to where the command runs.
void make_pages(const std::string& directory, ProjectConfig& config) {
  std::error_code error;
  config.pages = true;
  config.main.clear();
  config.assets = AssetsConfig{
      .directory = fs::absolute(directory, error).lexically_normal().string(), .binding = "ASSETS"};
  config.assets->settings.pages = true;
  bind_assets(config);
}

void fill_gaps(ReadContext& context, ProjectConfig& config) {
  bind_assets(config);
  if (config.name.empty()) {
    config.name = worker_name_from(fs::path(config.directory).filename().string());
    if (!config.environment.empty()) config.name += "-" + config.environment;
  }
  if (config.compatibility_date.empty()) {
    config.compatibility_date = today();
    if (!config.file.empty()) {
      context.warn(0,
                   "there is no \"compatibility_date\", so today's is used; to keep what works "
                   "now, set " +
                       context.spell("compatibility_date", "\"" + today() + "\""));
    }
  }
  if (config.main.empty() && !config.assets) {
    context.error(0, "there is no \"main\", the script to run; for example: " +
                         context.spell("main", R"("src/index.ts")"));
  }
}

// Where the configuration of a directory is; "" when it has none.
Result<std::string> find_config(const fs::path& directory, ProjectReading& reading) {
  const fs::path redirect = directory / ".wrangler/deploy/config.json";
  reading.watched_files.push_back(redirect.string());
  if (is_file(redirect.string())) {
    SELVAGE_TRY(const std::string text, read_file(redirect.string()));
    const Result<ConfigValue> parsed = parse_jsonc(text);
    const ConfigValue* path = parsed ? parsed->find("configPath") : nullptr;
    if (path == nullptr || path->type != ConfigValue::Type::string) {
      return fail(ErrorCode::invalid_argument,
                  redirect.string() + ": " +
                      (parsed ? "there is no \"configPath\"" : parsed.error().message),
                  "It should read {\"configPath\": \"../../dist/wrangler.json\"}; the framework's "
                  "build writes it");
    }
    std::string target = (redirect.parent_path() / path->string).lexically_normal().string();
    if (!is_file(target)) {
      return fail(ErrorCode::not_found,
                  redirect.string() + " points to " + target + ", which does not exist",
                  "Build the project first, or remove the redirect");
    }
    return target;
  }
  for (const std::string_view name : kConfigNames) {
    std::string candidate = (directory / name).string();
    reading.watched_files.push_back(candidate);
    if (is_file(candidate)) return candidate;
  }
  return "";
}

// .dev.vars, or else the .env files: secrets, which win over variables of the same name.
void read_secrets(const std::string& directory, ProjectReading& reading) {
  ProjectConfig& config = *reading.config;
  const std::string& environment = config.environment;
  const auto path = [&](const std::string& name) { return (fs::path(directory) / name).string(); };
  std::vector<std::string> files;
  std::string dev_vars = path(".dev.vars");
  reading.watched_files.push_back(dev_vars);
  if (!environment.empty()) {
    std::string own = path(".dev.vars." + environment);
    reading.watched_files.push_back(own);
    if (is_file(own)) dev_vars = own;
  }
  std::vector<std::string> env_names{".env", ".env.local"};
  if (!environment.empty()) {
    env_names = {".env", ".env." + environment, ".env.local", ".env." + environment + ".local"};
  }
  for (const std::string& name : env_names) reading.watched_files.push_back(path(name));
  if (is_file(dev_vars)) {
    files = {dev_vars};
  } else {
    for (const std::string& name : env_names) {
      if (is_file(path(name))) files.push_back(path(name));
    }
  }
  Variables secrets;
  for (const std::string& file : files) {
    ReadContext context{file, true, &reading.diagnostics};
    const Result<std::string> text = read_file(file);
    if (!text) {
      context.error(0, text.error().message);
      continue;
    }
    const Result<Variables> variables = parse_dotenv(*text);
    if (!variables) {
      report_parse_error(context, variables.error());
      continue;
    }
    for (const auto& [name, value] : *variables) set_variable(secrets, name, value);
  }
  for (auto& [name, value] : secrets) {
    std::erase_if(config.bindings, [&](const Binding& binding) {
      return binding.name == name &&
             (binding.type == BindingType::text || binding.type == BindingType::json);
    });
    config.bindings.push_back({.type = BindingType::secret, .name = name, .value = value});
  }
}

/// Whether the file is a Pages site's configuration. One that cannot be read may be.
Result<bool> configures_pages(const std::string& file) {
  SELVAGE_TRY(const std::string text, read_file(file));
  const Result<ConfigValue> root = file.ends_with(".toml") ? parse_toml(text) : parse_jsonc(text);
  return !root || root->find("pages_build_output_dir") != nullptr;
}

// A Pages site without a configuration.
ProjectConfig bare_site(const fs::path& directory, const std::string& pages_directory) {
  ProjectConfig config;
  config.directory = directory.string();
  if (config.directory.size() > 1 && config.directory.ends_with('/')) config.directory.pop_back();
  config.name = worker_name_from(fs::path(config.directory).filename().string());
  config.compatibility_date = today();
  make_pages(pages_directory, config);
  return config;
}

ProjectReading read_script(const fs::path& script) {
  ProjectReading reading;
  ProjectConfig& config = reading.config.emplace();
  config.directory = script.parent_path().string();
  config.main = script.string();
  config.name = worker_name_from(script.stem().string());
  config.compatibility_date = today();
  return reading;
}

}  // namespace

ProjectReading read_project_text(const std::string& file, std::string_view text,
                                 const ReadOptions& options) {
  ProjectReading reading;
  ReadContext context{file, file.ends_with(".toml"), &reading.diagnostics};
  const Result<ConfigValue> root = context.toml ? parse_toml(text) : parse_jsonc(text);
  if (!root) {
    report_parse_error(context, root.error());
    return reading;
  }
  if (root->type != ConfigValue::Type::table) {
    context.error(root->line, "the configuration should be an object, but is " +
                                  std::string(describe(root->type)));
    return reading;
  }
  ProjectConfig config;
  config.file = file;
  config.directory = fs::path(file).parent_path().string();
  config.environment = options.environment;
  TableReader reader(*root, "", context);
  const ConfigValue* environments = root->find("env");
  const bool lacks_environment =
      environments == nullptr || environments->find(options.environment) == nullptr;
  const bool top_level = options.for_pages && lacks_environment;
  if (top_level) config.environment.clear();
  const ConfigValue* environment = find_environment(reader, context, config.environment);
  // What the root says of bindings does not matter to an environment, nor do its mistakes.
  read_settings(reader, context, options, config);
  reader.finish();
  if (environment != nullptr) read_environment(*root, *environment, context, options, config);
  if (!options.pages_directory.empty()) make_pages(options.pages_directory, config);
  fill_gaps(context, config);
  if (!has_errors(reading.diagnostics)) reading.config = std::move(config);
  return reading;
}

Result<ProjectReading> read_project(const std::string& path, const ReadOptions& options) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error).lexically_normal();
  ProjectReading reading;
  std::string file;
  fs::path directory = absolute;
  if (fs::is_directory(absolute, error)) {
    SELVAGE_TRY(file, find_config(absolute, reading));
    if (options.for_pages && !file.empty()) {
      SELVAGE_TRY(const bool own, configures_pages(file));
      if (!own) {
        ReadContext context{file, file.ends_with(".toml"), &reading.diagnostics};
        context.warn(0,
                     "has no \"pages_build_output_dir\", so it is none of a Pages site and not "
                     "used for one");
        file.clear();
      }
    }
    if (file.empty() && !options.pages_directory.empty()) {
      reading.config = bare_site(absolute, options.pages_directory);
    } else if (file.empty() && options.for_pages) {
      return fail(ErrorCode::not_found, "which folder is to be deployed?",
                  "Name it, or set \"pages_build_output_dir\" in the project's configuration");
    } else if (file.empty()) {
      return fail(
          ErrorCode::not_found,
          "there is no wrangler.json, wrangler.jsonc or wrangler.toml in " + absolute.string(),
          "`selvage init NAME` starts a project; a script without configuration is run "
          "by its path");
    }
  } else if (fs::is_regular_file(absolute, error)) {
    directory = absolute.parent_path();
    const std::string extension = absolute.extension().string();
    if (extension != ".toml" && extension != ".json" && extension != ".jsonc") {
      reading = read_script(absolute);
    } else {
      file = absolute.string();
    }
  } else {
    return fail(ErrorCode::not_found, "there is no " + absolute.string());
  }
  if (!file.empty()) {
    SELVAGE_TRY(const std::string text, read_file(file));
    ProjectReading from_text = read_project_text(file, text, options);
    from_text.watched_files = std::move(reading.watched_files);
    from_text.watched_files.push_back(file);
    reading = std::move(from_text);
  }
  if (reading.config && options.local_secrets) {
    // Secrets lie beside the configuration that people write, not the one a framework generates.
    read_secrets(directory.string(), reading);
    if (has_errors(reading.diagnostics)) reading.config.reset();
  }
  return reading;
}

std::string describe(const Diagnostic& diagnostic, const std::string& base) {
  std::string text = diagnostic.file;
  if (const fs::path relative = fs::path(text).lexically_relative(base);
      !relative.empty() && *relative.begin() != "..") {
    text = relative.string();
  }
  if (diagnostic.line > 0) text += ":" + std::to_string(diagnostic.line);
  text += diagnostic.severity == Diagnostic::Severity::error ? ": error: " : ": warning: ";
  return text + diagnostic.message;
}

}  // namespace selvage::deploy
