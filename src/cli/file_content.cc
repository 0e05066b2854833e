#include "cli/file_content.h"

#include <cerrno>
#include <fstream>
#include <iterator>

namespace selvage::cli {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail_errno(errno, "cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

}  // namespace selvage::cli
