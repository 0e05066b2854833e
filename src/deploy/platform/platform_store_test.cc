#include "deploy/platform/platform_store.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "deploy/platform/version_document.h"

namespace selvage::deploy {
namespace {

class PlatformStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "platform_store_" + random_id();
    store_ = PlatformStore::open(directory_).value();
    auto change = store_->begin({}).value();
    account_ = store_->create_account(change, "First", "first").value();
    script_ = store_->create_script(change, account_.id, "demo").value();
    ASSERT_TRUE(change.commit());
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  Actor actor() const { return {account_.id, "test", true}; }

  std::string directory_;
  std::unique_ptr<PlatformStore> store_;
  Account account_;
  Script script_;
};

TEST_F(PlatformStoreTest, ChangesThatAreNotCommittedDidNotHappen) {
  {
    auto change = store_->begin(actor()).value();
    ASSERT_TRUE(store_->create_script(change, account_.id, "other"));
  }
  EXPECT_FALSE(store_->find_script(account_.id, "other").value());
  EXPECT_TRUE(PlatformStore::open(directory_).value()->find_script(account_.id, "demo").value());
}

TEST_F(PlatformStoreTest, TokensAreFoundByTheirSecretUntilTheyAreRevoked) {
  auto change = store_->begin(actor()).value();
  const auto made = store_->create_token(change, account_.id, "ci", true).value();
  ASSERT_TRUE(change.commit());
  EXPECT_EQ(store_->find_token(made.secret).value()->id, made.token.id);
  EXPECT_FALSE(store_->find_token("slv_wrong").value());
  EXPECT_FALSE(store_->find_token("").value());
  auto revoking = store_->begin(actor()).value();
  EXPECT_TRUE(store_->revoke_token(revoking, made.token.id).value());
  EXPECT_FALSE(store_->revoke_token(revoking, made.token.id).value());
  ASSERT_TRUE(revoking.commit());
  EXPECT_FALSE(store_->find_token(made.secret).value());
}

TEST_F(PlatformStoreTest, ALoginIsRenewedOnceAndGoesWithTheTokenThatLetItIn) {
  auto change = store_->begin(actor()).value();
  const auto owner = store_->create_token(change, account_.id, "laptop", false).value().token;
  const auto login = store_->create_login(change, owner, "wrangler").value();
  EXPECT_EQ(store_->find_token(login.secret).value()->account, account_.id);
  EXPECT_FALSE(store_->find_token(login.secret).value()->write) << "no more than its owner may";
  EXPECT_FALSE(store_->find_token(login.renewal).value()) << "it only renews";

  const auto renewed = store_->renew_login(change, login.renewal).value();
  ASSERT_TRUE(renewed);
  EXPECT_FALSE(store_->find_token(login.secret).value());
  EXPECT_TRUE(store_->find_token(renewed->secret).value());
  EXPECT_FALSE(store_->renew_login(change, login.renewal).value());
  EXPECT_FALSE(store_->renew_login(change, "").value());

  const auto other = store_->create_login(change, owner, "selvage").value();
  EXPECT_TRUE(store_->end_login(change, other.renewal).value());
  EXPECT_FALSE(store_->end_login(change, other.renewal).value());
  EXPECT_FALSE(store_->find_token(other.secret).value());

  EXPECT_TRUE(store_->revoke_token(change, owner.id).value());
  EXPECT_FALSE(store_->find_token(renewed->secret).value());
  EXPECT_FALSE(store_->renew_login(change, renewed->renewal).value());
}

TEST_F(PlatformStoreTest, TheFirstAccountIsMadeOnce) {
  EXPECT_EQ(first_account(*store_).value().id, account_.id);
  const std::string empty = directory_ + "/empty";
  const auto one = PlatformStore::open(empty).value();
  const auto other = PlatformStore::open(empty).value();
  const Account made = first_account(*one).value();
  EXPECT_EQ(made.number, 1);
  EXPECT_EQ(first_account(*other).value().id, made.id);
  EXPECT_EQ(other->accounts().value().size(), 1U);
}

TEST_F(PlatformStoreTest, VersionsCountUpAndTheNewestDeploymentCounts) {
  auto change = store_->begin(actor()).value();
  const auto first = store_->create_version(change, script_, {{"main_module", "a.js"}}).value();
  const auto second = store_->create_version(change, script_, {{"main_module", "b.js"}}).value();
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(second.number, 2);
  DeploymentRecord one{.source = "api", .versions = {{first.id, 100}}};
  DeploymentRecord two{.source = "api", .versions = {{first.id, 10}, {second.id, 90}}};
  ASSERT_TRUE(store_->create_deployment(change, script_, one));
  ASSERT_TRUE(store_->create_deployment(change, script_, two));
  ASSERT_TRUE(change.commit());
  EXPECT_EQ(store_->active_deployment(script_.number).value()->id, two.id);
  EXPECT_EQ(store_->latest_version(script_.number).value()->document["main_module"], "b.js");
  EXPECT_EQ(store_->deployments(script_.number, 10).value().size(), 2u);
  EXPECT_EQ(store_->version_with_prefix(script_.number, first.id.substr(0, 8)).value(), first.id);
  EXPECT_FALSE(store_->version_with_prefix(script_.number, "").value());
  const auto live = store_->live_scripts().value();
  ASSERT_EQ(live.size(), 1u);
  EXPECT_EQ(live[0].deployment.versions, two.versions);
}

TEST_F(PlatformStoreTest, ModulesStayWhileAVersionMentionsThem) {
  const std::string used = store_->put_module("export default 1").value();
  const std::string unused = store_->put_module("export default 2").value();
  EXPECT_EQ(store_->put_module("export default 1").value(), used);
  auto change = store_->begin(actor()).value();
  ASSERT_TRUE(
      store_->create_version(change, script_, {{"modules", {{{"name", "a.js"}, {"hash", used}}}}}));
  ASSERT_TRUE(change.commit());
  ASSERT_TRUE(store_->remove_unused_modules());
  EXPECT_TRUE(std::filesystem::exists(store_->module_path(used)));
  EXPECT_FALSE(std::filesystem::exists(store_->module_path(unused)));
  auto deleting = store_->begin(actor()).value();
  ASSERT_TRUE(store_->delete_script(deleting, script_));
  ASSERT_TRUE(deleting.commit());
  ASSERT_TRUE(store_->remove_unused_modules());
  EXPECT_FALSE(std::filesystem::exists(store_->module_path(used)));
}

TEST_F(PlatformStoreTest, EveryChangeIsInTheAuditLog) {
  const auto log = store_->audit_log(account_.id, 10).value();
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].action, "script.create");
  EXPECT_EQ(log[0].subject, "demo");
}

TEST_F(PlatformStoreTest, ADocumentBecomesWhatTheEngineRuns) {
  const SecretBox box("key");
  const nlohmann::json document = {
      {"main_module", "index.js"},
      {"modules", {{{"name", "index.js"}, {"type", "esm"}, {"hash", "h"}}}},
      {"bindings",
       {{{"type", "secret_text"},
         {"name", "K"},
         {"sealed", box.seal("v", secret_context(account_.id, "demo", "K"))}},
        {{"type", "service"}, {"name", "S"}, {"service", "other"}}}},
      {"limits", {{"cpu_ms", 100}}}};
  const std::string id = "some-id";
  const std::string name = "demo";
  Account second = account_;
  second.number = 2;
  const VersionFiles files{.module_path = [](const std::string& hash) { return "/m/" + hash; },
                           .asset_list_path = [](const std::string& id) { return "/lists/" + id; },
                           .asset_directory = "/blobs"};
  const auto version = worker_version_of(document, {second, name, id, ""}, box, files).value();
  EXPECT_EQ(version.name, "demo.2");
  EXPECT_EQ(version.modules[0].path, "/m/h");
  EXPECT_EQ(version.bindings[0].value, "v");
  EXPECT_EQ(version.bindings[1].script, "other.2");
  EXPECT_EQ(version.limits.cpu_ms, 100u);
  EXPECT_EQ(visible_bindings(document).dump().find("sealed"), std::string::npos);
  const std::string other = "another";
  EXPECT_FALSE(worker_version_of(document, {second, other, id, ""}, box, files));
}

}  // namespace
}  // namespace selvage::deploy
