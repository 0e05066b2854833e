#include "worker/object_id.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace selvage::worker {
namespace {

constexpr size_t kHalf = 16;
using Half = std::array<uint8_t, kHalf>;

Half keyed_hash(std::string_view namespace_key, std::string_view data) {
  uint8_t key[32];
  unsigned int length = 0;
  EVP_Digest(namespace_key.data(), namespace_key.size(), key, &length, EVP_sha256(), nullptr);
  uint8_t hash[EVP_MAX_MD_SIZE];
  HMAC(EVP_sha256(), key, sizeof key, reinterpret_cast<const uint8_t*>(data.data()), data.size(),
       hash, &length);
  Half half;
  std::copy_n(hash, kHalf, half.begin());
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

std::string complete(std::string_view namespace_key, const Half& first) {
  std::string hex;
  append_hex(hex, first);
  append_hex(hex, keyed_hash(namespace_key, view(first)));
  return hex;
}

uint8_t nibble(char digit) {
  return static_cast<uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

}  // namespace

std::string object_id_from_name(std::string_view namespace_key, std::string_view name) {
  return complete(namespace_key, keyed_hash(namespace_key, name));
}

std::string new_object_id(std::string_view namespace_key) {
  Half random;
  RAND_bytes(random.data(), static_cast<int>(random.size()));
  return complete(namespace_key, random);
}

bool is_object_id_of(std::string_view namespace_key, std::string_view hex) {
  if (hex.size() != 4 * kHalf) return false;
  Half first;
  for (size_t i = 0; i < kHalf; ++i) {
    first[i] = static_cast<uint8_t>(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
  }
  const std::string whole = complete(namespace_key, first);
  return CRYPTO_memcmp(whole.data(), hex.data(), whole.size()) == 0;
}

}  // namespace selvage::worker
