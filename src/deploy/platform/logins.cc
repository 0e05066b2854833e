// Logins by OAuth: a token of the platform lets a program have tokens of its own, which end, and
// which the program renews. They reach what the first one reaches, and go when it goes.
#include "base/wall_clock.h"
#include "deploy/platform/platform_store.h"
#include "deploy/platform/seal.h"

namespace selvage::deploy {
namespace {

constexpr size_t kSecretBytes = 32;

}  // namespace

Result<PlatformStore::NewLogin> PlatformStore::create_login(Change& change, const ApiToken& by,
                                                            const std::string& program) {
  const int64_t now = wall_clock_seconds();
  SELVAGE_CHECK_STATUS(
      run("DELETE FROM tokens WHERE id IN (SELECT token FROM logins WHERE "
          "renewable_until <= ?1)",
          {now}));
  SELVAGE_CHECK_STATUS(run("DELETE FROM logins WHERE renewable_until <= ?1", {now}));
  SELVAGE_TRY(NewToken made, create_token(change, by.account, "login of " + program, by.write));
  NewLogin login{std::move(made.token), std::move(made.secret),
                 "slr_" + to_hex(random_bytes(kSecretBytes)), kLoginSeconds};
  SELVAGE_CHECK_STATUS(run("INSERT INTO logins VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                           {login.token.id, by.id, program, sha256_hex(login.renewal),
                            now + kLoginSeconds, now + kRenewalSeconds}));
  return login;
}

Result<std::optional<PlatformStore::NewLogin>> PlatformStore::renew_login(
    Change& change, std::string_view renewal) {
  std::string token;
  std::string parent;
  std::string program;
  SELVAGE_CHECK_STATUS(
      each("SELECT token, parent, program FROM logins WHERE renewal = ?1 AND renewable_until > ?2",
           {sha256_hex(renewal), wall_clock_seconds()}, [&](const store::Statement& row) -> Status {
             token = row.bytes(0);
             parent = row.bytes(1);
             program = row.bytes(2);
             return {};
           }));
  if (token.empty()) return std::optional<NewLogin>();
  SELVAGE_TRY(const std::vector<ApiToken> all, tokens(""));
  for (const ApiToken& by : all) {
    if (by.id != parent) continue;
    SELVAGE_CHECK_STATUS(revoke_token(change, token));
    SELVAGE_TRY(NewLogin login, create_login(change, by, program));
    return std::optional(std::move(login));
  }
  return std::optional<NewLogin>();
}

Result<bool> PlatformStore::end_login(Change& change, std::string_view renewal) {
  std::string token;
  SELVAGE_CHECK_STATUS(each("SELECT token FROM logins WHERE renewal = ?1", {sha256_hex(renewal)},
                            [&](const store::Statement& row) -> Status {
                              token = row.bytes(0);
                              return {};
                            }));
  if (token.empty()) return false;
  return revoke_token(change, token);
}

}  // namespace selvage::deploy
