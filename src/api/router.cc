#include "api/router.h"

#include "base/percent.h"

namespace selvage::api {
namespace {

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const size_t end = path.find('/');
    segments.emplace_back(path.substr(0, end));
    path = end == std::string_view::npos ? "" : path.substr(end);
  }
  if (!segments.empty() && segments.back().empty()) segments.pop_back();
  return segments;
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Access access,
                 Handler handler) {
  routes_.push_back({std::string(method), segments_of(pattern), access, std::move(handler)});
}

Router::Found Router::find(std::string_view method, std::string_view path) const {
  Found found;
  if (!path.starts_with("/")) return found;
  const std::vector<std::string> segments = segments_of(path);
  for (const Route& route : routes_) {
    if (route.segments.size() != segments.size()) continue;
    std::map<std::string, std::string> names;
    bool same = true;
    for (size_t i = 0; same && i < segments.size(); ++i) {
      if (!route.segments[i].starts_with(":")) {
        same = route.segments[i] == segments[i];
        continue;
      }
      const std::optional<std::string> decoded = percent_decode(segments[i]);
      same = decoded && !decoded->empty();
      if (same) names[route.segments[i].substr(1)] = *decoded;
    }
    if (!same) continue;
    if (route.method != method) {
      found.other_method = true;
      continue;
    }
    found.handler = &route.handler;
    found.access = route.access;
    found.names = std::move(names);
    return found;
  }
  return found;
}

}  // namespace selvage::api
