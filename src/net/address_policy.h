// Which addresses belong to the public Internet. What a tenant may reach is decided on the address
// that is connected to, after name resolution, so that a name cannot point inside (DNS rebinding).
//
// Follows the IANA special-purpose registries (RFC 6890 and updates). When an IPv6 address carries
// an IPv4 address that a translator or relay would forward to (mapped, NAT64, 6to4), that one
// counts too. What is not known to be public is not public.
#pragma once

#include <string_view>

#include "net/address.h"

namespace selvage::net {

enum class AddressKind {
  global,
  unspecified,  // 0.0.0.0/8, ::
  loopback,     // 127.0.0.0/8, ::1
  private_use,  // RFC 1918; RFC 4193 and the older site-local
  shared,       // 100.64.0.0/10: carrier-grade NAT, RFC 6598
  link_local,   // 169.254.0.0/16 (with cloud metadata services), fe80::/10
  multicast,
  broadcast,
  documentation,  // RFC 5737, 3849, 9637
  benchmarking,   // RFC 2544, 5180
  reserved,       // all else that is not globally reachable
};

AddressKind classify(const Address& address);

inline bool is_public(const Address& address) { return classify(address) == AddressKind::global; }

/// With its article: "a private", "a loopback", "a link-local", ...
std::string_view describe(AddressKind kind);

}  // namespace selvage::net
