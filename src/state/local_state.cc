#include "state/local_state.h"

#include <nlohmann/json.hpp>

namespace selvage::state {

Result<nlohmann::json> Client::ask(const nlohmann::json& request) {
  return ask(request, [](const nlohmann::json&) { return Status(); });
}

Result<std::unique_ptr<LocalState>> LocalState::open(const std::string& directory) {
  std::unique_ptr<LocalState> state(new LocalState(directory));
  state->files_ = store::real_file_system();
  SELVAGE_CHECK_STATUS(state->files_->create_directories(directory));
  return state;
}

Status LocalState::open_kv() {
  if (kv_service_) return {};
  feed_ = std::make_unique<store::LocalChangeFeed>();
  // Nothing to sweep and no log to make ready for the few moments that a command takes.
  SELVAGE_TRY(kv_,
              kv::KvStore::open(directory_ + "/kv", *feed_,
                                {.sweep_interval = std::chrono::milliseconds(0), .wal_bytes = 0}));
  kv_service_ = std::make_unique<Service>(kv_.get(), nullptr, limits_);
  return {};
}

Status LocalState::open_objects() {
  if (object_service_) return {};
  SELVAGE_TRY(log_, store::LocalCommitLog::open(*files_, directory_ + "/log"));
  // How long histories are to be kept is for the engine to know: whatever is there can be told of.
  constexpr std::chrono::hours kCentury{24 * 365 * 100};
  SELVAGE_TRY(objects_, object::ObjectStore::open(
                            directory_ + "/objects", *log_, *files_,
                            {.history_retention = kCentury, .fold_in_background = false}));
  object_service_ = std::make_unique<Service>(nullptr, objects_.get(), limits_);
  return {};
}

Result<nlohmann::json> LocalState::ask(const nlohmann::json& request, ItemCallback item) {
  const auto operation = request.find("op");
  if (operation != request.end() && operation->is_string() &&
      operation->get<std::string>().starts_with("do.")) {
    SELVAGE_CHECK_STATUS(open_objects());
    return object_service_->answer(request, item);
  }
  SELVAGE_CHECK_STATUS(open_kv());
  return kv_service_->answer(request, item);
}

}  // namespace selvage::state
