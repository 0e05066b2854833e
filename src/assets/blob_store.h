// The contents of deployed assets, each kept once under the hash of what it holds, whoever brought
// it; and for each account the names under which it brought them. A client names contents by hashes
// of its own (wrangler's are of another kind), which nobody else can check: a name means something
// only in the account that uploaded under it.
//
// In `directory`:
//   blobs/<2 digits>/<hash>   a content
//   names/<account>           lines "<name> <hash> <size>", appended
//   lists/<id>                a version's list of files (manifest.h)
// What put() and put_list() have acknowledged survives a crash; a torn line at the end of a file of
// names is dropped when it is read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "assets/manifest.h"
#include "base/result.h"
#include "store/file.h"

namespace selvage::assets {

/// One thread's. Readers of the files need no permission: they never change.
class BlobStore {
 public:
  static Result<std::unique_ptr<BlobStore>> open(store::FileSystem& files, std::string directory);

  struct Blob {
    std::string hash;
    uint64_t size = 0;
    bool operator==(const Blob&) const = default;
  };
  struct Upload {
    std::string name;  // the client's: no space, no line break
    std::string_view content;
  };

  /// Keeps the contents under the account's names, durably: all of them or an error. A name that
  /// the account has used for another content is refused.
  Status put(const std::string& account, const std::vector<Upload>& uploads);
  /// What the account has brought under `name`.
  Result<std::optional<Blob>> find(const std::string& account, const std::string& name);

  /// Keeps a list of files, durably; its id.
  Result<std::string> put_list(std::vector<Asset> assets);
  [[nodiscard]] std::string list_path(const std::string& id) const {
    return directory_ + "/lists/" + id;
  }
  /// What WorkerAssets::directory says of versions whose files are here.
  [[nodiscard]] std::string blobs_directory() const { return directory_ + "/blobs"; }

 private:
  using Names = std::unordered_map<std::string, Blob>;

  BlobStore(store::FileSystem& files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}
  Result<Names*> names_of(const std::string& account);
  Status write_new(const std::string& path, std::string_view content);
  [[nodiscard]] std::string names_path(const std::string& account) const {
    return directory_ + "/names/" + account;
  }

  store::FileSystem& files_;
  std::string directory_;
  std::unordered_map<std::string, Names> names_;
};

}  // namespace selvage::assets
