// Asks the engine that runs on a data folder.
#pragma once

#include <memory>
#include <string>

#include "state/client.h"
#include "state/wire.h"

namespace selvage::state {

class SocketClient final : public Client {
 public:
  /// ErrorCode::unavailable when no engine listens on the state in `directory`.
  static Result<std::unique_ptr<SocketClient>> connect(const std::string& directory);

  using Client::ask;
  Result<nlohmann::json> ask(const nlohmann::json& request, ItemCallback item) override;

 private:
  explicit SocketClient(int fd) : wire_(fd) {}
  Wire wire_;
};

}  // namespace selvage::state
