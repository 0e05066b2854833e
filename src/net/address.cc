#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace selvage::net {

Address Address::v4(V4Bytes bytes) {
  Address address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

Address Address::v6(V6Bytes bytes, uint32_t scope_id) {
  Address address;
  address.v4_ = false;
  address.bytes_ = bytes;
  address.scope_id_ = scope_id;
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  const bool bracketed = text.size() >= 2 && text.front() == '[' && text.back() == ']';
  if (bracketed) text = text.substr(1, text.size() - 2);
  if (text.size() > INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  if (terminated.size() != std::strlen(terminated.c_str())) return std::nullopt;
  V4Bytes four{};
  if (!bracketed && inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return v4(four);
  V6Bytes sixteen{};
  if (inet_pton(AF_INET6, terminated.c_str(), sixteen.data()) == 1) return v6(sixteen);
  return std::nullopt;
}

std::optional<Address> Address::from(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    V4Bytes bytes{};
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
    return v4(bytes);
  }
  if (address.sa_family == AF_INET6) {
    const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address);
    V6Bytes bytes{};
    std::memcpy(bytes.data(), &in6.sin6_addr, 16);
    return v6(bytes, in6.sin6_scope_id);
  }
  return std::nullopt;
}

sockaddr_storage Address::with_port(uint16_t port) const {
  sockaddr_storage storage{};
  if (v4_) {
    auto& in = reinterpret_cast<sockaddr_in&>(storage);
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, bytes_.data(), 4);
  } else {
    auto& in6 = reinterpret_cast<sockaddr_in6&>(storage);
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    in6.sin6_scope_id = scope_id_;
    std::memcpy(&in6.sin6_addr, bytes_.data(), 16);
  }
  return storage;
}

std::string Address::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

std::string to_string(const Address& address, uint16_t port) {
  std::string text = address.is_v4() ? address.to_string() : "[" + address.to_string() + "]";
  return text + ":" + std::to_string(port);
}

}  // namespace selvage::net
