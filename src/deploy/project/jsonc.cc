#include <charconv>
#include <set>
#include <system_error>

#include "deploy/project/config_value.h"

namespace selvage::deploy {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// Recursive descent over RFC 8259, with comments and trailing commas.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  Result<ConfigValue> parse() {
    ConfigValue root;
    if (!skip_blanks() || !parse_value(root, 0) || !skip_blanks()) return failure();
    if (at_ != text_.size()) {
      wrong("there is something after the end of the object");
      return failure();
    }
    return root;
  }

 private:
  tl::unexpected<Error> failure() const {
    return fail(ErrorCode::invalid_argument, std::to_string(error_line_) + ": " + error_);
  }
  bool wrong(std::string what) {
    error_ = std::move(what);
    error_line_ = line_;
    return false;
  }
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }

  std::string shown_here() const {
    if (at_end()) return "the end of the file";
    const char c = text_[at_];
    if (c == '\n' || c == '\r') return "the end of the line";
    size_t length = 1;
    while (length < 4 && at_ + length < text_.size() && (text_[at_ + length] & 0xC0) == 0x80) {
      ++length;  // a whole character of UTF-8
    }
    return "'" + std::string(text_.substr(at_, length)) + "'";
  }

  bool skip_blanks() {
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else if (text_.substr(at_, 2) == "//") {
        while (!at_end() && text_[at_] != '\n') ++at_;
      } else if (text_.substr(at_, 2) == "/*") {
        const size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return wrong("this comment has no end");
        for (; at_ < end + 2; ++at_) line_ += text_[at_] == '\n' ? 1 : 0;
      } else {
        break;
      }
    }
    return true;
  }

  bool parse_value(ConfigValue& value, int depth) {
    if (depth >= kMaxConfigDepth) return wrong("values are nested too deeply");
    value.line = line_;
    switch (peek()) {
      case '{': return parse_object(value, depth);
      case '[': return parse_array(value, depth);
      case '"': value.type = ConfigValue::Type::string; return parse_string(value.string);
      default: break;
    }
    if (peek() == '-' || is_digit(peek())) return parse_number(value);
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        if (word != "null") {
          value.type = ConfigValue::Type::boolean;
          value.boolean = word == "true";
        }
        return true;
      }
    }
    return wrong("expected a value, found " + shown_here());
  }

  bool parse_object(ConfigValue& value, int depth) {
    value.type = ConfigValue::Type::table;
    std::set<std::string> keys;
    ++at_;
    for (;;) {
      if (!skip_blanks()) return false;
      if (peek() == '}') break;
      if (peek() != '"') return wrong("expected a key in quotes or '}', found " + shown_here());
      const int key_line = line_;
      std::string key;
      if (!parse_string(key)) return false;
      if (!keys.insert(key).second) return wrong("\"" + key + "\" is here for the second time");
      if (!skip_blanks()) return false;
      if (peek() != ':') return wrong("expected ':' after \"" + key + "\", found " + shown_here());
      ++at_;
      ConfigValue member;
      if (!skip_blanks() || !parse_value(member, depth + 1)) return false;
      member.line = key_line;
      member.key = std::move(key);
      value.members.push_back(std::move(member));
      if (!skip_blanks()) return false;
      if (peek() == '}') break;
      if (peek() != ',') return wrong("expected ',' or '}', found " + shown_here());
      ++at_;
    }
    ++at_;
    return true;
  }

  bool parse_array(ConfigValue& value, int depth) {
    value.type = ConfigValue::Type::array;
    ++at_;
    for (;;) {
      if (!skip_blanks()) return false;
      if (peek() == ']') break;
      ConfigValue element;
      if (!parse_value(element, depth + 1)) return false;
      value.elements.push_back(std::move(element));
      if (!skip_blanks()) return false;
      if (peek() == ']') break;
      if (peek() != ',') return wrong("expected ',' or ']', found " + shown_here());
      ++at_;
    }
    ++at_;
    return true;
  }

  bool parse_string(std::string& out) {
    ++at_;
    for (;;) {
      if (at_end() || peek() == '\n') return wrong("this string has no closing quote");
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return wrong("a control character in a string");
      if (c != '\\') {
        out += c;
      } else if (!parse_escape(out)) {
        return false;
      }
    }
  }

  bool parse_escape(std::string& out) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"':
      case '\\':
      case '/': out += c; return true;
      case 'b': out += '\b'; return true;
      case 'f': out += '\f'; return true;
      case 'n': out += '\n'; return true;
      case 'r': out += '\r'; return true;
      case 't': out += '\t'; return true;
      case 'u': break;
      default: return wrong("there is no escape '\\" + std::string(1, c) + "' in JSON");
    }
    uint32_t code = 0;
    if (!parse_hex4(code)) return false;
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      uint32_t low = 0;
      if (!parse_hex4(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return wrong("half of a surrogate pair is missing");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xD800 && code < 0xE000) {
      return wrong("half of a surrogate pair is missing");
    }
    append_utf8(out, code);
    return true;
  }

  bool parse_hex4(uint32_t& code) {
    const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4) {
      return wrong("expected four hexadecimal digits after '\\u'");
    }
    at_ += 4;
    return true;
  }

  bool parse_number(ConfigValue& value) {
    const size_t start = at_;
    if (peek() == '-') ++at_;
    const size_t first_digit = at_;
    while (is_digit(peek())) ++at_;
    if (at_ == first_digit) return wrong("expected a digit, found " + shown_here());
    if (text_[first_digit] == '0' && at_ > first_digit + 1) {
      return wrong("a number cannot start with 0");
    }
    bool whole = true;
    if (peek() == '.') {
      whole = false;
      ++at_;
      if (!is_digit(peek())) return wrong("expected a digit, found " + shown_here());
      while (is_digit(peek())) ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
      whole = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!is_digit(peek())) return wrong("expected a digit, found " + shown_here());
      while (is_digit(peek())) ++at_;
    }
    const char* begin = text_.data() + start;
    const char* end = text_.data() + at_;
    if (whole && std::from_chars(begin, end, value.integer).ec == std::errc()) {
      value.type = ConfigValue::Type::integer;
      return true;
    }
    value.type = ConfigValue::Type::floating;
    if (std::from_chars(begin, end, value.floating).ec != std::errc()) {
      return wrong("this number is out of range");
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  std::string error_;
  int error_line_ = 1;
};

}  // namespace

Result<ConfigValue> parse_jsonc(std::string_view text) { return Parser(text).parse(); }

}  // namespace selvage::deploy
