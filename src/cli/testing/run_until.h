// For tests: runs a reactor until something is so, and fails the test if that takes too long.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "cli/reactor.h"

namespace selvage::cli {

/// A reactor whose run can end and go on. Deadlines only bound how long a broken test takes.
class TestReactor : public Reactor {
 public:
  /// Returns once `condition` holds; it is looked at after every callback that calls changed().
  void run_until(const std::function<bool()>& condition) {
    condition_ = &condition;
    if (!condition()) {
      const TimerId deadline = after(std::chrono::seconds(30), [this] {
        ADD_FAILURE() << "waited for 30 s";
        stop(1);
      });
      run();
      cancel(deadline);
      resume();
    }
    condition_ = nullptr;
  }
  void changed() {
    if (condition_ != nullptr && (*condition_)()) stop(0);
  }

 private:
  const std::function<bool()>* condition_ = nullptr;
};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "selvage-cli-XXXXXX").string();
    path_ = std::filesystem::canonical(mkdtemp(pattern.data()));
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }
  [[nodiscard]] std::string path() const { return path_.string(); }
  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::filesystem::path path_;
};

}  // namespace selvage::cli
