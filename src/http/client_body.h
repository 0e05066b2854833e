// The way of a response's body from the connection to its pipe: decompression and back-pressure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/function.h"
#include "base/result.h"
#include "http/decompress.h"
#include "loop/pipe.h"

namespace selvage::http {

/// The pipe's producer. Goes on after the connection has delivered everything, as long as the
/// consumer is slower: held by the exchange and by the pipe's callbacks, hence shared_ptr. All
/// calls on the loop's carrier.
class ClientBody : public std::enable_shared_from_this<ClientBody> {
 public:
  struct Callbacks {
    /// There is room again after write() returned false.
    UniqueFunction<void()> on_room;
    /// The consumer canceled, or dropped the pipe; or the data could not be decompressed, then the
    /// pipe has failed with why. Nothing more need be written.
    UniqueFunction<void()> on_unwanted;
  };

  static std::shared_ptr<ClientBody> create(std::unique_ptr<Decompressor> decompressor,
                                            Callbacks callbacks);

  /// The consumer's end, once. The body does not keep it alive: when the consumer lets go of it,
  /// the body is unwanted.
  std::shared_ptr<loop::Pipe> take_pipe() { return std::move(unclaimed_pipe_); }

  /// Takes bytes from the wire. False when the caller should stop reading until on_room.
  bool write(std::string_view bytes);
  void end();
  void fail(Error error);

 private:
  struct Abandonment;

  explicit ClientBody(std::unique_ptr<Decompressor> decompressor, Callbacks callbacks)
      : decompressor_(std::move(decompressor)), callbacks_(std::move(callbacks)) {}
  void unwanted();
  void drained();
  bool pump();
  void finish(loop::Pipe& pipe);

  std::unique_ptr<Decompressor> decompressor_;
  Callbacks callbacks_;
  std::shared_ptr<loop::Pipe> unclaimed_pipe_;
  std::weak_ptr<loop::Pipe> pipe_;
  std::string compressed_;         // not decompressed yet
  bool output_held_back_ = false;  // by the decompressor
  bool blocked_ = false;
  bool ended_ = false;
  bool closed_ = false;  // nothing more goes to the pipe
};

}  // namespace selvage::http
