#include <filesystem>
#include <iostream>
#include <string>

#include "cli/backup.h"
#include "cli/command_group.h"
#include "cli/output.h"
#include "cli/platform_folder.h"
#include "cli/stopwatch.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

class BackupCommands final : public CommandGroup {
 public:
  explicit BackupCommands(CLI::App& app) {
    backup = app.add_subcommand(
        "backup", "Copy a whole data folder to another folder, also while a platform runs on it");
    backup->add_option("DIR", folder, "The folder to make")->required();
    restores = app.add_subcommand("restore", "Make a data folder of a backup");
    restores->add_option("DIR", folder, "The folder that `selvage backup` made")->required();
    for (CLI::App* each : {backup, restores}) {
      add_platform_option(*each, data);
      each->add_flag("--json", json, "Print JSON");
    }
  }

  [[nodiscard]] bool chosen() const override { return *backup || *restores; }

 private:
  CLI::App* backup = nullptr;
  CLI::App* restores = nullptr;
  std::string folder;
  std::string data;
  bool json = false;

  static std::string absolute(const std::string& path) {
    std::error_code error;
    std::string text = fs::absolute(path, error).lexically_normal().string();
    if (text.size() > 1 && text.ends_with('/')) text.pop_back();
    return text;
  }

  Result<int> perform() override {
    const Stopwatch watch;
    const std::string from_data = absolute(data_folder(data));
    const std::string other = absolute(folder);
    BackupReport report;
    if (*backup) {
      StateOptions options;
      options.data = from_data;
      SELVAGE_TRY(StateSource source, StateSource::open(options, /*must_exist=*/true));
      SELVAGE_TRY(report, back_up(source, from_data, other));
    } else {
      SELVAGE_TRY(report, restore(other, from_data));
    }
    const int64_t took = watch.milliseconds();
    const std::string& made = *backup ? other : from_data;
    if (json) {
      print_json({{"folder", made},
                  {"files", report.files},
                  {"bytes", report.bytes},
                  {"objects", report.objects},
                  {"took_ms", took}});
    } else {
      std::cout << (*backup ? "Backed up to " : "Restored to ") << made << ": " << report.files
                << " files, " << report.objects << " of them Durable Objects, " << report.bytes
                << " bytes, in " << took << " ms.\n";
    }
    return 0;
  }
};

}  // namespace

std::unique_ptr<CommandGroup> add_backup_commands(CLI::App& app) {
  return std::make_unique<BackupCommands>(app);
}

}  // namespace selvage::cli
