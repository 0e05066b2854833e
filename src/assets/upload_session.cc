#include "assets/upload_session.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "assets/media_type.h"
#include "assets/upload_token.h"
#include "base/file_content.h"

namespace selvage::assets {
namespace {

constexpr std::string_view kUpload = "assets upload";
constexpr std::string_view kComplete = "assets complete";
constexpr std::string_view kPages = "pages upload";

tl::unexpected<Error> bad_manifest(const std::string& problem) {
  return fail(ErrorCode::invalid_argument, "the manifest of assets is not valid: " + problem);
}

}  // namespace

Status UploadSessions::check_path(const std::string& path) const {
  constexpr size_t kLongestPath = 1024;
  if (!path.starts_with('/') || path.size() > kLongestPath ||
      std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    return bad_manifest("\"" + path + "\" is not the path of a file");
  }
  return {};
}

Result<std::vector<Asset>> UploadSessions::read_list(const std::string& id) const {
  const auto text = read_file(store_.list_path(id));
  if (text && is_content_hash(id)) return read_manifest(*text);
  if (!text && text.error().code != ErrorCode::not_found) return fail(text.error());
  return fail(ErrorCode::not_found, "the upload session does not exist any more");
}

Result<std::vector<std::string>> UploadSessions::missing(const std::string& account,
                                                         const std::vector<std::string>& hashes) {
  std::vector<std::string> missing;
  for (const std::string& hash : std::set<std::string>(hashes.begin(), hashes.end())) {
    if (!is_content_hash(hash)) return bad_manifest("\"" + hash + "\" is not a hash");
    SELVAGE_TRY(const auto known, store_.find(account, hash));
    if (!known) missing.push_back(hash);
  }
  return missing;
}

Result<std::vector<std::string>> UploadSessions::missing_of(const std::string& account,
                                                            const std::vector<Asset>& files) {
  std::vector<std::string> hashes;
  for (const Asset& file : files) hashes.push_back(file.hash);
  return missing(account, hashes);
}

std::string UploadSessions::completion(const std::string& account, const std::string& script,
                                       const std::string& list, int64_t now) const {
  return sign_token(key_, kComplete, {{"account", account}, {"script", script}, {"list", list}},
                    now, settings_.token_seconds);
}

Result<UploadSessions::Opened> UploadSessions::open(const std::string& account,
                                                    const std::string& script,
                                                    const nlohmann::json& manifest, int64_t now) {
  if (!manifest.is_object()) return bad_manifest("it is not an object");
  if (manifest.size() > settings_.limits.max_files) {
    return fail(ErrorCode::limit_exceeded,
                "there are " + std::to_string(manifest.size()) + " assets, and at most " +
                    std::to_string(settings_.limits.max_files) + " are allowed");
  }
  std::vector<Asset> files;
  for (const auto& [path, entry] : manifest.items()) {
    SELVAGE_CHECK_STATUS(check_path(path));
    const auto hash = entry.is_object() ? entry.find("hash") : entry.end();
    const auto size = entry.is_object() ? entry.find("size") : entry.end();
    if (!entry.is_object() || hash == entry.end() || size == entry.end() || !hash->is_string() ||
        !is_content_hash(hash->get_ref<const std::string&>()) || !size->is_number_integer() ||
        size->get<int64_t>() < 0) {
      return bad_manifest(path + " has no \"hash\" of 32 hexadecimal digits and no \"size\"");
    }
    Asset file{path, hash->get<std::string>(), size->get<uint64_t>(), ""};
    if (file.size > settings_.limits.max_file_bytes) {
      return fail(ErrorCode::limit_exceeded,
                  "the asset " + path + " has " + std::to_string(file.size) +
                      " bytes, and at most " + std::to_string(settings_.limits.max_file_bytes) +
                      " are allowed");
    }
    files.push_back(std::move(file));
  }
  SELVAGE_TRY(const std::vector<std::string> missing, missing_of(account, files));
  SELVAGE_TRY(const std::string list, store_.put_list(files));
  Opened opened;
  if (missing.empty()) {
    opened.token = completion(account, script, list, now);
    return opened;
  }
  opened.token =
      sign_token(key_, kUpload, {{"account", account}, {"script", script}, {"list", list}}, now,
                 settings_.token_seconds);
  std::map<std::string_view, uint64_t> sizes;
  for (const Asset& file : files) sizes.emplace(file.hash, file.size);
  uint64_t bytes = 0;
  for (const std::string& hash : missing) {
    const uint64_t size = sizes.at(hash);
    if (opened.buckets.empty() || bytes + size > settings_.bucket_bytes ||
        opened.buckets.back().size() >= settings_.bucket_files) {
      opened.buckets.emplace_back();
      bytes = 0;
    }
    opened.buckets.back().push_back(hash);
    bytes += size;
  }
  return opened;
}

bool UploadSessions::may_upload(const std::string& token, const std::string& account,
                                int64_t now) const {
  const auto claims = verify_token(key_, kUpload, token, now);
  return claims && (*claims)["account"] == account;
}

Result<std::optional<std::string>> UploadSessions::upload(const std::string& token,
                                                          const std::string& account,
                                                          const std::vector<Part>& parts,
                                                          int64_t now) {
  SELVAGE_TRY(const nlohmann::json claims, verify_token(key_, kUpload, token, now));
  if (claims["account"] != account) {
    return fail(ErrorCode::permission_denied, "the upload token is another account's");
  }
  const std::string list = claims["list"];
  SELVAGE_TRY(const std::vector<Asset> files, read_list(list));
  std::map<std::string_view, uint64_t> sizes;
  for (const Asset& file : files) sizes.emplace(file.hash, file.size);
  for (const Part& part : parts) {
    const auto expected = sizes.find(part.hash);
    if (expected == sizes.end()) {
      return fail(ErrorCode::invalid_argument,
                  "the upload session has no file with the hash " + part.hash);
    }
    if (expected->second != part.content.size()) {
      return fail(ErrorCode::invalid_argument,
                  "the content of " + part.hash + " has " + std::to_string(part.content.size()) +
                      " bytes, and " + std::to_string(expected->second) + " were announced");
    }
  }
  SELVAGE_CHECK_STATUS(put(account, parts));
  SELVAGE_TRY(const std::vector<std::string> missing, missing_of(account, files));
  if (!missing.empty()) return std::nullopt;
  return completion(account, claims["script"], list, now);
}

Status UploadSessions::put(const std::string& account, const std::vector<Part>& parts) {
  std::vector<BlobStore::Upload> uploads;
  for (const Part& part : parts) {
    if (!is_content_hash(part.hash)) return bad_manifest("\"" + part.hash + "\" is not a hash");
    if (part.content.size() > settings_.limits.max_file_bytes) {
      return fail(ErrorCode::limit_exceeded, "an asset has more than " +
                                                 std::to_string(settings_.limits.max_file_bytes) +
                                                 " bytes: " + part.hash);
    }
    uploads.push_back({part.hash, part.content});
  }
  return store_.put(account, uploads);
}

Result<std::vector<Asset>> UploadSessions::complete(const std::string& token,
                                                    const std::string& account,
                                                    const std::string& script, int64_t now) {
  SELVAGE_TRY(const nlohmann::json claims, verify_token(key_, kComplete, token, now));
  if (claims["account"] != account || claims["script"] != script) {
    return fail(ErrorCode::permission_denied, "the token of the assets is another worker's");
  }
  SELVAGE_TRY(std::vector<Asset> files, read_list(claims["list"]));
  for (Asset& file : files) {
    SELVAGE_TRY(const auto blob, store_.find(account, file.hash));
    if (!blob) return fail(ErrorCode::not_found, "the content of " + file.path + " is missing");
    file.hash = blob->hash;
    file.size = blob->size;
    file.media_type = media_type_of(file.path);
  }
  return files;
}

std::string UploadSessions::pages_token(const std::string& account, int64_t now) const {
  return sign_token(key_, kPages,
                    {{"account", account}, {"max_file_count_allowed", settings_.limits.max_files}},
                    now, settings_.token_seconds);
}

Result<std::string> UploadSessions::account_of_pages_token(const std::string& token,
                                                           int64_t now) const {
  SELVAGE_TRY(const nlohmann::json claims, verify_token(key_, kPages, token, now));
  return claims["account"].get<std::string>();
}

Result<std::vector<Asset>> UploadSessions::files_of(const std::string& account,
                                                    const nlohmann::json& manifest) {
  if (!manifest.is_object()) return bad_manifest("it is not an object");
  if (manifest.size() > settings_.limits.max_files) {
    return fail(ErrorCode::limit_exceeded,
                "there are more than " + std::to_string(settings_.limits.max_files) + " files");
  }
  std::vector<Asset> files;
  for (const auto& [path, hash] : manifest.items()) {
    const std::string absolute = path.starts_with('/') ? path : "/" + path;
    SELVAGE_CHECK_STATUS(check_path(absolute));
    if (!hash.is_string()) return bad_manifest(path + " has no hash");
    SELVAGE_TRY(const auto blob, store_.find(account, hash.get<std::string>()));
    if (!blob) {
      return fail(ErrorCode::not_found, "the content of " + path + " has not been uploaded");
    }
    files.push_back({absolute, blob->hash, blob->size, media_type_of(absolute)});
  }
  return files;
}

}  // namespace selvage::assets
