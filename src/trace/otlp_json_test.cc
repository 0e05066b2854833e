#include "trace/otlp_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace selvage::trace {
namespace {

using Json = nlohmann::json;

Span span_of(std::string worker) {
  Span span;
  span.context = {.trace = {0x0af7651916cd43dd, 0x8448eb211c80319c},
                  .span = 0x00f067aa0ba902b7,
                  .sampled = true,
                  .state = {}};
  span.name = "GET";
  span.kind = SpanKind::server;
  span.start_ns = 1'700'000'000'123'456'789;
  span.end_ns = 1'700'000'000'223'456'789;
  span.worker = std::move(worker);
  span.version = "v1";
  return span;
}

TEST(OtlpJson, HasTheFieldsOfTheProtocol) {
  Span span = span_of("w");
  span.parent = 0xb7ad6b7169203331;
  span.remote_parent = true;
  span.context.state = "a=1";
  span.set("http.request.method", "GET");
  span.set("http.response.status_code", 500);
  span.set("faas.coldstart", true);
  span.failed = true;
  span.failure = "it broke";
  span.events.push_back({"exception", 5, {{"exception.type", std::string("TypeError")}}});
  const Json request =
      Json::parse(to_otlp_json({.service_name = {}, .instance = {}, .version = "0.1"}, {&span, 1}));
  const Json& resource = request["resourceSpans"][0];
  EXPECT_EQ(resource["resource"]["attributes"][0],
            Json::parse(R"({"key": "service.name", "value": {"stringValue": "w"}})"));
  EXPECT_EQ(resource["scopeSpans"][0]["scope"],
            Json::parse(R"({"name": "selvage", "version": "0.1"})"));
  EXPECT_EQ(resource["scopeSpans"][0]["spans"][0], Json::parse(R"({
    "traceId": "0af7651916cd43dd8448eb211c80319c",
    "spanId": "00f067aa0ba902b7",
    "parentSpanId": "b7ad6b7169203331",
    "traceState": "a=1",
    "flags": 769,
    "name": "GET",
    "kind": 2,
    "startTimeUnixNano": "1700000000123456789",
    "endTimeUnixNano": "1700000000223456789",
    "attributes": [
      {"key": "http.request.method", "value": {"stringValue": "GET"}},
      {"key": "http.response.status_code", "value": {"intValue": "500"}},
      {"key": "faas.coldstart", "value": {"boolValue": true}}],
    "events": [{"name": "exception", "timeUnixNano": "5",
      "attributes": [{"key": "exception.type", "value": {"stringValue": "TypeError"}}]}],
    "status": {"code": 2, "message": "it broke"}})"));
}

TEST(OtlpJson, WhatASpanLacksIsAbsent) {
  const Span span = span_of("w");
  const Json request = Json::parse(to_otlp_json({}, {&span, 1}));
  const Json& written = request["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  for (const char* key : {"parentSpanId", "traceState", "events", "status"}) {
    EXPECT_FALSE(written.contains(key)) << key;
  }
  EXPECT_EQ(written["flags"], 257);
}

TEST(OtlpJson, EachWorkerIsAResourceAndAServiceUnlessOneIsNamed) {
  const Span spans[] = {span_of("a"), span_of("b"), span_of("a")};
  const Json apart = Json::parse(to_otlp_json({}, spans));
  ASSERT_EQ(apart["resourceSpans"].size(), 2u);
  EXPECT_EQ(apart["resourceSpans"][0]["scopeSpans"][0]["spans"].size(), 2u);
  const Json named =
      Json::parse(to_otlp_json({.service_name = "edge", .instance = {}, .version = {}}, spans));
  const Json& attributes = named["resourceSpans"][1]["resource"]["attributes"];
  EXPECT_EQ(attributes[0]["value"]["stringValue"], "edge");
  EXPECT_NE(attributes.dump().find(R"({"key":"faas.name","value":{"stringValue":"b"}})"),
            std::string::npos);
}

TEST(OtlpJson, BytesThatAreNoUtf8AreReplacedAndLongTextsCut) {
  Span span = span_of("w");
  span.set("url.path", "/\xff");
  span.set("url.query", std::string(Span::kLongestText - 1, 'q') + "\xc3\xa9");
  const Json request = Json::parse(to_otlp_json({}, {&span, 1}));
  const Json& attributes = request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"];
  EXPECT_EQ(attributes[0]["value"]["stringValue"], "/\xef\xbf\xbd");
  EXPECT_EQ(attributes[1]["value"]["stringValue"], std::string(Span::kLongestText - 1, 'q'));
}

TEST(PartialSuccess, IsReadFromEitherSpelling) {
  const auto text =
      parse_partial_success(R"({"partialSuccess":{"rejectedSpans":"7","errorMessage":"no"}})");
  EXPECT_EQ(text.rejected, 7u);
  EXPECT_EQ(text.message, "no");
  EXPECT_EQ(parse_partial_success(R"({"partialSuccess":{"rejectedSpans":3}})").rejected, 3u);
}

TEST(PartialSuccess, AnythingElseIsAFullOne) {
  for (const char* text : {"", "{}", "[]", "null", "x", R"({"partialSuccess":null})",
                           R"({"partialSuccess":{"rejectedSpans":-1,"errorMessage":2}})"}) {
    EXPECT_EQ(parse_partial_success(text).rejected, 0u) << text;
  }
}

}  // namespace
}  // namespace selvage::trace
