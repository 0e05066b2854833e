// permessage-deflate (RFC 7692): what both sides agree on, and the compression of whole messages.
// Without I/O.
//
// We never let a message refer to an earlier one, in either direction, if the other side can do
// without as well. So no connection has a compressor or decompressor of its own (256 and 40 KiB):
// those of the loop serve one message after the other.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct z_stream_s;

namespace selvage::http {

struct DeflateAgreement {
  /// Of what we send: 9 to 15.
  int window_bits = 15;
  /// What we get refers to earlier messages: a decompressor for this connection is needed.
  bool peer_takes_over = false;
};

/// What a client of ours offers, as the value of Sec-WebSocket-Extensions.
inline constexpr std::string_view kDeflateOffer =
    "permessage-deflate; client_no_context_takeover; server_no_context_takeover";

/// The first offer among the header lines of a handshake that a server can accept (section 5.1).
std::optional<DeflateAgreement> accept_deflate_offer(std::string_view header_block);
/// The server's answer to it, as the value of Sec-WebSocket-Extensions.
std::string deflate_answer(const DeflateAgreement& agreement);
/// What the server made of kDeflateOffer; nullopt: it wants none. An error when the answer is not
/// one to what was offered.
Result<std::optional<DeflateAgreement>> read_deflate_answer(std::string_view header_block);

class MessageDeflater {
 public:
  MessageDeflater();
  ~MessageDeflater();
  /// The message as the payload of a compressed one; valid until the next call. nullopt when that
  /// would not be shorter.
  std::optional<std::string_view> compress(std::string_view message, int window_bits);

 private:
  std::unique_ptr<z_stream_s> stream_;  // nullptr before the first message
  int window_bits_ = 0;
  std::string output_;
};

class MessageInflater {
 public:
  enum class Outcome { whole, too_large, corrupt };

  /// `takes_over`: messages may refer to earlier ones.
  explicit MessageInflater(bool takes_over);
  ~MessageInflater();
  /// The payload of a compressed message, of at most `largest` bytes when decompressed: message()
  /// is it then.
  Outcome decompress(std::string_view payload, size_t largest);
  /// Valid until the next call.
  [[nodiscard]] std::string_view message() const { return {output_.data(), size_}; }

 private:
  Outcome inflate_piece(std::string_view piece, size_t largest);

  const bool takes_over_;
  std::unique_ptr<z_stream_s> stream_;  // nullptr before the first message
  std::string output_;
  size_t size_ = 0;
};

/// Shared by the connections of a loop.
struct DeflateContexts {
  MessageDeflater deflater;
  MessageInflater inflater{/*takes_over=*/false};
};

}  // namespace selvage::http
