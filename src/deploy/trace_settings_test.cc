#include "deploy/trace_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace selvage::deploy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

struct Completed {
  TraceSettings settings;
  std::vector<std::string> problems;
};

Completed complete(const std::map<std::string, std::string>& variables,
                   TraceSettings settings = {}) {
  Completed result{std::move(settings), {}};
  result.problems = complete_from_environment(result.settings, [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  });
  return result;
}

constexpr const char* kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

TEST(TraceSettings, an_endpoint_for_all_signals_gets_the_path_of_traces) {
  EXPECT_EQ(complete({{kEndpoint, "http://c:4318"}}).settings.endpoint, "http://c:4318/v1/traces");
  EXPECT_EQ(complete({{kEndpoint, "https://c/otlp/"}}).settings.endpoint,
            "https://c/otlp/v1/traces");
}

TEST(TraceSettings, an_endpoint_of_traces_is_taken_as_it_is_and_first) {
  const auto read = complete(
      {{kEndpoint, "http://c:4318"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces/here"}});
  EXPECT_EQ(read.settings.endpoint, "http://traces/here");
  EXPECT_EQ(complete({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c"}}).settings.endpoint,
            "http://c/");
}

TEST(TraceSettings, nothing_is_traced_without_an_endpoint_or_when_it_is_switched_off) {
  EXPECT_EQ(complete({}).settings, TraceSettings());
  EXPECT_EQ(complete({{"OTEL_SERVICE_NAME", "x"}}).settings, TraceSettings());
  EXPECT_EQ(complete({{kEndpoint, "http://c"}, {"OTEL_TRACES_EXPORTER", "none"}}).settings.endpoint,
            "");
  TraceSettings own;
  own.endpoint = "http://c/";
  EXPECT_EQ(complete({{"OTEL_SDK_DISABLED", "true"}}, own).settings.endpoint, "");
}

TEST(TraceSettings, the_file_comes_before_the_environment) {
  TraceSettings own;
  own.endpoint = "http://mine/v1/traces";
  own.headers = {{"a", "b"}};
  own.service_name = "mine";
  own.sample_ratio = 0.5;
  EXPECT_EQ(complete({{kEndpoint, "http://c"},
                      {"OTEL_EXPORTER_OTLP_HEADERS", "x=y"},
                      {"OTEL_SERVICE_NAME", "theirs"},
                      {"OTEL_TRACES_SAMPLER", "always_off"}},
                     own)
                .settings,
            own);
}

TEST(TraceSettings, headers_are_pairs_with_encoded_values) {
  const auto read = complete({{kEndpoint, "http://c"},
                              {"OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20a=, b = c ,,"},
                              {"OTEL_SERVICE_NAME", "edge"}});
  EXPECT_THAT(read.settings.headers,
              ElementsAre(Pair("Authorization", "Bearer a="), Pair("b", "c")));
  EXPECT_EQ(read.settings.service_name, "edge");
  EXPECT_THAT(read.problems, IsEmpty());
}

TEST(TraceSettings, samplers_have_their_names) {
  const auto sampler = [](const char* name, const char* argument = "") {
    return complete({{kEndpoint, "http://c"},
                     {"OTEL_TRACES_SAMPLER", name},
                     {"OTEL_TRACES_SAMPLER_ARG", argument}})
        .settings;
  };
  EXPECT_FALSE(sampler("always_on").parent_based);
  EXPECT_EQ(sampler("parentbased_always_off").sample_ratio, 0);
  EXPECT_TRUE(sampler("parentbased_always_off").parent_based);
  EXPECT_EQ(sampler("traceidratio", "0.25").sample_ratio, 0.25);
  EXPECT_EQ(sampler("parentbased_traceidratio", "0.1").sample_ratio, 0.1);
  EXPECT_EQ(sampler("traceidratio").sample_ratio, 1);
}

TEST(TraceSettings, what_cannot_be_used_is_said_and_left_out) {
  for (const auto& [variables, message] :
       {std::pair<std::map<std::string, std::string>, const char*>{{{kEndpoint, "collector:4318"}},
                                                                   "OTEL_EXPORTER_OTLP_ENDPOINT"},
        {{{kEndpoint, "http://c"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}, "grpc"},
        {{{kEndpoint, "http://c"}, {"OTEL_EXPORTER_OTLP_HEADERS", "a b=c"}}, "\"a b\""},
        {{{kEndpoint, "http://c"}, {"OTEL_EXPORTER_OTLP_HEADERS", "a=b%0d%0ac: d"}}, "\"a\""},
        {{{kEndpoint, "http://c"}, {"OTEL_TRACES_SAMPLER", "jaeger_remote"}}, "jaeger_remote"},
        {{{kEndpoint, "http://c"},
          {"OTEL_TRACES_SAMPLER", "traceidratio"},
          {"OTEL_TRACES_SAMPLER_ARG", "2"}},
         "OTEL_TRACES_SAMPLER_ARG"}}) {
    const auto read = complete(variables);
    EXPECT_THAT(read.problems, ElementsAre(HasSubstr(message)));
    EXPECT_THAT(read.settings.headers, IsEmpty());
    EXPECT_EQ(read.settings.sample_ratio, 1);
  }
}

}  // namespace
}  // namespace selvage::deploy
