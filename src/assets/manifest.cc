#include "assets/manifest.h"

#include <algorithm>
#include <charconv>

namespace selvage::assets {
namespace {

constexpr std::string_view kFirstLine = "selvage-assets 1\n";

tl::unexpected<Error> bad_line(size_t number) {
  return fail(ErrorCode::corrupt,
              "the list of assets is damaged on line " + std::to_string(number));
}

std::string_view take_field(std::string_view& line, char end) {
  const size_t at = std::min(line.find(end), line.size());
  const std::string_view field = line.substr(0, at);
  line.remove_prefix(std::min(line.size(), at + 1));
  return field;
}

}  // namespace

bool is_content_hash(std::string_view text) {
  constexpr size_t kDigits = 32;
  return text.size() == kDigits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Manifest::Manifest(std::vector<Asset> assets) : assets_(std::move(assets)) {
  std::ranges::sort(assets_, {}, &Asset::path);
  by_path_.reserve(assets_.size());
  for (const Asset& asset : assets_) by_path_.emplace(asset.path, &asset);
}

const Asset* Manifest::find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

std::string write_manifest(std::vector<Asset> assets) {
  std::ranges::sort(assets, {}, &Asset::path);
  std::string text(kFirstLine);
  for (const Asset& asset : assets) {
    text += asset.hash + "\t" + std::to_string(asset.size) + "\t" + asset.media_type + "\t" +
            asset.path + "\n";
  }
  return text;
}

Result<std::vector<Asset>> read_manifest(std::string_view text) {
  if (!text.starts_with(kFirstLine)) {
    return fail(ErrorCode::corrupt, "this is not a list of assets, or of another version");
  }
  text.remove_prefix(kFirstLine.size());
  std::vector<Asset> assets;
  for (size_t number = 2; !text.empty(); ++number) {
    if (text.find('\n') == std::string_view::npos) return bad_line(number);
    std::string_view line = take_field(text, '\n');
    Asset asset;
    asset.hash = take_field(line, '\t');
    const std::string_view size = take_field(line, '\t');
    asset.media_type = take_field(line, '\t');
    asset.path = line;
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), asset.size);
    if (error != std::errc() || end != size.data() + size.size() || !is_content_hash(asset.hash) ||
        !asset.path.starts_with('/')) {
      return bad_line(number);
    }
    if (!assets.empty() && assets.back().path >= asset.path) return bad_line(number);
    assets.push_back(std::move(asset));
  }
  return assets;
}

}  // namespace selvage::assets
