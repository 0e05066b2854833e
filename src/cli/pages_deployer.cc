#include "cli/pages_deployer.h"

#include <filesystem>
#include <map>
#include <set>

#include "api/multipart_writer.h"
#include "base/base64.h"
#include "base/file_content.h"
#include "cli/json_text.h"
#include "cli/pages_functions.h"
#include "cli/platform_namespaces.h"
#include "cli/worker_form.h"
#include "deploy/platform/seal.h"

namespace selvage::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Of one request, before base64.
constexpr uint64_t kBatchBytes = uint64_t{40} << 20;
constexpr size_t kBatchFiles = 2'000;
// As wrangler cuts it.
constexpr size_t kMessageBytes = 384;

/// The beginning of `text`, without half a character at its end.
std::string shortened(std::string text) {
  if (text.size() <= kMessageBytes) return text;
  size_t end = kMessageBytes;
  constexpr unsigned char kContinuation = 0x80;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == kContinuation) --end;
  text.resize(end);
  return text;
}

/// The contents of a site's files.
class Contents {
 public:
  Contents(const PagesProject& project, const PagesUpload& upload, const Deployable& site)
      : project_(project), upload_(upload), site_(site) {
    for (const assets::Asset& each : site.assets) by_hash_[each.hash] = &each;
  }

  /// The hashes that the platform lacks.
  Result<std::vector<std::string>> missing() {
    Json hashes = Json::array();
    for (const auto& each : by_hash_) hashes.push_back(each.first);
    SELVAGE_TRY(const ApiAnswer answer,
                project_.api->ask_with_token(upload_.token, "POST", "/pages/assets/check-missing",
                                             ApiContent::of({{"hashes", std::move(hashes)}})));
    return answer.result.get<std::vector<std::string>>();
  }

  [[nodiscard]] std::vector<std::string> all() const {
    std::vector<std::string> hashes;
    for (const auto& each : by_hash_) hashes.push_back(each.first);
    return hashes;
  }

  Status send(const std::vector<std::string>& hashes, const UploadProgress& progress) {
    Json batch = Json::array();
    uint64_t bytes = 0;
    size_t sent = 0;
    const auto flush = [&]() -> Status {
      if (batch.empty()) return {};
      SELVAGE_TRY(const ApiAnswer done,
                  project_.api->ask_with_token(upload_.token, "POST", "/pages/assets/upload",
                                               ApiContent::of(batch)));
      sent += batch.size();
      progress(sent, hashes.size());
      batch.clear();
      bytes = 0;
      return {};
    };
    for (const std::string& hash : hashes) {
      const auto file = by_hash_.find(hash);
      if (file == by_hash_.end()) {
        return fail(ErrorCode::internal, "the platform asks for a file that was not offered");
      }
      const assets::Asset& asset = *file->second;
      if (bytes + asset.size > kBatchBytes || batch.size() == kBatchFiles) {
        SELVAGE_CHECK_STATUS(flush());
      }
      SELVAGE_TRY(const std::string content,
                  read_file(site_.config.assets->directory + asset.path));
      batch.push_back({{"key", hash},
                       {"value", base64_encode(content)},
                       {"metadata", {{"contentType", asset.media_type}}},
                       {"base64", true}});
      bytes += asset.size;
    }
    return flush();
  }

 private:
  const PagesProject& project_;
  const PagesUpload& upload_;
  const Deployable& site_;
  std::map<std::string, const assets::Asset*> by_hash_;
};

/// The script with its modules, as a form in the form. Without a configuration of its own the
/// site's date, flags and variables are the project's.
Result<WorkerForm> script_form(const Deployable& site) {
  const Json all = worker_metadata(site.config, site.version, {});
  Json metadata{{"bindings", all["bindings"]}};
  for (const char* key : {"main_module", "body_part", "limits"}) {
    if (all.contains(key)) metadata[key] = all[key];
  }
  if (!site.config.file.empty()) {
    metadata["compatibility_date"] = all["compatibility_date"];
    metadata["compatibility_flags"] = all["compatibility_flags"];
  }
  return worker_form(metadata, site.version);
}

}  // namespace

Result<PagesUpload> begin_pages_upload(const PagesProject& project) {
  SELVAGE_TRY(const ApiAnswer answer, project.ask("GET", "/upload-token"));
  PagesUpload upload{text_of(answer.result, "jwt"), {}};
  upload.limits.max_files = answer.result.value("max_file_count_allowed", upload.limits.max_files);
  upload.limits.max_file_bytes =
      answer.result.value("max_file_bytes", upload.limits.max_file_bytes);
  return upload;
}

Result<std::string> pages_routes(const deploy::ProjectConfig& site) {
  std::error_code error;
  const std::string& directory = site.assets->directory;
  if (fs::exists(directory + "/_routes.json", error)) return read_file(directory + "/_routes.json");
  if (fs::exists(directory + "/_worker.js", error)) return "";
  SELVAGE_TRY(const auto files, function_files(site.directory + "/functions"));
  const auto rules = rules_from_functions(files);
  return Json{{"version", 1}, {"include", rules}, {"exclude", Json::array()}}.dump();
}

Result<PagesDeployed> deploy_pages(const PagesProject& project, const PagesUpload& upload,
                                   Deployable& site, const PagesDeployOptions& options,
                                   const UploadProgress& progress) {
  PagesDeployed deployed;
  SELVAGE_TRY(deployed.made_namespaces, bind_namespaces(*project.api, site.version));
  Contents contents(project, upload, site);
  std::vector<std::string> missing = contents.all();
  if (!options.send_all) {
    SELVAGE_TRY(missing, contents.missing());
  }
  SELVAGE_CHECK_STATUS(contents.send(missing, progress));

  const std::set<std::string> sent(missing.begin(), missing.end());
  Json manifest = Json::object();
  for (const assets::Asset& each : site.assets) {
    manifest[each.path] = each.hash;
    ++(sent.contains(each.hash) ? deployed.sent : deployed.known);
  }
  api::MultipartWriter form(form_boundary());
  const auto add = [&form](const char* name, const std::string& value) {
    if (!value.empty()) form.add_field(name, value);
  };
  add("manifest", manifest.dump());
  add("branch", options.branch);
  add("commit_hash", options.commit_hash);
  add("commit_message", shortened(options.commit_message));
  add("commit_dirty", options.commit_dirty ? "true" : "false");
  const auto add_file = [&form](const char* name, const std::string& content) {
    if (!content.empty()) form.add_file(name, name, "application/octet-stream", content);
  };
  add_file("_headers", site.version.assets->headers);
  add_file("_redirects", site.version.assets->redirects);
  if (!site.config.file.empty()) {
    SELVAGE_TRY(const std::string text, read_file(site.config.file));
    add("wrangler_config_hash", deploy::sha256_hex(text));
    add("pages_build_output_dir",
        fs::path(site.config.assets->directory).lexically_relative(site.config.directory).string());
  }
  if (!site.version.main.empty()) {
    SELVAGE_TRY(const WorkerForm script, script_form(site));
    add_file("_worker.bundle", script.body);
    SELVAGE_TRY(const std::string routes, pages_routes(site.config));
    add_file("_routes.json", routes);
  }
  const std::string type = form.content_type();
  SELVAGE_TRY(const ApiAnswer answer, project.ask("POST", "/deployments", {type, form.finish()}));
  deployed.deployment = answer.result;
  return deployed;
}

}  // namespace selvage::cli
