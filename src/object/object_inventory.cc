// What is stored: for the command line, and for migrations that delete classes.
#include <algorithm>
#include <future>
#include <mutex>

#include "object/checkpointer.h"
#include "object/object_store.h"

namespace selvage::object {
namespace {

constexpr std::string_view kSuffix = ".sqlite";
constexpr size_t kCopyAtOnce = size_t{1} << 20;

Status copy_file(store::FileSystem& files, const std::string& from, const std::string& to) {
  SELVAGE_TRY(const std::unique_ptr<store::File> source, files.open(from, store::OpenMode::read));
  SELVAGE_TRY(const std::unique_ptr<store::File> target,
              files.open(to, store::OpenMode::create_empty));
  std::string buffer(kCopyAtOnce, '\0');
  for (uint64_t offset = 0;;) {
    SELVAGE_TRY(const size_t got, source->read_at(offset, buffer));
    SELVAGE_CHECK_STATUS(target->write_at(offset, std::string_view(buffer).substr(0, got)));
    offset += got;
    if (got < buffer.size()) return {};
  }
}

}  // namespace

Result<std::vector<std::string>> ObjectStore::namespaces() {
  SELVAGE_CHECK_STATUS(checkpoint());
  SELVAGE_TRY(const std::vector<std::string> directories, files_.list(directory_));
  std::vector<std::string> ids;
  for (const std::string& directory : directories) {
    if (!is_namespace_directory(directory)) continue;
    std::string id = namespace_of_directory(directory);
    SELVAGE_TRY(const std::vector<std::string> names, files_.list(directory_ + "/" + directory));
    if (std::ranges::any_of(names, [](const auto& each) { return each.ends_with(kSuffix); })) {
      ids.push_back(std::move(id));
    }
  }
  std::ranges::sort(ids);
  return ids;
}

Result<std::vector<ObjectStore::StoredObject>> ObjectStore::list(std::string_view namespace_id) {
  SELVAGE_CHECK_STATUS(checkpoint());
  const std::string directory = directory_ + "/" + namespace_directory(namespace_id);
  std::vector<StoredObject> objects;
  auto names = files_.list(directory);
  if (!names) {
    if (names.error().code == ErrorCode::not_found) return objects;
    return fail(std::move(names).error());
  }
  for (const std::string& name : *names) {
    if (!name.ends_with(kSuffix)) continue;
    std::string id = name.substr(0, name.size() - kSuffix.size());
    if (!ObjectKey::make(namespace_id, id)) continue;
    auto file = files_.open(directory + "/" + name, store::OpenMode::read);
    if (!file) {  // deleted just now
      if (file.error().code == ErrorCode::not_found) continue;
      return fail(std::move(file).error());
    }
    SELVAGE_TRY(const uint64_t bytes, (*file)->size());
    objects.push_back({std::move(id), bytes});
  }
  return objects;
}

Status ObjectStore::copy_object(std::string_view namespace_id, std::string_view object_id_hex,
                                const std::string& destination) {
  SELVAGE_TRY(const ObjectKey key, ObjectKey::make(namespace_id, object_id_hex));
  SELVAGE_CHECK_STATUS(checkpoint());
  // Between two batches of checkpoints a file is a whole database, whatever its object does.
  std::lock_guard batch(checkpointer_->batch_mutex());
  const std::string path = directory_ + "/" + key.relative_path();
  SELVAGE_TRY(const bool exists, files_.exists(path));
  if (!exists) {
    return fail(ErrorCode::not_found,
                "object " + key.id + " of " + key.namespace_id + " stores nothing");
  }
  return copy_file(files_, path, destination);
}

Status ObjectStore::erase_object(std::string_view namespace_id, std::string_view object_id_hex) {
  SELVAGE_TRY(const std::unique_ptr<ObjectStorage> storage,
              open_object(namespace_id, object_id_hex));
  SELVAGE_CHECK_STATUS(storage->delete_all());
  SELVAGE_TRY(const std::optional<uint64_t> sequence, storage->commit(nullptr));
  if (!sequence) return {};
  return wait_until_durable(*storage);
}

Status ObjectStore::wait_until_durable(ObjectStorage& storage) {
  std::promise<Status> durable;
  storage.when_durable([&durable](const Status& status) { durable.set_value(status); });
  return durable.get_future().get();
}

Status ObjectStore::erase_namespace(std::string_view namespace_id) {
  SELVAGE_TRY(const std::vector<StoredObject> objects, list(namespace_id));
  Status result;
  for (const StoredObject& object : objects) {
    Status erased = erase_object(namespace_id, object.id);
    if (!erased && result) result = std::move(erased);
  }
  SELVAGE_CHECK_STATUS(checkpoint());
  if (result) result = remove_histories(namespace_id);
  return result;
}

/// For a namespace that comes never again.
Status ObjectStore::remove_histories(std::string_view namespace_id) {
  const std::string directory = directory_ + "/" + namespace_directory(namespace_id);
  std::lock_guard batch(checkpointer_->batch_mutex());
  auto names = files_.list(directory);
  if (!names) {
    if (names.error().code == ErrorCode::not_found) return {};
    return fail(std::move(names).error());
  }
  for (const std::string& name : *names) {
    if (name.find(".history") == std::string::npos) continue;
    SELVAGE_CHECK_STATUS(files_.remove(directory + "/" + name));
  }
  return files_.sync_directory(directory);
}

}  // namespace selvage::object
