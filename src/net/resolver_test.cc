#include "net/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace selvage::net {
namespace {

using testing::HasSubstr;

class ResolverTest : public testing::Test {
 protected:
  using Answer = Result<Resolver::Addresses>;

  Answer ask(Resolver& resolver, const std::string& host) {
    std::optional<Answer> answer;
    const auto lookup = resolver.resolve(host, [&](Answer given) { answer = std::move(given); });
    EXPECT_FALSE(answer) << "the callback came from within resolve()";
    EXPECT_TRUE(loop_.run_until([&] { return answer.has_value(); }));
    return std::move(*answer);
  }

  static Resolver::Addresses addresses(std::initializer_list<const char*> texts) {
    Resolver::Addresses list;
    for (const char* text : texts) list.push_back(*Address::parse(text));
    return list;
  }

  loop::Loop loop_{0};
};

TEST_F(ResolverTest, TakesAddressesAsTheyAre) {
  Resolver resolver(loop_);
  EXPECT_EQ(*ask(resolver, "192.0.2.1"), addresses({"192.0.2.1"}));
  EXPECT_EQ(*ask(resolver, "[2001:db8::1]"), addresses({"2001:db8::1"}));
  EXPECT_EQ(*ask(resolver, "::1"), addresses({"::1"}));
}

TEST_F(ResolverTest, NeverAsksForLocalhost) {
  Resolver resolver(loop_);
  for (const char* name :
       {"localhost", "LocalHost", "localhost.", "worker.localhost", "a.b.localhost"}) {
    EXPECT_EQ(*ask(resolver, name), addresses({"127.0.0.1", "::1"})) << name;
  }
}

TEST_F(ResolverTest, AsksTheSystemForTheRest) {
  Resolver resolver(loop_);
  // The system's resolver takes shorthand that is not an address here, and needs no network for it.
  EXPECT_EQ(*ask(resolver, "127.1"), addresses({"127.0.0.1"}));
  EXPECT_EQ(*ask(resolver, "127.1"), addresses({"127.0.0.1"}));  // kept
}

TEST_F(ResolverTest, RefusesWhatIsNoName) {
  Resolver resolver(loop_);
  for (const std::string& name : {std::string(), std::string(255, 'a'), std::string("a\0b", 3)}) {
    const Answer answer = ask(resolver, name);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("is not a host name"));
  }
}

TEST_F(ResolverTest, AnswersEveryQuestionForOneName) {
  Resolver resolver(loop_);
  std::vector<int> order;
  const auto one = resolver.resolve("127.1", [&](const Answer&) { order.push_back(1); });
  auto two = resolver.resolve("127.1", [&](const Answer&) { order.push_back(2); });
  const auto three = resolver.resolve("127.1", [&](const Answer&) { order.push_back(3); });
  two.reset();
  EXPECT_TRUE(loop_.run_until([&] { return order.size() == 2; }));
  EXPECT_THAT(order, testing::ElementsAre(1, 3));
}

TEST_F(ResolverTest, MayGoWhileAQuestionIsOpen) {
  bool called = false;
  {
    Resolver resolver(loop_);
    const auto asked = resolver.resolve("127.1", [&](const Answer&) { called = true; });
    const auto known = resolver.resolve("127.0.0.1", [&](const Answer&) { called = true; });
  }
  loop_.run_until_idle();
  EXPECT_FALSE(called);
}

TEST_F(ResolverTest, MayGoFromWithinAnAnswer) {
  auto resolver = std::make_unique<Resolver>(loop_);
  std::unique_ptr<Resolver::Lookup> one;
  std::unique_ptr<Resolver::Lookup> two;
  int answers = 0;
  const auto answer = [&](const Answer&) {
    ++answers;
    one.reset();
    two.reset();
    resolver.reset();
  };
  one = resolver->resolve("127.1", answer);
  two = resolver->resolve("127.1", answer);
  EXPECT_TRUE(loop_.run_until([&] { return resolver == nullptr; }));
  EXPECT_EQ(answers, 1);
}

}  // namespace
}  // namespace selvage::net
