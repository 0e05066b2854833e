#include "deploy/object_namespaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "deploy/namespace_file.h"

namespace selvage::deploy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

WorkerVersion worker(std::string name, std::vector<Migration> migrations,
                     std::vector<std::string> bound = {}) {
  WorkerVersion version;
  version.name = std::move(name);
  version.migrations = std::move(migrations);
  for (std::string& each : bound) {
    version.bindings.push_back(
        {.type = BindingType::durable_object, .name = "BINDING", .class_name = std::move(each)});
  }
  return version;
}

class Namespaces : public testing::Test {
 protected:
  Status run(const std::vector<WorkerVersion>& versions) {
    auto planned = plan_namespaces(
        registry_, versions, [&](const std::string& id) { return stored_.contains(id); }, refused_);
    if (!planned) return fail(planned.error());
    registry_ = std::move(*planned);
    return {};
  }
  void run_well(const std::vector<WorkerVersion>& versions) {
    const Status status = run(versions);
    ASSERT_TRUE(status) << status.error().describe();
  }
  std::string error(const std::vector<WorkerVersion>& versions) {
    const NamespaceRegistry before = registry_;
    const Status status = run(versions);
    EXPECT_EQ(registry_, before);
    return status ? "" : status.error().describe();
  }
  std::string id(const std::string& name, const std::string& class_name) {
    const ObjectNamespace* known = registry_.find(name, class_name);
    return known == nullptr ? "" : known->id;
  }

  NamespaceRegistry registry_;
  std::set<std::string> stored_;
  std::string refused_;
};

TEST_F(Namespaces, a_class_that_is_only_bound_needs_no_migration) {
  run_well({worker("shop", {}, {"Cart"})});
  EXPECT_EQ(id("shop", "Cart"), "shop-Cart");
  const NamespaceRegistry before = registry_;
  run_well({worker("shop", {}, {"Cart"})});
  EXPECT_EQ(registry_, before);
}

TEST_F(Namespaces, a_renamed_class_keeps_its_id_and_a_new_one_of_the_old_name_gets_another) {
  const Migration first{.tag = "v1", .new_sqlite_classes = {"Cart"}};
  run_well({worker("shop", {first}, {"Cart"})});
  Migration second{.tag = "v2", .renamed_classes = {{"Cart", "Basket"}}};
  second.new_classes = {"Cart"};
  run_well({worker("shop", {first, second}, {"Basket", "Cart"})});
  EXPECT_EQ(id("shop", "Basket"), "shop-Cart");
  EXPECT_EQ(id("shop", "Cart"), "shop-Cart-2");
  EXPECT_FALSE(registry_.find("shop", "Cart")->sqlite);
}

TEST_F(Namespaces, each_tag_is_applied_once) {
  const Migration first{.tag = "v1", .new_sqlite_classes = {"A"}};
  const Migration second{.tag = "v2", .renamed_classes = {{"A", "B"}}};
  run_well({worker("w", {first, second})});
  const NamespaceRegistry once = registry_;
  run_well({worker("w", {first, second})});
  EXPECT_EQ(registry_, once);
  run_well({worker("w", {second})});  // an old one may leave the configuration
  EXPECT_EQ(registry_, once);
}

TEST_F(Namespaces, a_whole_history_is_applied_to_a_new_folder) {
  run_well({worker("w",
                   {{.tag = "v1", .new_sqlite_classes = {"A", "C"}},
                    {.tag = "v2", .renamed_classes = {{"A", "B"}}},
                    {.tag = "v3", .deleted_classes = {"C"}}},
                   {"B"})});
  EXPECT_EQ(id("w", "B"), "w-A");
  EXPECT_THAT(registry_.retired, ElementsAre(NamespaceRegistry::Retired{"w-C", false}));
  EXPECT_THAT(registry_.applied["w"], ElementsAre("v1", "v2", "v3"));
}

TEST_F(Namespaces, a_deleted_class_never_gets_its_id_back) {
  run_well({worker("w",
                   {{.tag = "v1", .new_sqlite_classes = {"A"}},
                    {.tag = "v2", .deleted_classes = {"A"}},
                    {.tag = "v3", .new_sqlite_classes = {"A"}}},
                   {"A"})});
  EXPECT_EQ(id("w", "A"), "w-A-2");
}

TEST_F(Namespaces, two_classes_can_swap_their_names) {
  run_well({worker("w", {{.tag = "v1", .new_sqlite_classes = {"A", "B"}},
                         {.tag = "v2", .renamed_classes = {{"A", "B"}, {"B", "A"}}}})});
  EXPECT_EQ(id("w", "A"), "w-B");
  EXPECT_EQ(id("w", "B"), "w-A");
}

TEST_F(Namespaces, a_transferred_class_takes_its_objects_along) {
  const Migration made{.tag = "v1", .new_sqlite_classes = {"Room"}};
  const Migration taken{.tag = "t1", .transferred_classes = {{"Room", "old", "ChatRoom"}}};
  run_well({worker("new", {taken}, {"ChatRoom"}), worker("old", {made})});
  EXPECT_EQ(id("new", "ChatRoom"), "old-Room");
  EXPECT_EQ(id("old", "Room"), "");
}

TEST_F(Namespaces, objects_from_before_the_registry_are_found_by_their_class) {
  stored_.insert("w-A");
  run_well({worker("w", {{.tag = "v1", .renamed_classes = {{"A", "B"}}}}, {"B"})});
  EXPECT_EQ(id("w", "B"), "w-A");
}

TEST_F(Namespaces, a_bound_class_without_objects_gives_way_to_a_renamed_one) {
  run_well({worker("w", {}, {"A"})});
  stored_.insert("w-A");
  run_well({worker("w", {}, {"B"})});  // renamed in the code, the migration forgotten
  run_well({worker("w", {{.tag = "v1", .renamed_classes = {{"A", "B"}}}}, {"B"})});
  EXPECT_EQ(id("w", "B"), "w-A");
}

TEST_F(Namespaces, what_cannot_be_done_names_the_tag_and_the_remedy) {
  run_well({worker("w", {{.tag = "v1", .new_sqlite_classes = {"A"}}})});
  EXPECT_THAT(error({worker("w", {{.tag = "v2", .renamed_classes = {{"X", "Y"}}}})}),
              HasSubstr("migration \"v2\" renames X to Y: w has no class X. Its classes are A"));
  EXPECT_EQ(refused_, "w");
  EXPECT_THAT(error({worker("w", {{.tag = "v2", .deleted_classes = {"X"}}})}),
              HasSubstr("migration \"v2\" deletes X: w has no class X"));
  EXPECT_THAT(error({worker("w", {{.tag = "v2", .new_classes = {"A"}}})}),
              HasSubstr("migration \"v2\" makes the class A, which w already has"));
  EXPECT_THAT(error({worker("w", {{.tag = "v2", .transferred_classes = {{"R", "other", "R"}}}})}),
              HasSubstr("transfers R from other: other has no class R"));
  EXPECT_THAT(error({worker("w", {{.tag = "v2", .deleted_classes = {"A"}}}, {"A"})}),
              HasSubstr("the binding BINDING names the class A, which migration \"v2\" deleted. "
                        "Remove the binding"));
  EXPECT_THAT(error({worker("w", {{.tag = "v2", .renamed_classes = {{"A", "B"}}}}, {"A"})}),
              HasSubstr("Bind B instead"));
  EXPECT_THAT(error({worker("w", {{.tag = "v0", .new_classes = {"Z"}}, {.tag = "v1"}})}),
              HasSubstr("migration \"v0\" stands before \"v1\", which has been applied"));
}

TEST_F(Namespaces, a_name_with_objects_does_not_give_way) {
  run_well({worker("w", {}, {"A", "B"})});
  stored_ = {"w-A", "w-B"};
  EXPECT_THAT(error({worker("w", {{.tag = "v1", .renamed_classes = {{"A", "B"}}}})}),
              HasSubstr("w already has a class B, which has objects"));
}

TEST_F(Namespaces, exports_declare_rename_and_delete) {
  using State = ClassExport::State;
  WorkerVersion version = worker("w", {});
  version.exports = {{.class_name = "A"}, {.class_name = "C", .sqlite = false}};
  run_well({version});
  EXPECT_FALSE(registry_.find("w", "C")->sqlite);
  version.exports = {{.class_name = "A", .state = State::renamed, .target = "B"},
                     {.class_name = "B"},
                     {.class_name = "C", .state = State::deleted}};
  run_well({version});
  EXPECT_EQ(id("w", "B"), "w-A");
  EXPECT_THAT(registry_.retired, ElementsAre(NamespaceRegistry::Retired{"w-C", false}));
  const NamespaceRegistry once = registry_;
  run_well({version});  // entries for what is over stay for a while
  EXPECT_EQ(registry_, once);
}

TEST_F(Namespaces, an_export_is_transferred_once_the_other_worker_expects_it) {
  using State = ClassExport::State;
  WorkerVersion from = worker("from", {});
  from.exports = {{.class_name = "Room"}};
  run_well({from});
  from.exports = {{.class_name = "Room", .state = State::transferred, .target = "to"}};
  EXPECT_THAT(error({from}), HasSubstr("to, which does not expect it as Room"));
  WorkerVersion to = worker("to", {});
  to.exports = {{.class_name = "Room", .state = State::expecting_transfer, .source = "from"}};
  run_well({from, to});
  EXPECT_EQ(id("to", "Room"), "from-Room");
  EXPECT_THAT(registry_.expecting, IsEmpty());
}

TEST_F(Namespaces, versions_learn_the_ids_of_their_own_classes_and_of_those_they_bind) {
  std::vector<WorkerVersion> versions{worker("a", {}, {"A"}), worker("b", {}, {"A"}),
                                      worker("c", {})};
  versions[1].bindings[0].script = "a";
  run_well(versions);
  resolve_namespaces(registry_, versions);
  EXPECT_THAT(versions[0].object_namespaces, ElementsAre(ObjectNamespaceId{"a", "A", "a-A"}));
  EXPECT_THAT(versions[1].object_namespaces, ElementsAre(ObjectNamespaceId{"a", "A", "a-A"}));
  EXPECT_THAT(versions[2].object_namespaces, IsEmpty());
}

TEST_F(Namespaces, the_registry_is_kept_in_a_file) {
  std::string pattern = testing::TempDir() + "namespaces-XXXXXX";
  const std::string directory = mkdtemp(pattern.data());
  const auto files = store::real_file_system();
  auto nothing = read_namespaces(*files, directory);
  ASSERT_TRUE(nothing);
  EXPECT_EQ(*nothing, NamespaceRegistry());
  WorkerVersion waits = worker("w", {{.tag = "v1", .new_sqlite_classes = {"A", "B"}},
                                     {.tag = "v2", .deleted_classes = {"B"}}});
  waits.exports = {
      {.class_name = "R", .state = ClassExport::State::expecting_transfer, .source = "other/Room"}};
  run_well({waits});
  ASSERT_TRUE(write_namespaces(*files, directory, registry_));
  auto read = read_namespaces(*files, directory);
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(*read, registry_);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace selvage::deploy
