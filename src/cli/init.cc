#include "cli/init.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cli/templates.h"
#include "cli/terminal.h"
#include "deploy/project/settings_reader.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;

Status write_project(const fs::path& directory, const std::string& name, const Template& made_of) {
  for (const TemplateFile& file : made_of.files) {
    const fs::path path = directory / file.path;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    std::string content(file.content);
    for (size_t at = 0; (at = content.find(made_of.name, at)) != std::string::npos;
         at += name.size()) {
      content.replace(at, made_of.name.size(), name);
    }
    std::ofstream out(path, std::ios::binary);
    out << content;
    out.close();
    if (!out) return fail_errno(errno, "cannot write " + path.string());
  }
  return {};
}

}  // namespace

int run_init(const std::string& path, const std::string& template_name) {
  const Terminal terminal;
  const Template* made_of = template_name.empty() ? &templates().front() : nullptr;
  std::string names;
  for (const Template& each : templates()) {
    if (each.name == template_name) made_of = &each;
    names += (names.empty() ? "" : ", ") + std::string(each.name);
  }
  if (made_of == nullptr) {
    terminal.error({ErrorCode::not_found, "there is no template \"" + template_name + "\"",
                    "There are: " + names});
    return 2;
  }
  std::error_code error;
  const fs::path directory = fs::absolute(path, error).lexically_normal();
  if (fs::exists(directory, error) &&
      (!fs::is_directory(directory, error) || !fs::is_empty(directory, error))) {
    terminal.error({ErrorCode::already_exists, directory.string() + " exists and is not empty",
                    "Choose another name; nothing was written"});
    return 1;
  }
  const fs::path last =
      directory.has_filename() ? directory.filename() : directory.parent_path().filename();
  const std::string name = deploy::worker_name_from(last.string());
  if (const Status written = write_project(directory, name, *made_of); !written) {
    terminal.error(written.error());
    return 1;
  }
  terminal.line(terminal.green("Made " + name) + " in " + path + "\n");
  for (const TemplateFile& file : made_of->files) {
    terminal.line("  " + terminal.dim(std::string(file.path)));
  }
  const bool here = fs::equivalent(directory, fs::current_path(error), error);
  terminal.line("\nNext:\n\n  " +
                terminal.bold((here ? "" : "cd " + path + " && ") + std::string("selvage dev")) +
                "\n");
  return 0;
}

}  // namespace selvage::cli
