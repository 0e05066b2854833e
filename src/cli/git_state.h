// What git says of a folder, for whoever wants to know what a deployment was made of.
#pragma once

#include <optional>
#include <string>

namespace selvage::cli {

struct GitState {
  std::string branch;  // "HEAD" when none is checked out
  std::string commit;  // SHA; "" before the first commit
  bool dirty = false;  // there are changes that no commit has
};

/// nullopt when the folder is in no repository, or there is no git.
std::optional<GitState> git_state(const std::string& directory);
/// What the commit says of itself; "" when there is none.
std::string commit_message(const std::string& directory, const std::string& commit);

}  // namespace selvage::cli
