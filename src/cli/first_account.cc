#include "cli/first_account.h"

#include "deploy/platform/platform_store.h"

namespace selvage::cli {

Result<std::optional<FirstAccount>> prepare_platform(const std::string& state_directory) {
  SELVAGE_TRY(const auto store,
              deploy::PlatformStore::open(deploy::platform_directory(state_directory)));
  SELVAGE_CHECK_STATUS(store->remove_unused_modules());
  SELVAGE_TRY(const auto accounts, store->accounts());
  if (!accounts.empty()) return std::optional<FirstAccount>();
  SELVAGE_TRY(const deploy::Account account, deploy::first_account(*store));
  SELVAGE_TRY(auto change, store->begin(deploy::command_line_actor()));
  SELVAGE_TRY(deploy::PlatformStore::NewToken made,
              store->create_token(change, account.id, "first start", true));
  SELVAGE_CHECK_STATUS(change.commit());
  return std::optional<FirstAccount>({account.id, std::move(made.secret)});
}

}  // namespace selvage::cli
