// How code that uses Node's modules is bundled: by the runtime's own modules where it has them,
// else by unenv's, as wrangler does with nodejs_compat.
#pragma once

#include <string>
#include <vector>

namespace selvage::cli {

/// What the compatibility date and flags ask for. The second version, with nodejs_compat since
/// 2024-09-23, also takes names without "node:" and puts unenv's modules where the runtime has
/// none.
enum class NodeCompat { none, first, second };

NodeCompat node_compat_of(const std::string& date, const std::vector<std::string>& flags);

/// Arguments of esbuild. `unenv`: the folder with unenv's modules for Node, or "" without them.
std::vector<std::string> node_compat_arguments(NodeCompat compat, const std::string& unenv);

/// `code`, bundled as an ES module, with the function that esbuild's own require() looks for where
/// it is wanted. No line is added.
std::string with_require(std::string code);

}  // namespace selvage::cli
