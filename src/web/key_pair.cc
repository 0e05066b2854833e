#include "web/key_pair.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <climits>

#include "web/openssl_handle.h"

namespace selvage::web {
namespace {

using OwnedSignature = Owned<ECDSA_SIG, ECDSA_SIG_free>;
using OwnedKeyInfo = Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

struct Curve {
  std::string_view name;
  const char* group;
  size_t bytes;  // of the field
};
constexpr Curve kCurves[] = {
    {"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}};

const Curve* find_curve(std::string_view name) {
  for (const Curve& curve : kCurves) {
    if (curve.name == name || curve.group == name) return &curve;
  }
  return nullptr;
}

constexpr const char* kRsaNumbers[] = {
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,           OSSL_PKEY_PARAM_RSA_D,
    OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,     OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

/// Failures are answers here.
struct QuietErrors {
  QuietErrors() { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
};

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

OwnedKey parse_key(std::string_view der, bool is_private) {
  const unsigned char* at = bytes(der);
  const auto length = static_cast<long>(der.size());
  OwnedKey key;
  if (is_private) {
    const OwnedKeyInfo info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, length));
    if (info) key.reset(EVP_PKCS82PKEY(info.get()));
  } else {
    key.reset(d2i_PUBKEY(nullptr, &at, length));
  }
  // Nothing may follow.
  if (key && at != bytes(der) + der.size()) key.reset();
  return key;
}

std::optional<std::string> private_der(EVP_PKEY* key) {
  const OwnedKeyInfo info(EVP_PKEY2PKCS8(key));
  if (!info) return {};
  std::string der(static_cast<size_t>(std::max(0, i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr))),
                  '\0');
  unsigned char* at = bytes(der);
  if (der.empty() || i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at) <= 0) return {};
  return der;
}

std::optional<std::string> public_der(EVP_PKEY* key) {
  std::string der(static_cast<size_t>(std::max(0, i2d_PUBKEY(key, nullptr))), '\0');
  unsigned char* at = bytes(der);
  if (der.empty() || i2d_PUBKEY(key, &at) <= 0) return {};
  return der;
}

std::optional<KeyPair> pair_of(EVP_PKEY* key) {
  if (key == nullptr) return {};
  auto private_key = private_der(key);
  auto public_key = public_der(key);
  if (!private_key || !public_key) return {};
  return KeyPair{std::move(*private_key), std::move(*public_key)};
}

/// Padded to `length`; as short as it can be when that is 0.
std::optional<std::string> number_of(EVP_PKEY* key, const char* name, size_t length = 0) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return {};
  const OwnedNumber number(raw);
  std::string result(length > 0 ? length : static_cast<size_t>(BN_num_bytes(raw)), '\0');
  if (BN_bn2binpad(raw, bytes(result), static_cast<int>(result.size())) < 0) return {};
  return result;
}

OwnedKey build_key(const char* type, OSSL_PARAM_BLD* builder, int selection) {
  const OwnedParameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const OwnedKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1) {
    return {};
  }
  return OwnedKey(key);
}

OwnedKey build_rsa(const std::vector<std::string>& numbers) {
  const OwnedParameterBuilder builder(OSSL_PARAM_BLD_new());
  std::vector<OwnedNumber> kept;
  for (size_t i = 0; i < numbers.size(); ++i) {
    kept.emplace_back(BN_bin2bn(bytes(numbers[i]), static_cast<int>(numbers[i].size()), nullptr));
    if (OSSL_PARAM_BLD_push_BN(builder.get(), kRsaNumbers[i], kept.back().get()) != 1) return {};
  }
  return build_key("RSA", builder.get(),
                   numbers.size() > 2 ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
}

OwnedKey build_curve(const Curve& curve, std::string_view point, std::string_view secret) {
  const OwnedParameterBuilder builder(OSSL_PARAM_BLD_new());
  OwnedNumber number;
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  if (!secret.empty()) {
    number.reset(BN_bin2bn(bytes(secret), static_cast<int>(secret.size()), nullptr));
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get());
  }
  OwnedKey key =
      build_key("EC", builder.get(), secret.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR);
  if (!key) return key;
  // A point of the curve, and of this secret?
  const OwnedKeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  const bool good = check && (secret.empty() ? EVP_PKEY_public_check(check.get())
                                             : EVP_PKEY_pairwise_check(check.get())) == 1;
  if (!good) key.reset();
  return key;
}

const EVP_MD* find_hash(std::string_view name) {
  if (name == "SHA-1") return EVP_sha1();
  if (name == "SHA-256") return EVP_sha256();
  if (name == "SHA-384") return EVP_sha384();
  if (name == "SHA-512") return EVP_sha512();
  return nullptr;
}

/// Of a curve's key; 0 for others.
size_t field_bytes(EVP_PKEY* key) {
  char group[80];
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                     nullptr) != 1) {
    return 0;
  }
  const Curve* curve = find_curve(group);
  return curve == nullptr ? 0 : curve->bytes;
}

std::optional<std::string> signature_to_numbers(EVP_PKEY* key, const std::string& der) {
  const unsigned char* at = bytes(der);
  const OwnedSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  const size_t size = field_bytes(key);
  if (!signature || size == 0) return {};
  std::string result(size * 2, '\0');
  const auto length = static_cast<int>(size);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes(result), length) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes(result) + size, length) < 0) {
    return {};
  }
  return result;
}

std::optional<std::string> numbers_to_signature(EVP_PKEY* key, std::string_view numbers) {
  const size_t size = field_bytes(key);
  if (size == 0 || numbers.size() != size * 2) return {};
  const OwnedSignature signature(ECDSA_SIG_new());
  const auto length = static_cast<int>(size);
  if (ECDSA_SIG_set0(signature.get(), BN_bin2bn(bytes(numbers), length, nullptr),
                     BN_bin2bn(bytes(numbers) + size, length, nullptr)) != 1) {
    return {};
  }
  std::string der(static_cast<size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)), '\0');
  unsigned char* at = bytes(der);
  i2d_ECDSA_SIG(signature.get(), &at);
  return der;
}

/// The padding of RSA, in a context that has been initialised.
bool set_padding(EVP_PKEY_CTX* context, const SigningOptions& options) {
  if (options.how == Signing::rsa_pkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  if (options.how != Signing::rsa_pss) return true;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, options.salt_bytes) == 1;
}

}  // namespace

std::optional<KeyPair> generate_key_pair(std::string_view kind) {
  const QuietErrors quiet;
  if (const Curve* curve = find_curve(kind)) {
    return pair_of(OwnedKey(EVP_EC_gen(curve->group)).get());
  }
  if (kind != "Ed25519" && kind != "X25519") return {};
  return pair_of(OwnedKey(EVP_PKEY_Q_keygen(nullptr, nullptr, std::string(kind).c_str())).get());
}

std::optional<KeyPair> generate_rsa_pair(int modulus_bits, std::string_view exponent) {
  const QuietErrors quiet;
  const OwnedKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  const OwnedNumber number(BN_bin2bn(bytes(exponent), static_cast<int>(exponent.size()), nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), modulus_bits) != 1 ||
      EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), number.get()) != 1 ||
      EVP_PKEY_generate(context.get(), &key) != 1) {
    return {};
  }
  return pair_of(OwnedKey(key).get());
}

std::optional<KeyParts> parts_of_key(std::string_view der, bool is_private) {
  const QuietErrors quiet;
  const OwnedKey key = parse_key(der, is_private);
  if (!key) return {};
  KeyParts parts;
  const auto add = [&](const char* name, size_t length) {
    auto number = number_of(key.get(), name, length);
    if (number) parts.numbers.push_back(std::move(*number));
    return number.has_value();
  };
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
    parts.kind = "RSA";
    const size_t count = is_private ? std::size(kRsaNumbers) : 2;
    for (size_t i = 0; i < count; ++i) {
      if (!add(kRsaNumbers[i], 0)) return {};
    }
    return parts;
  }
  if (EVP_PKEY_is_a(key.get(), "EC") == 1) {
    char group[80];
    EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                   nullptr);
    const Curve* curve = find_curve(group);
    if (curve == nullptr || !add(OSSL_PKEY_PARAM_EC_PUB_X, curve->bytes) ||
        !add(OSSL_PKEY_PARAM_EC_PUB_Y, curve->bytes) ||
        (is_private && !add(OSSL_PKEY_PARAM_PRIV_KEY, curve->bytes))) {
      return {};
    }
    parts.kind = curve->name;
    return parts;
  }
  for (const char* kind : {"Ed25519", "X25519"}) {
    if (EVP_PKEY_is_a(key.get(), kind) != 1) continue;
    parts.kind = kind;
    size_t length = 32;
    parts.numbers.emplace_back(length, '\0');
    if (EVP_PKEY_get_raw_public_key(key.get(), bytes(parts.numbers[0]), &length) != 1) return {};
    if (!is_private) return parts;
    parts.numbers.emplace_back(length, '\0');
    if (EVP_PKEY_get_raw_private_key(key.get(), bytes(parts.numbers[1]), &length) != 1) return {};
    return parts;
  }
  return {};
}

std::optional<std::string> key_from_parts(const KeyParts& parts, bool is_private) {
  const QuietErrors quiet;
  OwnedKey key;
  const std::vector<std::string>& numbers = parts.numbers;
  if (parts.kind == "RSA") {
    if (numbers.size() != (is_private ? std::size(kRsaNumbers) : 2)) return {};
    key = build_rsa(numbers);
  } else if (const Curve* curve = find_curve(parts.kind)) {
    if (numbers.size() != (is_private ? 3 : 2)) return {};
    for (const std::string& number : numbers) {
      if (number.size() != curve->bytes) return {};
    }
    key = build_curve(*curve, "\x04" + numbers[0] + numbers[1], is_private ? numbers[2] : "");
  } else {
    if (numbers.size() != (is_private ? 2 : 1) || numbers.back().size() != 32) return {};
    key.reset(is_private ? EVP_PKEY_new_raw_private_key_ex(nullptr, parts.kind.c_str(), nullptr,
                                                           bytes(numbers[1]), 32)
                         : EVP_PKEY_new_raw_public_key_ex(nullptr, parts.kind.c_str(), nullptr,
                                                          bytes(numbers[0]), 32));
    if (key && is_private) {
      std::string x(32, '\0');
      size_t length = 32;
      if (EVP_PKEY_get_raw_public_key(key.get(), bytes(x), &length) != 1 || x != numbers[0]) {
        return {};
      }
    }
  }
  if (!key) return {};
  return is_private ? private_der(key.get()) : public_der(key.get());
}

std::optional<std::string> key_from_point(std::string_view kind, std::string_view point) {
  const QuietErrors quiet;
  const Curve* curve = find_curve(kind);
  if (curve == nullptr) return {};
  const OwnedKey key = build_curve(*curve, point, "");
  if (!key) return {};
  return public_der(key.get());
}

std::optional<std::string> sign(std::string_view private_key, const SigningOptions& options,
                                std::string_view data) {
  const QuietErrors quiet;
  const OwnedKey key = parse_key(private_key, true);
  const OwnedDigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  const EVP_MD* hash = find_hash(options.hash);
  if (!key || !context || (hash == nullptr) != (options.how == Signing::ed25519) ||
      EVP_DigestSignInit(context.get(), &key_context, hash, nullptr, key.get()) != 1 ||
      !set_padding(key_context, options)) {
    return {};
  }
  size_t length = 0;
  if (EVP_DigestSign(context.get(), nullptr, &length, bytes(data), data.size()) != 1) return {};
  std::string signature(length, '\0');
  if (EVP_DigestSign(context.get(), bytes(signature), &length, bytes(data), data.size()) != 1) {
    return {};
  }
  signature.resize(length);
  if (options.how == Signing::ecdsa) return signature_to_numbers(key.get(), signature);
  return signature;
}

bool verify(std::string_view public_key, const SigningOptions& options, std::string_view signature,
            std::string_view data) {
  const QuietErrors quiet;
  const OwnedKey key = parse_key(public_key, false);
  const OwnedDigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  const EVP_MD* hash = find_hash(options.hash);
  if (!key || !context || (hash == nullptr) != (options.how == Signing::ed25519)) return false;
  std::string der;
  if (options.how == Signing::ecdsa) {
    auto converted = numbers_to_signature(key.get(), signature);
    if (!converted) return false;
    der = std::move(*converted);
    signature = der;
  }
  return EVP_DigestVerifyInit(context.get(), &key_context, hash, nullptr, key.get()) == 1 &&
         set_padding(key_context, options) &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(data),
                          data.size()) == 1;
}

std::optional<std::string> rsa_oaep(bool encrypt, std::string_view der, std::string_view hash,
                                    std::string_view label, std::string_view data) {
  const QuietErrors quiet;
  const OwnedKey key = parse_key(der, !encrypt);
  const EVP_MD* md = find_hash(hash);
  if (!key || md == nullptr) return {};
  const OwnedKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  const auto start = encrypt ? EVP_PKEY_encrypt_init : EVP_PKEY_decrypt_init;
  const auto run = encrypt ? EVP_PKEY_encrypt : EVP_PKEY_decrypt;
  if (!context || start(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), md) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), md) != 1) {
    return {};
  }
  if (!label.empty()) {
    void* copy = OPENSSL_memdup(label.data(), label.size());
    if (EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), copy, static_cast<int>(label.size())) !=
        1) {
      OPENSSL_free(copy);
      return {};
    }
  }
  size_t length = 0;
  if (run(context.get(), nullptr, &length, bytes(data), data.size()) != 1) return {};
  std::string result(length, '\0');
  if (run(context.get(), bytes(result), &length, bytes(data), data.size()) != 1) return {};
  result.resize(length);
  return result;
}

std::optional<std::string> derive_secret(std::string_view private_key,
                                         std::string_view public_key) {
  const QuietErrors quiet;
  const OwnedKey own = parse_key(private_key, true);
  const OwnedKey other = parse_key(public_key, false);
  if (!own || !other) return {};
  const OwnedKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
  size_t length = 0;
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 ||
      EVP_PKEY_derive(context.get(), nullptr, &length) != 1) {
    return {};
  }
  std::string secret(length, '\0');
  if (EVP_PKEY_derive(context.get(), bytes(secret), &length) != 1) return {};
  secret.resize(length);
  return secret;
}

}  // namespace selvage::web
