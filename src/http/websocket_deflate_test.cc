#include "http/websocket_deflate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace selvage::http {
namespace {

using Outcome = MessageInflater::Outcome;

std::string offer(std::string_view value) {
  return "Host: h\r\nSec-WebSocket-Extensions: " + std::string(value) + "\r\nX: y\r\n";
}

TEST(DeflateOfferTest, IsAcceptedWithoutContextTakeover) {
  // As browsers write it.
  const auto agreement = accept_deflate_offer(offer("permessage-deflate; client_max_window_bits"));
  ASSERT_TRUE(agreement);
  EXPECT_EQ(agreement->window_bits, 15);
  EXPECT_FALSE(agreement->peer_takes_over);
  EXPECT_EQ(deflate_answer(*agreement),
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover");
}

TEST(DeflateOfferTest, LimitsTheWindowWhenAsked) {
  const auto agreement =
      accept_deflate_offer(offer("Permessage-Deflate;server_max_window_bits=\"10\" ; "
                                 "server_no_context_takeover;client_no_context_takeover"));
  ASSERT_TRUE(agreement);
  EXPECT_EQ(agreement->window_bits, 10);
  EXPECT_THAT(deflate_answer(*agreement), ::testing::EndsWith("; server_max_window_bits=10"));
}

TEST(DeflateOfferTest, TheFirstThatWillDoIsTaken) {
  const auto agreement = accept_deflate_offer(
      offer("x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=8,\t"
            "permessage-deflate; server_max_window_bits=9, permessage-deflate"));
  ASSERT_TRUE(agreement);
  EXPECT_EQ(agreement->window_bits, 9);
}

TEST(DeflateOfferTest, IsDeclinedWhenItMakesNoSense) {
  for (const char* value :
       {"", "other", "permessage-deflate; what", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover"}) {
    EXPECT_FALSE(accept_deflate_offer(offer(value))) << value;
  }
  EXPECT_FALSE(accept_deflate_offer("Host: h\r\n"));
}

TEST(DeflateAnswerTest, SaysWhetherTheServerTakesContextsOver) {
  EXPECT_FALSE(read_deflate_answer("Upgrade: websocket\r\n")->has_value());
  const auto plain = read_deflate_answer(offer("permessage-deflate"));
  ASSERT_TRUE(plain && *plain);
  EXPECT_TRUE((*plain)->peer_takes_over);
  const auto asked = read_deflate_answer(
      offer("permessage-deflate; server_no_context_takeover; server_max_window_bits=12"));
  ASSERT_TRUE(asked && *asked);
  EXPECT_FALSE((*asked)->peer_takes_over);
}

TEST(DeflateAnswerTest, MustAnswerTheOffer) {
  for (const char* value : {"x", "permessage-deflate, permessage-deflate",
                            "permessage-deflate; client_max_window_bits=10"}) {
    EXPECT_FALSE(read_deflate_answer(offer(value))) << value;
  }
}

TEST(MessageDeflateTest, WhatIsCompressedIsDecompressed) {
  MessageDeflater deflater;
  MessageInflater inflater(false);
  for (const int window_bits : {15, 9, 15}) {
    for (const size_t size : {100, 5'000, 300'000}) {
      std::string message;
      while (message.size() < size) message += "line " + std::to_string(message.size() * 7) + "\n";
      const auto compressed = deflater.compress(message, window_bits);
      ASSERT_TRUE(compressed);
      EXPECT_LT(compressed->size(), message.size());
      ASSERT_EQ(inflater.decompress(*compressed, message.size()), Outcome::whole);
      EXPECT_TRUE(inflater.message() == message);
    }
  }
}

TEST(MessageDeflateTest, WhatDoesNotShrinkIsLeftAlone) {
  MessageDeflater deflater;
  EXPECT_FALSE(deflater.compress("", 15));
  EXPECT_FALSE(deflater.compress("abc", 15));
  std::string noise;
  uint32_t state = 1;
  for (int i = 0; i < 5'000; ++i) noise += static_cast<char>((state = state * 1'664'525 + 1) >> 24);
  EXPECT_FALSE(deflater.compress(noise, 15));
}

TEST(MessageDeflateTest, ABombIsStoppedAtTheLimit) {
  MessageDeflater deflater;
  const std::string bomb(10'000'000, '\0');
  const std::string compressed(*deflater.compress(bomb, 15));
  EXPECT_LT(compressed.size(), 50'000U);
  MessageInflater inflater(false);
  EXPECT_EQ(inflater.decompress(compressed, bomb.size() - 1), Outcome::too_large);
  EXPECT_EQ(inflater.decompress(compressed, 0), Outcome::too_large);
  EXPECT_EQ(inflater.decompress(compressed, bomb.size()), Outcome::whole);
  EXPECT_EQ(inflater.message().size(), bomb.size());
}

TEST(MessageDeflateTest, NonsenseIsCorrupt) {
  MessageInflater inflater(false);
  EXPECT_EQ(inflater.decompress("\xff\xff\xff\xff", 100), Outcome::corrupt);
  EXPECT_EQ(inflater.decompress("", 100), Outcome::whole);
  EXPECT_EQ(inflater.message(), "");
}

// Section 7.2.3.2: the same message twice, the second refers to the first.
TEST(MessageDeflateTest, TheExamplesOfTheSpecification) {
  const std::string first("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  const std::string second("\xf2\x00\x11\x00\x00", 5);
  MessageInflater takes_over(true);
  for (const std::string& payload : {first, second}) {
    ASSERT_EQ(takes_over.decompress(payload, 100), Outcome::whole);
    EXPECT_EQ(takes_over.message(), "Hello");
  }
  MessageInflater forgets(false);
  ASSERT_EQ(forgets.decompress(first, 100), Outcome::whole);
  EXPECT_EQ(forgets.decompress(second, 100), Outcome::corrupt);
  // Section 7.2.3.3 and 7.2.3.4: no compression, and a last block.
  ASSERT_EQ(
      forgets.decompress(std::string("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11), 100),
      Outcome::whole);
  EXPECT_EQ(forgets.message(), "Hello");
  ASSERT_EQ(forgets.decompress(std::string("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8), 100),
            Outcome::whole);
  EXPECT_EQ(forgets.message(), "Hello");
}

}  // namespace
}  // namespace selvage::http
