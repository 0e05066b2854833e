// The control plane's memory: accounts, tokens, workers, versions, deployments, routes, KV
// namespaces, the registry of Durable Object namespaces, and the audit log, in one SQLite database
// `platform.sqlite`; the modules' bytes are files beside it, named by their SHA-256.
//
// Every change is one durable transaction: begin(), mutators, commit(). A crash leaves the state
// before or the state after. Module files are written and synced before the transaction that
// mentions them; those that nobody mentions are removed at the next start.
//
// One thread's. Several stores, also of several processes, may be open on the same folder.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "deploy/object_namespaces.h"
#include "deploy/platform/records.h"
#include "store/sqlite.h"

namespace selvage::deploy {

/// "2026-11-23T15:43:08.010Z", of milliseconds since 1970.
std::string iso_time_now();

/// Where a platform has its store, below the folder of a data folder's state.
inline std::string platform_directory(const std::string& state_directory) {
  return state_directory + "/platform";
}

class PlatformStore {
 public:
  /// Opens or makes the store in `directory`.
  static Result<std::unique_ptr<PlatformStore>> open(const std::string& directory);

  /// An open transaction; undone unless commit() succeeds. One at a time.
  class Change {
   public:
    ~Change();
    Change(Change&& other) noexcept
        : store_(std::exchange(other.store_, nullptr)), actor_(std::move(other.actor_)) {}
    Change& operator=(Change&&) = delete;
    /// Durable when it returns success.
    Status commit();

   private:
    friend class PlatformStore;
    Change(PlatformStore* store, Actor actor) : store_(store), actor_(std::move(actor)) {}
    PlatformStore* store_;
    Actor actor_;
  };
  Result<Change> begin(Actor actor);
  /// An entry of the audit log; mutators do it themselves.
  Status note(Change& change, const std::string& action, const std::string& subject,
              const nlohmann::json& detail = nullptr);
  Result<std::vector<AuditRecord>> audit_log(const std::string& account, int64_t limit);

  // accounts.cc
  Result<Account> create_account(Change& change, const std::string& name,
                                 const std::string& subdomain);
  Result<std::vector<Account>> accounts();
  Result<std::optional<Account>> find_account(const std::string& id);
  /// ErrorCode::already_exists when another account has it.
  Status set_subdomain(Change& change, const std::string& account, const std::string& subdomain);
  /// By an account, or by a Pages project of the first account, whose previews answer below it.
  Result<bool> subdomain_taken(const std::string& subdomain);
  struct NewToken {
    ApiToken token;
    std::string secret;  // shown once; only its hash is kept
  };
  Result<NewToken> create_token(Change& change, const std::string& account, const std::string& name,
                                bool write);
  /// Whose secret this is.
  Result<std::optional<ApiToken>> find_token(std::string_view secret);
  Result<std::vector<ApiToken>> tokens(const std::string& account);  // "" = all accounts
  /// With the logins that it let in.
  Result<bool> revoke_token(Change& change, const std::string& id);

  // logins.cc
  static constexpr int64_t kLoginSeconds = 3600;
  static constexpr int64_t kRenewalSeconds = int64_t{30} * 24 * 3600;
  struct NewLogin {
    ApiToken token;
    std::string secret;   // the token's, good for `seconds`
    std::string renewal;  // gets another one, once, within kRenewalSeconds
    int64_t seconds = 0;
  };
  /// `by` is the token that its owner showed; `program` who is to act for them.
  Result<NewLogin> create_login(Change& change, const ApiToken& by, const std::string& program);
  /// Ends the login's token. nullopt when nothing can be had for `renewal` (any more).
  Result<std::optional<NewLogin>> renew_login(Change& change, std::string_view renewal);
  Result<bool> end_login(Change& change, std::string_view renewal);

  // scripts.cc
  Result<std::vector<Script>> scripts(const std::string& account);
  Result<std::optional<Script>> find_script(const std::string& account, const std::string& name);
  Result<Script> create_script(Change& change, const std::string& account, const std::string& name);
  Status save_settings(Change& change, Script& script, const std::string& action);
  /// With its versions, deployments, routes and domains.
  Status delete_script(Change& change, const Script& script);
  /// `id`: a random_uuid(), made here when it is "".
  Result<VersionRecord> create_version(Change& change, const Script& script,
                                       nlohmann::json document, std::string id = {});
  Result<std::optional<VersionRecord>> find_version(int64_t script, const std::string& id);
  Result<std::optional<VersionRecord>> latest_version(int64_t script);
  /// Newest first.
  Result<std::vector<VersionRecord>> versions(int64_t script, int64_t limit, int64_t offset);
  Result<int64_t> count_versions(int64_t script);
  /// With the deployments in which it had a share: of one that counts, the caller takes care.
  Status delete_version(Change& change, const Script& script, const std::string& id);
  /// The one whose id begins with `prefix`; nullopt when there is none, or several.
  Result<std::optional<std::string>> version_with_prefix(int64_t script, const std::string& prefix);
  Status create_deployment(Change& change, const Script& script, DeploymentRecord& deployment);
  /// Newest first.
  Result<std::vector<DeploymentRecord>> deployments(int64_t script, int64_t limit);
  Result<std::optional<DeploymentRecord>> active_deployment(int64_t script);

  // routes.cc
  Result<std::vector<RouteRecord>> routes(const std::string& account);  // "" = all accounts
  Status save_route(Change& change, const RouteRecord& route);
  Status delete_route(Change& change, const std::string& account, const std::string& id);
  Result<std::vector<DomainRecord>> domains(const std::string& account);
  Status save_domain(Change& change, const DomainRecord& domain);
  Status delete_domain(Change& change, const std::string& account, const std::string& id);
  /// All that is live, and every Pages project, whose deployment has no id when nothing is: for the
  /// route table.
  struct LiveScript {
    Script script;
    int64_t account_number = 0;
    std::string subdomain;
    DeploymentRecord deployment;
  };
  Result<std::vector<LiveScript>> live_scripts();

  // kv_namespace_records.cc
  Result<std::vector<KvNamespaceRecord>> kv_namespaces(const std::string& account);
  Result<std::optional<KvNamespaceRecord>> find_kv_namespace(const std::string& account,
                                                             const std::string& id);
  Result<KvNamespaceRecord> create_kv_namespace(Change& change, const std::string& account,
                                                const std::string& title);
  Status rename_kv_namespace(Change& change, const KvNamespaceRecord& record);
  Status delete_kv_namespace(Change& change, const KvNamespaceRecord& record);

  // object_registry.cc
  Result<NamespaceRegistry> object_namespaces();
  Status save_object_namespaces(Change& change, const NamespaceRegistry& registry);

  // modules.cc
  /// Keeps `content`, durably; its hash.
  Result<std::string> put_module(std::string_view content);
  [[nodiscard]] std::string module_path(const std::string& hash) const;
  /// Removes module files that no version mentions. When nobody else has the store open.
  Status remove_unused_modules();

  /// Counts committed changes of anybody, other processes included.
  Result<int64_t> data_version();

 private:
  using Value = std::variant<std::nullptr_t, int64_t, std::string>;
  using RowCallback = std::function<Status(const store::Statement&)>;

  explicit PlatformStore(std::string directory) : directory_(std::move(directory)) {}
  Status prepare();
  Status each(std::string_view sql, const std::vector<Value>& values, const RowCallback& row);
  Status run(std::string_view sql, const std::vector<Value>& values);

  std::string directory_;
  store::Database database_;
};

/// The account that a platform begins with: made here, durably, when there is none.
Result<Account> first_account(PlatformStore& store);

}  // namespace selvage::deploy
