// Answers requests for static assets on one loop: from memory where a file is small and in demand,
// else from the disk, piece by piece and off the loop. No isolate is touched.
//
// What a path's answer is does not change while a version is live. It is therefore worked out once
// and remembered: the answer to a request that comes again is one look-up and one copy.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "assets/asset_set.h"
#include "assets/compressor.h"
#include "assets/content_cache.h"
#include "assets/file_stream.h"
#include "http/exchange.h"
#include "loop/loop.h"

namespace selvage::assets {

struct AssetServerOptions {
  size_t memory_bytes = 32 << 20;        // of contents that the loop keeps
  size_t largest_in_memory = 512 << 10;  // of one file
  size_t smallest_compressed = 256;
  size_t largest_compressed = 16 << 20;
  size_t remembered_answers = 4096;  // of one version
};

/// One loop's; the loop's holder only. The loop and the compressor (which may be absent: then
/// nothing is compressed) outlive it.
class AssetServer {
 public:
  AssetServer(loop::Loop& loop, Compressor* compressor, AssetServerOptions options = {});
  ~AssetServer();
  AssetServer(const AssetServer&) = delete;
  AssetServer& operator=(const AssetServer&) = delete;

  /// A request that came in for the worker: answers it, or says false, then it is the script's.
  /// `owner`, if any, keeps the exchange alive until it is answered.
  bool route(const std::shared_ptr<const AssetSet>& set, http::Exchange& exchange,
             const std::shared_ptr<void>& owner = nullptr);
  /// A request that the script made of its assets.
  void answer(const std::shared_ptr<const AssetSet>& set, http::Exchange& exchange,
              const std::shared_ptr<void>& owner);

  /// Forgets the answers of versions that nobody else has any more. Now and then.
  void forget_unused();
  [[nodiscard]] size_t bytes_in_memory() const { return cache_.bytes(); }

 private:
  /// The fields of a request that matter here.
  struct Fields {
    std::string_view accept_encoding;
    std::string_view if_none_match;
    std::string_view range;
    std::string_view if_range;
    bool authorization = false;
    bool navigates = false;
    [[nodiscard]] bool cacheable() const { return !authorization && range.empty(); }
  };
  /// An answer with a file, ready to be given.
  struct Prepared {
    std::shared_ptr<const AssetSet> set;
    const Asset* asset = nullptr;
    int status = 200;
    std::string etag;
    bool compressible = false;
    std::array<std::string, kCodings> blocks;  // header blocks
    std::shared_ptr<Content> content;
  };
  struct Remembered {
    std::shared_ptr<const AssetSet> set;
    std::unordered_map<std::string, std::shared_ptr<Prepared>> by_path;
  };
  /// An exchange that waits for the disk.
  struct Waiting;
  /// Of an exchange whose body is a pipe: the pipe hears that the client went away.
  struct Unconcerned final : http::ExchangeObserver {
    void on_client_gone() override {}
  };

  static Fields fields_of(std::string_view header_block);
  bool handle(const std::shared_ptr<const AssetSet>& set, http::Exchange& exchange,
              const std::shared_ptr<void>& owner, bool may_be_scripts);
  std::shared_ptr<Prepared> prepare(const std::shared_ptr<const AssetSet>& set,
                                    const AssetRequest& request, const AssetAnswer& answer,
                                    bool cacheable);
  void give(const std::shared_ptr<Prepared>& prepared, const Fields& fields,
            http::Exchange& exchange, const std::shared_ptr<void>& owner);
  Coding choose(Prepared& prepared, const Fields& fields);
  void ask_for_copy(const std::shared_ptr<Prepared>& prepared, Coding coding);
  void give_from_disk(const std::shared_ptr<Prepared>& prepared, Coding coding, int status,
                      std::string block, uint64_t offset, uint64_t length, http::Exchange& exchange,
                      const std::shared_ptr<void>& owner);

  loop::Loop& loop_;
  Compressor* compressor_;
  AssetServerOptions options_;
  ContentCache cache_;
  Unconcerned unconcerned_;
  std::unordered_map<const AssetSet*, Remembered> remembered_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace selvage::assets
