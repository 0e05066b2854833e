// .assetsignore: which files of a folder are no assets, in the language of .gitignore
// (git-scm.com/docs/gitignore). Values; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace selvage::assets {

class IgnoreFile {
 public:
  /// Lines in their order; later ones win.
  explicit IgnoreFile(std::string_view text);

  /// `path` is relative, with '/' ("a/b.txt"), of a file or (`directory`) a folder. A file in an
  /// ignored folder is the caller's to leave out: a folder that is ignored is not entered.
  [[nodiscard]] bool ignores(std::string_view path, bool directory) const;

 private:
  struct Pattern {
    std::string glob;
    bool negated = false;
    bool only_directories = false;
    bool anchored = false;  // from the root; else at any depth
  };
  std::vector<Pattern> patterns_;
};

/// Whether a glob of .gitignore matches a whole path: '*', '?' and "[a-z]" stop at '/', "**" does
/// not.
bool ignore_glob_matches(std::string_view glob, std::string_view path);

}  // namespace selvage::assets
