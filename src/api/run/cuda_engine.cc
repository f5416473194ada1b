// SPDX-License-Identifier: Apache-2.0
#include "api/run/cuda_engine.h"

#include <unordered_set>

#include "api/common/convert.h"
#include "api/common/host_memory.h"
#include "api/run/engine_inspector.h"
#include "api/run/execution_context.h"
#include "api/run/refitter.h"
#include "ir/op.h"
#include "plan/format.h"
#include "plan/io_format.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

class SerializationConfig final : public ISerializationConfig, public apiv::VSerializationConfig {
  public:
    SerializationConfig() { mImpl = this; }
    bool setFlags(SerializationFlags flags) noexcept override {
        if (flags >> kFlags) return false;
        flags_ = flags;
        return true;
    }
    SerializationFlags getFlags() const noexcept override { return flags_; }
    bool clearFlag(SerializationFlag flag) noexcept override {
        if (static_cast<uint32_t>(flag) >= kFlags) return false;
        flags_ &= ~(1u << static_cast<uint32_t>(flag));
        return true;
    }
    bool setFlag(SerializationFlag flag) noexcept override {
        if (static_cast<uint32_t>(flag) >= kFlags) return false;
        flags_ |= 1u << static_cast<uint32_t>(flag);
        return true;
    }
    bool getFlag(SerializationFlag flag) const noexcept override {
        return static_cast<uint32_t>(flag) < kFlags && (flags_ >> static_cast<uint32_t>(flag)) & 1u;
    }

  private:
    static constexpr uint32_t kFlags = 3;
    SerializationFlags flags_ = 0;
};

void flatten(const std::vector<plan::Step>& steps, std::vector<const plan::Step*>& out) {
    for (const plan::Step& s : steps) {
        out.push_back(&s);
        for (const auto& region : s.regions) flatten(region, out);
    }
}

// Bytes of distinct source weights, over all programs.
int64_t weightBytes(const plan::Plan& plan) {
    std::unordered_set<const ir::Weights*> seen;
    int64_t total = 0;
    std::function<void(const ir::Weights&)> count = [&](const ir::Weights& w) {
        if (!seen.insert(&w).second) return;
        if (!w.recipe()) {
            total += static_cast<int64_t>(w.byteSize());
            return;
        }
        for (const auto& source : w.recipe()->sources) count(*source);
    };
    for (const auto& program : plan.programs)
        program->graph->forEachNode([&](ir::Node& n) {
            for (const ir::Value* v : n.inputs())
                if (v && v->isConstant()) count(*v->constant());
        });
    return total;
}

}  // namespace

std::vector<const plan::Step*> flattenSteps(const plan::Program& program) {
    std::vector<const plan::Step*> out;
    flatten(program.steps, out);
    return out;
}

Result<ICudaEngine*> makeEngine(std::shared_ptr<const plan::Plan> plan, ILogger* logger, IErrorRecorder* recorder,
                                IGpuAllocator* allocator) {
    auto warn = [&](const std::string& message) {
        if (logger) logger->log(ILogger::Severity::kWARNING, message.c_str());
    };
    std::shared_ptr<const runtime::Engine> engine = TRY(runtime::Engine::create(std::move(plan), warn));
    return new CudaEngine(std::move(engine), logger, recorder, allocator);
}

CudaEngine::CudaEngine(std::shared_ptr<const runtime::Engine> engine, ILogger* logger, IErrorRecorder* recorder,
                       IGpuAllocator* allocator)
    : engine_(std::move(engine)), reporter_(std::make_shared<Reporter>(logger)), allocator_(allocator) {
    mImpl = this;
    facts_ = engine_->plan();
    for (const std::string& name : plan::debugTensors(facts_)) debugTensors_.insert(name);
    facts_.programs.clear();
    facts_.packed.clear();
    facts_.libraries.clear();
    reporter_->setRecorder(recorder);
    layers_ = static_cast<int32_t>(flattenSteps(engine_->program(0)).size());
    auxStreams_ = engine_->auxStreams();
    for (const plan::IoTensor& io : facts().io) formats_.push_back(plan::describeFormat(io));
    for (const plan::Profile& p : facts().profiles) {
        auto& inputs = values32_.emplace_back();
        for (const plan::ProfileInput& in : p.inputs) {
            auto& v = inputs.emplace_back();
            const std::vector<int64_t>* from[] = {&in.minValues, &in.optValues, &in.maxValues};
            for (int s = 0; s < 3; ++s) v[s].assign(from[s]->begin(), from[s]->end());
        }
    }
}

int CudaEngine::io(char const* name) const {
    for (size_t i = 0; name && i < facts_.io.size(); ++i)
        if (facts_.io[i].name == name) return static_cast<int>(i);
    return -1;
}

const plan::IoTensor* CudaEngine::find(char const* name) const {
    int i = io(name);
    if (i >= 0) return &facts().io[i];
    reporter_->error("ICudaEngine", name ? invalidArgument("no input or output is named '{}'", name)
                                         : invalidArgument("the tensor's name is null"));
    return nullptr;
}

const plan::ProfileInput* CudaEngine::profileInput(char const* name, int32_t profile, Selector select) const {
    const plan::IoTensor* t = find(name);
    if (!t) return nullptr;
    Status bad = !t->isInput ? invalidArgument("'{}' is an output; profiles tell of inputs", name)
                 : profile < 0 || profile >= getNbOptimizationProfiles()
                     ? invalidArgument("profile {} of {}", profile, getNbOptimizationProfiles())
                     : mustExist(select, "selector");
    if (bad.ok()) return &facts().profiles[profile].inputs[static_cast<size_t>(t - facts().io.data())];
    reporter_->error("ICudaEngine", bad);
    return nullptr;
}

IHostMemory* CudaEngine::serializeAs(const char* where, bool withWeights) const noexcept {
    return guarded<IHostMemory*>(*reporter_, where, nullptr, [&]() -> Result<IHostMemory*> {
        if (!withWeights && !facts().refittable)
            return makeStatus(Code::kInvalidState,
                              "weights can only be left out of an engine that can be refitted (BuilderFlag::kREFIT)");
        plan::WriteOptions how;
        how.withWeights = how.withPacked = withWeights;
        return makeHostMemory(TRY(plan::writeBlock(plan(), how)));
    });
}

IHostMemory* CudaEngine::serialize() const noexcept { return serializeAs("ICudaEngine::serialize", true); }

IHostMemory* CudaEngine::serializeWithConfig(ISerializationConfig& config) const noexcept {
    return serializeAs("ICudaEngine::serializeWithConfig", !config.getFlag(SerializationFlag::kEXCLUDE_WEIGHTS));
}

ISerializationConfig* CudaEngine::createSerializationConfig() noexcept {
    return guarded<ISerializationConfig*>(*reporter_, "ICudaEngine::createSerializationConfig", nullptr,
                                          []() -> Result<ISerializationConfig*> { return new SerializationConfig; });
}

IExecutionContext* CudaEngine::createExecutionContext(ExecutionContextAllocationStrategy strategy) noexcept {
    return guarded<IExecutionContext*>(
        *reporter_, "ICudaEngine::createExecutionContext", nullptr,
        [&]() -> Result<IExecutionContext*> { return makeContext(*this, strategy, allocator_, *reporter_); });
}

IExecutionContext* CudaEngine::createExecutionContextWithoutDeviceMemory() noexcept {
    return createExecutionContext(ExecutionContextAllocationStrategy::kUSER_MANAGED);
}

IExecutionContext* CudaEngine::createExecutionContextWithRuntimeConfig(IRuntimeConfig* config) noexcept {
    return createExecutionContext(config ? config->getExecutionContextAllocationStrategy()
                                         : ExecutionContextAllocationStrategy::kSTATIC);
}

IRuntimeConfig* CudaEngine::createRuntimeConfig() noexcept {
    return guarded<IRuntimeConfig*>(*reporter_, "ICudaEngine::createRuntimeConfig", nullptr,
                                    []() -> Result<IRuntimeConfig*> { return new RuntimeConfig; });
}

IEngineInspector* CudaEngine::createEngineInspector() const noexcept {
    return guarded<IEngineInspector*>(*reporter_, "ICudaEngine::createEngineInspector", nullptr,
                                      [&]() -> Result<IEngineInspector*> { return new EngineInspector(*this); });
}

IRefitter* CudaEngine::createRefitter(ILogger& logger) noexcept {
    return guarded<IRefitter*>(*reporter_, "ICudaEngine::createRefitter", nullptr,
                               [&] { return makeRefitter(*this, logger); });
}

bool CudaEngine::setWeightStreamingBudgetV2(int64_t) noexcept {
    notSupported(*reporter_, "ICudaEngine::setWeightStreamingBudgetV2",
                 "the engine has no weights that can be streamed");
    return false;
}

int64_t CudaEngine::getDeviceMemorySizeV2() const noexcept {
    int64_t most = 0;
    for (int p = 0; p < getNbOptimizationProfiles(); ++p) most = std::max(most, getDeviceMemorySizeForProfileV2(p));
    return most;
}

int64_t CudaEngine::getDeviceMemorySizeForProfileV2(int32_t profile) const noexcept {
    return guarded<int64_t>(*reporter_, "ICudaEngine::getDeviceMemorySizeForProfileV2", 0, [&]() -> Result<int64_t> {
        if (profile < 0 || profile >= getNbOptimizationProfiles())
            return invalidArgument("profile {} of {}", profile, getNbOptimizationProfiles());
        return engine_->deviceMemoryBytes(profile);
    });
}

nvinfer1::Dims CudaEngine::getTensorShape(char const* name) const noexcept {
    const plan::IoTensor* t = find(name);
    return t ? toApi(t->shape) : invalidDims();
}
DataType CudaEngine::getTensorDataType(char const* name) const noexcept {
    const plan::IoTensor* t = find(name);
    return t ? toApi(t->dtype) : DataType::kFLOAT;
}
TensorLocation CudaEngine::getTensorLocation(char const* name) const noexcept {
    const plan::IoTensor* t = find(name);
    return t && t->isShape ? TensorLocation::kHOST : TensorLocation::kDEVICE;
}
bool CudaEngine::isShapeInferenceIO(char const* name) const noexcept {
    const plan::IoTensor* t = find(name);
    return t && t->isShape;
}
TensorIOMode CudaEngine::getTensorIOMode(char const* name) const noexcept {
    const plan::IoTensor* t = find(name);
    return !t ? TensorIOMode::kNONE : t->isInput ? TensorIOMode::kINPUT : TensorIOMode::kOUTPUT;
}
int32_t CudaEngine::getTensorBytesPerComponent(char const* name) const noexcept {
    const plan::IoTensor* t = find(name);
    return t && plan::factsOf(*t).vectorAxis >= 0 ? bitsOf(t->dtype) / 8 : -1;
}
int32_t CudaEngine::getTensorComponentsPerElement(char const* name) const noexcept {
    const plan::IoTensor* t = find(name);
    plan::FormatFacts f = t ? plan::factsOf(*t) : plan::FormatFacts();
    return f.vectorAxis >= 0 ? f.width : -1;
}
TensorFormat CudaEngine::getTensorFormat(char const* name) const noexcept {
    const plan::IoTensor* t = find(name);
    return t ? static_cast<TensorFormat>(t->format) : TensorFormat::kLINEAR;
}
char const* CudaEngine::getTensorFormatDesc(char const* name) const noexcept {
    int i = io(name);
    return i < 0 ? "" : formats_[i].c_str();
}
int32_t CudaEngine::getTensorVectorizedDim(char const* name) const noexcept {
    const plan::IoTensor* t = find(name);
    return t ? plan::factsOf(*t).vectorAxis : -1;
}

nvinfer1::Dims CudaEngine::getProfileShape(char const* name, int32_t profile, Selector select) const noexcept {
    const plan::ProfileInput* in = profileInput(name, profile, select);
    if (!in) return invalidDims();
    return toApi(select == Selector::kMIN ? in->min : select == Selector::kOPT ? in->opt : in->max);
}

int64_t const* CudaEngine::getProfileTensorValuesV2(char const* name, int32_t profile, Selector select) const noexcept {
    const plan::ProfileInput* in = profileInput(name, profile, select);
    if (!in || in->minValues.empty()) return nullptr;
    return (select == Selector::kMIN ? in->minValues : select == Selector::kOPT ? in->optValues : in->maxValues).data();
}

int32_t const* CudaEngine::getProfileTensorValues(char const* name, int32_t profile, Selector select) const noexcept {
    if (!getProfileTensorValuesV2(name, profile, select)) return nullptr;
    return values32_[profile][io(name)][static_cast<int>(select)].data();
}

char const* CudaEngine::getIOTensorName(int32_t index) const noexcept {
    if (index >= 0 && index < getNbIOTensors()) return facts().io[index].name.c_str();
    reporter_->error("ICudaEngine::getIOTensorName", invalidArgument("tensor {} of {}", index, getNbIOTensors()));
    return nullptr;
}

char const* CudaEngine::getAliasedInputTensor(char const* name) const noexcept {
    int i = io(name);
    if (i < 0 || facts().io[i].isInput) return nullptr;
    const ir::Region& body = plan().programs[0]->graph->body();
    const ir::Value* v = body.results()[static_cast<size_t>(facts().io[i].index)];
    while (v && v->producer()) {
        int input = v->producer()->op().mustAlias(*v->producer(), v->outputIndex());
        v = input < 0 ? nullptr : v->producer()->input(input);
    }
    for (size_t p = 0; v && p < body.parameters().size(); ++p)
        if (body.parameters()[p] == v) return facts().io[p].name.c_str();
    return nullptr;
}

int64_t CudaEngine::getEngineStat(EngineStat stat) const noexcept {
    if (!guardedStatus(*reporter_, "ICudaEngine::getEngineStat", [&] { return mustExist(stat, "statistic"); }))
        return -1;
    if (stat != EngineStat::kTOTAL_WEIGHTS_SIZE) return -1;
    return guarded<int64_t>(*reporter_, "ICudaEngine::getEngineStat", -1,
                            [&]() -> Result<int64_t> { return weightBytes(plan()); });
}

}  // namespace lathe::api
