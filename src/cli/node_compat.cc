#include "cli/node_compat.h"

#include <algorithm>
#include <string_view>

namespace selvage::cli {
namespace {

// Those of src/node/modules; what lies below them (util/types) follows.
constexpr std::string_view kNative[] = {
    "assert",
    "async_hooks",
    "buffer",
    "console",
    "constants",
    "crypto",
    "diagnostics_channel",
    "events",
    "module",
    "path",
    "process",
    "punycode",
    "querystring",
    "stream",
    "string_decoder",
    "timers",
    "url",
    "util",
};

constexpr std::string_view kPolyfilled[] = {
    "child_process",
    "cluster",
    "dgram",
    "dns",
    "dns/promises",
    "domain",
    "fs",
    "fs/promises",
    "http",
    "http2",
    "https",
    "inspector",
    "inspector/promises",
    "net",
    "os",
    "perf_hooks",
    "readline",
    "readline/promises",
    "repl",
    "sqlite",
    "sys",
    "tls",
    "trace_events",
    "tty",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
};

bool contains(const std::vector<std::string>& flags, std::string_view flag) {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

}  // namespace

NodeCompat node_compat_of(const std::string& date, const std::vector<std::string>& flags) {
  if (contains(flags, "nodejs_compat_v2")) return NodeCompat::second;
  const bool by_date = date >= "2026-08-04";
  const bool first =
      contains(flags, "nodejs_compat") || (by_date && !contains(flags, "no_nodejs_compat"));
  const bool second = by_date || (first && date >= "2024-09-23");
  if (second && !contains(flags, "no_nodejs_compat_v2")) return NodeCompat::second;
  return first ? NodeCompat::first : NodeCompat::none;
}

std::vector<std::string> node_compat_arguments(NodeCompat compat, const std::string& unenv) {
  std::vector<std::string> arguments;
  if (compat != NodeCompat::second) return arguments;
  for (const std::string_view name : kNative) {
    arguments.push_back("--alias:" + std::string(name) + "=node:" + std::string(name));
  }
  if (unenv.empty()) return arguments;
  for (const std::string_view name : kPolyfilled) {
    const std::string file = unenv + "/" + std::string(name) + ".mjs";
    arguments.push_back("--alias:" + std::string(name) + "=" + file);
    arguments.push_back("--alias:node:" + std::string(name) + "=" + file);
  }
  return arguments;
}

std::string with_require(std::string code) {
  if (code.find("__require = ") == std::string::npos &&
      code.find("typeof require") == std::string::npos) {
    return code;
  }
  return "import{createRequire as __createRequire}from\"node:module\";const require="
         "__createRequire(\"/\");" +
         std::move(code);
}

}  // namespace selvage::cli
