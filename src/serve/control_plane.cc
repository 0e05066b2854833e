#include "serve/control_plane.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/resources.h"
#include "api/shapes.h"
#include "assets/upload_token.h"
#include "base/log.h"
#include "serve/run_on.h"
#include "signals/log_search.h"

namespace selvage::serve {
namespace {

/// Of a body, besides the modules: their heads, and the metadata.
constexpr size_t kRoomForMetadata = size_t{8} << 20;

api::PlatformOptions options_of(const deploy::PlatformConfig& config) {
  api::PlatformOptions options;
  options.base_domain = config.base_domain;
  options.port = config.port;
  options.scheme = config.scheme;
  return options;
}

/// What describeExports() of the builtins says.
Result<api::StartupReport> report_from(const std::string& exports, int milliseconds) {
  api::StartupReport report;
  report.milliseconds = milliseconds;
  if (exports.empty()) return report;  // only assets
  const nlohmann::json json = nlohmann::json::parse(exports, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::internal, "the exports of a worker are unreadable");
  report.handlers = json.value("handlers", std::vector<std::string>());
  report.classes = json.value("classes", std::vector<std::string>());
  for (const auto& each : json.value("named", nlohmann::json::array())) {
    report.named.push_back(
        {each.value("name", ""), each.value("handlers", std::vector<std::string>())});
  }
  return report;
}

}  // namespace

Result<std::unique_ptr<ControlPlane>> ControlPlane::open(DataPlane data,
                                                         const std::string& installation_key) {
  const std::string directory = deploy::platform_directory(data.config.data_directory);
  SELVAGE_TRY(auto store, deploy::PlatformStore::open(directory));
  SELVAGE_TRY(auto contents, assets::BlobStore::open(data.files, directory + "/assets"));
  SELVAGE_TRY(auto reader, data.kv.reader());
  assets::UploadSessions uploads(*contents, assets::token_key(installation_key),
                                 {.limits = data.config.platform->asset_limits});
  auto stores = std::make_unique<Stores>(Stores{.secrets = deploy::SecretBox(installation_key),
                                                .platform = std::move(store),
                                                .contents = std::move(contents),
                                                .uploads = std::move(uploads),
                                                .files = {},
                                                .kv_reader = std::move(reader),
                                                .versions = nullptr});
  stores->files = {.module_path = [kept = stores->platform.get()](
                                      const std::string& hash) { return kept->module_path(hash); },
                   .asset_list_path = [kept = stores->contents.get()](
                                          const std::string& id) { return kept->list_path(id); },
                   .asset_directory = stores->contents->blobs_directory()};
  SELVAGE_TRY(stores->versions, VersionSource::open(directory, stores->secrets, stores->files));
  return std::unique_ptr<ControlPlane>(
      new ControlPlane(std::move(data), std::move(stores), installation_key));
}

ControlPlane::ControlPlane(DataPlane data, std::unique_ptr<Stores> stores,
                           const std::string& installation_key)
    : data_(std::move(data)),
      stores_(std::move(stores)),
      store_(*stores_->platform),
      versions_(*stores_->versions),
      object_state_(nullptr, &data_.objects, data_.config.kv_limits),
      object_ids_(installation_key),
      platform_{store_,
                stores_->secrets,
                *this,
                data_.kv,
                *stores_->kv_reader,
                data_.config.kv_limits,
                *stores_->contents,
                stores_->uploads,
                stores_->files,
                options_of(*data_.config.platform)},
      gate_(router_, platform_) {
  api::add_resources(router_, platform_);
}

ControlPlane::~ControlPlane() { stop(); }

void ControlPlane::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  waiting_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status ControlPlane::start() {
  SELVAGE_CHECK_STATUS(publish());
  remove_retired_objects();
  thread_ = std::thread([this] { work(); });
  return {};
}

size_t ControlPlane::body_bytes() const {
  return std::max(platform_.options.script_bytes, data_.config.kv_limits.max_bulk_bytes) +
         kRoomForMetadata;
}

void ControlPlane::post(UniqueFunction<void()> work) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  waiting_.notify_one();
}

void ControlPlane::work() {
  while (true) {
    std::unique_lock lock(mutex_);
    waiting_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    UniqueFunction<void()> next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    next();
  }
}

void ControlPlane::ask_to_enter(api::ApiRequest head, std::string target,
                                UniqueFunction<void(bool)> answer) {
  post([this, head = std::move(head), target = std::move(target),
        answer = std::move(answer)]() mutable { answer(gate_.may_enter(head, target)); });
}

void ControlPlane::ask(api::ApiRequest request, std::string target,
                       UniqueFunction<void(api::ApiResponse)> answer) {
  post([this, request = std::move(request), target = std::move(target),
        answer = std::move(answer)]() mutable {
    answer(gate_.answer(std::move(request), target, std::chrono::steady_clock::now()));
  });
}

// --- What the resources need of the data plane -------------------------------------------------

Result<api::StartupReport> ControlPlane::check(const deploy::WorkerVersion& version) {
  SELVAGE_TRY(const std::shared_ptr<const worker::Worker> worker, worker::Worker::load(version));
  LoopSite& site = *data_.sites.front();
  Status started;
  std::string exports;
  std::chrono::steady_clock::duration took{};
  run_on(site.loop(), [&] {
    const auto begun = std::chrono::steady_clock::now();
    started = site.try_worker(worker, &exports);
    took = std::chrono::steady_clock::now() - begun;
  });
  if (!started) return fail(started.error());
  return report_from(exports,
                     static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(took).count()));
}

Result<deploy::RouteTable::Input> ControlPlane::read_routes(
    std::vector<deploy::WorkerVersion>& events) {
  deploy::RouteTable::Input input;
  input.base_domain = platform_.options.base_domain;
  std::map<std::string, int64_t> numbers;
  SELVAGE_TRY(const auto accounts, store_.accounts());
  for (const deploy::Account& account : accounts) {
    numbers[account.id] = account.number;
    input.subdomains[account.id] = account.subdomain;
    if (account.number == 1) input.first_account = account.id;
  }
  const auto key_of = [&](const std::string& account, const std::string& name) {
    return name.empty() ? name : deploy::worker_key(numbers[account], name);
  };
  SELVAGE_TRY(auto live, store_.live_scripts());
  for (auto& each : live) {
    const deploy::Script& script = each.script;
    deploy::WorkerVersion event;
    event.name = deploy::worker_key(each.account_number, script.name);
    for (const auto& schedule : script.settings.value("schedules", nlohmann::json::array())) {
      event.crons.push_back(schedule.value("cron", ""));
    }
    for (const auto& consumer : script.settings.value("tail_consumers", nlohmann::json::array())) {
      event.tail_consumers.push_back(key_of(script.account, consumer.value("service", "")));
    }
    input.workers.push_back({.key = event.name,
                             .account = script.account,
                             .name = script.name,
                             .script = script.number,
                             .versions = std::move(each.deployment.versions),
                             .on_subdomain = api::subdomain_enabled(script),
                             .previews = api::previews_enabled(script),
                             .pages = script.settings.contains("pages"),
                             .aliases = api::aliases_of(script)});
    events.push_back(std::move(event));
  }
  SELVAGE_TRY(const auto routes, store_.routes(""));
  for (const deploy::RouteRecord& route : routes) {
    auto pattern = deploy::RoutePattern::parse(route.pattern);
    if (!pattern) continue;  // it was checked when it came
    input.routes.push_back({std::move(*pattern), key_of(route.account, route.script)});
  }
  SELVAGE_TRY(const auto domains, store_.domains(""));
  for (const deploy::DomainRecord& domain : domains) {
    input.domains[domain.hostname] = key_of(domain.account, domain.script);
  }
  return input;
}

Status ControlPlane::publish() {
  std::vector<deploy::WorkerVersion> events;
  SELVAGE_TRY(deploy::RouteTable::Input input, read_routes(events));
  SELVAGE_TRY(deploy::NamespaceRegistry registry, store_.object_namespaces());
  data_.classes.set(registry);
  versions_.set_namespaces(std::move(registry));
  const auto routes = deploy::RouteTable::build(std::move(input));
  for (LoopSite* site : data_.sites) {
    run_on(site->loop(), [&] { site->publish(routes, versions_); });
  }
  data_.on_published(events);
  return {};
}

Result<nlohmann::json> ControlPlane::ask_objects(
    const nlohmann::json& request, const std::function<Status(const nlohmann::json&)>& item) {
  state::ItemCallback each = [&item](const nlohmann::json& found) { return item(found); };
  return object_state_.answer(request, each);
}

Result<std::string> ControlPlane::copy_of_object(const std::string& namespace_id,
                                                 const std::string& object) {
  constexpr uint64_t kMostBytes = uint64_t{256} << 20;
  // One request is answered at a time, and so there is one copy.
  const std::string path =
      deploy::platform_directory(data_.config.data_directory) + "/object-copy.tmp";
  const Status copied = data_.objects.copy_object(namespace_id, object, path);
  std::error_code error;
  const uint64_t bytes = copied ? std::filesystem::file_size(path, error) : 0;
  std::string content;
  if (copied && !error && bytes <= kMostBytes) {
    std::ifstream file(path, std::ios::binary);
    content.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::filesystem::remove(path, error);
  if (!copied) return fail(copied.error());
  if (bytes > kMostBytes) {
    return fail(ErrorCode::limit_exceeded,
                "the object stores more than " + std::to_string(kMostBytes >> 20) + " MiB",
                "Copy it on the platform's machine: `selvage do export --data DIR`");
  }
  if (content.size() != bytes) return fail(ErrorCode::io, "cannot read the copy of the object");
  return content;
}

std::string ControlPlane::object_named(const std::string& namespace_id, const std::string& name) {
  return object_ids_.of_name(namespace_id, worker::Jurisdiction::none, name);
}

Result<nlohmann::json> ControlPlane::find_logs(const api::WantedLogs& wanted) {
  // Of an answer: a record has at most some 256 KiB of logs.
  constexpr size_t kMostBytes = size_t{16} << 20;
  signals::LogQuery query{.since = wanted.since,
                          .until = wanted.until,
                          .worker = wanted.worker,
                          .version = wanted.version,
                          .outcomes = wanted.outcomes,
                          .search = wanted.search,
                          .limit = static_cast<uint64_t>(wanted.limit)};
  std::deque<std::pair<nlohmann::ordered_json, size_t>> found;
  size_t bytes = 0;
  const Status searched = signals::search_logs(
      data_.config.data_directory + "/" + deploy::kLogFile, query,
      [&](const nlohmann::ordered_json& record) {
        nlohmann::ordered_json seen = record;
        name_for_account(seen);
        const size_t size =
            seen.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).size();
        found.emplace_back(std::move(seen), size);
        for (bytes += size; bytes > kMostBytes; found.pop_front()) bytes -= found.front().second;
      });
  if (!searched && searched.error().code != ErrorCode::not_found) return fail(searched.error());
  nlohmann::json events = nlohmann::json::array();
  for (auto& each : found) events.push_back(nlohmann::json(std::move(each.first)));
  return events;
}

bool ControlPlane::has_objects(const std::string& namespace_id) {
  const auto objects = data_.objects.list(namespace_id);
  return !objects || !objects->empty();
}

void ControlPlane::remove_retired_objects() {
  const auto remove = [this]() -> Status {
    SELVAGE_TRY(deploy::NamespaceRegistry registry, store_.object_namespaces());
    bool removed = false;
    for (auto& retired : registry.retired) {
      if (retired.removed) continue;
      SELVAGE_CHECK_STATUS(data_.objects.erase_namespace(retired.id));
      retired.removed = removed = true;
    }
    if (!removed) return {};
    SELVAGE_TRY(auto change, store_.begin({}));
    SELVAGE_CHECK_STATUS(store_.save_object_namespaces(change, registry));
    return change.commit();
  };
  if (const Status removed = remove(); !removed) {
    log_warn("api", "objects of deleted classes remain until the next start: " +
                        removed.error().describe());
  }
}

}  // namespace selvage::serve
