#include "cli/platform_folder.h"

#include <filesystem>

#include "deploy/platform/platform_store.h"

namespace selvage::cli {

namespace fs = std::filesystem;

void add_platform_option(CLI::App& command, std::string& data) {
  command
      .add_option("--data", data, "The platform's data folder (default: .selvage in this folder)")
      ->type_name("DIR");
}

std::string data_folder(const std::string& data) {
  std::error_code error;
  return fs::absolute(data.empty() ? ".selvage" : data, error).lexically_normal().string();
}

Result<std::string> platform_folder(const std::string& data, bool must_exist) {
  const std::string root = data_folder(data);
  const std::string folder = deploy::platform_directory(root + "/state");
  std::error_code error;
  if (must_exist && !fs::exists(folder + "/platform.sqlite", error)) {
    return fail(ErrorCode::not_found, "no platform has its data in " + root,
                "Name its data folder with --data DIR");
  }
  return folder;
}

}  // namespace selvage::cli
