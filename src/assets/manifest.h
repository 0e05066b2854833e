// The list of a version's files: what a path's content is, by its hash. A text file, written once
// and never changed (docs/storage-format.md, "Lists of assets").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "assets/resolve_path.h"
#include "base/result.h"

namespace selvage::assets {

/// One file. `hash` names its content: 32 hexadecimal digits.
struct Asset {
  std::string path;  // as in the decoded URL: "/css/a b.css"
  std::string hash;
  uint64_t size = 0;
  std::string media_type;  // "" for none

  bool operator==(const Asset&) const = default;
};

/// Whether `text` has the form of Asset::hash.
bool is_content_hash(std::string_view text);

/// Immutable once built; any thread.
class Manifest final : public AssetLookup {
 public:
  Manifest() = default;
  /// Paths begin with '/' and are there once.
  explicit Manifest(std::vector<Asset> assets);
  Manifest(const Manifest&) = delete;
  Manifest& operator=(const Manifest&) = delete;
  Manifest(Manifest&&) = default;
  Manifest& operator=(Manifest&&) = default;

  [[nodiscard]] const Asset* find(std::string_view path) const override;
  [[nodiscard]] const std::vector<Asset>& assets() const { return assets_; }

 private:
  std::vector<Asset> assets_;  // sorted by path
  std::unordered_map<std::string_view, const Asset*> by_path_;
};

/// The list as text, in the order of the paths: the same files give the same text.
std::string write_manifest(std::vector<Asset> assets);
/// Refuses what write_manifest() would not have written.
Result<std::vector<Asset>> read_manifest(std::string_view text);

}  // namespace selvage::assets
