#include "assets/file_hash.h"

// The plain functions: a one-page program need not carry OpenSSL's providers.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <array>
#include <fstream>
#include <vector>

namespace selvage::assets {
namespace {

std::string to_hex(const std::array<unsigned char, SHA256_DIGEST_LENGTH>& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < 16; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

}  // namespace

std::string content_hash(std::string_view content) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
  return to_hex(digest);
}

Result<std::string> file_hash(const std::string& path) {
  constexpr size_t kPiece = 256 * 1024;
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::io, "cannot read " + path);
  SHA256_CTX context;
  SHA256_Init(&context);
  std::vector<char> piece(kPiece);
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    SHA256_Update(&context, piece.data(), static_cast<size_t>(file.gcount()));
  }
  if (file.bad()) return fail(ErrorCode::io, "cannot read " + path);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256_Final(digest.data(), &context);
  return to_hex(digest);
}

}  // namespace selvage::assets
