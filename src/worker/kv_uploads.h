// Values that scripts are writing to KV piece by piece.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "kv/kv_entry.h"
#include "kv/kv_value.h"
#include "worker/event.h"

namespace selvage::worker {

/// The loop's holder only. An upload ends with its invocation.
class KvUploads {
 public:
  struct Upload {
    std::string namespace_id;
    std::string key;
    kv::KvEntry entry;  // without its value
    InvocationId invocation = 0;
    std::unique_ptr<kv::KvUpload> value;
  };

  int32_t add(Upload upload) {
    uploads_.emplace(++last_, std::move(upload));
    return last_;
  }
  /// nullptr when its invocation has ended.
  Upload* find(int32_t id) {
    const auto found = uploads_.find(id);
    return found == uploads_.end() ? nullptr : &found->second;
  }
  void drop(int32_t id) { uploads_.erase(id); }
  void end_of(InvocationId invocation) {
    std::erase_if(uploads_, [&](const auto& each) { return each.second.invocation == invocation; });
  }

 private:
  int32_t last_ = 0;
  std::unordered_map<int32_t, Upload> uploads_;
};

}  // namespace selvage::worker
