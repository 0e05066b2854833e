#include "deploy/platform/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/base64.h"

namespace selvage::deploy {
namespace {

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kKeyBytes = 32;

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
uint8_t* bytes_of(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

}  // namespace

std::string random_bytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(bytes_of(bytes), static_cast<int>(count)) != 1) {
    std::fputs("selvage: the system gives no random bytes\n", stderr);
    std::abort();
  }
  return bytes;
}

std::string random_id() { return to_hex(random_bytes(16)); }

std::string random_uuid() {
  std::string bytes = random_bytes(16);
  bytes[6] = static_cast<char>((static_cast<uint8_t>(bytes[6]) & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((static_cast<uint8_t>(bytes[8]) & 0x3f) | 0x80);
  std::string text = to_hex(bytes);
  for (const size_t at : {8, 13, 18, 23}) text.insert(at, "-");
  return text;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256(std::string_view bytes) {
  std::string digest(kKeyBytes, '\0');
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), &length, EVP_sha256(), nullptr);
  return digest;
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string digest(kKeyBytes, '\0');
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
       bytes_of(digest), &length);
  return digest;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

SecretBox::SecretBox(std::string_view installation_key)
    : key_(hmac_sha256(installation_key, "selvage: secrets of workers, version 1")) {}

std::string SecretBox::seal(std::string_view secret, std::string_view context) const {
  const std::string nonce = random_bytes(kNonceBytes);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string sealed(secret.size() + kTagBytes, '\0');
  int length = 0;
  bool good = EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_),
                                 bytes_of(nonce)) == 1;
  good = good && EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytes_of(context),
                                   static_cast<int>(context.size())) == 1;
  good = good && EVP_EncryptUpdate(cipher.get(), bytes_of(sealed), &length, bytes_of(secret),
                                   static_cast<int>(secret.size())) == 1;
  good = good && EVP_EncryptFinal_ex(cipher.get(), bytes_of(sealed) + length, &length) == 1;
  good = good && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                                     bytes_of(sealed) + secret.size()) == 1;
  if (!good) {
    std::fputs("selvage: AES-256-GCM is not available\n", stderr);
    std::abort();
  }
  return base64_encode(nonce + sealed);
}

Result<std::string> SecretBox::open(std::string_view sealed, std::string_view context) const {
  const auto damaged = [] {
    return fail(ErrorCode::corrupt, "a secret cannot be unsealed",
                "Was installation.key replaced? Restore the one that belongs to this folder, or "
                "set the secret again");
  };
  std::optional<std::string> bytes = base64_decode(sealed);
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) return damaged();
  const size_t size = bytes->size() - kNonceBytes - kTagBytes;
  std::string secret(size, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  bool good = EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_),
                                 bytes_of(*bytes)) == 1;
  good = good && EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytes_of(context),
                                   static_cast<int>(context.size())) == 1;
  good = good && EVP_DecryptUpdate(cipher.get(), bytes_of(secret), &length,
                                   bytes_of(*bytes) + kNonceBytes, static_cast<int>(size)) == 1;
  good = good && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes,
                                     bytes_of(*bytes) + kNonceBytes + size) == 1;
  uint8_t rest[kTagBytes];
  good = good && EVP_DecryptFinal_ex(cipher.get(), rest, &length) == 1;
  if (!good) return damaged();
  return secret;
}

}  // namespace selvage::deploy
