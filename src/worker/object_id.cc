#include "worker/object_id.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace selvage::worker {
namespace {

constexpr size_t kHalf = 16;
using Half = std::array<uint8_t, kHalf>;

std::string hmac(std::string_view key, std::string_view data) {
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const uint8_t*>(data.data()), data.size(),
       reinterpret_cast<uint8_t*>(hash.data()), &length);
  hash.resize(length);
  return hash;
}

Half first_bytes(std::string_view hash) {
  Half half;
  std::copy_n(hash.begin(), kHalf, half.begin());
  return half;
}

std::string_view view(const Half& half) {
  return {reinterpret_cast<const char*>(half.data()), half.size()};
}

void append_hex(std::string& out, const Half& half) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (uint8_t byte : half) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

std::string complete(std::string_view key, const Half& first) {
  std::string hex;
  hex.reserve(4 * kHalf);
  append_hex(hex, first);
  append_hex(hex, first_bytes(hmac(key, std::string("id\0", 3).append(view(first)))));
  return hex;
}

uint8_t nibble(char digit) {
  return static_cast<uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

}  // namespace

std::optional<Jurisdiction> jurisdiction_named(std::string_view name) {
  if (name == "eu") return Jurisdiction::eu;
  if (name == "fedramp") return Jurisdiction::fedramp;
  if (name == "fedramp-high") return Jurisdiction::fedramp_high;
  if (name == "us") return Jurisdiction::us;
  return std::nullopt;
}

std::string ObjectIds::of_name(std::string_view namespace_key, Jurisdiction jurisdiction,
                               std::string_view name) const {
  const std::string key = hmac(key_, namespace_key);
  std::string data("name\0", 5);
  data += static_cast<char>(jurisdiction);
  data += name;
  Half first = first_bytes(hmac(key, data));
  first.back() = static_cast<uint8_t>(jurisdiction);
  return complete(key, first);
}

std::string ObjectIds::unique(std::string_view namespace_key, Jurisdiction jurisdiction) const {
  Half first;
  RAND_bytes(first.data(), static_cast<int>(first.size()));
  first.back() = static_cast<uint8_t>(jurisdiction);
  return complete(hmac(key_, namespace_key), first);
}

bool ObjectIds::is_of(std::string_view namespace_key, std::string_view hex) const {
  if (hex.size() != 4 * kHalf) return false;
  Half first;
  for (size_t i = 0; i < kHalf; ++i) {
    first[i] = static_cast<uint8_t>(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
  }
  const std::string whole = complete(hmac(key_, namespace_key), first);
  return CRYPTO_memcmp(whole.data(), hex.data(), whole.size()) == 0;
}

}  // namespace selvage::worker
