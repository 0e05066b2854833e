#include "net/address.h"

#include <gtest/gtest.h>

#include "net/address_policy.h"

namespace selvage::net {
namespace {

TEST(AddressTest, WritesWhatItReadsInCanonicalForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"127.0.0.1", "127.0.0.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"[::1]", "::1"},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
  };
  for (const auto& [text, canonical] : cases) {
    const auto address = Address::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), canonical);
  }
}

TEST(AddressTest, RefusesEverythingThatIsNotOneAddress) {
  for (const char* text : {"", "localhost", "127.1", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01",
                           "1.2.3.4.5", "256.1.1.1", "[127.0.0.1]", "::1]", "[::1", "fe80::1%lo",
                           "1::2::3", " 127.0.0.1", "127.0.0.1:80"}) {
    EXPECT_FALSE(Address::parse(text)) << text;
  }
  EXPECT_FALSE(Address::parse(std::string_view("127.0.0.1\0.com", 14)));
}

TEST(AddressTest, SurvivesTheWayThroughASocketAddress) {
  for (const char* text : {"192.0.2.7", "2001:db8::7"}) {
    const Address address = *Address::parse(text);
    const sockaddr_storage storage = address.with_port(8080);
    EXPECT_EQ(Address::from(reinterpret_cast<const sockaddr&>(storage)), address);
  }
  EXPECT_EQ(to_string(*Address::parse("::1"), 80), "[::1]:80");
  EXPECT_EQ(to_string(*Address::parse("127.0.0.1"), 80), "127.0.0.1:80");
}

struct PolicyCase {
  const char* text;
  AddressKind kind;
};

// First and last address of each block, and their neighbours outside it.
constexpr PolicyCase kPolicyCases[] = {
    {"0.0.0.0", AddressKind::unspecified},
    {"0.255.255.255", AddressKind::unspecified},
    {"1.0.0.0", AddressKind::global},
    {"9.255.255.255", AddressKind::global},
    {"10.0.0.0", AddressKind::private_use},
    {"10.255.255.255", AddressKind::private_use},
    {"11.0.0.0", AddressKind::global},
    {"100.63.255.255", AddressKind::global},
    {"100.64.0.0", AddressKind::shared},
    {"100.127.255.255", AddressKind::shared},
    {"100.128.0.0", AddressKind::global},
    {"126.255.255.255", AddressKind::global},
    {"127.0.0.0", AddressKind::loopback},
    {"127.255.255.255", AddressKind::loopback},
    {"128.0.0.0", AddressKind::global},
    {"169.253.255.255", AddressKind::global},
    {"169.254.169.254", AddressKind::link_local},
    {"169.255.0.0", AddressKind::global},
    {"172.15.255.255", AddressKind::global},
    {"172.16.0.0", AddressKind::private_use},
    {"172.31.255.255", AddressKind::private_use},
    {"172.32.0.0", AddressKind::global},
    {"192.0.0.8", AddressKind::reserved},
    {"192.0.1.0", AddressKind::global},
    {"192.0.2.255", AddressKind::documentation},
    {"192.88.99.1", AddressKind::reserved},
    {"192.167.255.255", AddressKind::global},
    {"192.168.0.0", AddressKind::private_use},
    {"192.168.255.255", AddressKind::private_use},
    {"192.169.0.0", AddressKind::global},
    {"198.17.255.255", AddressKind::global},
    {"198.18.0.0", AddressKind::benchmarking},
    {"198.19.255.255", AddressKind::benchmarking},
    {"198.20.0.0", AddressKind::global},
    {"198.51.100.1", AddressKind::documentation},
    {"203.0.113.1", AddressKind::documentation},
    {"223.255.255.255", AddressKind::global},
    {"224.0.0.0", AddressKind::multicast},
    {"239.255.255.255", AddressKind::multicast},
    {"240.0.0.0", AddressKind::reserved},
    {"255.255.255.254", AddressKind::reserved},
    {"255.255.255.255", AddressKind::broadcast},
    {"8.8.8.8", AddressKind::global},

    {"::", AddressKind::unspecified},
    {"::1", AddressKind::loopback},
    {"::2", AddressKind::reserved},
    {"::127.0.0.1", AddressKind::reserved},  // IPv4-compatible, deprecated
    {"::8.8.8.8", AddressKind::reserved},
    {"100::1", AddressKind::reserved},  // discard only
    {"2000::1", AddressKind::global},
    {"2001::1", AddressKind::reserved},  // Teredo
    {"2001:0:0a00:0001::1", AddressKind::reserved},
    {"2001:2::1", AddressKind::benchmarking},
    {"2001:10::1", AddressKind::reserved},
    {"2001:1ff:ffff::1", AddressKind::reserved},
    {"2001:200::1", AddressKind::global},
    {"2001:db8::1", AddressKind::documentation},
    {"2001:db9::1", AddressKind::global},
    {"2606:4700:4700::1111", AddressKind::global},
    {"3fff:fff::1", AddressKind::documentation},
    {"3fff:1000::1", AddressKind::global},
    {"4000::1", AddressKind::reserved},
    {"5f00::1", AddressKind::reserved},
    {"fbff::1", AddressKind::reserved},
    {"fc00::1", AddressKind::private_use},
    {"fd00:ec2::254", AddressKind::private_use},
    {"fe80::1", AddressKind::link_local},
    {"febf::1", AddressKind::link_local},
    {"fec0::1", AddressKind::private_use},
    {"ff02::1", AddressKind::multicast},

    // The IPv4 address inside decides.
    {"::ffff:127.0.0.1", AddressKind::loopback},
    {"::ffff:10.1.2.3", AddressKind::private_use},
    {"::ffff:169.254.169.254", AddressKind::link_local},
    {"::ffff:8.8.8.8", AddressKind::global},
    {"64:ff9b::127.0.0.1", AddressKind::loopback},
    {"64:ff9b::192.168.1.1", AddressKind::private_use},
    {"64:ff9b::8.8.8.8", AddressKind::global},
    {"64:ff9b:1::8.8.8.8", AddressKind::reserved},  // local-use NAT64, RFC 8215
    {"2002:7f00:1::", AddressKind::loopback},
    {"2002:c0a8:101::1", AddressKind::private_use},
    {"2002:808:808::1", AddressKind::global},
};

TEST(AddressPolicyTest, PutsEveryAddressInItsBlock) {
  for (const PolicyCase& expected : kPolicyCases) {
    const auto address = Address::parse(expected.text);
    ASSERT_TRUE(address) << expected.text;
    EXPECT_EQ(describe(classify(*address)), describe(expected.kind)) << expected.text;
    EXPECT_EQ(is_public(*address), expected.kind == AddressKind::global) << expected.text;
  }
}

}  // namespace
}  // namespace selvage::net
