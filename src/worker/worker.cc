#include "worker/worker.h"

#include <nlohmann/json.hpp>

namespace selvage::worker {
namespace {

std::string_view type_name(deploy::BindingType type) {
  switch (type) {
    case deploy::BindingType::text: return "text";
    case deploy::BindingType::json: return "json";
    case deploy::BindingType::secret: return "secret";
    case deploy::BindingType::kv: return "kv";
    case deploy::BindingType::durable_object: return "durable_object";
    case deploy::BindingType::service: return "service";
    case deploy::BindingType::version_metadata: return "version_metadata";
    case deploy::BindingType::assets: return "assets";
    case deploy::BindingType::rate_limit: return "rate_limit";
  }
  return "?";
}

}  // namespace

Result<std::shared_ptr<const Worker>> Worker::load(deploy::WorkerVersion version) {
  auto worker = std::make_shared<Worker>();
  worker->version_ = std::move(version);
  if (worker->version_.assets) {
    SELVAGE_TRY(worker->assets_, assets::AssetSet::load(worker->version_));
  }
  if (worker->version_.main.empty() && worker->assets_) {
    return std::shared_ptr<const Worker>(std::move(worker));
  }
  SELVAGE_TRY(worker->code_, js::Code::load(worker->version_));
  nlohmann::json bindings = nlohmann::json::array();
  for (const deploy::Binding& binding : worker->version_.bindings) {
    bindings.push_back({{"type", type_name(binding.type)},
                        {"name", binding.name},
                        {"value", binding.value},
                        {"className", binding.class_name},
                        {"script", binding.script.empty() ? worker->name() : binding.script},
                        {"entrypoint", binding.entrypoint},
                        {"props", binding.props}});
  }
  nlohmann::json namespaces = nlohmann::json::array();
  for (const deploy::ObjectNamespaceId& each : worker->version_.object_namespaces) {
    namespaces.push_back({each.worker, each.class_name, each.id});
  }
  const bool service_worker = worker->code_->main().type == deploy::ModuleType::service_worker;
  const nlohmann::json description = {{"name", worker->name()},
                                      {"versionId", worker->version_.id},
                                      {"serviceWorker", service_worker},
                                      {"compatibilityDate", worker->version_.compatibility_date},
                                      {"compatibilityFlags", worker->version_.compatibility_flags},
                                      {"bindings", std::move(bindings)},
                                      {"objectNamespaces", std::move(namespaces)}};
  worker->bindings_json_ = description.dump();
  return std::shared_ptr<const Worker>(std::move(worker));
}

}  // namespace selvage::worker
