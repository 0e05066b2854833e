#include "cli/pages_functions.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> kExtensions{".js", ".mjs", ".jsx", ".ts", ".mts", ".tsx"};
// More would be refused: then everything goes to the script.
constexpr size_t kMostRules = 100;

std::string without_extension(const std::string& file) { return file.substr(0, file.rfind('.')); }

bool is_identifier(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// The names in "[id]" and "[[path]]" must be such that params can have them.
Status check_names(const std::string& file) {
  std::string_view rest = file;
  while (true) {
    const size_t open = rest.find('[');
    if (open == std::string_view::npos) return {};
    const bool all = rest.substr(open).starts_with("[[");
    const size_t begin = open + (all ? 2 : 1);
    const size_t close = rest.find(all ? "]]" : "]", begin);
    if (close == std::string_view::npos || !is_identifier(rest.substr(begin, close - begin))) {
      return fail(ErrorCode::invalid_argument,
                  "functions/" + file + " has a parameter that is no name",
                  "Letters, digits and _ may stand in [brackets]");
    }
    rest.remove_prefix(close + (all ? 2 : 1));
  }
}

Status write_text(const std::string& path, std::string_view text) {
  if ((std::ofstream(path) << text).flush()) return {};
  return fail(ErrorCode::io, "cannot write " + path);
}

}  // namespace

Result<std::vector<std::string>> function_files(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code error;
  if (!fs::is_directory(directory, error)) return files;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_directory(error) && it->path().filename() == "node_modules") {
      it.disable_recursion_pending();
      continue;
    }
    const std::string path = it->path().string();
    if (!it->is_regular_file(error) || path.ends_with(".d.ts")) continue;
    const std::string extension = it->path().extension().string();
    if (std::ranges::find(kExtensions, extension) == kExtensions.end()) continue;
    files.push_back(path.substr(directory.size() + 1));
  }
  if (error) {
    return fail(ErrorCode::io, "cannot read the folder " + directory + ": " + error.message());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::string> rules_from_functions(const std::vector<std::string>& files) {
  std::vector<std::string> rules;
  for (const std::string& file : files) {
    std::string path = "/" + without_extension(file);
    const bool middleware = path.ends_with("/_middleware");
    if (middleware || path.ends_with("/index")) path.resize(path.rfind('/'));
    // From the first parameter on, anything.
    const size_t parameter = path.find('[');
    if (parameter != std::string::npos) {
      path.resize(parameter);
      path += '*';
    } else if (middleware) {
      path += "/*";
    } else if (path.empty()) {
      path = "/";
    }
    rules.push_back(std::move(path));
  }
  std::ranges::sort(rules);
  rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
  const auto covered = [&](const std::string& rule) {
    return std::ranges::any_of(rules, [&](const std::string& other) {
      return other != rule && other.ends_with('*') &&
             rule.starts_with(std::string_view(other).substr(0, other.size() - 1));
    });
  };
  std::vector<std::string> needed;
  std::ranges::copy_if(rules, std::back_inserter(needed),
                       [&](const std::string& rule) { return !covered(rule); });
  if (needed.size() > kMostRules) return {"/*"};
  return needed;
}

Result<PagesScript> find_pages_script(const deploy::ProjectConfig& config,
                                      const std::string& directory) {
  PagesScript script;
  std::error_code error;
  const std::string worker = config.assets->directory + "/_worker.js";
  if (fs::is_directory(worker, error)) {
    script.main = worker + "/index.js";
    script.module_directory = worker;
    return script;
  }
  if (fs::is_regular_file(worker, error)) {
    script.main = worker;
    return script;
  }
  const std::string functions = config.directory + "/functions";
  SELVAGE_TRY(const std::vector<std::string> files, function_files(functions));
  if (files.empty()) return script;
  std::string imports = "import { pagesFunctions } from \"./runtime.js\";\n";
  std::string table;
  for (size_t i = 0; i < files.size(); ++i) {
    SELVAGE_CHECK_STATUS(check_names(files[i]));
    const std::string name = "f" + std::to_string(i);
    imports += "import * as " + name + " from " +
               nlohmann::json(functions + "/" + files[i]).dump() + ";\n";
    table += "  [" + nlohmann::json(without_extension(files[i])).dump() + ", " + name + "],\n";
  }
  script.main = directory + "/functions.js";
  SELVAGE_CHECK_STATUS(write_text(directory + "/runtime.js", pages_runtime()));
  SELVAGE_CHECK_STATUS(
      write_text(script.main, imports + "\nexport default pagesFunctions([\n" + table + "]);\n"));
  script.rules = rules_from_functions(files);
  return script;
}

}  // namespace selvage::cli
