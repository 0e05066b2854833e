// Names content: equal names, equal content.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace selvage::cli {

/// SHA-256 over a sequence of parts; where one part ends matters.
class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  void add(std::string_view part);
  /// The first 128 bits, as 32 hexadecimal digits. Ends the hash: call once.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace selvage::cli
