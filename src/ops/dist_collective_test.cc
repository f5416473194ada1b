// SPDX-License-Identifier: Apache-2.0
#include "ops/dist_collective.h"

#include "ops/ops_testing.h"

namespace lathe::ops {
namespace {

using testing::floats;
using ::testing::HasSubstr;

TEST(DistCollective, OfOneRankIsItself) {
    for (const char* attrs : {"reduce=sum", "kind=all_gather", "kind=broadcast", "kind=reduce reduce=avg",
                              "kind=reduce_scatter reduce=prod"}) {
        auto y = testing::run("dist_collective", attrs, {floats({2, 2}, {1, 2, 3, 4})});
        ASSERT_TRUE(y.ok()) << y.status().toString();
        testing::expectNear((*y)[0], {2, 2}, {1, 2, 3, 4});
    }
    EXPECT_THAT(testing::runError("dist_collective", "reduce=sum ranks=2", {floats({2}, {1, 2})}),
                HasSubstr("2 ranks take part"));
}

TEST(DistCollective, JoinsAndParts) {
    Dim n = Dim::symbol(0);
    testing::Arg x{DType::kFloat, {n, 3}};
    EXPECT_EQ(testing::inferShape("dist_collective", "kind=all_gather ranks=4", {x}), (Shape{n * Dim(4), 3}));
    EXPECT_EQ(testing::inferShape("dist_collective", "kind=reduce_scatter reduce=sum ranks=4",
                                  {testing::Arg{DType::kFloat, {8, 3}}}),
              (Shape{2, 3}));
    EXPECT_EQ(testing::inferShape("dist_collective", "reduce=sum ranks=4", {x}), (Shape{n, 3}));
}

TEST(DistCollective, SaysWhatIsWrong) {
    auto error = [](const char* attrs, DType t, Shape shape) {
        return testing::inferError("dist_collective", attrs, {testing::Arg{t, std::move(shape)}});
    };
    EXPECT_THAT(error("", DType::kFloat, {2}), HasSubstr("by no operation"));
    EXPECT_THAT(error("kind=all_gather reduce=sum", DType::kFloat, {2}), HasSubstr("a reduction is given"));
    EXPECT_THAT(error("kind=broadcast root=2 ranks=2", DType::kFloat, {2}), HasSubstr("rank 2 of 2"));
    EXPECT_THAT(error("reduce=sum ranks=0", DType::kFloat, {2}), HasSubstr("0 ranks"));
    EXPECT_THAT(error("kind=reduce_scatter reduce=sum ranks=3", DType::kFloat, {4, 3}), HasSubstr("no equal parts"));
    EXPECT_THAT(error("kind=all_gather ranks=3", DType::kFloat, {}), HasSubstr("scalar"));
    EXPECT_THAT(error("reduce=sum", DType::kBool, {2}), HasSubstr("bool"));
    EXPECT_THAT(error("kind=all_gather", DType::kInt4, {2}), HasSubstr("share bytes"));
}

}  // namespace
}  // namespace lathe::ops
