#include "web/secret_key.h"

#include <openssl/err.h>
#include <openssl/hmac.h>

#include <climits>

#include "web/openssl_handle.h"

namespace selvage::web {
namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

const EVP_MD* find_hash(std::string_view name) {
  if (name == "SHA-1") return EVP_sha1();
  if (name == "SHA-256") return EVP_sha256();
  if (name == "SHA-384") return EVP_sha384();
  if (name == "SHA-512") return EVP_sha512();
  return nullptr;
}

const EVP_CIPHER* find_cipher(AesMode mode, size_t key_bytes) {
  const int size = key_bytes == 16 ? 0 : key_bytes == 24 ? 1 : key_bytes == 32 ? 2 : -1;
  if (size < 0) return nullptr;
  using Make = const EVP_CIPHER* (*)();
  static constexpr Make kCiphers[4][3] = {
      {EVP_aes_128_gcm, EVP_aes_192_gcm, EVP_aes_256_gcm},
      {EVP_aes_128_cbc, EVP_aes_192_cbc, EVP_aes_256_cbc},
      {EVP_aes_128_ctr, EVP_aes_192_ctr, EVP_aes_256_ctr},
      {EVP_aes_128_wrap, EVP_aes_192_wrap, EVP_aes_256_wrap},
  };
  return kCiphers[static_cast<int>(mode)][size]();
}

/// Failures are answers here.
struct QuietErrors {
  QuietErrors() { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
};

}  // namespace

std::optional<std::string> hmac(std::string_view hash, std::string_view key,
                                std::string_view data) {
  const QuietErrors quiet;
  const EVP_MD* md = find_hash(hash);
  if (md == nullptr || key.size() > INT_MAX) return {};
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned int length = 0;
  if (HMAC(md, key.data(), static_cast<int>(key.size()), bytes(data), data.size(), bytes(result),
           &length) == nullptr) {
    return {};
  }
  result.resize(length);
  return result;
}

std::optional<std::string> aes(bool encrypt, std::string_view key, const AesOptions& options,
                               std::string_view data) {
  const QuietErrors quiet;
  const bool gcm = options.mode == AesMode::gcm;
  const EVP_CIPHER* cipher = find_cipher(options.mode, key.size());
  const OwnedCipherContext context(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || !context || data.size() > INT_MAX - 64) return {};
  if (options.mode == AesMode::key_wrap) {
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  }
  std::string_view tag;
  if (gcm && !encrypt) {
    if (data.size() < options.tag_bytes) return {};
    tag = data.substr(data.size() - options.tag_bytes);
    data.remove_suffix(options.tag_bytes);
  }
  const int direction = encrypt ? 1 : 0;
  if (EVP_CipherInit_ex(context.get(), cipher, nullptr, nullptr, nullptr, direction) != 1)
    return {};
  if (gcm) {
    if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN,
                            static_cast<int>(options.iv.size()), nullptr) != 1) {
      return {};
    }
  } else if (options.mode != AesMode::key_wrap && options.iv.size() != 16) {
    return {};
  }
  const unsigned char* iv = options.mode == AesMode::key_wrap ? nullptr : bytes(options.iv);
  if (EVP_CipherInit_ex(context.get(), nullptr, nullptr, bytes(key), iv, direction) != 1) return {};
  int length = 0;
  if (!options.additional_data.empty() &&
      EVP_CipherUpdate(context.get(), nullptr, &length, bytes(options.additional_data),
                       static_cast<int>(options.additional_data.size())) != 1) {
    return {};
  }
  std::string result(data.size() + 32, '\0');
  int total = 0;
  if (!data.empty()) {
    if (EVP_CipherUpdate(context.get(), bytes(result), &total, bytes(data),
                         static_cast<int>(data.size())) != 1) {
      return {};
    }
  }
  if (gcm && !encrypt &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(options.tag_bytes),
                          const_cast<char*>(tag.data())) != 1) {
    return {};
  }
  if (EVP_CipherFinal_ex(context.get(), bytes(result) + total, &length) != 1) return {};
  result.resize(static_cast<size_t>(total + length));
  if (gcm && encrypt) {
    std::string made(options.tag_bytes, '\0');
    if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG,
                            static_cast<int>(options.tag_bytes), made.data()) != 1) {
      return {};
    }
    result += made;
  }
  return result;
}

std::optional<std::string> pbkdf2(std::string_view hash, std::string_view password,
                                  std::string_view salt, int iterations, size_t length) {
  const QuietErrors quiet;
  const EVP_MD* md = find_hash(hash);
  if (md == nullptr || length > INT_MAX) return {};
  std::string result(length, '\0');
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes(salt),
                        static_cast<int>(salt.size()), iterations, md, static_cast<int>(length),
                        bytes(result)) != 1) {
    return {};
  }
  return result;
}

std::optional<std::string> hkdf(std::string_view hash, std::string_view key, std::string_view salt,
                                std::string_view info, size_t length) {
  // By hand: OpenSSL refuses what is allowed here, such as an empty key.
  const EVP_MD* md = find_hash(hash);
  if (md == nullptr) return {};
  const auto size = static_cast<size_t>(EVP_MD_get_size(md));
  if (length > size * 255) return {};
  const std::string no_salt(size, '\0');
  const auto secret = hmac(hash, salt.empty() ? std::string_view(no_salt) : salt, key);
  if (!secret) return {};
  std::string result;
  std::string block;
  for (char counter = 1; result.size() < length; ++counter) {
    const auto next = hmac(hash, *secret, block + std::string(info) + counter);
    if (!next) return {};
    block = *next;
    result += block;
  }
  result.resize(length);
  return result;
}

}  // namespace selvage::web
