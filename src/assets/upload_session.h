// How the files of a deployment get into the store of contents, in the words of Cloudflare's API:
// the client says which files there are, is told which contents are missing, sends those, and gets
// a token that stands for the whole: the deployment then names the token.
//
// Nothing is kept of a session but the list of its files: the tokens carry the rest. So a session
// survives a restart, and several may be open at once.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assets/asset_folder.h"
#include "assets/blob_store.h"
#include "base/result.h"

namespace selvage::assets {

struct UploadSettings {
  deploy::AssetLimits limits = {};
  int64_t token_seconds = 3600;
  uint64_t bucket_bytes = 40ull << 20;  // of what is asked for in one request
  size_t bucket_files = 250;
};

/// One thread's. `store` outlives it. Times are seconds since 1970.
class UploadSessions {
 public:
  /// `key`: token_key().
  UploadSessions(BlobStore& store, std::string key, UploadSettings settings = {})
      : store_(store), key_(std::move(key)), settings_(settings) {}

  [[nodiscard]] const deploy::AssetLimits& limits() const { return settings_.limits; }

  struct Opened {
    std::string token;  // to upload with; to complete, if nothing is missing
    std::vector<std::vector<std::string>> buckets;  // hashes, by request
  };
  /// `manifest`: {"/index.html": {"hash": "<32 hexadecimal digits>", "size": 11}, ...}. Errors name
  /// the file and the limit.
  Result<Opened> open(const std::string& account, const std::string& script,
                      const nlohmann::json& manifest, int64_t now);

  /// Whether this token opens a session of the account.
  [[nodiscard]] bool may_upload(const std::string& token, const std::string& account,
                                int64_t now) const;

  struct Part {
    std::string hash;
    std::string content;  // decoded
  };
  /// Takes contents in, durably. The token that completes the session once all are here; nullopt
  /// before. Contents that the session does not name, or of another size, are refused.
  Result<std::optional<std::string>> upload(const std::string& token, const std::string& account,
                                            const std::vector<Part>& parts, int64_t now);

  /// The files that a completion token stands for. It is good for one worker, and for any number of
  /// versions until it expires.
  Result<std::vector<Asset>> complete(const std::string& token, const std::string& account,
                                      const std::string& script, int64_t now);

  // Pages: contents are sent before it is known for what, with a token for the account.
  /// Tells its bearer how many files a deployment may have, too ("max_file_count_allowed").
  [[nodiscard]] std::string pages_token(const std::string& account, int64_t now) const;
  /// The account that the token is for. ErrorCode::permission_denied when it is none.
  [[nodiscard]] Result<std::string> account_of_pages_token(const std::string& token,
                                                           int64_t now) const;
  /// Which of the hashes the account has not brought yet.
  Result<std::vector<std::string>> missing(const std::string& account,
                                           const std::vector<std::string>& hashes);
  Status put(const std::string& account, const std::vector<Part>& parts);
  /// `manifest`: {"/index.html": "<hash>", ...}
  Result<std::vector<Asset>> files_of(const std::string& account, const nlohmann::json& manifest);

 private:
  Result<std::vector<Asset>> read_list(const std::string& id) const;
  Result<std::vector<std::string>> missing_of(const std::string& account,
                                              const std::vector<Asset>& files);
  [[nodiscard]] std::string completion(const std::string& account, const std::string& script,
                                       const std::string& list, int64_t now) const;
  Status check_path(const std::string& path) const;

  BlobStore& store_;
  std::string key_;
  UploadSettings settings_;
};

}  // namespace selvage::assets
