// The state of a platform that no engine runs on, opened by a command for a moment.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "state/client.h"
#include "store/change_feed.h"
#include "store/file.h"
#include "store/local_commit_log.h"

namespace selvage::state {

class LocalState final : public Client {
 public:
  /// `directory` holds kv, objects and log, each made when it is needed and missing. The caller has
  /// the data folder to itself (cli/data_directory.h) for as long as this lives.
  static Result<std::unique_ptr<LocalState>> open(const std::string& directory);

  using Client::ask;
  Result<nlohmann::json> ask(const nlohmann::json& request, ItemCallback item) override;

 private:
  explicit LocalState(std::string directory) : directory_(std::move(directory)) {}
  Status open_kv();
  Status open_objects();

  const std::string directory_;
  const kv::KvLimits limits_;
  std::unique_ptr<store::FileSystem> files_;
  std::unique_ptr<store::CommitLog> log_;
  std::unique_ptr<object::ObjectStore> objects_;
  std::unique_ptr<store::ChangeFeed> feed_;
  std::unique_ptr<kv::KvStore> kv_;
  std::unique_ptr<Service> kv_service_, object_service_;
};

}  // namespace selvage::state
