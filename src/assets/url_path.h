// The path of a request's URL in the three forms that assets are looked up and redirected by.
// Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace selvage::assets {

/// "/a/../b\c?x#y" split into path, query with its '?' and fragment with its '#', unchanged.
struct SplitTarget {
  std::string_view path;
  std::string_view search;
  std::string_view hash;
};
SplitTarget split_target(std::string_view target);

/// The path as the URL standard's parser leaves it for http URLs: dot segments resolved,
/// backslashes turned, what may not stand in a path percent-encoded. `path` begins with '/'.
std::string normalize_path(std::string_view path);
/// Likewise a query ("?a b" becomes "?a%20b"; "?" alone becomes "").
std::string normalize_search(std::string_view search);
std::string normalize_hash(std::string_view hash);

/// Every segment as decodeURIComponent() gives it, or as it is where that would throw; runs of
/// slashes become one. What files are looked up by: it may contain anything, also "..".
std::string decode_path(std::string_view path);
/// Every segment as encodeURIComponent() gives it.
std::string encode_path(std::string_view path);

/// Runs of slashes become one.
std::string collapse_slashes(std::string_view path);

}  // namespace selvage::assets
