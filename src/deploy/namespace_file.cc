#include "deploy/namespace_file.h"

#include <nlohmann/json.hpp>

namespace selvage::deploy {
namespace {

constexpr const char* kName = "/namespaces.json";

}  // namespace

Result<NamespaceRegistry> read_namespaces(store::FileSystem& files, const std::string& directory) {
  const std::string path = directory + kName;
  SELVAGE_TRY(const bool exists, files.exists(path));
  if (!exists) return NamespaceRegistry();
  SELVAGE_TRY(const std::unique_ptr<store::File> file, files.open(path, store::OpenMode::read));
  SELVAGE_TRY(const uint64_t size, file->size());
  std::string text(size, '\0');
  SELVAGE_TRY(const size_t got, file->read_at(0, text));
  text.resize(got);
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    return fail(ErrorCode::corrupt, path + " is not JSON",
                "Bring it back from a backup: it says which class stored objects belong to");
  }
  auto registry = namespace_registry_from_json(json);
  if (!registry) return fail(std::move(registry).error().within(path));
  return registry;
}

Status write_namespaces(store::FileSystem& files, const std::string& directory,
                        const NamespaceRegistry& registry) {
  const std::string path = directory + kName;
  const std::string fresh = path + ".tmp";
  {
    SELVAGE_TRY(const std::unique_ptr<store::File> file,
                files.open(fresh, store::OpenMode::create_empty));
    SELVAGE_CHECK_STATUS(file->write_at(0, to_json(registry).dump(2) + "\n"));
    SELVAGE_CHECK_STATUS(file->sync_data());
  }
  SELVAGE_CHECK_STATUS(files.rename(fresh, path));
  return files.sync_directory(directory);
}

}  // namespace selvage::deploy
