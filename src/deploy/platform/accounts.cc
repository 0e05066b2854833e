// Accounts and API tokens. Of a token only the SHA-256 is kept: it has 256 random bits, so there is
// nothing to guess and nothing to stretch.
#include "base/wall_clock.h"
#include "deploy/platform/platform_store.h"
#include "deploy/platform/seal.h"

namespace selvage::deploy {
namespace {

constexpr const char* kAccountColumns =
    "SELECT number, id, name, ifnull(subdomain, ''), created_on FROM accounts ";

Account account_of(const store::Statement& row) {
  return {row.integer(0), std::string(row.bytes(1)), std::string(row.bytes(2)),
          std::string(row.bytes(3)), std::string(row.bytes(4))};
}

ApiToken token_of(const store::Statement& row) {
  return {std::string(row.bytes(0)), std::string(row.bytes(1)), std::string(row.bytes(2)),
          row.integer(3) != 0, std::string(row.bytes(4))};
}

}  // namespace

Result<Account> PlatformStore::create_account(Change& change, const std::string& name,
                                              const std::string& subdomain) {
  const std::string id = random_id();
  if (change.actor_.account.empty()) change.actor_.account = id;
  SELVAGE_CHECK_STATUS(run(
      "INSERT INTO accounts(id, name, subdomain, created_on) VALUES(?1, ?2, nullif(?3, ''), ?4)",
      {id, name, subdomain, iso_time_now()}));
  SELVAGE_CHECK_STATUS(note(change, "account.create", id, {{"name", name}}));
  SELVAGE_TRY(std::optional<Account> made, find_account(id));
  return *made;
}

Result<std::vector<Account>> PlatformStore::accounts() {
  std::vector<Account> found;
  SELVAGE_CHECK_STATUS(each(std::string(kAccountColumns) + "ORDER BY number", {},
                            [&](const store::Statement& row) -> Status {
                              found.push_back(account_of(row));
                              return {};
                            }));
  return found;
}

Result<std::optional<Account>> PlatformStore::find_account(const std::string& id) {
  std::optional<Account> found;
  SELVAGE_CHECK_STATUS(each(std::string(kAccountColumns) + "WHERE id = ?1", {id},
                            [&](const store::Statement& row) -> Status {
                              found = account_of(row);
                              return {};
                            }));
  return found;
}

Status PlatformStore::set_subdomain(Change& change, const std::string& account,
                                    const std::string& subdomain) {
  SELVAGE_CHECK_STATUS(
      run("UPDATE accounts SET subdomain = ?2 WHERE id = ?1", {account, subdomain}));
  return note(change, "account.subdomain", account, {{"subdomain", subdomain}});
}

Result<bool> PlatformStore::subdomain_taken(const std::string& subdomain) {
  bool taken = false;
  SELVAGE_CHECK_STATUS(
      each("SELECT 1 FROM accounts WHERE subdomain = ?1 UNION ALL "
           "SELECT 1 FROM scripts s JOIN accounts a ON a.id = s.account "
           "WHERE a.number = 1 AND s.name = ?1 AND json_type(s.settings, '$.pages') "
           "IS NOT NULL",
           {subdomain}, [&](const store::Statement&) -> Status {
             taken = true;
             return {};
           }));
  return taken;
}

Result<PlatformStore::NewToken> PlatformStore::create_token(Change& change,
                                                            const std::string& account,
                                                            const std::string& name, bool write) {
  NewToken made{{random_id(), account, name, write, iso_time_now()},
                "slv_" + to_hex(random_bytes(32))};
  SELVAGE_CHECK_STATUS(run("INSERT INTO tokens VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                           {made.token.id, account, name, sha256_hex(made.secret), int64_t{write},
                            made.token.created_on}));
  SELVAGE_CHECK_STATUS(note(change, "token.create", made.token.id,
                            {{"name", name}, {"scope", write ? "write" : "read"}}));
  return made;
}

Result<std::optional<ApiToken>> PlatformStore::find_token(std::string_view secret) {
  const std::string hash = sha256_hex(secret);
  std::optional<ApiToken> found;
  // The index compares hashes, of which a stranger knows nothing; the whole is compared again, in
  // constant time.
  SELVAGE_CHECK_STATUS(
      each("SELECT id, account, name, write, created_on, hash FROM tokens "
           "LEFT JOIN logins ON token = id WHERE hash = ?1 AND (expires IS NULL OR expires > ?2)",
           {hash, wall_clock_seconds()}, [&](const store::Statement& row) -> Status {
             if (equal_in_constant_time(row.bytes(5), hash)) found = token_of(row);
             return {};
           }));
  return found;
}

Result<std::vector<ApiToken>> PlatformStore::tokens(const std::string& account) {
  std::vector<ApiToken> found;
  SELVAGE_CHECK_STATUS(
      each("SELECT id, account, name, write, created_on FROM tokens "
           "WHERE ?1 = '' OR account = ?1 ORDER BY created_on, rowid",
           {account}, [&](const store::Statement& row) -> Status {
             found.push_back(token_of(row));
             return {};
           }));
  return found;
}

Result<bool> PlatformStore::revoke_token(Change& change, const std::string& id) {
  SELVAGE_CHECK_STATUS(
      run("DELETE FROM tokens WHERE id IN (SELECT token FROM logins WHERE parent = ?1)", {id}));
  SELVAGE_CHECK_STATUS(run("DELETE FROM tokens WHERE id = ?1", {id}));
  if (database_.changes() == 0) return false;
  SELVAGE_CHECK_STATUS(run("DELETE FROM logins WHERE token = ?1 OR parent = ?1", {id}));
  SELVAGE_CHECK_STATUS(note(change, "token.revoke", id));
  return true;
}

Result<Account> first_account(PlatformStore& store) {
  constexpr const char* kName = "main";
  SELVAGE_TRY(auto change, store.begin(command_line_actor()));  // nobody else makes one meanwhile
  SELVAGE_TRY(const std::vector<Account> all, store.accounts());
  if (!all.empty()) return all.front();
  SELVAGE_TRY(Account made, store.create_account(change, kName, kName));
  SELVAGE_CHECK_STATUS(change.commit());
  return made;
}

}  // namespace selvage::deploy
