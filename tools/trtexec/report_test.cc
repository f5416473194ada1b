// SPDX-License-Identifier: Apache-2.0
#include "trtexec/report.h"

#include <gtest/gtest.h>

namespace lathe::trtexec {
namespace {

TEST(TrtexecReport, Statistics) {
    Statistics s = statisticsOf({4, 1, 3, 2}, {50, 90, 100, 0});
    EXPECT_EQ(s.min, 1);
    EXPECT_EQ(s.max, 4);
    EXPECT_EQ(s.mean, 2.5);
    EXPECT_EQ(s.median, 2.5);
    EXPECT_EQ(s.percentiles, (std::vector<double>{2, 4, 4, 1}));
    EXPECT_EQ(statisticsOf({}, {99}).percentiles, std::vector<double>{0});
}

TEST(TrtexecReport, TimesAreTensorRTsJson) {
    lathe::trtexec::Run r;
    r.enqueueStart = 1;
    r.enqueueEnd = 2;
    r.inStart = 0.5f;
    r.inEnd = r.computeStart = 1;
    r.computeEnd = r.outStart = 3;
    r.outEnd = 4;
    EXPECT_EQ(timesJson(std::vector<lathe::trtexec::Run>(1, r)),
              "[\n  { \"startEnqMs\" : 1, \"endEnqMs\" : 2, \"startH2dMs\" : 0.5, \"endH2dMs\" : 1, \"startComputeMs\" "
              ": 1, \"endComputeMs\" : 3, "
              "\"startD2hMs\" : 3, \"endD2hMs\" : 4, \"h2dMs\" : 0.5, \"computeMs\" : 2, \"d2hMs\" : 1, \"latencyMs\" "
              ": 3.5 }\n]\n");
}

TEST(TrtexecReport, ProfileIsTensorRTsJson) {
    EXPECT_EQ(profileJson({{"a \"b\"", {1, 3}}, {"c", {0, 4}}}),
              "[\n  { \"count\" : 2 }\n, { \"name\" : \"a \\\"b\\\"\", \"timeMs\" : 4, \"averageMs\" : 2, \"medianMs\" "
              ": 2, \"percentage\" : 50 }\n"
              ", { \"name\" : \"c\", \"timeMs\" : 4, \"averageMs\" : 2, \"medianMs\" : 2, \"percentage\" : 50 }\n]\n");
}

TEST(TrtexecReport, Outputs) {
    Tensor t;
    t.name = "y";
    t.type = nvinfer1::DataType::kINT8;
    t.dims = nvinfer1::Dims{2, {1, 2}};
    t.bytes = {1, -2};
    EXPECT_EQ(outputJson({t}), "[\n  { \"name\" : \"y\"\n, \"dimensions\" : \"1x2\"\n, \"values\" : [ 1, -2 ] }\n]\n");
}

}  // namespace
}  // namespace lathe::trtexec
