#include "assets/upload_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/base64.h"

namespace selvage::assets {
namespace {

// The only header that tokens have: nothing that a client sends chooses the algorithm.
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

std::string base64url(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    if (c == '+' || c == '/' || c == '=') return std::nullopt;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  plain.append((4 - plain.size() % 4) % 4, '=');
  return base64_decode(plain);
}

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

tl::unexpected<Error> denied() {
  return fail(ErrorCode::permission_denied, "the upload token is not valid, or has expired");
}

}  // namespace

std::string token_key(std::string_view installation_key) {
  return hmac(installation_key, "selvage: tokens for uploads of assets");
}

std::string sign_token(std::string_view key, std::string_view purpose, nlohmann::json claims,
                       int64_t now_seconds, int64_t lifetime_seconds) {
  claims["purpose"] = purpose;
  claims["iat"] = now_seconds;
  claims["exp"] = now_seconds + lifetime_seconds;
  std::string token = base64url(kHeader) + "." + base64url(claims.dump());
  return token + "." + base64url(hmac(key, token));
}

Result<nlohmann::json> verify_token(std::string_view key, std::string_view purpose,
                                    std::string_view token, int64_t now_seconds) {
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return denied();
  if (token.substr(0, first) != base64url(kHeader)) return denied();
  const auto signature = from_base64url(token.substr(last + 1));
  const std::string expected = hmac(key, token.substr(0, last));
  if (!signature || signature->size() != expected.size() ||
      CRYPTO_memcmp(signature->data(), expected.data(), expected.size()) != 0) {
    return denied();
  }
  const auto payload = from_base64url(token.substr(first + 1, last - first - 1));
  if (!payload) return denied();
  nlohmann::json claims = nlohmann::json::parse(*payload, nullptr, false);
  if (!claims.is_object() || claims.value("purpose", "") != purpose) return denied();
  const auto expires = claims.find("exp");
  if (expires == claims.end() || !expires->is_number_integer() ||
      expires->get<int64_t>() <= now_seconds) {
    return denied();
  }
  return claims;
}

}  // namespace selvage::assets
