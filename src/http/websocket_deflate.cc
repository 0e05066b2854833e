#include "http/websocket_deflate.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "http/syntax.h"

namespace selvage::http {
namespace {

// Fast, and good enough for texts that are worth it.
constexpr int kLevel = 3;
constexpr int kMemoryLevel = 8;
// Memory that is kept between messages.
constexpr size_t kKept = 64 << 10;
constexpr size_t kFirstOutput = 4 << 10;
// What ends every compressed message, and is left out (section 7.2.1).
constexpr std::string_view kTail("\0\0\xff\xff", 4);

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view take_until(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view piece = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return trim(piece);
}

/// An extension's parameters (section 7.1). Window bits: -1 without a value, 0 when absent.
struct Parameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  int server_max_window_bits = 0;
  int client_max_window_bits = 0;
};

std::optional<int> read_window_bits(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  if (value.empty() || value.size() > 2 || value.front() == '0') return std::nullopt;
  int bits = 0;
  for (char c : value) {
    if (c < '0' || c > '9') return std::nullopt;
    bits = bits * 10 + (c - '0');
  }
  if (bits < 8 || bits > 15) return std::nullopt;
  return bits;
}

/// nullopt: it names something else, or is not well-formed.
std::optional<Parameters> read_extension(std::string_view extension) {
  if (!equals_ignoring_case(take_until(extension, ';'), "permessage-deflate")) return std::nullopt;
  Parameters parameters;
  const auto once = [](bool& flag, bool no_value) {
    return no_value && !std::exchange(flag, true);
  };
  while (!extension.empty()) {
    std::string_view value = take_until(extension, ';');
    const bool has_value = value.find('=') != std::string_view::npos;
    const std::string_view name = take_until(value, '=');
    if (equals_ignoring_case(name, "server_no_context_takeover")) {
      if (!once(parameters.server_no_context_takeover, !has_value)) return std::nullopt;
    } else if (equals_ignoring_case(name, "client_no_context_takeover")) {
      if (!once(parameters.client_no_context_takeover, !has_value)) return std::nullopt;
    } else if (equals_ignoring_case(name, "server_max_window_bits") ||
               equals_ignoring_case(name, "client_max_window_bits")) {
      int& bits = (name.front() | 0x20) == 's' ? parameters.server_max_window_bits
                                               : parameters.client_max_window_bits;
      if (bits != 0) return std::nullopt;
      if (has_value) {
        const std::optional<int> read = read_window_bits(trim(value));
        if (!read) return std::nullopt;
        bits = *read;
      } else {
        bits = -1;
      }
    } else {
      return std::nullopt;
    }
  }
  return parameters;
}

}  // namespace

std::optional<DeflateAgreement> accept_deflate_offer(std::string_view header_block) {
  while (!header_block.empty()) {
    FieldLine line = take_field_line(header_block);
    if (!equals_ignoring_case(line.name, "sec-websocket-extensions")) continue;
    while (!line.value.empty()) {
      const std::optional<Parameters> offer = read_extension(take_until(line.value, ','));
      // zlib makes no raw stream with a window of 8 bits.
      if (!offer || offer->server_max_window_bits == 8 || offer->server_max_window_bits == -1) {
        continue;
      }
      DeflateAgreement agreement;
      if (offer->server_max_window_bits > 0) agreement.window_bits = offer->server_max_window_bits;
      return agreement;
    }
  }
  return std::nullopt;
}

std::string deflate_answer(const DeflateAgreement& agreement) {
  std::string answer(kDeflateOffer);
  if (agreement.window_bits != 15) {
    answer += "; server_max_window_bits=" + std::to_string(agreement.window_bits);
  }
  return answer;
}

Result<std::optional<DeflateAgreement>> read_deflate_answer(std::string_view header_block) {
  std::optional<DeflateAgreement> agreement;
  while (!header_block.empty()) {
    FieldLine line = take_field_line(header_block);
    if (!equals_ignoring_case(line.name, "sec-websocket-extensions")) continue;
    while (!line.value.empty()) {
      const std::optional<Parameters> answer = read_extension(take_until(line.value, ','));
      if (!answer || agreement || answer->client_max_window_bits != 0 ||
          answer->server_max_window_bits == -1) {
        return fail(ErrorCode::corrupt, "it uses an extension that was not offered");
      }
      agreement.emplace().peer_takes_over = !answer->server_no_context_takeover;
    }
  }
  return agreement;
}

// --- MessageDeflater --------------------------------------------------------------------------

MessageDeflater::MessageDeflater() = default;

MessageDeflater::~MessageDeflater() {
  if (stream_) deflateEnd(stream_.get());
}

std::optional<std::string_view> MessageDeflater::compress(std::string_view message,
                                                          int window_bits) {
  if (stream_ && window_bits != window_bits_) {
    deflateEnd(stream_.get());
    stream_.reset();
  }
  if (!stream_) {
    auto stream = std::make_unique<z_stream>();
    if (deflateInit2(stream.get(), kLevel, Z_DEFLATED, -window_bits, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      return std::nullopt;  // without memory it goes as it is
    }
    stream_ = std::move(stream);
    window_bits_ = window_bits;
  } else {
    deflateReset(stream_.get());
  }
  if (output_.size() > kKept) {
    output_.resize(kKept);
    output_.shrink_to_fit();
  }
  // More than the message itself is of no use.
  if (output_.size() < message.size()) output_.resize(message.size());
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
  stream_->avail_in = static_cast<uInt>(message.size());
  stream_->next_out = reinterpret_cast<Bytef*>(output_.data());
  stream_->avail_out = static_cast<uInt>(message.size());
  const int status = deflate(stream_.get(), Z_SYNC_FLUSH);
  if (status != Z_OK || stream_->avail_in != 0 || stream_->avail_out == 0) return std::nullopt;
  const size_t size = message.size() - stream_->avail_out;
  const std::string_view compressed(output_.data(), size);
  if (!compressed.ends_with(kTail)) return std::nullopt;
  return compressed.substr(0, size - kTail.size());
}

// --- MessageInflater --------------------------------------------------------------------------

MessageInflater::MessageInflater(bool takes_over) : takes_over_(takes_over) {}

MessageInflater::~MessageInflater() {
  if (stream_) inflateEnd(stream_.get());
}

MessageInflater::Outcome MessageInflater::decompress(std::string_view payload, size_t largest) {
  size_ = 0;
  if (output_.size() > kKept) {
    output_.resize(kKept);
    output_.shrink_to_fit();
  }
  if (!stream_) {
    auto stream = std::make_unique<z_stream>();
    if (inflateInit2(stream.get(), -MAX_WBITS) != Z_OK) return Outcome::corrupt;
    stream_ = std::move(stream);
  } else if (!takes_over_) {
    inflateReset(stream_.get());
  }
  const Outcome outcome = inflate_piece(payload, largest);
  return outcome == Outcome::whole ? inflate_piece(kTail, largest) : outcome;
}

MessageInflater::Outcome MessageInflater::inflate_piece(std::string_view piece, size_t largest) {
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
  stream_->avail_in = static_cast<uInt>(piece.size());
  while (true) {
    if (size_ == output_.size()) {
      // One byte more than may be, to see that there is more.
      const size_t wanted = std::min(std::max(2 * size_, kFirstOutput), largest + 1);
      if (wanted <= size_) return Outcome::too_large;
      output_.resize(wanted);
    }
    stream_->next_out = reinterpret_cast<Bytef*>(output_.data() + size_);
    stream_->avail_out = static_cast<uInt>(output_.size() - size_);
    const int status = inflate(stream_.get(), Z_SYNC_FLUSH);
    size_ = output_.size() - stream_->avail_out;
    if (size_ > largest) return Outcome::too_large;
    if (status == Z_STREAM_END) {
      // A last block may be followed by others (section 7.2.3.5).
      inflateReset(stream_.get());
      if (stream_->avail_in == 0) return Outcome::whole;
      continue;
    }
    if (status == Z_BUF_ERROR && stream_->avail_in == 0) return Outcome::whole;  // nothing to do
    if (status != Z_OK) return Outcome::corrupt;
    if (stream_->avail_in == 0 && stream_->avail_out != 0) return Outcome::whole;
  }
}

}  // namespace selvage::http
