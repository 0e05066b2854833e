#include "cli/git_state.h"

#include <optional>
#include <vector>

#include "cli/child.h"
#include "cli/reactor.h"

namespace selvage::cli {
namespace {

/// What `git` prints, without the line break at its end; nullopt when it fails.
std::optional<std::string> git(const std::string& directory, std::vector<std::string> arguments) {
  SpawnOptions options;
  options.arguments = {"/usr/bin/env", "git"};
  for (std::string& each : arguments) options.arguments.push_back(std::move(each));
  options.directory = directory;
  Reactor reactor;
  std::optional<std::string> printed;
  Command command(reactor, std::move(options), [&](Result<CommandResult> result) {
    if (result && result->succeeded()) printed = std::move(result->output);
    reactor.stop(0);
  });
  reactor.run();
  while (printed && printed->ends_with('\n')) printed->pop_back();
  return printed;
}

}  // namespace

std::optional<GitState> git_state(const std::string& directory) {
  const auto status = git(directory, {"status", "--porcelain"});
  if (!status) return std::nullopt;
  GitState state{.branch = git(directory, {"rev-parse", "--abbrev-ref", "HEAD"}).value_or(""),
                 .commit = git(directory, {"rev-parse", "HEAD"}).value_or(""),
                 .dirty = !status->empty()};
  return state;
}

std::string commit_message(const std::string& directory, const std::string& commit) {
  if (commit.empty() || commit.starts_with("-")) return "";
  return git(directory, {"show", "-s", "--format=%B", commit}).value_or("");
}

}  // namespace selvage::cli
