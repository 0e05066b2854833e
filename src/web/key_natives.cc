// crypto.subtle's keys, as functions of bytes: secret_key.h and key_pair.h for JavaScript.
//
// A failure is undefined; subtle.ts knows which error that is. Keys and results are copies, so that
// scripts may share their buffers with nobody.
#include "web/key_pair.h"
#include "web/natives.h"
#include "web/secret_key.h"
#include "web/utf8_text.h"

namespace selvage::web {
namespace {

using js::Arguments;

std::string_view bytes_at(const Arguments& info, int index) {
  return js::view_of(js::bytes_of(info[index]));
}

int int_at(const Arguments& info, int index) { return info[index].As<v8::Int32>()->Value(); }

void give(const Arguments& info, const std::optional<std::string>& bytes) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (bytes && js::make_array_buffer(info.GetIsolate(), *bytes).ToLocal(&buffer)) {
    info.GetReturnValue().Set(buffer);
  }
}

void give_pair(const Arguments& info, const std::optional<KeyPair>& pair) {
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::ArrayBuffer> private_key;
  v8::Local<v8::ArrayBuffer> public_key;
  if (!pair || !js::make_array_buffer(isolate, pair->private_key).ToLocal(&private_key) ||
      !js::make_array_buffer(isolate, pair->public_key).ToLocal(&public_key)) {
    return;
  }
  v8::Local<v8::Value> both[] = {private_key, public_key};
  info.GetReturnValue().Set(v8::Array::New(isolate, both, 2));
}

// hmac(hash, key, data)
void hmac_native(const Arguments& info) {
  const Utf8Text hash(info.GetIsolate(), info[0]);
  give(info, hmac(hash.view(), bytes_at(info, 1), bytes_at(info, 2)));
}

// aesCrypt(mode, encrypt, key, iv, additional data, tag bytes, data)
void aes_crypt(const Arguments& info) {
  AesOptions options;
  options.mode = static_cast<AesMode>(int_at(info, 0));
  options.iv = bytes_at(info, 3);
  options.additional_data = bytes_at(info, 4);
  options.tag_bytes = static_cast<size_t>(int_at(info, 5));
  give(info, aes(info[1]->IsTrue(), bytes_at(info, 2), options, bytes_at(info, 6)));
}

// pbkdf2(hash, password, salt, iterations, bytes)
void pbkdf2_native(const Arguments& info) {
  const Utf8Text hash(info.GetIsolate(), info[0]);
  give(info, pbkdf2(hash.view(), bytes_at(info, 1), bytes_at(info, 2), int_at(info, 3),
                    static_cast<size_t>(int_at(info, 4))));
}

// hkdf(hash, key, salt, info, bytes)
void hkdf_native(const Arguments& info) {
  const Utf8Text hash(info.GetIsolate(), info[0]);
  give(info, hkdf(hash.view(), bytes_at(info, 1), bytes_at(info, 2), bytes_at(info, 3),
                  static_cast<size_t>(int_at(info, 4))));
}

// keyPairGenerate(kind)
void key_pair_generate(const Arguments& info) {
  const Utf8Text kind(info.GetIsolate(), info[0]);
  give_pair(info, generate_key_pair(kind.view()));
}

// rsaPairGenerate(bits, exponent)
void rsa_pair_generate(const Arguments& info) {
  give_pair(info, generate_rsa_pair(int_at(info, 0), bytes_at(info, 1)));
}

// keyParts(der, isPrivate)
void key_parts(const Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const auto parts = parts_of_key(bytes_at(info, 0), info[1]->IsTrue());
  if (!parts) return;
  std::vector<v8::Local<v8::Value>> values{js::make_string(isolate, parts->kind)};
  for (const std::string& number : parts->numbers) {
    v8::Local<v8::Uint8Array> bytes;
    if (!js::make_uint8_array(isolate, number).ToLocal(&bytes)) return;
    values.push_back(bytes);
  }
  info.GetReturnValue().Set(v8::Array::New(isolate, values.data(), values.size()));
}

// keyFromParts(kind, isPrivate, number...)
void key_from_parts_native(const Arguments& info) {
  KeyParts parts{js::to_utf8(info.GetIsolate(), info[0]), {}};
  for (int i = 2; i < info.Length(); ++i) parts.numbers.emplace_back(bytes_at(info, i));
  give(info, key_from_parts(parts, info[1]->IsTrue()));
}

// keyFromPoint(kind, point)
void key_from_point_native(const Arguments& info) {
  const Utf8Text kind(info.GetIsolate(), info[0]);
  give(info, key_from_point(kind.view(), bytes_at(info, 1)));
}

// keySign(private key, how, hash, salt bytes, data)
void key_sign(const Arguments& info) {
  const Utf8Text hash(info.GetIsolate(), info[2]);
  const SigningOptions options{static_cast<Signing>(int_at(info, 1)), hash.view(), int_at(info, 3)};
  give(info, sign(bytes_at(info, 0), options, bytes_at(info, 4)));
}

// keyVerify(public key, how, hash, salt bytes, signature, data)
void key_verify(const Arguments& info) {
  const Utf8Text hash(info.GetIsolate(), info[2]);
  const SigningOptions options{static_cast<Signing>(int_at(info, 1)), hash.view(), int_at(info, 3)};
  info.GetReturnValue().Set(
      verify(bytes_at(info, 0), options, bytes_at(info, 4), bytes_at(info, 5)));
}

// rsaOaep(encrypt, key, hash, label, data)
void rsa_oaep_native(const Arguments& info) {
  const Utf8Text hash(info.GetIsolate(), info[2]);
  give(info, rsa_oaep(info[0]->IsTrue(), bytes_at(info, 1), hash.view(), bytes_at(info, 3),
                      bytes_at(info, 4)));
}

// keyDerive(private key, public key)
void key_derive(const Arguments& info) {
  give(info, derive_secret(bytes_at(info, 0), bytes_at(info, 1)));
}

constexpr js::Native kTable[] = {
    {"hmac", hmac_native},
    {"aesCrypt", aes_crypt},
    {"pbkdf2", pbkdf2_native},
    {"hkdf", hkdf_native},
    {"keyPairGenerate", key_pair_generate},
    {"rsaPairGenerate", rsa_pair_generate},
    {"keyParts", key_parts},
    {"keyFromParts", key_from_parts_native},
    {"keyFromPoint", key_from_point_native},
    {"keySign", key_sign},
    {"keyVerify", key_verify},
    {"rsaOaep", rsa_oaep_native},
    {"keyDerive", key_derive},
};

}  // namespace

const std::span<const js::Native> kKeyNatives = kTable;

}  // namespace selvage::web
