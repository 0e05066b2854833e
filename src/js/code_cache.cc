#include "js/code_cache.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace selvage::js {
namespace {

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_sha256(), nullptr);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

}  // namespace

CodeCache::CodeCache(std::string directory)
    : directory_(std::move(directory)), writer_([this] { write_loop(); }) {}

CodeCache::~CodeCache() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_.notify_one();
  writer_.join();
}

std::string CodeCache::key_of(std::string_view source) const {
  // The tag covers V8's version, its flags and the processor's features.
  return sha256_hex(source) + "-" + std::to_string(v8::ScriptCompiler::CachedDataVersionTag());
}

std::string CodeCache::path_of(const std::string& key) const {
  return directory_ + "/" + key + ".code";
}

std::shared_ptr<const std::string> CodeCache::find(std::string_view source) {
  if (source.size() < kSmallestSource) return nullptr;
  const std::string key = key_of(source);
  {
    std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(key); found != entries_.end()) return found->second;
  }
  if (directory_.empty()) return nullptr;
  std::ifstream in(path_of(key), std::ios::binary);
  if (!in) return nullptr;
  std::ostringstream contents;
  contents << in.rdbuf();
  auto entry = std::make_shared<const std::string>(std::move(contents).str());
  std::lock_guard lock(mutex_);
  return entries_.try_emplace(key, std::move(entry)).first->second;
}

void CodeCache::store(std::string_view source, v8::Local<v8::UnboundModuleScript> script) {
  if (source.size() < kSmallestSource) return;
  const std::string key = key_of(source);
  {
    std::lock_guard lock(mutex_);
    if (entries_.contains(key)) return;
  }
  const std::unique_ptr<v8::ScriptCompiler::CachedData> data(
      v8::ScriptCompiler::CreateCodeCache(script));
  if (data == nullptr || data->length <= 0) return;
  auto entry = std::make_shared<const std::string>(reinterpret_cast<const char*>(data->data),
                                                   static_cast<size_t>(data->length));
  {
    std::lock_guard lock(mutex_);
    if (!entries_.try_emplace(key, entry).second || directory_.empty()) return;
    to_write_.push_back({key, std::move(entry)});
  }
  queued_.notify_one();
}

void CodeCache::write_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    queued_.wait(lock, [this] { return stopping_ || !to_write_.empty(); });
    if (to_write_.empty()) return;
    const std::vector<File> files = std::exchange(to_write_, {});
    lock.unlock();
    for (const File& file : files) write(file);
    lock.lock();
  }
}

void CodeCache::write(const File& file) {
  // A cache: when it can't be written, the next start compiles again.
  std::error_code ignored;
  std::filesystem::create_directories(directory_, ignored);
  const std::string temporary = path_of(file.key) + "." + std::to_string(getpid());
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(file.data->data(), static_cast<std::streamsize>(file.data->size()));
  out.close();
  if (out) {
    std::filesystem::rename(temporary, path_of(file.key), ignored);
  } else {
    std::filesystem::remove(temporary, ignored);
  }
}

void CodeCache::reject(std::string_view source) {
  const std::string key = key_of(source);
  {
    std::lock_guard lock(mutex_);
    entries_.erase(key);
  }
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove(path_of(key), ignored);
}

}  // namespace selvage::js
