// The chunked transfer coding, read (RFC 9112, section 7.1): strict, and in pieces of any size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace selvage::http {

/// Takes a chunked body apart. Chunk extensions are checked, bounded and ignored, trailer fields
/// likewise. Anything that two readers could read in two ways is malformed: bare CR or LF, spaces
/// around the size, a size of more than 15 digits.
class ChunkedDecoder {
 public:
  enum class Status {
    data,       // `data` holds body bytes; call again with what was not consumed
    more,       // the input is used up, the body goes on
    done,       // the body and its trailer section have ended; what was not consumed follows them
    malformed,  // see problem(); nothing more can be read
  };
  struct Step {
    Status status;
    size_t consumed;        // bytes of the input that are dealt with, data included
    std::string_view data;  // within the input; empty unless status is `data`
  };

  /// Extensions of all chunks, and the trailer section, may take so many bytes each.
  static constexpr size_t kMostExtensionBytes = 16 << 10;
  static constexpr size_t kMostTrailerBytes = 16 << 10;

  /// Reads on. `input` starts where the last step's consumed bytes ended.
  Step next(std::string_view input);

  /// What was wrong, as a clause for an error page: "the chunk size is not a number".
  [[nodiscard]] std::string_view problem() const { return problem_; }
  /// Body bytes handed out so far.
  [[nodiscard]] uint64_t decoded_bytes() const { return decoded_; }

 private:
  enum class State : uint8_t {
    size_start,
    size,
    space_before_extension,
    extension,
    quoted_extension,
    quoted_escape,
    size_line_feed,
    data,
    data_return,
    data_line_feed,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_line_feed,
    final_line_feed,
    done,
    malformed,
  };
  bool take(char c);
  bool take_in_size_line(char c);
  bool take_in_trailer(char c);
  bool refuse(std::string_view problem);

  State state_ = State::size_start;
  uint8_t size_digits_ = 0;
  uint64_t remaining_ = 0;  // of the chunk
  uint64_t decoded_ = 0;
  size_t extension_bytes_ = 0;
  size_t trailer_bytes_ = 0;
  std::string_view problem_;
};

}  // namespace selvage::http
