#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "cli/command_group.h"
#include "cli/env_types.h"
#include "cli/project_option.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

class TypesCommand final : public CommandGroup {
 public:
  explicit TypesCommand(CLI::App& app) {
    types =
        app.add_subcommand("types", "Write what env has, as TypeScript, from the configuration");
    types->add_option("FILE", file,
                      "The file to write (default: worker-configuration.d.ts in the project); - is "
                      "standard output");
    types->add_option("--env-interface", interface, "What the interface is called (default: Env)")
        ->type_name("NAME");
    types->add_flag("--check", check, "Write nothing; status 1 when the file is out of date");
    project.add_to(*types);
  }

  [[nodiscard]] bool chosen() const override { return types->parsed(); }

 private:
  CLI::App* types = nullptr;
  ProjectOptions project;
  std::string file;
  std::string interface = "Env";
  bool check = false;

  Result<int> perform() override {
    SELVAGE_TRY(const deploy::ProjectConfig config, read_project_or_fail(project, {}));
    std::error_code error;
    const fs::path path = file.empty() ? fs::path(config.directory) / "worker-configuration.d.ts"
                                       : fs::absolute(file, error).lexically_normal();
    const bool printed = file == "-";
    const std::string directory = printed ? config.directory : path.parent_path().string();
    const std::string text = env_types(config, {interface, directory});
    if (printed) {
      std::cout << text;
      return 0;
    }
    if (check) {
      std::ifstream there(path, std::ios::binary);
      const std::string found{std::istreambuf_iterator<char>(there),
                              std::istreambuf_iterator<char>()};
      if (found == text) return 0;
      return fail(ErrorCode::aborted, path.string() + " is not what the configuration says",
                  "Run `selvage types`");
    }
    std::ofstream out(path, std::ios::binary);
    if (!(out << text).flush()) return fail_errno(errno, "cannot write " + path.string());
    std::cout << "Wrote " << (file.empty() ? path.filename().string() : file) << ".\n";
    return 0;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_types_command(CLI::App& app) {
  return std::make_unique<TypesCommand>(app);
}

}  // namespace selvage::cli
