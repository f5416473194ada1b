// SPDX-License-Identifier: Apache-2.0
#include "ops/dist_collective.h"
#include "api/build/network.h"

namespace lathe::api {
namespace {

using namespace nvinfer1;

class DistCollective final : public LayerBase<IDistCollectiveLayer, apiv::VDistCollectiveLayer> {
  public:
    DistCollective(Network& network, ITensor& input, CollectiveOperation op, ReduceOperation reduce, int64_t root,
                   std::vector<int64_t> group)
        : LayerBase(network, LayerType::kDIST_COLLECTIVE, tensorList({&input})),
          op_(op),
          reduce_(reduce),
          root_(root),
          group_(std::move(group)) {}

    Status checkUse() const override {
        // Those of a group take part; without one, all of the communicator's.
        if (!group_.empty() && ranks_ > 1 && ranks_ != static_cast<int64_t>(group_.size()))
            return invalidArgument("it has {} ranks (setNbRanks), but its group {}", ranks_, group_.size());
        return {};
    }

    Status lower(Lowering& l) override {
        ir::Value* x = l.valueOf(*input(0));
        auto attrs = std::make_unique<ops::DistCollectiveAttrs>();
        attrs->kind = static_cast<ops::Collective>(op_);
        bool reduces = op_ != CollectiveOperation::kALL_GATHER && op_ != CollectiveOperation::kBROADCAST;
        if (reduces) attrs->reduce = TRY(reduction());
        attrs->ranks = group_.empty() ? ranks_ : static_cast<int64_t>(group_.size());
        attrs->root = root_;
        for (size_t i = 0; i < group_.size(); ++i)
            if (group_[i] != static_cast<int64_t>(i))
                return unsupported(
                    "rank {} is number {} of the group; a group is all ranks of the communicator in their order: make "
                    "a communicator of those that take part",
                    group_[i], i);
        bool alone = attrs->ranks == 1;
        if (alone && op_ != CollectiveOperation::kBROADCAST && op_ != CollectiveOperation::kREDUCE) attrs->root = 0;
        ir::Node* n = TRY(l.node("dist_collective", std::move(attrs), {x}, 1));
        // Alone, a process gets what it gave; the node was made to be checked.
        if (alone) {
            ir::Value* y = TRY(l.emit("identity", "", {x}));
            l.region().erase(n);
            l.setOutput(0, y);
            return {};
        }
        l.setOutput(0, n->output(0));
        return {};
    }

  private:
    Result<ops::CollectiveReduce> reduction() const {
        switch (reduce_) {
            case ReduceOperation::kSUM: return ops::CollectiveReduce::kSum;
            case ReduceOperation::kPROD: return ops::CollectiveReduce::kProd;
            case ReduceOperation::kMAX: return ops::CollectiveReduce::kMax;
            case ReduceOperation::kMIN: return ops::CollectiveReduce::kMin;
            case ReduceOperation::kAVG: return ops::CollectiveReduce::kAvg;
            default: return invalidArgument("reduction {} does not exist", static_cast<int>(reduce_));
        }
    }

    CollectiveOperation op_;
    ReduceOperation reduce_;
    int64_t root_;
    std::vector<int64_t> group_;
};

}  // namespace

IDistCollectiveLayer* Network::addDistCollective(ITensor& input, CollectiveOperation distCollectiveOp,
                                                 ReduceOperation reduceOp, int64_t root, int64_t* groups,
                                                 int64_t groupSize) noexcept {
    const char* where = "INetworkDefinition::addDistCollective";
    if (!owns(where, {&input})) return nullptr;
    return guarded<IDistCollectiveLayer*>(reporter_, where, nullptr, [&]() -> Result<IDistCollectiveLayer*> {
        TRY(mustExist(distCollectiveOp, "operation"));
        bool reduces =
            distCollectiveOp != CollectiveOperation::kALL_GATHER && distCollectiveOp != CollectiveOperation::kBROADCAST;
        bool named = static_cast<uint32_t>(reduceOp) <= static_cast<uint32_t>(ReduceOperation::kAVG);
        if (reduces && !named)
            return invalidArgument("reduction {} for an operation that reduces", static_cast<int>(reduceOp));
        if (!reduces && reduceOp != ReduceOperation::kNONE)
            return invalidArgument("reduction {} for an operation that does not reduce; kNONE is expected",
                                   static_cast<int>(reduceOp));
        if (groupSize < 0 || (groupSize > 0 && !groups)) return invalidArgument("a group of {} ranks", groupSize);
        constexpr int64_t kMostRanks = 1 << 20;
        if (groupSize > kMostRanks) return invalidArgument("a group of {} ranks", groupSize);
        return add<DistCollective>(input, distCollectiveOp, reduceOp, root,
                                   std::vector<int64_t>(groups, groups + groupSize));
    });
}

}  // namespace lathe::api
