#include "cli/kv_records.h"

#include "base/base64.h"

namespace selvage::cli {

nlohmann::ordered_json record_of(const nlohmann::json& item) {
  nlohmann::ordered_json record{{"key", item.value("key", "")}};
  if (const auto value = item.find("value"); value != item.end()) {
    const std::string encoded = value->get<std::string>();
    std::string bytes = base64_decode(encoded).value_or("");
    if (is_utf8(bytes)) {
      record["value"] = std::move(bytes);
    } else {
      record["value"] = encoded;
      record["base64"] = true;
    }
  }
  if (item.contains("expiration")) record["expiration"] = item["expiration"];
  if (const auto metadata = item.find("metadata"); metadata != item.end()) {
    auto parsed =
        nlohmann::ordered_json::parse(metadata->get<std::string>(), nullptr, /*exceptions=*/false);
    if (!parsed.is_discarded()) record["metadata"] = std::move(parsed);
  }
  return record;
}

Result<nlohmann::json> entry_of(const nlohmann::json& record, bool by_put_rules) {
  const auto bad = [](std::string message) {
    return fail(ErrorCode::invalid_argument, std::move(message),
                R"(An entry is {"key": "...", "value": "..."}, with "metadata", "expiration" and )"
                R"("base64" where needed)");
  };
  if (!record.is_object()) return bad("an entry is not an object");
  const auto key = record.find("key");
  if (key == record.end() || !key->is_string()) return bad("an entry has no \"key\"");
  nlohmann::json entry{{"key", *key}};
  const std::string name = "the entry \"" + key->get<std::string>() + "\"";
  const auto value = record.find("value");
  if (value == record.end() || !value->is_string()) return bad(name + " has no \"value\" of text");
  const bool encoded = record.contains("base64") && record["base64"] == true;
  const std::string text = value->get<std::string>();
  if (encoded && !base64_decode(text)) return bad(name + " has a \"value\" that is not base64");
  entry["value"] = encoded ? text : base64_encode(text);
  for (const auto& [field, plain, checked] :
       {std::tuple{"expiration", "expiration", "put_expiration"},
        std::tuple{"expiration_ttl", "", "put_ttl"}, std::tuple{"expirationTtl", "", "put_ttl"}}) {
    const auto found = record.find(field);
    if (found == record.end() || found->is_null()) continue;
    if (!found->is_number_integer())
      return bad(name + " has an \"" + field + "\" that is no integer");
    entry[by_put_rules || *plain == '\0' ? checked : plain] = *found;
  }
  if (const auto metadata = record.find("metadata");
      metadata != record.end() && !metadata->is_null()) {
    entry["metadata"] = metadata->dump();
  }
  return entry;
}

}  // namespace selvage::cli
