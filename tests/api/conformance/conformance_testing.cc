// SPDX-License-Identifier: Apache-2.0
#include "conformance_testing.h"

#include <cstdlib>
#include <cstring>
#include <random>

namespace lathe_test {
namespace {

class Outputs final : public IOutputAllocator {
  public:
    explicit Outputs(bool device) : device_(device) {}
    void* reallocateOutputAsync(char const*, void*, uint64_t size, uint64_t, cudaStream_t) override {
        place = std::make_unique<Buffer>(device_, size);
        return place->data();
    }
    void notifyShape(char const*, Dims const& d) noexcept override { shape = d; }
    std::unique_ptr<Buffer> place;
    Dims shape{};

  private:
    const bool device_;
};

uint16_t halfOf(float f) {
    uint32_t b;
    std::memcpy(&b, &f, 4);
    uint32_t sign = b >> 16 & 0x8000;
    int exponent = static_cast<int>(b >> 23 & 0xff) - 112;
    uint32_t fraction = b & 0x7fffff;
    if (exponent <= 0) return static_cast<uint16_t>(sign);  // the tests have no subnormal numbers
    if (exponent >= 31) return static_cast<uint16_t>(sign | 0x7c00);
    return static_cast<uint16_t>(sign | static_cast<uint32_t>(exponent) << 10 | fraction >> 13);
}
float floatOfHalf(uint16_t h) {
    int exponent = h >> 10 & 31;
    float fraction = static_cast<float>(h & 1023) / 1024;
    float m = exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15);
    if (exponent == 31) m = fraction != 0 ? NAN : INFINITY;
    return h & 0x8000 ? -m : m;
}
float floatOfBrain(uint16_t h) {
    uint32_t b = static_cast<uint32_t>(h) << 16;
    float f;
    std::memcpy(&f, &b, 4);
    return f;
}

template <class T>
void append(std::vector<char>& to, T value) {
    const char* p = reinterpret_cast<const char*>(&value);
    to.insert(to.end(), p, p + sizeof(T));
}
template <class T>
T take(const char* p) {
    T value;
    std::memcpy(&value, p, sizeof(T));
    return value;
}

}  // namespace

int64_t Value::size() const {
    int64_t n = 1;
    for (int64_t d : shape) n *= d;
    return n;
}

int64_t Value::offset(const Index& at) const {
    int64_t o = 0;
    for (size_t i = 0; i < shape.size(); ++i) o = o * shape[i] + at[i];
    return o;
}

void forEach(const Index& shape, const std::function<void(const Index&)>& f) {
    Index at(shape.size(), 0);
    for (int64_t d : shape)
        if (d == 0) return;
    while (true) {
        f(at);
        size_t i = shape.size();
        while (i > 0 && ++at[i - 1] == shape[i - 1]) at[--i] = 0;
        if (i == 0) return;
    }
}

Value filled(const Index& shape, const std::function<double(const Index&)>& f, DataType type) {
    Value out{shape, {}, type};
    forEach(shape, [&](const Index& at) { out.v.push_back(f(at)); });
    return out;
}

Value numbers(const Index& shape, double lo, double hi, unsigned seed) {
    std::mt19937 random(seed);
    auto steps = static_cast<unsigned>((hi - lo) * 16);
    return filled(shape, [&](const Index&) { return lo + random() % (steps + 1) / 16.0; });
}

Value integers(const Index& shape, std::vector<double> v, DataType type) { return {shape, std::move(v), type}; }

Value mapped(const Value& x, const std::function<double(double)>& f) {
    Value out = x;
    for (double& e : out.v) e = f(e);
    return out;
}

Value zipped(const Value& a, const Value& b, const std::function<double(double, double)>& f) {
    Index shape = a.shape;
    for (size_t i = 0; i < shape.size(); ++i) shape[i] = std::max(shape[i], b.shape[i]);
    return filled(
        shape,
        [&](const Index& at) {
            Index ia = at, ib = at;
            for (size_t i = 0; i < shape.size(); ++i) {
                if (a.shape[i] == 1) ia[i] = 0;
                if (b.shape[i] == 1) ib[i] = 0;
            }
            return f(a(ia), b(ib));
        },
        a.type);
}

std::vector<char> encode(const Value& x) {
    std::vector<char> out;
    for (double e : x.v) {
        switch (x.type) {
            case DataType::kFLOAT: append(out, static_cast<float>(e)); break;
            case DataType::kHALF: append(out, halfOf(static_cast<float>(e))); break;
            case DataType::kINT32: append(out, static_cast<int32_t>(e)); break;
            case DataType::kINT64: append(out, static_cast<int64_t>(e)); break;
            case DataType::kINT8: append(out, static_cast<int8_t>(e)); break;
            case DataType::kUINT8: append(out, static_cast<uint8_t>(e)); break;
            case DataType::kBOOL: append(out, e != 0); break;
            default: ADD_FAILURE() << "the tests cannot write this type"; return out;
        }
    }
    return out;
}

Value decode(const std::vector<char>& bytes, const Index& shape, DataType type) {
    Value out{shape, {}, type};
    size_t each = bytesOf(type);
    for (size_t i = 0; i + each <= bytes.size(); i += each) {
        const char* p = bytes.data() + i;
        switch (type) {
            case DataType::kFLOAT: out.v.push_back(take<float>(p)); break;
            case DataType::kHALF: out.v.push_back(floatOfHalf(take<uint16_t>(p))); break;
            case DataType::kBF16: out.v.push_back(floatOfBrain(take<uint16_t>(p))); break;
            case DataType::kINT32: out.v.push_back(take<int32_t>(p)); break;
            case DataType::kINT64: out.v.push_back(static_cast<double>(take<int64_t>(p))); break;
            case DataType::kINT8: out.v.push_back(take<int8_t>(p)); break;
            default: out.v.push_back(take<uint8_t>(p)); break;
        }
    }
    return out;
}

std::string Conformance::Net::name(const char* kind) { return kind + std::to_string(fed.size() + outputs); }

ITensor& Conformance::Net::in(const Value& x, std::vector<int> open) {
    Dims d{};
    d.nbDims = static_cast<int32_t>(x.shape.size());
    std::copy(x.shape.begin(), x.shape.end(), d.d);
    Dims declared = d, most = d;
    if (profile)
        for (int axis : open) {
            if (axis >= d.nbDims) continue;
            declared.d[axis] = -1;
            most.d[axis] += room;
        }
    std::string called = name("in");
    fed.emplace_back(called, x);
    ITensor* t = network->addInput(called.c_str(), x.type, declared);
    if (profile) {
        EXPECT_TRUE(profile->setDimensions(called.c_str(), OptProfileSelector::kMIN, d));
        EXPECT_TRUE(profile->setDimensions(called.c_str(), OptProfileSelector::kOPT, d));
        EXPECT_TRUE(profile->setDimensions(called.c_str(), OptProfileSelector::kMAX, most));
    }
    return *t;
}

ITensor& Conformance::Net::shapeIn(const Value& x) {
    ITensor& t = in(x, {});
    std::vector<int64_t> elements(x.v.begin(), x.v.end());
    if (!profile) profile = network->getBuilder().createOptimizationProfile();
    for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
        EXPECT_TRUE(profile->setShapeValuesV2(t.getName(), s, elements.data(), static_cast<int32_t>(elements.size())));
    return t;
}

Weights Conformance::Net::weights(const Value& x) {
    auto bytes = std::make_shared<std::vector<char>>(encode(x));
    kept_.push_back(bytes);
    return {x.type, bytes->data(), static_cast<int64_t>(x.v.size())};
}

ITensor& Conformance::Net::constant(const Value& x) {
    Dims d{};
    d.nbDims = static_cast<int32_t>(x.shape.size());
    std::copy(x.shape.begin(), x.shape.end(), d.d);
    return *network->addConstant(d, weights(x))->getOutput(0);
}

void Conformance::Net::out(ITensor* t) {
    ASSERT_TRUE(t) << "no tensor to mark as the output";
    t->setName(("out" + std::to_string(outputs++)).c_str());
    network->markOutput(*t);
}

void Conformance::SetUp() {
    builder.reset(createInferBuilder(logger));
    ASSERT_TRUE(builder);
    builder->setErrorRecorder(&recorder);
}

Conformance::Net Conformance::start(bool open) {
    Net n;
    n.network.reset(builder->createNetworkV2(flags));
    n.network->setErrorRecorder(&recorder);
    if (open) n.profile = builder->createOptimizationProfile();
    return n;
}

Conformance::Ended Conformance::run(const Define& define, bool open, const char* target, std::vector<Value>& outputs) {
    Net n = start(open);
    define(n);
    if (!logger.errors.empty()) return Ended::kDefining;
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->clearFlag(BuilderFlag::kTF32);
    for (BuilderFlag f : configFlags) config->setFlag(f);
    // Static shapes take the first tactic, open ones the fastest.
    if (!open) config->setBuilderOptimizationLevel(0);
    if (target) lathe::setTarget(*config, target);
    if (n.profile) config->addOptimizationProfile(n.profile);
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*n, *config));
    if (!plan) return Ended::kBuilding;
    std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    runtime->setErrorRecorder(&recorder);
    std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    if (!engine) return Ended::kRunning;
    bool gpu = lathe::runsOnGpu(*engine);
    std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    if (!context) return Ended::kRunning;
    std::vector<std::unique_ptr<Buffer>> places;
    std::map<std::string, std::unique_ptr<Outputs>> allocators;
    auto onDevice = [&](const char* name) { return gpu && engine->getTensorLocation(name) == TensorLocation::kDEVICE; };
    for (const auto& [name, x] : n.fed) {
        std::vector<char> bytes = encode(x);
        places.push_back(std::make_unique<Buffer>(onDevice(name.c_str()), bytes.size()));
        places.back()->put(bytes.data());
        Dims d{};
        d.nbDims = static_cast<int32_t>(x.shape.size());
        std::copy(x.shape.begin(), x.shape.end(), d.d);
        if (!context->setInputShape(name.c_str(), d) || !context->setTensorAddress(name.c_str(), places.back()->data()))
            return Ended::kRunning;
    }
    for (int i = 0; i < n.outputs; ++i) {
        std::string name = "out" + std::to_string(i);
        allocators[name] = std::make_unique<Outputs>(onDevice(name.c_str()));
        if (!context->setOutputAllocator(name.c_str(), allocators[name].get())) return Ended::kRunning;
    }
    if (!context->enqueueV3(nullptr) || !lathe::deviceSynchronize()) return Ended::kRunning;
    for (int i = 0; i < n.outputs; ++i) {
        std::string name = "out" + std::to_string(i);
        Outputs& o = *allocators[name];
        DataType type = engine->getTensorDataType(name.c_str());
        Value y{list(o.shape), {}, type};
        size_t bytes = static_cast<size_t>(y.size()) * bytesOf(type);
        std::vector<char> got(o.place ? std::min(bytes, o.place->bytes()) : 0);
        if (!got.empty()) o.place->get(got.data(), got.size());
        outputs.push_back(decode(got, y.shape, type));
    }
    return Ended::kWell;
}

void Conformance::plansForGpu(const Define& define) {
    for (bool open : {false, true}) {
        SCOPED_TRACE(open ? "cuda:sm_90, open extents" : "cuda:sm_90, known extents");
        Net n = start(open);
        define(n);
        std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
        config->setBuilderOptimizationLevel(0);
        for (BuilderFlag f : configFlags) config->setFlag(f);
        ASSERT_TRUE(lathe::setTarget(*config, "cuda:sm_90"));
        if (n.profile) config->addOptimizationProfile(n.profile);
        logger.warnings.clear();
        std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*n, *config));
        EXPECT_TRUE(plan) << logger.takeErrors();
        EXPECT_THAT(logger.warnings, ::testing::Not(::testing::HasSubstr("runs on the host")));
    }
}

void Conformance::gives(const Define& define, const std::vector<Value>& expected, double tolerance) {
    std::vector<const char*> targets = {"cpu"};
    if (onGpu())
        targets.push_back("cuda");
    else
        plansForGpu(define);
    for (const char* target : targets)
        for (bool open : {false, true}) {
            SCOPED_TRACE(std::string(target) + (open ? ", open extents" : ", known extents"));
            std::vector<Value> got;
            ASSERT_EQ(run(define, open, target, got), Ended::kWell) << logger.takeErrors();
            ASSERT_EQ(got.size(), expected.size());
            for (size_t i = 0; i < got.size(); ++i) {
                const Value &e = expected[i], &g = got[i];
                EXPECT_EQ(g.type, e.type) << "output " << i;
                ASSERT_EQ(g.shape, e.shape) << "output " << i;
                ASSERT_EQ(g.v.size(), e.v.size()) << "output " << i;
                double scale = 1;
                for (double x : e.v)
                    if (std::isfinite(x)) scale = std::max(scale, std::abs(x));
                for (size_t k = 0; k < e.v.size(); ++k) {
                    bool same = e.v[k] == g.v[k] || (std::isnan(e.v[k]) && std::isnan(g.v[k])) ||
                                std::abs(e.v[k] - g.v[k]) <= tolerance * scale;
                    ASSERT_TRUE(same) << "output " << i << ", element " << k << ": " << g.v[k] << " where " << e.v[k]
                                      << " is right";
                }
            }
        }
}

void Conformance::refuses(const Define& define, const char* part) {
    std::vector<Value> none;
    auto withOutput = [&](Net& n) {
        define(n);
        int layers = n->getNbLayers();
        if (n.outputs == 0 && layers > 0 && logger.errors.empty())
            if (ITensor* last = n->getLayer(layers - 1)->getOutput(0)) n.out(last);
    };
    Ended ended = run(withOutput, false, "cpu", none);
    EXPECT_TRUE(ended == Ended::kDefining || ended == Ended::kBuilding) << "nothing was refused";
    EXPECT_FALSE(recorder.errors.empty()) << "no error was recorded";
    for (const auto& [code, text] : recorder.errors) {
        EXPECT_NE(code, ErrorCode::kSUCCESS);
        EXPECT_NE(code, ErrorCode::kINTERNAL_ERROR) << text;
        EXPECT_NE(code, ErrorCode::kUNSPECIFIED_ERROR) << text;
    }
    EXPECT_THAT(logger.takeErrors(), ::testing::HasSubstr(part));
    recorder.clear();
    // The builder still builds.
    Net n = start(false);
    n.out(n->addActivation(n.in(numbers({2})), ActivationType::kRELU));
    std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    config->setBuilderOptimizationLevel(0);
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*n, *config));
    EXPECT_TRUE(plan) << logger.errors;
}

void Conformance::refused(const char* part) {
    ASSERT_FALSE(recorder.errors.empty()) << "nothing was refused, where this should: " << part;
    for (const auto& [code, text] : recorder.errors) EXPECT_NE(code, ErrorCode::kINTERNAL_ERROR) << text;
    EXPECT_THAT(logger.takeErrors(), ::testing::HasSubstr(part));
    recorder.clear();
}

void Conformance::failsToRun(const Define& define, const char* part) {
    std::vector<Value> none;
    EXPECT_EQ(run(define, true, "cpu", none), Ended::kRunning);
    EXPECT_FALSE(recorder.errors.empty()) << "no error was recorded";
    EXPECT_THAT(logger.takeErrors(), ::testing::HasSubstr(part));
    recorder.clear();
}

}  // namespace lathe_test
