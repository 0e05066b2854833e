#include "cli/content_hash.h"

// The plain functions: a one-page program need not carry OpenSSL's providers.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <array>
#include <cstdint>

namespace selvage::cli {

struct ContentHash::State {
  SHA256_CTX context;
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
ContentHash::~ContentHash() = default;

void ContentHash::add(std::string_view part) {
  const uint64_t size = part.size();
  SHA256_Update(&state_->context, &size, sizeof size);
  SHA256_Update(&state_->context, part.data(), part.size());
}

std::string ContentHash::hex() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256_Final(digest.data(), &state_->context);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < 16; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

}  // namespace selvage::cli
