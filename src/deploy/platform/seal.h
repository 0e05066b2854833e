// The cryptography of the control plane: random names, digests, and sealing of secrets.
//
// Compiled against the system's OpenSSL headers in every program: what is used here is the stable
// C interface of OpenSSL 3, which the engine finds in its host.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::deploy {

/// `count` bytes that nobody can guess. Aborts the process when the system has none.
std::string random_bytes(size_t count);
/// 32 hexadecimal digits: ids of accounts, namespaces, tokens.
std::string random_id();
/// A random UUID (RFC 9562, version 4): ids of versions and deployments.
std::string random_uuid();

std::string to_hex(std::string_view bytes);
/// SHA-256: 32 bytes.
std::string sha256(std::string_view bytes);
/// The same as 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// Without telling by the time it takes where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// Seals secrets with AES-256-GCM under a key derived from the installation's. `context` (account,
/// worker and name) is authenticated: a sealed secret cannot be moved elsewhere. Any thread.
class SecretBox {
 public:
  explicit SecretBox(std::string_view installation_key);

  /// Base64 of nonce, ciphertext and tag.
  [[nodiscard]] std::string seal(std::string_view secret, std::string_view context) const;
  /// ErrorCode::corrupt when it was not sealed so, or with another installation's key.
  [[nodiscard]] Result<std::string> open(std::string_view sealed, std::string_view context) const;

 private:
  std::string key_;
};

}  // namespace selvage::deploy
