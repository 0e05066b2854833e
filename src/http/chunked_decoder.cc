#include "http/chunked_decoder.h"

#include <algorithm>

#include "base/percent.h"
#include "http/syntax.h"

namespace selvage::http {
namespace {

// Leading zeros count. 15 digits are 60 bits, more than a body can be long.
constexpr int kMostSizeDigits = 15;

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::next(std::string_view input) {
  size_t at = 0;
  while (true) {
    if (state_ == State::done) return {Status::done, at, {}};
    if (state_ == State::malformed) return {Status::malformed, at, {}};
    if (at == input.size()) return {Status::more, at, {}};
    if (state_ == State::data) {
      const size_t size = static_cast<size_t>(std::min<uint64_t>(remaining_, input.size() - at));
      remaining_ -= size;
      decoded_ += size;
      if (remaining_ == 0) state_ = State::data_return;
      return {Status::data, at + size, input.substr(at, size)};
    }
    if (take(input[at])) ++at;
  }
}

bool ChunkedDecoder::take(char c) {
  switch (state_) {
    case State::data_return:
      if (c != '\r') return refuse("a chunk is longer than its size says");
      state_ = State::data_line_feed;
      return true;
    case State::data_line_feed:
      if (c != '\n') return refuse("a chunk does not end with CR LF");
      state_ = State::size_start;
      return true;
    case State::trailer_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_line_feed:
    case State::final_line_feed: return take_in_trailer(c);
    default: return take_in_size_line(c);
  }
}

bool ChunkedDecoder::take_in_size_line(char c) {
  switch (state_) {
    case State::size_start:
    case State::size:
      if (const int digit = hex_value(c); digit >= 0) {
        if (++size_digits_ > kMostSizeDigits) return refuse("the chunk size is too large");
        remaining_ = remaining_ * 16 + static_cast<uint64_t>(digit);
        state_ = State::size;
        return true;
      }
      if (state_ == State::size_start) return refuse("the chunk size is not a number");
      if (c == '\r') {
        state_ = State::size_line_feed;
      } else if (c == ';') {
        state_ = State::extension;
      } else if (c == ' ' || c == '\t') {
        state_ = State::space_before_extension;
      } else {
        return refuse("the chunk size is not a number");
      }
      return true;
    case State::space_before_extension:
      if (++extension_bytes_ > kMostExtensionBytes)
        return refuse("the chunk extensions are too long");
      if (c == ';') {
        state_ = State::extension;
      } else if (c != ' ' && c != '\t') {
        return refuse("there is a space after the chunk size");
      }
      return true;
    case State::extension:
    case State::quoted_extension:
    case State::quoted_escape:
      if (c == '\r' && state_ == State::extension) {
        state_ = State::size_line_feed;
        return true;
      }
      if (!has_class(c, kFieldValueCharacter)) {
        return refuse("a chunk extension holds a forbidden character");
      }
      if (++extension_bytes_ > kMostExtensionBytes)
        return refuse("the chunk extensions are too long");
      if (state_ == State::quoted_escape) {
        state_ = State::quoted_extension;
      } else if (c == '"') {
        state_ = state_ == State::extension ? State::quoted_extension : State::extension;
      } else if (c == '\\' && state_ == State::quoted_extension) {
        state_ = State::quoted_escape;
      }
      return true;
    default:  // size_line_feed
      if (c != '\n') return refuse("the chunk size does not end with CR LF");
      size_digits_ = 0;
      state_ = remaining_ == 0 ? State::trailer_start : State::data;
      return true;
  }
}

bool ChunkedDecoder::take_in_trailer(char c) {
  if (++trailer_bytes_ > kMostTrailerBytes) return refuse("the trailer section is too long");
  switch (state_) {
    case State::trailer_start:
      if (c == '\r') {
        state_ = State::final_line_feed;
      } else if (has_class(c, kTokenCharacter)) {
        state_ = State::trailer_name;
      } else {
        return refuse("a trailer field has no valid name");
      }
      return true;
    case State::trailer_name:
      if (c == ':') {
        state_ = State::trailer_value;
      } else if (!has_class(c, kTokenCharacter)) {
        return refuse("a trailer field has no valid name");
      }
      return true;
    case State::trailer_value:
      if (c == '\r') {
        state_ = State::trailer_line_feed;
      } else if (!has_class(c, kFieldValueCharacter)) {
        return refuse("a trailer field holds a forbidden character");
      }
      return true;
    case State::trailer_line_feed:
      if (c != '\n') return refuse("a trailer field does not end with CR LF");
      state_ = State::trailer_start;
      return true;
    default:  // final_line_feed
      if (c != '\n') return refuse("the body does not end with CR LF");
      state_ = State::done;
      return true;
  }
}

bool ChunkedDecoder::refuse(std::string_view problem) {
  state_ = State::malformed;
  problem_ = problem;
  return false;
}

}  // namespace selvage::http
