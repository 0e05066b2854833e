// What Web Crypto does with pairs of keys: RSA, elliptic curves, Ed25519, X25519. By OpenSSL.
//
// A private key is its PKCS #8, a public key its SubjectPublicKeyInfo, both in DER: a key is bytes,
// and is parsed anew for each use. Pure functions; nothing is the answer when a key, a signature or
// a ciphertext is not what it should be. They leave no errors in OpenSSL's queue.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace selvage::web {

struct KeyPair {
  std::string private_key;
  std::string public_key;
};

/// Kinds: "RSA", "P-256", "P-384", "P-521", "Ed25519", "X25519".
std::optional<KeyPair> generate_key_pair(std::string_view kind);
/// `exponent` is big-endian, as all numbers here.
std::optional<KeyPair> generate_rsa_pair(int modulus_bits, std::string_view exponent);

/// A key as numbers. RSA: n, e and, of a private key, d, p, q, dp, dq, qi. Curves: x, y and d, each
/// as long as the field. Ed25519 and X25519: x and d.
struct KeyParts {
  std::string kind;
  std::vector<std::string> numbers;
};
std::optional<KeyParts> parts_of_key(std::string_view der, bool is_private);
std::optional<std::string> key_from_parts(const KeyParts& parts, bool is_private);
/// A point in the form 04 x y, or compressed, as a public key.
std::optional<std::string> key_from_point(std::string_view kind, std::string_view point);

enum class Signing { rsa_pkcs1, rsa_pss, ecdsa, ed25519 };
struct SigningOptions {
  Signing how = Signing::ecdsa;
  std::string_view hash;  // "SHA-256" and so on; "" for ed25519
  int salt_bytes = 0;     // rsa_pss
};
/// Signatures of ECDSA are r and s, one after the other.
std::optional<std::string> sign(std::string_view private_key, const SigningOptions& options,
                                std::string_view data);
bool verify(std::string_view public_key, const SigningOptions& options, std::string_view signature,
            std::string_view data);

/// RSA-OAEP, with the public key to encrypt and the private one to decrypt.
std::optional<std::string> rsa_oaep(bool encrypt, std::string_view key, std::string_view hash,
                                    std::string_view label, std::string_view data);

/// The secret that two pairs have in common: ECDH, X25519.
std::optional<std::string> derive_secret(std::string_view private_key, std::string_view public_key);

}  // namespace selvage::web
