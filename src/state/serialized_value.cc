#include "state/serialized_value.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <ctime>
#include <string>

#include "base/base64.h"

namespace selvage::state {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint32_t kOldest = 13;
constexpr uint32_t kNewest = 15;
constexpr int kDeepest = 200;
/// A hole, or the end of a list: never a value's.
constexpr char kHole = '-';

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::corrupt, "not a serialized value: " + std::string(what));
}

Json typed(const char* type) { return Json{{"$type", type}}; }

void append_utf8(std::string& text, uint32_t point) {
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xc0 | point >> 6);
    text += static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    text += static_cast<char>(0xe0 | point >> 12);
    text += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    text += static_cast<char>(0xf0 | point >> 18);
    text += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    text += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (point & 0x3f));
  }
}

std::string from_latin1(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) append_utf8(text, static_cast<unsigned char>(c));
  return text;
}

/// Lone surrogates become U+FFFD.
std::string from_utf16(std::string_view bytes) {
  const auto unit = [&](size_t i) -> uint32_t {
    return static_cast<unsigned char>(bytes[i]) |
           static_cast<uint32_t>(static_cast<unsigned char>(bytes[i + 1])) << 8;
  };
  std::string text;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    uint32_t point = unit(i);
    if (point >= 0xd800 && point < 0xdc00 && i + 3 < bytes.size()) {
      const uint32_t low = unit(i + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        i += 2;
      }
    }
    append_utf8(text, point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
  }
  return text;
}

Json number(double value) {
  if (std::isnan(value)) return Json{{"$type", "number"}, {"value", "NaN"}};
  if (std::isinf(value)) {
    return Json{{"$type", "number"}, {"value", value < 0 ? "-Infinity" : "Infinity"}};
  }
  if (value == 0 && std::signbit(value)) return Json{{"$type", "number"}, {"value", "-0"}};
  constexpr double kExact = 9007199254740992.0;
  if (std::trunc(value) == value && std::abs(value) <= kExact) return static_cast<int64_t>(value);
  return value;
}

Json date(double milliseconds) {
  constexpr double kFurthest = 8.64e15;
  Json json = typed("Date");
  if (!(std::abs(milliseconds) <= kFurthest)) {
    json["value"] = nullptr;
    return json;
  }
  const auto total = static_cast<int64_t>(std::floor(milliseconds));
  int64_t seconds = total / 1000;
  int64_t rest = total % 1000;
  if (rest < 0) {
    rest += 1000;
    --seconds;
  }
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  const int year = parts.tm_year + 1900;
  const std::string shown =
      year >= 0 && year <= 9999 ? fmt::format("{:04}", year) : fmt::format("{:+07}", year);
  json["value"] = fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", shown, parts.tm_mon + 1,
                              parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, rest);
  return json;
}

const char* view_name(char tag) {
  switch (tag) {
    case 'b': return "Int8Array";
    case 'B': return "Uint8Array";
    case 'C': return "Uint8ClampedArray";
    case 'w': return "Int16Array";
    case 'W': return "Uint16Array";
    case 'd': return "Int32Array";
    case 'D': return "Uint32Array";
    case 'h': return "Float16Array";
    case 'f': return "Float32Array";
    case 'F': return "Float64Array";
    case 'q': return "BigInt64Array";
    case 'Q': return "BigUint64Array";
    case '?': return "DataView";
    default: return nullptr;
  }
}

/// Two's complement is not V8's way: sign and magnitude, 64 bits a digit, least first.
std::string bigint_text(bool negative, std::string_view digits) {
  std::string hex;
  for (size_t i = digits.size(); i > 0; --i) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(digits[i - 1]));
  }
  hex.erase(0, std::min(hex.find_first_not_of('0'), hex.size()));
  if (hex.empty()) return "0";
  std::string text;
  if (hex.size() <= 16) {
    text = std::to_string(std::stoull(hex, nullptr, 16));
  } else {
    text = "0x" + hex;
  }
  return negative ? "-" + text : text;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Result<Json> read() {
    if (take_tag() != '\xff') return damaged("no header");
    SELVAGE_TRY(version_, varint());
    if (version_ < kOldest || version_ > kNewest) {
      return fail(ErrorCode::unsupported,
                  fmt::format("a serialized value of version {}", version_));
    }
    return value(0);
  }

 private:
  [[nodiscard]] size_t left() const { return bytes_.size() - at_; }
  /// The next tag, 0 at the end. Padding goes before it.
  char take_tag() {
    while (at_ < bytes_.size() && bytes_[at_] == '\0') ++at_;
    return at_ < bytes_.size() ? bytes_[at_++] : '\0';
  }
  char peek_tag() {
    while (at_ < bytes_.size() && bytes_[at_] == '\0') ++at_;
    return at_ < bytes_.size() ? bytes_[at_] : '\0';
  }
  Result<uint32_t> varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (left() == 0) return damaged("it ends within a number");
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return static_cast<uint32_t>(value);
    }
    return damaged("a number is too long");
  }
  Result<std::string_view> raw(size_t size) {
    if (size > left()) return damaged("it ends within a value");
    const std::string_view part = bytes_.substr(at_, size);
    at_ += size;
    return part;
  }
  Result<double> floating() {
    SELVAGE_TRY(const std::string_view part, raw(sizeof(double)));
    double number = 0;
    std::memcpy(&number, part.data(), sizeof number);
    return number;
  }
  Result<std::string> text(char tag) {
    SELVAGE_TRY(const uint32_t size, varint());
    if (tag == 'c' && size % 2 != 0) return damaged("half a character");
    SELVAGE_TRY(const std::string_view part, raw(size));
    if (tag == '"') return from_latin1(part);
    if (tag == 'c') return from_utf16(part);
    return is_utf8(part) ? std::string(part) : from_latin1(part);
  }
  Result<std::string> tagged_text() {
    const char tag = take_tag();
    if (tag != '"' && tag != 'c' && tag != 'S') return damaged("text was expected");
    return text(tag);
  }
  Result<Json> bigint() {
    SELVAGE_TRY(const uint32_t bits, varint());
    SELVAGE_TRY(const std::string_view digits, raw((bits >> 1) & 0x3fffffff));
    return Json{{"$type", "bigint"}, {"value", bigint_text((bits & 1) != 0, digits)}};
  }

  Result<Json> value(int depth) {
    if (depth > kDeepest) return damaged("it is nested too deeply");
    const char tag = take_tag();
    switch (tag) {
      case '_': return typed("undefined");
      case '0': return Json(nullptr);
      case 'T': return Json(true);
      case 'F': return Json(false);
      case kHole: return typed("hole");
      case 'I': {
        SELVAGE_TRY(const uint32_t bits, varint());
        return Json(static_cast<int32_t>(bits >> 1) ^ -static_cast<int32_t>(bits & 1));
      }
      case 'U': {
        SELVAGE_TRY(const uint32_t whole, varint());
        return Json(whole);
      }
      case 'N': {
        SELVAGE_TRY(const double floating_point, floating());
        return number(floating_point);
      }
      case 'Z': return bigint();
      case '"':
      case 'c':
      case 'S': {
        SELVAGE_TRY(std::string characters, text(tag));
        return Json(std::move(characters));
      }
      case '^': {
        SELVAGE_TRY(const uint32_t to, varint());
        if (to >= objects_) return damaged("a reference to nothing");
        return Json{{"$type", "reference"}, {"to", to}};
      }
      default: ++objects_; return object(tag, depth);
    }
  }

  Result<Json> object(char tag, int depth) {
    switch (tag) {
      case 'o': return properties('{', depth);
      case 'A': return dense_array(depth);
      case 'a': return sparse_array(depth);
      case ';': return list("Map", "entries", ':', 2, depth);
      case '\'': return list("Set", "values", ',', 1, depth);
      case 'D': {
        SELVAGE_TRY(const double milliseconds, floating());
        return date(milliseconds);
      }
      case 'y': return Json{{"$type", "Boolean"}, {"value", true}};
      case 'x': return Json{{"$type", "Boolean"}, {"value", false}};
      case 'n': {
        SELVAGE_TRY(const double floating_point, floating());
        return Json{{"$type", "Number"}, {"value", number(floating_point)}};
      }
      case 'z': {
        SELVAGE_TRY(Json inner, bigint());
        return Json{{"$type", "BigInt"}, {"value", inner["value"]}};
      }
      case 's': {
        SELVAGE_TRY(std::string characters, tagged_text());
        return Json{{"$type", "String"}, {"value", std::move(characters)}};
      }
      case 'R': {
        SELVAGE_TRY(std::string source, tagged_text());
        SELVAGE_TRY(const uint32_t flags, varint());
        return Json{{"$type", "RegExp"}, {"source", std::move(source)}, {"flags", letters(flags)}};
      }
      case 'B':
      case '~': return buffer(tag);
      case 'r': return error(depth);
      case '\\':
        return fail(ErrorCode::unsupported, "the value holds an object of the platform's own");
      case '\0': return damaged("it ends where a value should be");
      default: return damaged(fmt::format("unknown tag {:#x}", static_cast<unsigned char>(tag)));
    }
  }

  /// In the order of V8's flags.
  static std::string letters(uint32_t flags) {
    constexpr std::string_view kLetters = "gimyusldv";
    std::string text;
    for (size_t i = 0; i < kLetters.size(); ++i) {
      if ((flags >> i & 1) != 0) text += kLetters[i];
    }
    return text;
  }

  Result<Json> properties(char end, int depth) {
    Json object = Json::object();
    while (peek_tag() != end) {
      SELVAGE_TRY(const Json key, value(depth + 1));
      if (!key.is_string() && !key.is_number()) return damaged("a key is neither text nor number");
      SELVAGE_TRY(Json member, value(depth + 1));
      object[key.is_string() ? key.get<std::string>() : key.dump()] = std::move(member);
    }
    take_tag();
    SELVAGE_TRY(const uint32_t count, varint());
    (void)count;
    return object;
  }

  Result<Json> dense_array(int depth) {
    SELVAGE_TRY(const uint32_t length, varint());
    if (length > left()) return damaged("an array is longer than all there is");
    Json array = Json::array();
    for (uint32_t i = 0; i < length; ++i) {
      SELVAGE_TRY(Json element, value(depth + 1));
      array.push_back(std::move(element));
    }
    SELVAGE_TRY(Json extra, properties('$', depth));
    SELVAGE_TRY(const uint32_t again, varint());
    (void)again;
    if (extra.empty()) return array;
    return Json{{"$type", "Array"}, {"elements", std::move(array)}, {"properties", extra}};
  }

  Result<Json> sparse_array(int depth) {
    SELVAGE_TRY(const uint32_t length, varint());
    SELVAGE_TRY(Json elements, properties('@', depth));
    SELVAGE_TRY(const uint32_t again, varint());
    (void)again;
    return Json{{"$type", "Array"}, {"length", length}, {"properties", std::move(elements)}};
  }

  Result<Json> list(const char* type, const char* name, char end, size_t width, int depth) {
    Json items = Json::array();
    while (peek_tag() != end) {
      SELVAGE_TRY(Json first, value(depth + 1));
      if (width == 1) {
        items.push_back(std::move(first));
        continue;
      }
      SELVAGE_TRY(Json second, value(depth + 1));
      items.push_back(Json::array({std::move(first), std::move(second)}));
    }
    take_tag();
    SELVAGE_TRY(const uint32_t count, varint());
    (void)count;
    return Json{{"$type", type}, {name, std::move(items)}};
  }

  Result<Json> buffer(char tag) {
    SELVAGE_TRY(const uint32_t size, varint());
    if (tag == '~') {
      SELVAGE_TRY(const uint32_t most, varint());
      (void)most;
    }
    SELVAGE_TRY(const std::string_view content, raw(size));
    if (peek_tag() != 'V') {
      return Json{{"$type", "ArrayBuffer"}, {"base64", base64_encode(content)}};
    }
    take_tag();
    ++objects_;
    if (left() == 0) return damaged("it ends within a view");
    const char* name = view_name(bytes_[at_++]);
    if (name == nullptr) return damaged("a view of an unknown type");
    SELVAGE_TRY(const uint32_t offset, varint());
    SELVAGE_TRY(const uint32_t length, varint());
    if (version_ >= 14) {
      SELVAGE_TRY(const uint32_t flags, varint());
      (void)flags;
    }
    if (offset > content.size() || length > content.size() - offset) {
      return damaged("a view reaches beyond its buffer");
    }
    return Json{{"$type", name}, {"base64", base64_encode(content.substr(offset, length))}};
  }

  Result<Json> error(int depth) {
    Json json{{"$type", "Error"}, {"name", "Error"}};
    for (;;) {
      if (left() == 0) return damaged("it ends within an error");
      switch (bytes_[at_++]) {
        case 'E': json["name"] = "EvalError"; break;
        case 'R': json["name"] = "RangeError"; break;
        case 'F': json["name"] = "ReferenceError"; break;
        case 'S': json["name"] = "SyntaxError"; break;
        case 'T': json["name"] = "TypeError"; break;
        case 'U': json["name"] = "URIError"; break;
        case 'm': {
          SELVAGE_TRY(json["message"], tagged_text());
          break;
        }
        case 's': {
          SELVAGE_TRY(json["stack"], tagged_text());
          break;
        }
        case 'c': {
          SELVAGE_TRY(json["cause"], value(depth + 1));
          break;
        }
        case '.': return json;
        default: return damaged("an error with an unknown part");
      }
    }
  }

  std::string_view bytes_;
  size_t at_ = 0;
  uint32_t version_ = 0;
  uint32_t objects_ = 0;
};

}  // namespace

Result<nlohmann::ordered_json> read_serialized(std::string_view bytes) {
  return Reader(bytes).read();
}

}  // namespace selvage::state
