#include "state/serialized_value.h"

#include <gtest/gtest.h>

#include <string>

#include "base/base64.h"

namespace selvage::state {
namespace {

std::string shown(const std::string& bytes) {
  const auto value = read_serialized(bytes);
  return value ? value->dump() : "error: " + value.error().message;
}

// Written by V8 14.6 for an object with a member of every type.
constexpr const char* kEverything =
    "/w9vIgFhSQIiAWIiBHRleHQiAWNjDHwB8wBCAXcAPdiA3iIBZGEESQBJAkkCTgAAAAAAAARASQYiAXhAAwQiAWVEAAAAAA"
    "AAAAAiAWY7IgFrbyIBeEkCewE6AiIBZydJAiIBMiwCIgFoWhAKAAAAAAAAACIBaVoR0gof64ypVKsiAWpCAwECA1ZCAAMA"
    "IgFrQgQBAAIAVlcCAgAiAWxCAgAAIgFtXyIBbjAiAW9UIgFwSQkiAXFOnHUAiDzkN34iAXJOAAAAAAAA+"
    "H8iAXNSIgJhKwMiAXRyUm0iA2JhZHMiAVMuIgF1TgAAAABlze1BIgRzZWxmXgB7Fg==";

TEST(SerializedValue, ReadsWhatV8Writes) {
  const auto value = read_serialized(*base64_decode(kEverything));
  ASSERT_TRUE(value) << value.error().describe();
  const auto& json = *value;
  EXPECT_EQ(json["a"], 1);
  EXPECT_EQ(json["b"], "text");
  EXPECT_EQ(json["c"], "\xc5\xbc\xc3\xb3\xc5\x82w\xf0\x9f\x9a\x80");
  EXPECT_EQ(json["d"].dump(),
            R"({"$type":"Array","length":4,"properties":{"0":1,"1":2.5,"3":"x"}})");
  EXPECT_EQ(json["e"].dump(), R"({"$type":"Date","value":"1970-01-01T00:00:00.000Z"})");
  EXPECT_EQ(json["f"].dump(), R"({"$type":"Map","entries":[["k",{"x":1}]]})");
  EXPECT_EQ(json["g"].dump(), R"({"$type":"Set","values":[1,"2"]})");
  EXPECT_EQ(json["h"].dump(), R"({"$type":"bigint","value":"10"})");
  EXPECT_EQ(json["i"].dump(), R"({"$type":"bigint","value":"-12345678901234567890"})");
  EXPECT_EQ(json["j"].dump(), R"({"$type":"Uint8Array","base64":"AQID"})");
  EXPECT_EQ(json["k"].dump(), R"({"$type":"Uint16Array","base64":"AgA="})");
  EXPECT_EQ(json["l"].dump(), R"({"$type":"ArrayBuffer","base64":"AAA="})");
  EXPECT_EQ(json["m"].dump(), R"({"$type":"undefined"})");
  EXPECT_TRUE(json["n"].is_null());
  EXPECT_EQ(json["o"], true);
  EXPECT_EQ(json["p"], -5);
  EXPECT_EQ(json["q"], 1e300);
  EXPECT_EQ(json["r"].dump(), R"({"$type":"number","value":"NaN"})");
  EXPECT_EQ(json["s"].dump(), R"({"$type":"RegExp","source":"a+","flags":"gi"})");
  EXPECT_EQ(json["t"].dump(),
            R"({"$type":"Error","name":"RangeError","message":"bad","stack":"S"})");
  EXPECT_EQ(json["u"], 4000000000);
  EXPECT_EQ(json["self"].dump(), R"({"$type":"reference","to":0})");
}

TEST(SerializedValue, ReadsArraysWithHolesAndPropertiesAndBoxedValues) {
  // [Object.assign([1, 2], {extra: 1}), an array of 1001 with one element, Object("str"),
  // Object(1), Object(true)]
  const std::string bytes =
      *base64_decode("/w9BBUECSQJJBCIFZXh0cmFJAiQBAmHpB0nQD0kCQAHpB3MiA3N0cm4AAAAAAADwP3kkAAU=");
  EXPECT_EQ(shown(bytes), R"([{"$type":"Array","elements":[1,2],"properties":{"extra":1}},)"
                          R"({"$type":"Array","length":1001,"properties":{"1000":1}},)"
                          R"({"$type":"String","value":"str"},{"$type":"Number","value":1},)"
                          R"({"$type":"Boolean","value":true}])");
}

TEST(SerializedValue, RefusesWhatIsNone) {
  EXPECT_EQ(shown(""), "error: not a serialized value: no header");
  EXPECT_EQ(shown("{}"), "error: not a serialized value: no header");
  EXPECT_EQ(shown("\xff\x0f"), "error: not a serialized value: it ends where a value should be");
  EXPECT_EQ(shown("\xff\x63I\x02"), "error: a serialized value of version 99");
  EXPECT_EQ(shown("\xff\x0f\\"), "error: the value holds an object of the platform's own");
  EXPECT_EQ(shown("\xff\x0f^\x05"), "error: not a serialized value: a reference to nothing");
}

TEST(SerializedValue, AnyBeginningOfAValueIsAnswered) {
  const std::string whole = *base64_decode(kEverything);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_serialized(std::string_view(whole).substr(0, size))) << size;
  }
}

TEST(SerializedValue, DeepNestingIsRefused) {
  std::string bytes = "\xff\x0f";
  for (int i = 0; i < 100'000; ++i) bytes += "A\x01";
  EXPECT_EQ(shown(bytes), "error: not a serialized value: it is nested too deeply");
}

}  // namespace
}  // namespace selvage::state
