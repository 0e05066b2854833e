// V8's compiled code, kept on disk by the hash of the source, so that a module is parsed and
// compiled once and not for each isolate, thread and start of the process. Files are written by a
// thread of its own: no request waits for them.
#pragma once

#include <v8.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace selvage::js {

/// Any thread. A file that is damaged or of another V8 is ignored, and replaced in time.
class CodeCache {
 public:
  /// A source of fewer bytes is compiled faster than its code is found and checked: none is kept.
  static constexpr size_t kSmallestSource = 8 * 1024;

  /// `directory` is made when something is first written; "" keeps the cache in memory only.
  explicit CodeCache(std::string directory);
  /// Writes what is still to be written.
  ~CodeCache();

  /// The data for `source`, valid as long as the cache; nullptr when there is none.
  std::shared_ptr<const std::string> find(std::string_view source);
  /// Keeps the code of `script`, whose source is `source`, unless there is some. Inside run().
  void store(std::string_view source, v8::Local<v8::UnboundModuleScript> script);
  /// V8 did not accept what find() gave.
  void reject(std::string_view source);

 private:
  [[nodiscard]] std::string key_of(std::string_view source) const;
  [[nodiscard]] std::string path_of(const std::string& key) const;

  struct File {
    std::string key;
    std::shared_ptr<const std::string> data;
  };
  void write_loop();
  void write(const File& file);

  std::string directory_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const std::string>> entries_;
  std::vector<File> to_write_;
  std::condition_variable queued_;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace selvage::js
