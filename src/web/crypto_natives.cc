// Randomness and digests, by the host's OpenSSL.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

#include "web/natives.h"
#include "web/utf8_text.h"

namespace selvage::web {
namespace {

bool fill_randomly(v8::Isolate* isolate, std::span<uint8_t> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1) return true;
  js::throw_error(isolate, "The system's random number generator failed.");
  return false;
}

void random_fill(const js::Arguments& info) {
  // At most 65,536 bytes, as crypto.ts has checked.
  fill_randomly(info.GetIsolate(), js::bytes_of(info[0]));
}

/// Random bytes in stock: a call to the generator costs more than a UUID. Each is given out once
/// and erased.
class RandomStock {
 public:
  bool take(v8::Isolate* isolate, std::span<uint8_t> out) {
    if (bytes_.size() - next_ < out.size()) {
      if (!fill_randomly(isolate, bytes_)) return false;
      next_ = 0;
    }
    for (uint8_t& byte : out) {
      byte = bytes_[next_];
      bytes_[next_++] = 0;
    }
    return true;
  }

 private:
  std::array<uint8_t, 1024> bytes_{};
  size_t next_ = bytes_.size();
};

/// RFC 9562, version 4.
void random_uuid(const js::Arguments& info) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  thread_local RandomStock stock;
  std::array<uint8_t, 16> bytes;
  if (!stock.take(info.GetIsolate(), bytes)) return;
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0fU) | 0x40U);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3fU) | 0x80U);
  std::array<char, 36> text;
  size_t at = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    text[at++] = kHex[bytes[i] >> 4U];
    text[at++] = kHex[bytes[i] & 15U];
  }
  info.GetReturnValue().Set(js::make_latin1(info.GetIsolate(), {text.data(), text.size()}));
}

const EVP_MD* find_digest(std::string_view name) {
  if (name == "SHA-1") return EVP_sha1();
  if (name == "SHA-256") return EVP_sha256();
  if (name == "SHA-384") return EVP_sha384();
  if (name == "SHA-512") return EVP_sha512();
  if (name == "MD5") return EVP_md5();
  return nullptr;
}

void digest(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const Utf8Text name(isolate, info[0]);
  const std::span<const uint8_t> bytes = js::bytes_of(info[1]);
  std::array<unsigned char, EVP_MAX_MD_SIZE> result;
  unsigned int size = 0;
  const EVP_MD* algorithm = find_digest(name.view());
  if (algorithm == nullptr ||
      EVP_Digest(bytes.data(), bytes.size(), result.data(), &size, algorithm, nullptr) != 1) {
    js::throw_error(isolate, "The digest " + std::string(name.view()) + " is not available.");
    return;
  }
  v8::Local<v8::ArrayBuffer> buffer;
  if (js::make_array_buffer(isolate, js::view_of({result.data(), size})).ToLocal(&buffer)) {
    info.GetReturnValue().Set(buffer);
  }
}

void timing_safe_equal(const js::Arguments& info) {
  // Of equal length, as crypto.ts has checked.
  const std::span<const uint8_t> a = js::bytes_of(info[0]);
  const std::span<const uint8_t> b = js::bytes_of(info[1]);
  info.GetReturnValue().Set(a.size() == b.size() &&
                            CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

constexpr js::Native kTable[] = {
    {"randomFill", random_fill},
    {"randomUuid", random_uuid},
    {"digest", digest},
    {"timingSafeEqual", timing_safe_equal},
};

}  // namespace

const std::span<const js::Native> kCryptoNatives = kTable;

}  // namespace selvage::web
