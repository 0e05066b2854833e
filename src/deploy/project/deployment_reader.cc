#include "deploy/project/deployment_reader.h"

namespace selvage::deploy {
namespace {

constexpr std::string_view kRouteExample = R"("example.com/*")";

std::optional<RouteConfig> read_route(const ConfigValue& value, const std::string& path,
                                      ReadContext& context) {
  if (value.type == ConfigValue::Type::string) return RouteConfig{value.string, false};
  if (value.type != ConfigValue::Type::table) {
    context.error(value.line, "\"" + path + "\" should be a pattern or a table, but is " +
                                  std::string(describe(value.type)) +
                                  "; for example: " + context.spell("route", kRouteExample));
    return std::nullopt;
  }
  TableReader route(value, path, context);
  auto pattern = route.required_text("pattern", kRouteExample);
  const bool custom_domain = route.boolean("custom_domain").value_or(false);
  // Any host is a zone here.
  route.accept({"zone_name", "zone_id", "enabled", "previews_enabled"});
  route.finish();
  if (!pattern) return std::nullopt;
  if (custom_domain && pattern->find_first_of("/*") != std::string::npos) {
    context.error(value.line, "\"" + path + "\" is a custom domain, and so \"" + *pattern +
                                  "\" should be a host name, without a path or *");
    return std::nullopt;
  }
  return RouteConfig{std::move(*pattern), custom_domain};
}

void read_routes(TableReader& table, ReadContext& context, DeploymentConfig& deployment) {
  const ConfigValue* one = table.any("route");
  const ConfigValue* many = table.any("routes");
  if (one == nullptr && many == nullptr) return;
  std::vector<RouteConfig>& routes = deployment.routes.emplace();
  const auto add = [&](const ConfigValue& value, const std::string& path) {
    if (auto route = read_route(value, path, context)) routes.push_back(std::move(*route));
  };
  if (one != nullptr) add(*one, table.path_of("route"));
  if (many == nullptr) return;
  if (many->type != ConfigValue::Type::array) {
    context.error(many->line, "\"" + table.path_of("routes") + "\" should be an array, but is " +
                                  std::string(describe(many->type)) + "; for example: " +
                                  context.spell("routes", R"(["example.com/*"])"));
    return;
  }
  for (size_t i = 0; i < many->elements.size(); ++i) {
    add(many->elements[i], table.path_of("routes") + "[" + std::to_string(i) + "]");
  }
}

}  // namespace

void read_deployment(TableReader& table, ReadContext& context, ProjectConfig& config) {
  DeploymentConfig& deployment = config.deployment;
  if (const auto on = table.boolean("workers_dev")) deployment.workers_dev = on;
  if (const auto on = table.boolean("preview_urls")) deployment.preview_urls = on;
  if (const auto keep = table.boolean("keep_vars")) deployment.keep_variables = *keep;
  if (const auto on = table.boolean("logpush")) deployment.logpush = on;
  if (const ConfigValue* value = table.table("observability", R"({"enabled": true})")) {
    deployment.observability = value->to_json_text();
  }
  read_routes(table, context, deployment);
}

}  // namespace selvage::deploy
