#include "serve/installation_key.h"

#include <openssl/rand.h>

#include "worker/object_id.h"

namespace selvage::serve {

Result<std::string> installation_key(store::FileSystem& files, const std::string& data_directory) {
  const std::string path = data_directory + "/installation.key";
  std::string key(worker::ObjectIds::kKeyBytes, '\0');
  SELVAGE_TRY(const bool exists, files.exists(path));
  if (exists) {
    SELVAGE_TRY(std::unique_ptr<store::File> file, files.open(path, store::OpenMode::read));
    SELVAGE_TRY(const size_t size, file->read_at(0, key));
    if (size == key.size()) return key;
    return fail(
        ErrorCode::corrupt,
        path + " has " + std::to_string(size) + " bytes instead of " + std::to_string(key.size()),
        "Restore it from a backup: without it no Durable Object of this folder is found");
  }
  if (RAND_bytes(reinterpret_cast<uint8_t*>(key.data()), static_cast<int>(key.size())) != 1) {
    return fail(ErrorCode::internal, "the system gives no random bytes for " + path);
  }
  const std::string unfinished = path + ".tmp";
  {
    SELVAGE_TRY(std::unique_ptr<store::File> file,
                files.open(unfinished, store::OpenMode::create_empty));
    SELVAGE_CHECK_STATUS(file->write_at(0, key));
    SELVAGE_CHECK_STATUS(file->sync_data());
  }
  SELVAGE_CHECK_STATUS(files.rename(unfinished, path));
  SELVAGE_CHECK_STATUS(files.sync_directory(data_directory));
  return key;
}

}  // namespace selvage::serve
