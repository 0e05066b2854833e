// What Web Crypto does with symmetric keys: HMAC, AES, and keys derived from secrets. By OpenSSL.
//
// Pure functions of bytes. Nothing is an answer of its own: a key of the wrong size, a tag that
// does not fit. They never throw and leave no errors in OpenSSL's queue.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace selvage::web {

/// Hashes by their names in Web Crypto: "SHA-1", "SHA-256", "SHA-384", "SHA-512".
std::optional<std::string> hmac(std::string_view hash, std::string_view key, std::string_view data);

enum class AesMode { gcm, cbc, ctr, key_wrap };
struct AesOptions {
  AesMode mode = AesMode::gcm;
  std::string_view iv;
  std::string_view additional_data;  // gcm
  size_t tag_bytes = 16;             // gcm: follows the ciphertext
};
/// With a key of 16, 24 or 32 bytes.
std::optional<std::string> aes(bool encrypt, std::string_view key, const AesOptions& options,
                               std::string_view data);

/// RFC 8018.
std::optional<std::string> pbkdf2(std::string_view hash, std::string_view password,
                                  std::string_view salt, int iterations, size_t bytes);
/// RFC 5869.
std::optional<std::string> hkdf(std::string_view hash, std::string_view key, std::string_view salt,
                                std::string_view info, size_t bytes);

}  // namespace selvage::web
