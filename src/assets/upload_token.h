// Tokens that prove one thing each to the control plane: "may upload for this session", "all files
// of this list are here", "may upload to this project". JSON Web Tokens (RFC 7519) signed with
// HMAC-SHA256 and a key of the installation; no other algorithm is accepted, and a token for one
// purpose is none for another. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::assets {

/// `claims` gets "purpose", "iat" and "exp".
std::string sign_token(std::string_view key, std::string_view purpose, nlohmann::json claims,
                       int64_t now_seconds, int64_t lifetime_seconds);

/// The claims of a token that this key signed for this purpose and that has not expired.
/// ErrorCode::permission_denied otherwise, which does not say why to the client.
Result<nlohmann::json> verify_token(std::string_view key, std::string_view purpose,
                                    std::string_view token, int64_t now_seconds);

/// A key for tokens, from the secret of the installation.
std::string token_key(std::string_view installation_key);

}  // namespace selvage::assets
