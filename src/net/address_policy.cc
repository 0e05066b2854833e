#include "net/address_policy.h"

#include <algorithm>
#include <cstring>

namespace selvage::net {
namespace {

struct V4Block {
  Address::V4Bytes prefix;
  int bits;
  AddressKind kind;
};

constexpr V4Block kV4Blocks[] = {
    {{0, 0, 0, 0}, 8, AddressKind::unspecified},
    {{10, 0, 0, 0}, 8, AddressKind::private_use},
    {{100, 64, 0, 0}, 10, AddressKind::shared},
    {{127, 0, 0, 0}, 8, AddressKind::loopback},
    {{169, 254, 0, 0}, 16, AddressKind::link_local},
    {{172, 16, 0, 0}, 12, AddressKind::private_use},
    {{192, 0, 0, 0}, 24, AddressKind::reserved},  // IETF protocol assignments
    {{192, 0, 2, 0}, 24, AddressKind::documentation},
    {{192, 88, 99, 0}, 24, AddressKind::reserved},  // 6to4 relays, RFC 7526
    {{192, 168, 0, 0}, 16, AddressKind::private_use},
    {{198, 18, 0, 0}, 15, AddressKind::benchmarking},
    {{198, 51, 100, 0}, 24, AddressKind::documentation},
    {{203, 0, 113, 0}, 24, AddressKind::documentation},
    {{224, 0, 0, 0}, 4, AddressKind::multicast},
    {{255, 255, 255, 255}, 32, AddressKind::broadcast},
    {{240, 0, 0, 0}, 4, AddressKind::reserved},
};

struct V6Block {
  Address::V6Bytes prefix;
  int bits;
  AddressKind kind;
};

constexpr V6Block kV6Blocks[] = {
    {{}, 128, AddressKind::unspecified},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, AddressKind::loopback},
    {{0xfc}, 7, AddressKind::private_use},
    {{0xfe, 0x80}, 10, AddressKind::link_local},
    {{0xfe, 0xc0}, 10, AddressKind::private_use},
    {{0xff}, 8, AddressKind::multicast},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, AddressKind::documentation},
    {{0x3f, 0xff}, 20, AddressKind::documentation},
    {{0x20, 0x01, 0x00, 0x02, 0x00, 0x00}, 48, AddressKind::benchmarking},
    {{0x20, 0x01, 0x00}, 23, AddressKind::reserved},  // Teredo, ORCHID and other assignments
};

/// Where an IPv6 prefix is followed by the IPv4 address that packets end up at.
struct EmbeddingBlock {
  Address::V6Bytes prefix;
  int bits;
  size_t offset;
};

constexpr EmbeddingBlock kEmbeddings[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12},  // mapped, RFC 4291 section 2.5.5.2
    {{0, 0x64, 0xff, 0x9b}, 96, 12},                       // NAT64, RFC 6052
    {{0x20, 0x02}, 16, 2},                                 // 6to4, RFC 3056
};

bool has_prefix(std::span<const uint8_t> address, std::span<const uint8_t> prefix, int bits) {
  const auto whole = static_cast<size_t>(bits / 8);
  if (!std::equal(prefix.begin(), prefix.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.begin())) {
    return false;
  }
  const int rest = bits % 8;
  return rest == 0 || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0;
}

AddressKind classify_v4(std::span<const uint8_t> address) {
  for (const V4Block& block : kV4Blocks) {
    if (has_prefix(address, block.prefix, block.bits)) return block.kind;
  }
  return AddressKind::global;
}

}  // namespace

AddressKind classify(const Address& address) {
  const std::span<const uint8_t> bytes = address.bytes();
  if (address.is_v4()) return classify_v4(bytes);
  for (const EmbeddingBlock& block : kEmbeddings) {
    if (has_prefix(bytes, block.prefix, block.bits)) {
      return classify_v4(bytes.subspan(block.offset, 4));
    }
  }
  for (const V6Block& block : kV6Blocks) {
    if (has_prefix(bytes, block.prefix, block.bits)) return block.kind;
  }
  // Only 2000::/3 has been given out as global unicast (RFC 4291 section 2.4 and IANA).
  return bytes[0] >> 5 == 1 ? AddressKind::global : AddressKind::reserved;
}

std::string_view describe(AddressKind kind) {
  switch (kind) {
    case AddressKind::global: return "a public";
    case AddressKind::unspecified: return "an unspecified";
    case AddressKind::loopback: return "a loopback";
    case AddressKind::private_use: return "a private";
    case AddressKind::shared: return "a carrier-internal";
    case AddressKind::link_local: return "a link-local";
    case AddressKind::multicast: return "a multicast";
    case AddressKind::broadcast: return "a broadcast";
    case AddressKind::documentation: return "a documentation";
    case AddressKind::benchmarking: return "a benchmarking";
    case AddressKind::reserved: return "a reserved";
  }
  return "a reserved";
}

}  // namespace selvage::net
