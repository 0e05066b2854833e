#include "cli/listen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace selvage::cli {
namespace {

using testing::HasSubstr;

TEST(ListenOn, there_is_a_socket_for_each_loop_and_address) {
  const auto sockets = listen_on("localhost", 0, 3);
  ASSERT_TRUE(sockets) << sockets.error().message;
  EXPECT_NE(sockets->port, 0);
  EXPECT_EQ(sockets->listeners.size() % 3, 0u);
  EXPECT_EQ(sockets->listeners.size(), sockets->descriptors.size());
  EXPECT_EQ(sockets->listeners[2].loop, 2);
  EXPECT_EQ(sockets->listeners[0].address, "127.0.0.1:" + std::to_string(sockets->port));
}

TEST(ListenOn, a_port_that_is_taken_is_refused_even_by_another_selvage) {
  const auto first = listen_on("127.0.0.1", 0, 2);
  ASSERT_TRUE(first);
  const auto second = listen_on("127.0.0.1", first->port, 2);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message,
              HasSubstr("port " + std::to_string(first->port) + " is taken"));
  EXPECT_THAT(second.error().remedy, HasSubstr("--port"));
  const auto everywhere = listen_on("0.0.0.0", first->port, 1);
  EXPECT_FALSE(everywhere);
}

TEST(ListenOn, an_address_that_is_none_is_refused) {
  const auto name = listen_on("example.com", 0, 1);
  ASSERT_FALSE(name);
  EXPECT_THAT(name.error().remedy, HasSubstr("localhost"));
  const auto foreign = listen_on("192.0.2.1", 0, 1);
  ASSERT_FALSE(foreign);
  EXPECT_THAT(foreign.error().message, HasSubstr("no address of this machine"));
}

}  // namespace
}  // namespace selvage::cli
