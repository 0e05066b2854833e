#include "assets/resolve_path.h"

#include <algorithm>

namespace selvage::assets {
namespace {

using deploy::HtmlHandling;
using deploy::NotFoundHandling;

constexpr std::string_view kIndex = "/index";
constexpr std::string_view kIndexHtml = "/index.html";
constexpr std::string_view kHtml = ".html";

std::string joined(std::string_view a, std::string_view b) {
  return std::string(a) + std::string(b);
}

std::string_view without(std::string_view path, size_t from_end) {
  return path.substr(0, path.size() - from_end);
}

Resolution not_found() { return {}; }

Resolution found(const Asset* asset) { return {Resolution::Kind::asset, asset}; }

/// The nearest 404.html on the way up.
const Asset* nearest_404(const AssetLookup& files, std::string_view path) {
  while (!path.empty()) {
    const size_t slash = path.rfind('/');
    path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
    if (const Asset* page = files.find(joined(path, "/404.html"))) return page;
  }
  return nullptr;
}

class Resolver {
 public:
  Resolver(const AssetLookup& files, HtmlHandling html_handling,
           NotFoundHandling not_found_handling)
      : files_(files), html_handling_(html_handling), not_found_handling_(not_found_handling) {}

  [[nodiscard]] Resolution resolve(std::string_view path, bool may_redirect = true) const {
    may_redirect_ = may_redirect;
    switch (html_handling_) {
      case HtmlHandling::auto_trailing_slash: return auto_slash(path);
      case HtmlHandling::force_trailing_slash: return force_slash(path);
      case HtmlHandling::drop_trailing_slash: return drop_slash(path);
      case HtmlHandling::none: break;
    }
    if (const Asset* exact = files_.find(path)) return found(exact);
    return fallback(path);
  }

 private:
  /// A redirect to `to`, if that would answer with `file` and nothing lies at `to` itself.
  bool redirects(std::string_view file, std::string_view to, Resolution& resolution) const {
    if (!may_redirect_ || files_.find(to) != nullptr) return false;
    const Asset* wanted = files_.find(file);
    if (wanted == nullptr) return false;
    const Resolution there =
        Resolver(files_, html_handling_, not_found_handling_).resolve(to, false);
    if (there.kind != Resolution::Kind::asset || there.asset != wanted) return false;
    resolution = {Resolution::Kind::redirect, nullptr, 307, std::string(to)};
    return true;
  }

  [[nodiscard]] Resolution auto_slash(std::string_view path) const {
    Resolution result;
    const Asset* const exact = files_.find(path);
    if (path.ends_with(kIndex)) {
      if (exact != nullptr) return found(exact);
      const std::string_view parent = without(path, kIndex.size());
      if (redirects(joined(path, kHtml), without(path, 5), result)) return result;
      if (redirects(joined(parent, kHtml), parent, result)) return result;
    } else if (path.ends_with(kIndexHtml)) {
      const std::string_view parent = without(path, kIndexHtml.size());
      if (redirects(path, without(path, 10), result)) return result;
      if (redirects(joined(parent, kHtml), parent, result)) return result;
    } else if (path.ends_with('/')) {
      if (const Asset* index = files_.find(joined(path, "index.html"))) return found(index);
      const std::string_view bare = without(path, 1);
      if (redirects(joined(bare, kHtml), bare, result)) return result;
    } else if (path.ends_with(kHtml)) {
      const std::string_view bare = without(path, kHtml.size());
      if (redirects(path, bare, result)) return result;
      if (redirects(joined(bare, kIndexHtml), joined(bare, "/"), result)) return result;
    }
    if (exact != nullptr) return found(exact);
    if (const Asset* page = files_.find(joined(path, kHtml))) return found(page);
    if (redirects(joined(path, kIndexHtml), joined(path, "/"), result)) return result;
    return fallback(path);
  }

  [[nodiscard]] Resolution force_slash(std::string_view path) const {
    Resolution result;
    const Asset* const exact = files_.find(path);
    if (path.ends_with(kIndex)) {
      if (exact != nullptr) return found(exact);
      const std::string_view folder = without(path, 5);
      if (redirects(joined(path, kHtml), folder, result)) return result;
      if (redirects(joined(without(path, kIndex.size()), kHtml), folder, result)) return result;
    } else if (path.ends_with(kIndexHtml)) {
      const std::string_view folder = without(path, 10);
      if (redirects(path, folder, result)) return result;
      if (redirects(joined(without(path, kIndexHtml.size()), kHtml), folder, result)) return result;
    } else if (path.ends_with('/')) {
      if (const Asset* index = files_.find(joined(path, "index.html"))) return found(index);
      if (const Asset* page = files_.find(joined(without(path, 1), kHtml))) return found(page);
    } else if (path.ends_with(kHtml)) {
      const std::string folder = joined(without(path, kHtml.size()), "/");
      if (redirects(path, folder, result)) return result;
      if (exact != nullptr) return found(exact);
      if (redirects(joined(folder, "index.html"), folder, result)) return result;
    }
    if (exact != nullptr) return found(exact);
    if (redirects(joined(path, kHtml), joined(path, "/"), result)) return result;
    if (redirects(joined(path, kIndexHtml), joined(path, "/"), result)) return result;
    return fallback(path);
  }

  [[nodiscard]] Resolution drop_slash(std::string_view path) const {
    Resolution result;
    const Asset* const exact = files_.find(path);
    if (path.ends_with(kIndex)) {
      if (exact != nullptr) return found(exact);
      if (path == kIndex) {
        if (redirects(kIndexHtml, "/", result)) return result;
      } else {
        const std::string_view parent = without(path, kIndex.size());
        if (redirects(joined(parent, kHtml), parent, result)) return result;
        if (redirects(joined(path, kHtml), parent, result)) return result;
      }
    } else if (path.ends_with(kIndexHtml)) {
      if (path == kIndexHtml) {
        if (redirects(kIndexHtml, "/", result)) return result;
      } else {
        const std::string_view parent = without(path, kIndexHtml.size());
        if (redirects(path, parent, result)) return result;
        if (exact != nullptr) return found(exact);
        if (redirects(joined(parent, kHtml), parent, result)) return result;
      }
    } else if (path == "/") {
      if (const Asset* index = files_.find(kIndexHtml)) return found(index);
    } else if (path.ends_with('/')) {
      const std::string_view bare = without(path, 1);
      if (redirects(joined(bare, kHtml), bare, result)) return result;
      if (redirects(joined(bare, kIndexHtml), bare, result)) return result;
    } else if (path.ends_with(kHtml)) {
      const std::string_view bare = without(path, kHtml.size());
      if (redirects(path, bare, result)) return result;
      if (redirects(joined(bare, kIndexHtml), bare, result)) return result;
    }
    if (exact != nullptr) return found(exact);
    if (const Asset* page = files_.find(joined(path, kHtml))) return found(page);
    if (const Asset* index = files_.find(joined(path, kIndexHtml))) return found(index);
    return fallback(path);
  }

  [[nodiscard]] Resolution fallback(std::string_view path) const {
    Resolution result;
    result.by_not_found_handling = true;
    if (not_found_handling_ == NotFoundHandling::single_page_application) {
      result.asset = files_.find(kIndexHtml);
    } else if (not_found_handling_ == NotFoundHandling::page_404) {
      result.asset = nearest_404(files_, path);
      result.status = 404;
    }
    if (result.asset == nullptr) return not_found();
    result.kind = Resolution::Kind::asset;
    return result;
  }

  const AssetLookup& files_;
  HtmlHandling html_handling_;
  NotFoundHandling not_found_handling_;
  mutable bool may_redirect_ = true;
};

bool has_extension(std::string_view path) {
  const size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == path.size() || dot < 2) return false;
  return std::ranges::all_of(path.substr(dot + 1), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

Resolution moved(std::string location) {
  return {Resolution::Kind::redirect, nullptr, 308, std::move(location)};
}

Resolution pages_fallback(const AssetLookup& files, std::string_view path) {
  Resolution result;
  result.by_not_found_handling = true;
  result.asset = nearest_404(files, path);
  if (result.asset != nullptr) {
    result.status = 404;
  } else {
    result.asset = files.find(kIndexHtml);
  }
  if (result.asset == nullptr) return not_found();
  result.kind = Resolution::Kind::asset;
  return result;
}

}  // namespace

Resolution resolve_path(const AssetLookup& files, std::string_view path, HtmlHandling html_handling,
                        NotFoundHandling not_found_handling) {
  return Resolver(files, html_handling, not_found_handling).resolve(path);
}

Resolution resolve_pages_path(const AssetLookup& files, std::string_view path) {
  if (path.ends_with('/')) {
    if (const Asset* index = files.find(joined(path, "index.html"))) return found(index);
    const std::string_view bare = without(path, 1);
    if (bare.ends_with(kIndex)) return moved(std::string(without(bare, 5)));
    if (files.find(joined(bare, kHtml)) != nullptr) return moved(std::string(bare));
    return pages_fallback(files, path);
  }
  if (const Asset* exact = files.find(path)) {
    if (!path.ends_with(kHtml)) return found(exact);
    const std::string_view bare = without(path, kHtml.size());
    if (bare.ends_with(kIndex)) return moved(std::string(without(bare, 5)));
    if (bare == "/" || files.find(bare) != nullptr) return found(exact);
    return moved(std::string(bare));
  }
  if (path.ends_with(kIndex)) return moved(std::string(without(path, 5)));
  if (const Asset* page = files.find(joined(path, kHtml))) return found(page);
  if (has_extension(path)) return pages_fallback(files, path);
  if (files.find(joined(path, kIndexHtml)) != nullptr) return moved(joined(path, "/"));
  return pages_fallback(files, path);
}

}  // namespace selvage::assets
