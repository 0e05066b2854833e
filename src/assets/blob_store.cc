#include "assets/blob_store.h"

#include <algorithm>
#include <charconv>

#include "assets/file_hash.h"

namespace selvage::assets {
namespace {

/// Letters and digits: it becomes the name of a file.
bool is_safe(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

Result<std::string> read_whole(store::FileSystem& files, const std::string& path) {
  SELVAGE_TRY(const std::unique_ptr<store::File> file, files.open(path, store::OpenMode::read));
  SELVAGE_TRY(const uint64_t size, file->size());
  std::string content(size, '\0');
  SELVAGE_TRY(const size_t got, file->read_at(0, content));
  content.resize(got);
  return content;
}

}  // namespace

Result<std::unique_ptr<BlobStore>> BlobStore::open(store::FileSystem& files,
                                                   std::string directory) {
  for (const char* folder : {"/blobs", "/names", "/lists"}) {
    SELVAGE_CHECK_STATUS(files.create_directories(directory + folder));
  }
  return std::unique_ptr<BlobStore>(new BlobStore(files, std::move(directory)));
}

Result<BlobStore::Names*> BlobStore::names_of(const std::string& account) {
  if (!is_safe(account)) {
    return fail(ErrorCode::invalid_argument, "\"" + account + "\" is not the id of an account");
  }
  if (const auto known = names_.find(account); known != names_.end()) return &known->second;
  Names names;
  SELVAGE_TRY(const bool there, files_.exists(names_path(account)));
  if (there) {
    SELVAGE_TRY(const std::string text, read_whole(files_, names_path(account)));
    std::string_view rest = text;
    size_t whole = 0;
    while (true) {
      const size_t end = rest.find('\n');
      if (end == std::string_view::npos) break;
      const std::string_view line = rest.substr(0, end);
      const size_t first = line.find(' ');
      const size_t second = line.find(' ', first + 1);
      Blob blob;
      if (first == std::string_view::npos || second == std::string_view::npos) break;
      blob.hash = line.substr(first + 1, second - first - 1);
      const std::string_view size = line.substr(second + 1);
      const auto [last, error] = std::from_chars(size.data(), size.data() + size.size(), blob.size);
      if (error != std::errc() || last != size.data() + size.size()) break;
      names.insert_or_assign(std::string(line.substr(0, first)), std::move(blob));
      rest.remove_prefix(end + 1);
      whole += end + 1;
    }
    // A torn end: what is appended must begin a line.
    if (whole != text.size()) {
      SELVAGE_TRY(const std::unique_ptr<store::File> file,
                  files_.open(names_path(account), store::OpenMode::write));
      SELVAGE_CHECK_STATUS(file->truncate(whole));
    }
  }
  return &names_.insert_or_assign(account, std::move(names)).first->second;
}

// Under its final name only when it is whole.
Status BlobStore::write_new(const std::string& path, std::string_view content) {
  SELVAGE_TRY(const bool there, files_.exists(path));
  if (there) return {};
  SELVAGE_CHECK_STATUS(files_.create_directories(store::parent_directory(path)));
  const std::string unfinished = path + ".new";
  SELVAGE_TRY(const std::unique_ptr<store::File> file,
              files_.open(unfinished, store::OpenMode::create_empty));
  SELVAGE_CHECK_STATUS(file->write_at(0, content));
  SELVAGE_CHECK_STATUS(file->sync_data());
  return files_.rename(unfinished, path);
}

Status BlobStore::put(const std::string& account, const std::vector<Upload>& uploads) {
  SELVAGE_TRY(Names * names, names_of(account));
  std::string lines;
  std::vector<std::pair<std::string, Blob>> added;
  for (const Upload& upload : uploads) {
    if (!is_safe(upload.name)) {
      return fail(ErrorCode::invalid_argument, "\"" + upload.name + "\" cannot name a content");
    }
    Blob blob{content_hash(upload.content), upload.content.size()};
    const auto known = names->find(upload.name);
    if (known != names->end()) {
      if (known->second == blob) continue;
      return fail(ErrorCode::invalid_argument,
                  "the content of " + upload.name + " is another than it was before",
                  "A hash names one content");
    }
    const std::string path = blobs_directory() + "/" + blob.hash.substr(0, 2) + "/" + blob.hash;
    SELVAGE_CHECK_STATUS(write_new(path, upload.content));
    SELVAGE_CHECK_STATUS(files_.sync_directory(store::parent_directory(path)));
    lines += upload.name + " " + blob.hash + " " + std::to_string(blob.size) + "\n";
    added.emplace_back(upload.name, std::move(blob));
  }
  if (lines.empty()) return {};
  SELVAGE_TRY(const std::unique_ptr<store::File> file,
              files_.open(names_path(account), store::OpenMode::create));
  SELVAGE_TRY(const uint64_t end, file->size());
  Status written = file->write_at(end, lines);
  if (written) written = file->sync_data();
  if (written) written = files_.sync_directory(directory_ + "/names");
  if (!written) {
    names_.erase(account);  // what of it is on the disk is read again
    return written;
  }
  for (auto& [name, blob] : added) names->insert_or_assign(std::move(name), std::move(blob));
  return {};
}

Result<std::optional<BlobStore::Blob>> BlobStore::find(const std::string& account,
                                                       const std::string& name) {
  SELVAGE_TRY(const Names* names, names_of(account));
  const auto known = names->find(name);
  return known == names->end() ? std::optional<Blob>() : known->second;
}

Result<std::string> BlobStore::put_list(std::vector<Asset> assets) {
  const std::string text = write_manifest(std::move(assets));
  std::string id = content_hash(text);
  SELVAGE_CHECK_STATUS(write_new(list_path(id), text));
  SELVAGE_CHECK_STATUS(files_.sync_directory(directory_ + "/lists"));
  return id;
}

}  // namespace selvage::assets
