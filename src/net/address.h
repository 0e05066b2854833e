// An IP address without a port: a value, compared by its bytes.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace selvage::net {

class Address {
 public:
  using V4Bytes = std::array<uint8_t, 4>;
  using V6Bytes = std::array<uint8_t, 16>;

  static Address v4(V4Bytes bytes);
  /// `scope_id` is the interface of a link-local address, 0 for others.
  static Address v6(V6Bytes bytes, uint32_t scope_id = 0);
  /// Four decimal octets without leading zeros, or RFC 4291 section 2.2 text, with or without the
  /// brackets of a URL. Nothing else: "127.1", "0x7f000001" and zone ids are no address here.
  static std::optional<Address> parse(std::string_view text);
  /// Of AF_INET and AF_INET6; nullopt for other families.
  static std::optional<Address> from(const sockaddr& address);

  [[nodiscard]] bool is_v4() const { return v4_; }
  [[nodiscard]] V4Bytes v4_bytes() const { return {bytes_[0], bytes_[1], bytes_[2], bytes_[3]}; }
  /// 4 or 16 bytes in network order.
  [[nodiscard]] std::span<const uint8_t> bytes() const {
    return std::span(bytes_).first(v4_ ? 4 : 16);
  }
  [[nodiscard]] sockaddr_storage with_port(uint16_t port) const;
  /// "192.0.2.1" or "2001:db8::1" (RFC 5952).
  [[nodiscard]] std::string to_string() const;

  bool operator==(const Address&) const = default;

 private:
  bool v4_ = true;
  V6Bytes bytes_{};
  uint32_t scope_id_ = 0;
};

/// "192.0.2.1:80", "[2001:db8::1]:80".
std::string to_string(const Address& address, uint16_t port);

}  // namespace selvage::net
