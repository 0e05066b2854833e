#include "assets/asset_server.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "assets/byte_range.h"
#include "assets/file_hash.h"
#include "assets/off_loop.h"
#include "assets/url_path.h"
#include "http/syntax.h"

namespace selvage::assets {
namespace {

/// What a look at the disk brings: a small file's content, or a large one, open.
struct Opened {
  std::shared_ptr<OpenFile> file;
  uint64_t size = 0;
  std::shared_ptr<const std::string> bytes;
  bool as_hashed = true;  // the content is what the hash names
};

void open_file(const std::string& path, size_t largest_in_memory, const std::string& verify_hash,
               Opened& opened) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  auto file = std::make_shared<OpenFile>(fd);
  struct stat status{};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
  opened.size = static_cast<uint64_t>(status.st_size);
  opened.file = std::move(file);
  if (opened.size > largest_in_memory) return;
  auto bytes = std::make_shared<std::string>(opened.size, '\0');
  size_t read = 0;
  while (read < bytes->size()) {
    const ssize_t got =
        pread(fd, bytes->data() + read, bytes->size() - read, static_cast<off_t>(read));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    read += static_cast<size_t>(got);
  }
  bytes->resize(read);
  opened.size = read;
  if (!verify_hash.empty()) opened.as_hashed = content_hash(*bytes) == verify_hash;
  opened.bytes = std::move(bytes);
}

/// Whether If-None-Match names `etag`, by weak comparison (RFC 9110, section 13.1.2).
bool names_etag(std::string_view field, std::string_view etag) {
  while (!field.empty()) {
    std::string_view element = http::take_list_element(field);
    if (element == "*") return true;
    if (element.starts_with("W/")) element.remove_prefix(2);
    if (element == etag) return true;
  }
  return false;
}

void remove_field(std::string& block, std::string_view lower_name) {
  std::string kept;
  std::string_view rest = block;
  while (!rest.empty()) {
    const std::string_view before = rest;
    const http::FieldLine line = http::take_field_line(rest);
    if (!http::equals_ignoring_case(line.name, lower_name)) {
      kept += before.substr(0, before.size() - rest.size());
    }
  }
  block = std::move(kept);
}

void send_bytes(http::Exchange& exchange, int status, std::string_view block,
                std::string_view bytes) {
  char* const to = exchange.respond(status, "", block, bytes.size());
  if (to != nullptr) memcpy(to, bytes.data(), bytes.size());
}

}  // namespace

struct AssetServer::Waiting final : http::ExchangeObserver {
  Waiting(http::Exchange& waits, std::shared_ptr<void> keeps)
      : exchange(&waits), owner(std::move(keeps)) {
    exchange->set_observer(this);
  }
  void on_client_gone() override { exchange = nullptr; }

  http::Exchange* exchange;  // nullptr: nobody waits any more
  std::shared_ptr<void> owner;
};

AssetServer::AssetServer(loop::Loop& loop, Compressor* compressor, AssetServerOptions options)
    : loop_(loop), compressor_(compressor), options_(options), cache_(options.memory_bytes) {}

AssetServer::~AssetServer() = default;

bool AssetServer::route(const std::shared_ptr<const AssetSet>& set, http::Exchange& exchange,
                        const std::shared_ptr<void>& owner) {
  return handle(set, exchange, owner, true);
}

void AssetServer::answer(const std::shared_ptr<const AssetSet>& set, http::Exchange& exchange,
                         const std::shared_ptr<void>& owner) {
  handle(set, exchange, owner, false);
}

void AssetServer::forget_unused() {
  for (auto it = remembered_.begin(); it != remembered_.end();) {
    // One reference is the entry's, and one each answer's.
    const auto mine = static_cast<long>(it->second.by_path.size()) + 1;
    it = it->second.set.use_count() <= mine ? remembered_.erase(it) : std::next(it);
  }
}

AssetServer::Fields AssetServer::fields_of(std::string_view block) {
  Fields fields;
  while (!block.empty()) {
    const http::FieldLine line = http::take_field_line(block);
    const auto is = [&](std::string_view name) {
      return http::equals_ignoring_case(line.name, name);
    };
    switch (line.name.size()) {
      case 5:
        if (is("range")) fields.range = line.value;
        break;
      case 8:
        if (is("if-range")) fields.if_range = line.value;
        break;
      case 13:
        if (is("authorization")) {
          fields.authorization = true;
        } else if (is("if-none-match")) {
          fields.if_none_match = line.value;
        }
        break;
      case 14:
        if (is("sec-fetch-mode")) fields.navigates = line.value == "navigate";
        break;
      case 15:
        if (is("accept-encoding")) fields.accept_encoding = line.value;
        break;
      default: break;
    }
  }
  return fields;
}

bool AssetServer::handle(const std::shared_ptr<const AssetSet>& set, http::Exchange& exchange,
                         const std::shared_ptr<void>& owner, bool may_be_scripts) {
  const Fields fields = fields_of(exchange.header_block());
  const std::string_view target = exchange.target();
  const std::string_view method = exchange.method();
  const bool is_read = method == "GET" || method == "HEAD";
  Remembered* remembered = nullptr;
  std::string raw_path;
  if (is_read && may_be_scripts && fields.cacheable()) {
    remembered = &remembered_[set.get()];
    remembered->set = set;
    raw_path = target.substr(0, target.find_first_of("?#"));
    const auto known = remembered->by_path.find(raw_path);
    if (known != remembered->by_path.end()) {
      give(known->second, fields, exchange, owner);
      return true;
    }
  }
  const SplitTarget split = split_target(target);
  const AssetRequest request{.method = method,
                             .host = exchange.host(),
                             .secure = exchange.secure(),
                             .path = normalize_path(split.path),
                             .search = normalize_search(split.search),
                             .navigates = fields.navigates};
  const AssetAnswer answer = may_be_scripts ? set->route(request) : set->answer(request);
  if (answer.script) return false;
  if (answer.asset == nullptr) {
    exchange.respond_empty(answer.status, "",
                           set->headers(request, answer, fields.cacheable()).block());
    return true;
  }
  const std::shared_ptr<Prepared> prepared = prepare(set, request, answer, fields.cacheable());
  if (remembered != nullptr && answer.repeatable) {
    if (remembered->by_path.size() >= options_.remembered_answers) remembered->by_path.clear();
    remembered->by_path.emplace(std::move(raw_path), prepared);
  }
  give(prepared, fields, exchange, owner);
  return true;
}

std::shared_ptr<AssetServer::Prepared> AssetServer::prepare(
    const std::shared_ptr<const AssetSet>& set, const AssetRequest& request,
    const AssetAnswer& answer, bool cacheable) {
  auto prepared = std::make_shared<Prepared>();
  prepared->set = set;
  prepared->asset = answer.asset;
  prepared->status = answer.status;
  prepared->etag = "\"" + answer.asset->hash + "\"";
  prepared->content = cache_.get(answer.asset->hash);
  Content::Copy& whole = (*prepared->content)[Coding::identity];
  whole.state = Content::State::ready;
  whole.path = set->file_of(*answer.asset);
  whole.size = answer.asset->size;
  HeaderList headers = set->headers(request, answer, cacheable);
  const bool own_coding = !headers.get("content-encoding").empty() ||
                          headers.get("cache-control").find("no-transform") != std::string::npos;
  prepared->compressible =
      compressor_ != nullptr && !own_coding && whole.size >= options_.smallest_compressed &&
      whole.size <= options_.largest_compressed && is_compressible(headers.get("content-type"));
  if (prepared->compressible) headers.append("Vary", "Accept-Encoding");
  prepared->blocks[0] = headers.block();
  if (prepared->compressible) {
    // Compressed, it is the same content and not the same bytes.
    if (headers.get("etag") == prepared->etag) headers.set("ETag", "W/" + prepared->etag);
    for (const Coding coding : kCompressedCodings) {
      headers.set("Content-Encoding", to_string(coding));
      prepared->blocks[static_cast<size_t>(coding)] = headers.block();
    }
  }
  return prepared;
}

Coding AssetServer::choose(Prepared& prepared, const Fields& fields) {
  if (!prepared.compressible || fields.accept_encoding.empty()) return Coding::identity;
  const CodingPreference preference = parse_accept_encoding(fields.accept_encoding);
  for (size_t i = 0; i < preference.count; ++i) {
    const Coding coding = preference.order[i];
    if (coding == Coding::identity) return coding;
    if ((*prepared.content)[coding].state != Content::State::useless) return coding;
  }
  return Coding::identity;
}

void AssetServer::ask_for_copy(const std::shared_ptr<Prepared>& prepared, Coding coding) {
  (*prepared->content)[coding].state = Content::State::asked;
  compressor_->make({.path = (*prepared->content)[Coding::identity].path,
                     .hash = prepared->asset->hash,
                     .verify = !prepared->set->immutable(),
                     .coding = coding},
                    loop_, [content = prepared->content, coding](Result<CompressedCopy> made) {
                      Content::Copy& copy = (*content)[coding];
                      copy.state =
                          made && made->size > 0 ? Content::State::ready : Content::State::useless;
                      if (!made) return;
                      copy.path = std::move(made->path);
                      copy.size = made->size;
                    });
}

void AssetServer::give(const std::shared_ptr<Prepared>& prepared, const Fields& fields,
                       http::Exchange& exchange, const std::shared_ptr<void>& owner) {
  const bool head = exchange.method() == "HEAD";
  cache_.touch(prepared->content);
  if (!fields.if_none_match.empty() && names_etag(fields.if_none_match, prepared->etag)) {
    exchange.respond_empty(304, "", prepared->blocks[0]);
    return;
  }
  const uint64_t size = prepared->asset->size;
  if (!fields.range.empty() && !head && prepared->status == 200 &&
      (fields.if_range.empty() || fields.if_range == prepared->etag)) {
    const ByteRange range = parse_range(fields.range, size);
    std::string block = prepared->blocks[0];
    if (range.kind == ByteRange::Kind::unsatisfiable) {
      remove_field(block, "content-type");
      block += "Content-Range: bytes */" + std::to_string(size) + "\r\n";
      exchange.respond_empty(416, "", block);
      return;
    }
    if (range.kind == ByteRange::Kind::part) {
      block += "Content-Range: bytes " + std::to_string(range.first) + "-" +
               std::to_string(range.first + range.length - 1) + "/" + std::to_string(size) + "\r\n";
      const auto& bytes = (*prepared->content)[Coding::identity].bytes;
      if (bytes) {
        send_bytes(exchange, 206, block,
                   std::string_view(*bytes).substr(range.first, range.length));
      } else {
        give_from_disk(prepared, Coding::identity, 206, std::move(block), range.first, range.length,
                       exchange, owner);
      }
      return;
    }
  }
  Coding coding = choose(*prepared, fields);
  if (coding != Coding::identity && (*prepared->content)[coding].state != Content::State::ready) {
    // The first clients get the file as it is; nobody waits for a copy.
    if ((*prepared->content)[coding].state == Content::State::unknown) {
      ask_for_copy(prepared, coding);
    }
    coding = Coding::identity;
  }
  const Content::Copy& copy = (*prepared->content)[coding];
  const std::string& block = prepared->blocks[static_cast<size_t>(coding)];
  if (head) {
    exchange.respond_empty(prepared->status, "",
                           block + "Content-Length: " + std::to_string(copy.size) + "\r\n");
  } else if (copy.bytes) {
    send_bytes(exchange, prepared->status, block, *copy.bytes);
  } else {
    give_from_disk(prepared, coding, prepared->status, block, 0, copy.size, exchange, owner);
  }
}

void AssetServer::give_from_disk(const std::shared_ptr<Prepared>& prepared, Coding coding,
                                 int status, std::string block, uint64_t offset, uint64_t length,
                                 http::Exchange& exchange, const std::shared_ptr<void>& owner) {
  auto waiting = std::make_shared<Waiting>(exchange, owner);
  auto opened = std::make_shared<Opened>();
  const Content::Copy& copy = (*prepared->content)[coding];
  const bool verify = coding == Coding::identity && !prepared->set->immutable();
  run_off_loop(
      loop_,
      [opened, path = copy.path, hash = verify ? prepared->asset->hash : std::string(),
       largest = options_.largest_in_memory] { open_file(path, largest, hash, *opened); },
      [this, alive = std::weak_ptr<bool>(alive_), opened, waiting, prepared, coding, status,
       block = std::move(block), offset, length]() mutable {
        if (alive.expired()) return;
        Content::Copy& known = (*prepared->content)[coding];
        const bool as_expected =
            opened->file != nullptr && opened->as_hashed && opened->size == known.size;
        if (as_expected && opened->bytes) {
          cache_.keep(prepared->content, coding, opened->bytes);
        }
        http::Exchange* const exchange = waiting->exchange;
        if (exchange == nullptr) return;
        if (!as_expected && coding != Coding::identity) {
          // The copy has gone from the disk: the file itself is still there.
          known.state = Content::State::unknown;
          exchange->set_observer(nullptr);
          give_from_disk(prepared, Coding::identity, status, prepared->blocks[0], 0,
                         prepared->asset->size, *exchange, waiting->owner);
          return;
        }
        if (opened->file == nullptr) {
          exchange->respond_empty(500, "", "Cache-Control: no-store\r\n");
          return;
        }
        if (!as_expected) {
          // It was changed a moment ago, and the new version is not here yet: as it is now, but
          // nobody shall keep it.
          remove_field(block, "etag");
          remove_field(block, "content-range");
          status = status == 206 ? 200 : status;
          offset = 0;
          length = opened->size;
        }
        if (opened->bytes) {
          send_bytes(*exchange, status, block,
                     std::string_view(*opened->bytes).substr(offset, length));
        } else {
          exchange->set_observer(&unconcerned_);
          exchange->respond_stream(status, "", block,
                                   stream_file(loop_, opened->file, offset, length), length);
        }
      });
}

}  // namespace selvage::assets
