// Ids of Durable Objects: 64 hexadecimal digits that only this installation can have made.
//
// An id has two halves of 16 bytes. The first is random, or a keyed hash of jurisdiction and name;
// its last byte is the jurisdiction. The second is a keyed hash of the first. Both are HMAC-SHA256
// with a key of the namespace, which is HMAC-SHA256 of the namespace's name with the installation's
// key (32 random bytes in the data folder). So the same name always gives the same id, nobody can
// make up an id, and none of another namespace or installation is taken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace selvage::worker {

/// Where an object may live; encoded in its id. There is one location: it is kept, not enforced.
enum class Jurisdiction : uint8_t { none = 0, eu = 1, fedramp = 2, fedramp_high = 3, us = 4 };

/// "eu", "fedramp", "fedramp-high", "us"; nullopt for anything else.
std::optional<Jurisdiction> jurisdiction_named(std::string_view name);

/// A value; immutable. Any thread.
class ObjectIds {
 public:
  static constexpr size_t kKeyBytes = 32;

  /// `installation_key`: kKeyBytes of randomness.
  explicit ObjectIds(std::string installation_key) : key_(std::move(installation_key)) {}

  [[nodiscard]] std::string of_name(std::string_view namespace_key, Jurisdiction jurisdiction,
                                    std::string_view name) const;
  [[nodiscard]] std::string unique(std::string_view namespace_key, Jurisdiction jurisdiction) const;
  /// `hex`: 64 digits, lower case.
  [[nodiscard]] bool is_of(std::string_view namespace_key, std::string_view hex) const;

 private:
  std::string key_;
};

}  // namespace selvage::worker
