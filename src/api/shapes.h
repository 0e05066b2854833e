// How the API shows what the store keeps.
#pragma once

#include "api/platform.h"

namespace selvage::api {

/// A worker as in the answer to an upload, and in lists.
nlohmann::json show_script(const deploy::Script& script, const deploy::VersionRecord* version);
nlohmann::json show_version(const deploy::VersionRecord& version, bool with_resources);
nlohmann::json show_deployment(const deploy::DeploymentRecord& deployment);
nlohmann::json show_subdomain(const deploy::Script& script);

/// Whether it answers below the base domain, and whether its versions have previews there.
bool subdomain_enabled(const deploy::Script& script);
bool previews_enabled(const deploy::Script& script);
/// Of a Pages project: versions by their branches' labels.
std::map<std::string, std::string> aliases_of(const deploy::Script& script);

/// 404 with 10007, in Cloudflare's words.
ApiResponse no_such_worker();

}  // namespace selvage::api
