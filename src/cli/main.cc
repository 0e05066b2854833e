// The selvage program: reads the command line.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_group.h"
#include "cli/completions.h"
#include "cli/help_text.h"
#include "cli/init.h"
#include "cli/session.h"
#include "cli/templates.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "deploy/project/nearest.h"

namespace selvage::cli {
namespace {

constexpr const char* kDescription =
    "Selvage runs Cloudflare-compatible Workers, Workers KV and Durable Objects on your own "
    "machine.";

// Options that dev and serve share.
void add_session_options(CLI::App& command, SessionOptions& options) {
  command.add_option("-e,--env", options.environment, "Named environment of the configuration")
      ->type_name("NAME");
  command.add_option("--host", options.host, "Address to listen on: localhost, 0.0.0.0, ::, ...")
      ->type_name("ADDRESS");
  command.add_option("-p,--port", options.port, "Port to listen on; 0 takes a free one")
      ->type_name("PORT");
  command
      .add_option("--data", options.data,
                  "Folder for state and caches (default: .selvage in the project)")
      ->type_name("DIR");
  command
      .add_option(
          "--settings", options.settings,
          "Settings of the platform (default: selvage.toml in this folder, if there is one)")
      ->type_name("FILE");
  command.add_option("--threads", options.threads, "Event loops to run")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
}

const CLI::App* find_command(const CLI::App& app, std::string_view name) {
  for (const CLI::App* each : app.get_subcommands(nullptr)) {
    if (each->get_name() == name) return each;
  }
  return nullptr;
}

// The command that the arguments begin with: "kv key put" of many words. The arguments after its
// name are left.
const CLI::App& find_deepest(const CLI::App& app, std::vector<std::string>& arguments) {
  const CLI::App* command = &app;
  while (!arguments.empty()) {
    const CLI::App* next = find_command(*command, arguments[0]);
    if (next == nullptr) break;
    command = next;
    arguments.erase(arguments.begin());
  }
  return *command;
}

// "kv key put"; "" for the program itself.
std::string words_of(const CLI::App& command) {
  if (command.get_parent() == nullptr) return "";
  const std::string above = words_of(*command.get_parent());
  return above.empty() ? command.get_name() : above + " " + command.get_name();
}

// What was mistyped: a command, or an option of the command that was given.
std::string suggestion(const CLI::App& deepest, const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (const CLI::App* each : deepest.get_subcommands(nullptr)) names.push_back(each->get_name());
  const CLI::App* command = names.empty() ? &deepest : nullptr;
  const auto nearest_of = [](std::string_view word, const std::vector<std::string>& list) {
    const std::vector<std::string_view> candidates(list.begin(), list.end());
    return deploy::nearest(word, candidates);
  };
  if (command == nullptr) return arguments.empty() ? "" : nearest_of(arguments[0], names);
  std::vector<std::string> options;
  for (const CLI::Option* option : command->get_options()) {
    for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
  }
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (name.starts_with("--") &&
        std::find(options.begin(), options.end(), name) == options.end()) {
      return nearest_of(name, options);
    }
  }
  return "";
}

int report_usage_error(const CLI::App& app, const CLI::ParseError& error,
                       const std::vector<std::string>& arguments) {
  std::string message = error.what();
  std::vector<std::string> rest = arguments;
  const CLI::App& command = find_deepest(app, rest);
  const std::string words = words_of(command);
  const bool group = !command.get_subcommands(nullptr).empty();
  if (group && !rest.empty() && !rest[0].starts_with("-")) {
    message = "there is no command \"" + (words.empty() ? "" : words + " ") + rest[0] + "\"";
  } else if (group && !words.empty() && rest.empty()) {
    message = "`selvage " + words + "` needs a command";
  }
  const std::string meant = suggestion(command, rest);
  if (!meant.empty()) message += "; did you mean " + meant + "?";
  std::string help = "`selvage help` lists the commands";
  if (!words.empty()) help = "`selvage " + words + " --help` shows what it takes";
  Terminal().error({ErrorCode::invalid_argument, message, help});
  return 2;
}

int run(int argc, char** argv) {
  CLI::App app(kDescription, "selvage");
  app.require_subcommand(0, 1);
  app.set_version_flag("-V,--version", std::string("selvage ") + kVersion);
  std::string name;
  CLI::App* init = app.add_subcommand("init", "Start a new project in a new folder");
  init->add_option("NAME", name, "The folder to make; the worker is called like it")->required();
  std::string template_name;
  std::string template_help = "What to start from:";
  for (const Template& each : templates()) {
    template_help += " " + std::string(each.name) + " (" + std::string(each.what) + ")";
  }
  init->add_option("-t,--template", template_name, template_help)->type_name("NAME");

  SessionOptions dev_options;
  dev_options.development = true;
  dev_options.projects = {"."};
  CLI::App* dev = app.add_subcommand("dev", "Run projects while you work on them: reloads on save");
  dev->add_option("PROJECT", dev_options.projects,
                  "Folders, configuration files or scripts (default: this folder)");
  add_session_options(*dev, dev_options);

  SessionOptions serve_options;
  CLI::App* serve = app.add_subcommand(
      "serve", "Be a platform to deploy to, or run projects with production settings");
  serve->add_option(
      "PROJECT", serve_options.projects,
      "Folders, configuration files or scripts, to be run instead of what is deployed. "
      "One alone answers every host, several answer at <name>.localhost");
  add_session_options(*serve, serve_options);
  serve
      ->add_option("--api-listen", serve_options.api_listen,
                   "Address and port of the platform's API (default: 127.0.0.1:8788)")
      ->type_name("HOST:PORT");
  serve
      ->add_option("--drain-timeout", serve_options.drain_timeout_ms,
                   "Milliseconds that requests in flight get to finish when it stops")
      ->type_name("MS");
  serve
      ->add_option("--isolate-idle", serve_options.isolate_idle_ms,
                   "Milliseconds after which the isolate of an unused worker is put away")
      ->type_name("MS");
  serve
      ->add_option("--spare-isolates", serve_options.spare_isolates,
                   "Isolates made ahead of time, for the first requests of unused workers")
      ->type_name("N");
  serve
      ->add_option("--object-idle", serve_options.object_idle_ms,
                   "Milliseconds after which an unused Durable Object leaves memory")
      ->type_name("MS");
  serve->add_flag("--allow-private-network", serve_options.allow_private_network,
                  "Let fetch() reach loopback and private addresses");

  CLI::App* pages = app.add_subcommand("pages", "Pages sites: static files and functions");
  pages->require_subcommand(1);
  SessionOptions pages_options;
  pages_options.development = true;
  pages_options.projects = {"."};
  CLI::App* pages_dev =
      pages->add_subcommand("dev", "Run a Pages site while you work on it: reloads on save");
  pages_dev->add_option("DIR", pages_options.pages_directory,
                        "The folder with the static files (default: pages_build_output_dir)");
  add_session_options(*pages_dev, pages_options);

  std::vector<std::unique_ptr<CommandGroup>> groups;
  groups.push_back(add_login_commands(app));
  CLI::App* versions = app.add_subcommand("versions", "A worker's versions: what could answer");
  versions->require_subcommand(1);
  groups.push_back(add_deploy_commands(app, *versions));
  groups.push_back(add_version_commands(app, *versions));
  groups.push_back(add_triggers_command(app));
  groups.push_back(add_secret_commands(app));
  groups.push_back(add_version_secret_commands(*versions));
  groups.push_back(add_pages_deploy_command(*pages));
  groups.push_back(add_pages_project_commands(*pages));
  groups.push_back(add_pages_deployment_commands(*pages));
  groups.push_back(add_pages_secret_commands(*pages));
  groups.push_back(add_kv_commands(app));
  groups.push_back(add_do_commands(app));
  groups.push_back(add_log_commands(app));
  groups.push_back(add_types_command(app));
  groups.push_back(add_access_commands(app));
  groups.push_back(add_backup_commands(app));

  CLI::App* completions =
      app.add_subcommand("completions", "Print what a shell needs to complete selvage's commands");
  std::string shell;
  completions->add_option("SHELL", shell, "bash, zsh or fish")->required();

  CLI::App* version = app.add_subcommand("version", "Print the version");
  std::vector<std::string> topic;
  CLI::App* help = app.add_subcommand("help", "Explain a command");
  help->add_option("COMMAND", topic, "The command to explain");

  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* asked = &app;
    while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().back();
    Terminal().line(help_text(*asked));
    return 0;
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return report_usage_error(app, error, arguments);
  }

  for (SessionOptions* options : {&dev_options, &serve_options, &pages_options}) {
    const char* environment = std::getenv("CLOUDFLARE_ENV");  // as wrangler reads it
    if (options->environment.empty() && environment != nullptr) options->environment = environment;
  }
  if (*init) return run_init(name, template_name);
  if (*dev) return run_session(dev_options);
  if (*serve) return run_session(serve_options);
  if (*pages_dev) return run_session(pages_options);
  for (const auto& group : groups) {
    if (group->chosen()) return group->run();
  }
  if (*completions) {
    const Result<std::string> script = completion_script(app, shell);
    if (!script) {
      Terminal().error(script.error());
      return 2;
    }
    Terminal().line(script->substr(0, script->size() - 1));
    return 0;
  }
  if (*version) {
    Terminal().line(std::string("selvage ") + kVersion);
    return 0;
  }
  const CLI::App* explained = &app;
  if (*help && !topic.empty()) {
    std::vector<std::string> rest = topic;
    explained = &find_deepest(app, rest);
    if (!rest.empty()) return report_usage_error(app, CLI::ExtrasError(rest), topic);
  }
  Terminal().line(help_text(*explained));
  return 0;
}

}  // namespace
}  // namespace selvage::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return selvage::cli::run(argc, argv);
}
