// How the contents of static assets come: a session says what is missing, uploads bring it, and the
// upload of the worker then names the session.
#include <algorithm>

#include "api/multipart.h"
#include "api/resources.h"
#include "base/base64.h"
#include "base/wall_clock.h"

namespace selvage::api {
namespace {

Result<ApiResponse> open_session(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const nlohmann::json body, request.json());
  const auto manifest = body.is_object() ? body.find("manifest") : body.end();
  if (!body.is_object() || manifest == body.end()) {
    return failure(400, 10021, "the body has no \"manifest\"");
  }
  SELVAGE_TRY(const assets::UploadSessions::Opened opened,
              platform.uploads.open(request.account.id, request.name("script"), *manifest,
                                    wall_clock_seconds()));
  return success({{"jwt", opened.token}, {"buckets", opened.buckets}});
}

/// The contents in a body; `hash`: it is one, as it is.
Result<std::vector<assets::UploadSessions::Part>> contents_of(const ApiRequest& request) {
  if (const std::string& hash = request.name("hash"); !hash.empty()) {
    return std::vector<assets::UploadSessions::Part>{{hash, request.body}};
  }
  SELVAGE_TRY(const std::vector<Part> parts,
              parse_multipart(request.body, multipart_boundary(request.content_type)));
  const bool encoded = request.option("base64") == "true";
  std::vector<assets::UploadSessions::Part> contents;
  for (const Part& part : parts) {
    std::optional<std::string> content(part.body);
    if (encoded) content = base64_decode(part.body);
    if (!content) {
      return fail(ErrorCode::invalid_argument, "the content of " + part.name + " is not base64");
    }
    contents.push_back({part.name, std::move(*content)});
  }
  return contents;
}

Result<ApiResponse> upload(Platform& platform, const ApiRequest& request) {
  SELVAGE_TRY(const auto contents, contents_of(request));
  SELVAGE_TRY(const auto completed,
              platform.uploads.upload(request.bearer(), request.name("account"), contents,
                                      wall_clock_seconds()));
  ApiResponse response =
      success(completed ? nlohmann::json{{"jwt", *completed}} : nlohmann::json::object());
  response.status = completed ? 201 : 202;
  return response;
}

}  // namespace

void add_assets(Router& router, Platform& platform) {
  const std::string workers = "/accounts/:account/workers";
  router.add("POST", workers + "/scripts/:script/assets-upload-session", Access::write,
             [&](const ApiRequest& request) { return open_session(platform, request); });
  for (const char* path : {"/assets/upload", "/assets/upload/:hash"}) {
    router.add("POST", workers + path, Access::own_token,
               [&](const ApiRequest& request) { return upload(platform, request); });
  }
}

}  // namespace selvage::api
